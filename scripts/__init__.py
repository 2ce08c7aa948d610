"""What make and developers run; nothing here is imported by the system itself."""
