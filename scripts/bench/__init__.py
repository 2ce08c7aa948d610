"""Measurements, one module each; every one prints ratios to a floor measured in the same run."""
