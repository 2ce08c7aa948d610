"""The version of the numbers: it rises when the same input would give another result."""

VERSION = "1"
