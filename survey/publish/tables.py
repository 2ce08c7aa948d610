"""Tables of what was published. A release never changes; triggers refuse it."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

release = sa.Table(
    "release",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("preliminary", sa.Boolean, nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("head", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("document_sha256", sa.Text, nullable=False),
    sa.UniqueConstraint("period", "edition"),
)
"""``report``: JSON with the method's version, thresholds, what was hidden and why, late arrivals
and voids since the edition before, the register's version. ``document_sha256`` is over the
canonical list of everything published in it."""

published_rate = sa.Table(
    "published_rate",
    metadata,
    sa.Column("release", sa.Integer, sa.ForeignKey("release.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("unit", sa.Text, nullable=True),
    sa.Column("field", sa.Text, nullable=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("ix_published_rate_unit", "release", "unit", "place"),
    sa.Index("ix_published_rate_field", "release", "field", "place"),
)

published_timeliness = sa.Table(
    "published_timeliness",
    metadata,
    sa.Column("release", sa.Integer, sa.ForeignKey("release.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("unit", sa.Text, nullable=True),
    sa.Column("field", sa.Text, nullable=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index("ix_published_timeliness_unit", "release", "unit", "place"),
)

APPEND_ONLY = ("release", "published_rate", "published_timeliness")
"""Tables on which UPDATE and DELETE are refused by triggers."""
