"""A backup of the whole database in one file, taken while people write, and its way back."""
