"""Reads a city folder: plain files become checked rows, and every bad row is named."""
