"""Tables of staff accounts."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

account = sa.Table(
    "account",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("unit", sa.String(40), nullable=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
"""``password_hash`` is argon2id; ``unit`` is the agency that the person works for, if any."""
