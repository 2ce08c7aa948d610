"""One-time links: batches, links, which rating spent which, and what was called back."""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0008"
down_revision = "0007"

APPEND_ONLY = ("link_batch", "link", "link_spent", "link_withdrawal")


def upgrade() -> None:
    op.create_table(
        "link_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("n_links", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_batch")),
    )
    op.create_index(op.f("ix_link_batch_made_at"), "link_batch", ["made_at"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("receiving_unit", sa.Text(), nullable=False),
        sa.Column("resolving_unit", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("dossier", sa.LargeBinary(length=32), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("service_on", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["link_batch.id"], name=op.f("fk_link_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index("ix_link_dossier", "link", ["dossier", "occasion"], unique=False)
    op.create_index(op.f("ix_link_batch"), "link", ["batch"], unique=False)
    op.create_table(
        "link_spent",
        sa.Column("link", sa.String(length=10), nullable=False),
        sa.Column("response", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["link"], ["link.id"], name=op.f("fk_link_spent_link")),
        sa.PrimaryKeyConstraint("link", name=op.f("pk_link_spent")),
        sa.UniqueConstraint("response", name=op.f("uq_link_spent_response")),
    )
    op.create_table(
        "link_withdrawal",
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch"], ["link_batch.id"], name=op.f("fk_link_withdrawal_batch")
        ),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_link_withdrawal")),
    )
    for statement in create_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in ("link_withdrawal", "link_spent", "link", "link_batch"):
        op.drop_table(table)  # and with it its refusals
