"""Tables of the ledger. Rows are added and never changed; triggers refuse anything else.

Times are UTC milliseconds since 1970 in integers, so that both databases keep them exactly.
"""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

UNKNOWN = "unknown"
"""In keys, what is not known is this word, never NULL."""


def _sealed(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """A table whose rows have an id, a salt and a commitment over their canonical JSON."""
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        *columns,
    )


response = _sealed(
    "response",
    # the sealed body (survey.terms.response.Body); answers stand in their own table
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("questionnaire", sa.Text, nullable=False),
    sa.Column("receiving_unit", sa.Text, nullable=False),
    sa.Column("resolving_unit", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("point", sa.Text, nullable=False),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("occasion", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("answered_at", sa.BigInteger, nullable=False),
    sa.Column("service_on", sa.Text, nullable=False),
    sa.Column("dossier", sa.LargeBinary(32), nullable=True),
    sa.Column("comment", sa.LargeBinary(32), nullable=True),
    # what the server adds; never compared with what the sender sealed
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("counted_on", sa.Date, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("resolved_by", sa.Text, nullable=False),
    sa.Column("alert", sa.Boolean, nullable=False),
    sa.Column("batch", sa.Uuid, sa.ForeignKey("batch.id"), nullable=True),
    sa.Index(
        "ix_response_dossier",
        "dossier",
        sqlite_where=sa.text("dossier IS NOT NULL"),
        postgresql_where=sa.text("dossier IS NOT NULL"),
    ),
    sa.Index(
        "ix_response_batch",
        "batch",
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    ),
    # what the desks of the units ask: who received how many lately, and the newest comments
    sa.Index("ix_response_recent", "counted_on", "receiving_unit", "series"),
    sa.Index(
        "ix_response_comment",
        "received_at",
        "id",
        "receiving_unit",
        sqlite_where=sa.text("comment IS NOT NULL"),
        postgresql_where=sa.text("comment IS NOT NULL"),
    ),
    sa.Index(
        "ix_response_alert",
        "received_at",
        "id",
        sqlite_where=sa.text("alert = 1"),
        postgresql_where=sa.text("alert"),
    ),
)

answer = sa.Table(
    "answer",
    metadata,
    sa.Column("response", sa.Uuid, sa.ForeignKey("response.id"), primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("value", sa.SmallInteger, primary_key=True),
    sqlite_with_rowid=False,
)

comment = sa.Table(
    "comment",
    metadata,
    sa.Column("response", sa.Uuid, sa.ForeignKey("response.id"), primary_key=True),
    sa.Column("salt", sa.LargeBinary(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""The only rows of the ledger that may be erased: text and salt go, the commitment stays."""

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("code", sa.String(13), primary_key=True),
    sa.Column("response", sa.Uuid, sa.ForeignKey("response.id"), nullable=False),
)
"""Receipt codes of the ratings that citizens gave here; imported ones have none."""

counted = _sealed(
    "counted",
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("unit_role", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.Uuid, sa.ForeignKey("batch.id"), nullable=True, index=True),
    sa.Index("ix_counted_key", "month", "unit", "field", "series"),
)

dossier_count = _sealed(
    "dossier_count",
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    *(
        sa.Column(part, sa.BigInteger, nullable=True)
        for part in ("received", "resolved", "early", "on_time", "late", "pending")
    ),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.Uuid, sa.ForeignKey("batch.id"), nullable=True, index=True),
    sa.Index("ix_dossier_count_key", "month", "unit", "field", "source"),
)

void = _sealed(
    "void",
    sa.Column("version", sa.SmallInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.Uuid, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("confirmed_by", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.CheckConstraint("kind IN ('response', 'batch')", name="kind"),
    sa.CheckConstraint("proposed_by <> confirmed_by", name="two_accounts"),
    sa.UniqueConstraint("kind", "target"),
)

void_proposal = sa.Table(
    "void_proposal",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target", sa.Uuid, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", sa.BigInteger, nullable=False),
    sa.Column("proposed_unit", sa.Text, nullable=False, server_default=""),
    sa.CheckConstraint("kind IN ('response', 'batch')", name="kind"),
)
"""``proposed_unit`` is the unit that the account worked for then, "" where it was none."""

set_aside = sa.Table(
    "set_aside",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("item", sa.Uuid, nullable=False, index=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.Uuid, sa.ForeignKey("batch.id"), nullable=True),
    sa.UniqueConstraint("item", "digest"),
)
"""Stored, not counted, for staff to close or release."""

set_aside_comment = sa.Table(
    "set_aside_comment",
    metadata,
    sa.Column("item", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("salt", sa.LargeBinary(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""Comments of items set aside; they may be erased as those of responses may."""

set_aside_decision = sa.Table(
    "set_aside_decision",
    metadata,
    sa.Column("set_aside", sa.Uuid, sa.ForeignKey("set_aside.id"), primary_key=True),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.BigInteger, nullable=False),
    sa.CheckConstraint("decision IN ('released', 'closed')", name="decision"),
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("file_sha256", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("first_month", sa.Text, nullable=False),
    sa.Column("last_month", sa.Text, nullable=False),
    sa.Column("n_rows", sa.Integer, nullable=False),
    sa.Column("n_accepted", sa.Integer, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.CheckConstraint("kind IN ('ratings', 'counts', 'dossiers')", name="kind"),
    sa.UniqueConstraint("file_sha256", "kind", "attempt"),
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("id", sa.Uuid, nullable=False),
    # senders choose the ids: one that equals the id of a row of another kind must do no harm
    sa.UniqueConstraint("id", "kind"),
)
"""The order of the ledger: gap-free numbers, given by one sequencer to committed rows."""

APPEND_ONLY = (
    "response",
    "answer",
    "receipt",
    "counted",
    "dossier_count",
    "void",
    "void_proposal",
    "set_aside",
    "set_aside_decision",
    "batch",
    "entry",
)
"""Tables on which UPDATE and DELETE are refused by triggers."""

SEQUENCED = (response, counted, dossier_count, void)
"""Tables whose rows get an entry number."""
