"""Maps of imports that were saved under a name: versions are added, none is changed."""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("import_map",)


def upgrade() -> None:
    op.create_table(
        "import_map",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ratings', 'counts', 'dossiers')", name=op.f("ck_import_map_kind")
        ),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_import_map")),
    )
    for statement in create_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("import_map")  # and with it its refusals
