"""The first schema: register, ledger, tally, releases, accounts."""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import (
    create_fixed_statements,
    create_statements,
    drop_fixed_statements,
    drop_statements,
)

revision = "0001"
down_revision = None

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
    "release",
    "published_rate",
    "published_timeliness",
    "register_load",
    "succession",
    "field_group",
    "question",
    "questionnaire_text",
    "break_mark",
)
# of these only the other columns may change: a city's facts, the end of a validity
FIXED = {
    "city": ("id", "kind", "created_at"),
    "questionnaire": ("sha256", "id", "document", "valid_from"),
}


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_month", sa.Text(), nullable=False),
        sa.Column("last_month", sa.Text(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("n_accepted", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('ratings', 'counts', 'dossiers')", name=op.f("ck_batch_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint(
            "file_sha256", "kind", "attempt", name=op.f("uq_batch_file_sha256_kind_attempt")
        ),
    )
    op.create_table(
        "city",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('sample', 'real')", name=op.f("ck_city_kind")),
        sa.CheckConstraint("id = 1", name=op.f("ck_city_one_city")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city")),
    )
    op.create_table(
        "delivery",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.CheckConstraint("form IN ('rows', 'totals')", name=op.f("ck_delivery_form")),
        sa.PrimaryKeyConstraint("source", "month", name=op.f("pk_delivery")),
    )
    op.create_table(
        "entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_entry")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_entry_id_kind")),
    )
    op.create_table(
        "field",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_field")),
    )
    op.create_table(
        "field_group",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_field_group")),
    )
    op.create_table(
        "measure_rule",
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "valid_from", name=op.f("pk_measure_rule")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_table(
        "questionnaire",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint("id", name=op.f("uq_questionnaire_id")),
    )
    op.create_table(
        "register_load",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("loaded_on", sa.Date(), nullable=False),
        sa.Column("folder_sha256", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_load")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("preliminary", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("period", "edition", name=op.f("uq_release_period_edition")),
    )
    op.create_table(
        "standing",
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("response", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("dossier", "occasion", "question", name=op.f("pk_standing")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("unit_role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("counting", sa.BigInteger(), nullable=False),
        sa.Column("repeats", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.BigInteger(), nullable=False),
        sa.Column("from_totals", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "unit_role",
            "unit",
            "month",
            "field",
            "question",
            "series",
            "questionnaire",
            "value",
            name=op.f("pk_tally"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tally_month", "tally", ["month"], unique=False)
    op.create_table(
        "target",
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("fields", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "level", "fields", "valid_from", name=op.f("pk_target")),
    )
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["unit.code"],
            name=op.f("fk_unit_parent"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_name_key"), "unit", ["name_key"], unique=False)
    op.create_table(
        "void",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('response', 'batch')", name=op.f("ck_void_kind")),
        sa.CheckConstraint("proposed_by <> confirmed_by", name=op.f("ck_void_two_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void")),
        sa.UniqueConstraint("kind", "target", name=op.f("uq_void_kind_target")),
    )
    op.create_index(op.f("ix_void_target"), "void", ["target"], unique=False)
    op.create_table(
        "void_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('response', 'batch')", name=op.f("ck_void_proposal_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void_proposal")),
    )
    op.create_table(
        "break_mark",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
            name=op.f("fk_break_mark_unit"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_mark")),
    )
    op.create_table(
        "counted",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_role", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_counted_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted")),
    )
    op.create_index(op.f("ix_counted_batch"), "counted", ["batch"], unique=False)
    op.create_index("ix_counted_key", "counted", ["month", "unit", "field", "series"], unique=False)
    op.create_table(
        "dossier_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=True),
        sa.Column("resolved", sa.BigInteger(), nullable=True),
        sa.Column("early", sa.BigInteger(), nullable=True),
        sa.Column("on_time", sa.BigInteger(), nullable=True),
        sa.Column("late", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_dossier_count_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_count")),
    )
    op.create_index(op.f("ix_dossier_count_batch"), "dossier_count", ["batch"], unique=False)
    op.create_index(
        "ix_dossier_count_key", "dossier_count", ["month", "unit", "field", "source"], unique=False
    )
    op.create_table(
        "obliged_publisher",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
            name=op.f("fk_obliged_publisher_unit"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("unit", "valid_from", name=op.f("pk_obliged_publisher")),
    )
    op.create_table(
        "published_rate",
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release"], ["release.id"], name=op.f("fk_published_rate_release")
        ),
        sa.PrimaryKeyConstraint("release", "place", name=op.f("pk_published_rate")),
    )
    op.create_index("ix_published_rate_field", "published_rate", ["release", "field", "place"], unique=False)
    op.create_index("ix_published_rate_unit", "published_rate", ["release", "unit", "place"], unique=False)
    op.create_table(
        "published_timeliness",
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release"], ["release.id"], name=op.f("fk_published_timeliness_release")
        ),
        sa.PrimaryKeyConstraint("release", "place", name=op.f("pk_published_timeliness")),
    )
    op.create_index(
        "ix_published_timeliness_unit", "published_timeliness", ["release", "unit", "place"], unique=False
    )
    op.create_table(
        "questionnaire_text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["questionnaire.sha256"],
            name=op.f("fk_questionnaire_text_sha256"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("sha256", "language", name=op.f("pk_questionnaire_text")),
    )
    op.create_table(
        "reception_point",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["successor"],
            ["reception_point.code"],
            name=op.f("fk_reception_point_successor"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
            name=op.f("fk_reception_point_unit"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reception_point")),
    )
    op.create_index(op.f("ix_reception_point_unit"), "reception_point", ["unit"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("receiving_unit", sa.Text(), nullable=False),
        sa.Column("resolving_unit", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("service_on", sa.Text(), nullable=False),
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=True),
        sa.Column("comment", sa.LargeBinary(length=32), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("resolved_by", sa.Text(), nullable=False),
        sa.Column("alert", sa.Boolean(), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_response_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
    )
    op.create_index(
        "ix_response_batch",
        "response",
        ["batch"],
        unique=False,
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.create_index(
        "ix_response_dossier",
        "response",
        ["dossier"],
        unique=False,
        sqlite_where=sa.text("dossier IS NOT NULL"),
        postgresql_where=sa.text("dossier IS NOT NULL"),
    )
    op.create_table(
        "set_aside",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_set_aside_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_aside")),
        sa.UniqueConstraint("item", "digest", name=op.f("uq_set_aside_item_digest")),
    )
    op.create_index(op.f("ix_set_aside_item"), "set_aside", ["item"], unique=False)
    op.create_table(
        "set_aside_comment",
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item", "digest", name=op.f("pk_set_aside_comment")),
    )
    op.create_table(
        "succession",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("successor", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('merge', 'split')", name=op.f("ck_succession_kind")),
        sa.ForeignKeyConstraint(
            ["successor"],
            ["unit.code"],
            name=op.f("fk_succession_successor"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
            name=op.f("fk_succession_unit"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("unit", "successor", name=op.f("pk_succession")),
    )
    op.create_index(op.f("ix_succession_successor"), "succession", ["successor"], unique=False)
    op.create_table(
        "unit_field",
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["field"],
            ["field.code"],
            name=op.f("fk_unit_field_field"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit"],
            ["unit.code"],
            name=op.f("fk_unit_field_unit"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("unit", "field", "valid_from", name=op.f("pk_unit_field")),
    )
    op.create_index(op.f("ix_unit_field_field"), "unit_field", ["field"], unique=False)
    op.create_table(
        "answer",
        sa.Column("response", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["response.id"], name=op.f("fk_answer_response")),
        sa.PrimaryKeyConstraint("response", "question", "value", name=op.f("pk_answer")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "comment",
        sa.Column("response", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["response.id"], name=op.f("fk_comment_response")),
        sa.PrimaryKeyConstraint("response", name=op.f("pk_comment")),
    )
    op.create_table(
        "receipt",
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("response", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["response.id"], name=op.f("fk_receipt_response")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_receipt")),
    )
    op.create_table(
        "set_aside_decision",
        sa.Column("set_aside", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('released', 'closed')", name=op.f("ck_set_aside_decision_decision")
        ),
        sa.ForeignKeyConstraint(
            ["set_aside"], ["set_aside.id"], name=op.f("fk_set_aside_decision_set_aside")
        ),
        sa.PrimaryKeyConstraint("set_aside", name=op.f("pk_set_aside_decision")),
    )
    dialect = op.get_context().dialect.name
    for statement in create_statements(dialect, APPEND_ONLY):
        op.execute(statement)
    for statement in create_fixed_statements(dialect, FIXED):
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_context().dialect.name
    for statement in drop_fixed_statements(dialect, FIXED):
        op.execute(statement)
    for statement in drop_statements(dialect, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("set_aside_decision")
    op.drop_table("set_aside_comment")
    op.drop_table("receipt")
    op.drop_table("comment")
    op.drop_table("answer")
    op.drop_index(op.f("ix_unit_field_field"), table_name="unit_field")
    op.drop_table("unit_field")
    op.drop_index(op.f("ix_succession_successor"), table_name="succession")
    op.drop_table("succession")
    op.drop_index(op.f("ix_set_aside_item"), table_name="set_aside")
    op.drop_table("set_aside")
    op.drop_index(
        "ix_response_dossier",
        table_name="response",
        sqlite_where=sa.text("dossier IS NOT NULL"),
        postgresql_where=sa.text("dossier IS NOT NULL"),
    )
    op.drop_index(
        "ix_response_batch",
        table_name="response",
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.drop_table("response")
    op.drop_index(op.f("ix_reception_point_unit"), table_name="reception_point")
    op.drop_table("reception_point")
    op.drop_table("questionnaire_text")
    op.drop_index("ix_published_timeliness_unit", table_name="published_timeliness")
    op.drop_table("published_timeliness")
    op.drop_index("ix_published_rate_unit", table_name="published_rate")
    op.drop_index("ix_published_rate_field", table_name="published_rate")
    op.drop_table("published_rate")
    op.drop_table("obliged_publisher")
    op.drop_index("ix_dossier_count_key", table_name="dossier_count")
    op.drop_index(op.f("ix_dossier_count_batch"), table_name="dossier_count")
    op.drop_table("dossier_count")
    op.drop_index("ix_counted_key", table_name="counted")
    op.drop_index(op.f("ix_counted_batch"), table_name="counted")
    op.drop_table("counted")
    op.drop_table("break_mark")
    op.drop_table("void_proposal")
    op.drop_index(op.f("ix_void_target"), table_name="void")
    op.drop_table("void")
    op.drop_index(op.f("ix_unit_name_key"), table_name="unit")
    op.drop_table("unit")
    op.drop_table("target")
    op.drop_index("ix_tally_month", table_name="tally")
    op.drop_table("tally")
    op.drop_table("standing")
    op.drop_table("release")
    op.drop_table("register_load")
    op.drop_table("questionnaire")
    op.drop_table("question")
    op.drop_table("measure_rule")
    op.drop_table("field_group")
    op.drop_table("field")
    op.drop_table("entry")
    op.drop_table("delivery")
    op.drop_table("city")
    op.drop_table("batch")
    op.drop_table("account")
