"""Pages of agencies and administrators."""
