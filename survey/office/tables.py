"""Tables of the office: the maps of imports that were saved under a name."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

import_map = sa.Table(
    "import_map",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("saved_at", sa.BigInteger, nullable=False),
    sa.Column("saved_by", sa.Text, nullable=False),
    sa.CheckConstraint("kind IN ('ratings', 'counts', 'dossiers')", name="kind"),
)
"""Append-only: a changed map is a new version, and the newest is offered. Times in UTC ms."""
