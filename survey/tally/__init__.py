"""Exact integer counts, kept in the transaction of the ledger and rebuilt from it."""
