"""When devices could not hand in what they had, as each told afterwards."""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "device_outage",
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_device_outage_device")),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("lasted", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("device", "since", name=op.f("pk_device_outage")),
    )
    for statement in create_statements(op.get_context().dialect.name, ("device_outage",)):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("device_outage")  # and with it its refusals
