"""Tables of staff: accounts, who is signed in, who tried to, and what was done.

Times are UTC milliseconds since 1970.
"""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata
from survey.throttle import attempts_table

account = sa.Table(
    "account",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("unit", sa.String(40), nullable=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("disabled_at", sa.BigInteger, nullable=True),
    sa.Column("one_time_until", sa.BigInteger, nullable=True),
    sa.CheckConstraint("role IN ('administrator', 'agency', 'analyst', 'inspector')", name="role"),
    sa.CheckConstraint("role <> 'agency' OR unit IS NOT NULL", name="agency_unit"),
)
"""``password_hash`` is argon2id; ``unit`` is the agency that the person works for, if any.

``one_time_until`` is set while the password is one that somebody else made: until then it opens
nothing but the page where the person chooses an own one; after it, nothing.
"""

staff_session = sa.Table(
    "staff_session",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("account", sa.String(80), sa.ForeignKey("account.name"), nullable=False, index=True),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
)
"""``digest`` is the SHA-256 of the token in the cookie: the table alone lets nobody in."""

sign_in_attempt = attempts_table("sign_in_attempt")
"""``key`` is a keyed hash of an account's name or of an address; rows last a day."""

deed = sa.Table(
    "deed",
    metadata,
    sa.Column(
        "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True
    ),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("deed", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("ix_deed_account", "account", "id"),
    sa.Index("ix_deed_deed", "deed", "id"),
    sa.Index("ix_deed_unit", "unit", "id"),
)
"""Append-only; ``subject`` is what it was done to (an id, a code), ``detail`` what else matters."""
