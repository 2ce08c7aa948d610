"""Makes the labelled sample data, through ``accept``."""
