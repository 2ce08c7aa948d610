"""What every page shares: the site's own facts, language, numbers, errors and headers."""
