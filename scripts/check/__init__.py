"""The project's own rules, which no linter knows; each check returns lines that name the fault."""
