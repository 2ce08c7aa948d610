"""Tables of exact counts. They can be rebuilt from the ledger at any time."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

tally = sa.Table(
    "tally",
    metadata,
    sa.Column("unit_role", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("questionnaire", sa.Text, primary_key=True),
    sa.Column("value", sa.SmallInteger, primary_key=True),
    sa.Column("counting", sa.BigInteger, nullable=False),
    sa.Column("repeats", sa.BigInteger, nullable=False),
    sa.Column("voided", sa.BigInteger, nullable=False),
    sa.Column("from_totals", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers by value. ``counting`` are single rows that count, ``repeats`` those of a dossier that
already has one that counts, ``voided`` those cancelled, ``from_totals`` those that came as sums
(their ``questionnaire`` is the empty word)."""

_PLACE = [tally.c[name] for name in ("month", "unit_role", "field", "question", "series", "value")]
_COUNTS = [tally.c[name] for name in ("counting", "repeats", "voided", "from_totals")]
# A sum over all units reads this index alone on SQLite. On PostgreSQL a count in an index would
# make every rating's update a new row version in every index.
sa.Index("ix_tally_sums", *_PLACE, *_COUNTS).ddl_if(dialect="sqlite")
sa.Index("ix_tally_place", *_PLACE).ddl_if(dialect="postgresql")

standing = sa.Table(
    "standing",
    metadata,
    sa.Column("dossier", sa.LargeBinary(32), primary_key=True),
    sa.Column("occasion", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("response", sa.Uuid, nullable=False),
    sqlite_with_rowid=False,
)
"""Which response counts for a dossier, occasion and question: one row, locked while it changes."""

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("form", sa.Text, nullable=False),
    sa.CheckConstraint("form IN ('rows', 'totals')", name="form"),
)
"""In which form a source handed over a month: single rows or totals, never both."""

KEY = tuple(column.name for column in tally.primary_key)
COUNTS = ("counting", "repeats", "voided", "from_totals")
