"""Kiosks and tablets: where they stand, whose hands they are in, their keys and their counters."""
