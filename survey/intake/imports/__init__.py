"""Files from other systems: read, checked row by row, and taken in through ``accept``."""
