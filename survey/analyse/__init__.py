"""The institute's workspace: one filter, and tables, charts and files that follow from it."""
