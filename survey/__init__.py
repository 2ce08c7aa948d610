"""Hài Lòng: satisfaction with public services, measured and published so that anyone can check."""
