"""The append-only book: every response, counted row, dossier count and void, and their order."""
