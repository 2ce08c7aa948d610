"""Accounts of staff, their sign-in and what they did."""
