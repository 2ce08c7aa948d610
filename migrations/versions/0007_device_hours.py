"""Opening hours of reception points: a row from a day on, never changed."""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "point_hours",
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("week", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("point", "from_on", "set_at", name=op.f("pk_point_hours")),
    )
    for statement in create_statements(op.get_context().dialect.name, ("point_hours",)):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("point_hours")  # and with it its refusals
