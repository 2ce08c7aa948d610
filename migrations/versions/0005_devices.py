"""Kiosks and tablets: where they stand, their codes and keys, what they sent, the quarantine."""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0005"
down_revision = "0004"

APPEND_ONLY = ("device_placement", "device_item", "device_mark")


def _device(table: str) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    return (
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f(f"fk_{table}_device")),
    )


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("clock_offset", sa.BigInteger(), nullable=True),
        sa.Column("queue", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("storage", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('kiosk', 'tablet')", name=op.f("ck_device_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_table(
        "device_placement",
        *_device("device_placement"),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("device", "since", name=op.f("pk_device_placement")),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        *_device("enrolment_code"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_enrolment_code")),
        sa.UniqueConstraint("device", name=op.f("uq_enrolment_code_device")),
    )
    op.create_table(
        "enrolment_attempt",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_enrolment_attempt")),
    )
    op.create_index(
        op.f("ix_enrolment_attempt_tried_at"), "enrolment_attempt", ["tried_at"], unique=False
    )
    op.create_table(
        "device_item",
        *_device("device_item"),
        sa.Column("counter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("corrected_at", sa.BigInteger(), nullable=True),
        sa.Column("floor_at", sa.BigInteger(), nullable=False),
        sa.Column("clock_offset", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "counter", "digest", name=op.f("pk_device_item")),
    )
    op.create_index(op.f("ix_device_item_item"), "device_item", ["item"], unique=False)
    op.create_index(
        "ix_device_item_received", "device_item", ["device", "received_at"], unique=False
    )
    op.create_table(
        "device_mark",
        *_device("device_mark"),
        sa.Column("item", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "item", "code", name=op.f("pk_device_mark")),
    )
    op.create_table(
        "device_rejected",
        *_device("device_rejected"),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device", "digest", name=op.f("pk_device_rejected")),
    )
    for statement in create_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "device_rejected",
        "device_mark",
        "device_item",
        "enrolment_attempt",
        "enrolment_code",
        "device_placement",
        "device",
    ):
        op.drop_table(table)  # and with it its refusals
