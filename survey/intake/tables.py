"""Tables of one-time links: what was handed out, what was spent, what was called back.

They are no part of the ledger: a link is leave to rate, and only the rating made with it is a row
of the book. They are append-only all the same, so that a spent link stays spent. Times are UTC
milliseconds since 1970. A dossier's code is never stored, only its keyed hash.
"""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

link_batch = sa.Table(
    "link_batch",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("point", sa.String(40), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("n_links", sa.Integer, nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

link = sa.Table(
    "link",
    metadata,
    sa.Column("id", sa.String(10), primary_key=True),
    sa.Column("batch", sa.Uuid, sa.ForeignKey("link_batch.id"), nullable=False, index=True),
    sa.Column("point", sa.String(40), nullable=False),
    sa.Column("receiving_unit", sa.Text, nullable=False),
    sa.Column("resolving_unit", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("dossier", sa.LargeBinary(32), nullable=False),
    sa.Column("occasion", sa.Text, nullable=False),
    sa.Column("service_on", sa.Text, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("ix_link_dossier", "dossier", "occasion"),
)

link_spent = sa.Table(
    "link_spent",
    metadata,
    sa.Column("link", sa.String(10), sa.ForeignKey("link.id"), primary_key=True),
    sa.Column("response", sa.Uuid, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("response"),
)
"""Written in the transaction that takes the rating in. Only the first row of a link can be.

``response`` is the rating's id; there is no foreign key, since a rating may also be set aside.
"""

link_withdrawal = sa.Table(
    "link_withdrawal",
    metadata,
    sa.Column("batch", sa.Uuid, sa.ForeignKey("link_batch.id"), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
"""Batches whose links, as far as they are not spent, are good no longer."""

APPEND_ONLY = ("link_batch", "link", "link_spent", "link_withdrawal")
"""Tables on which UPDATE and DELETE are refused by triggers."""
