"""The tally by month with its counts, on SQLite: an analyst's page of a city reads the index alone.

Not on PostgreSQL: a count in an index makes every update of it a new row version in every index
(no HOT), which a rating pays for; its scans by month are fast enough without.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS = [
    "month", "unit_role", "field", "question", "series", "value",
    "counting", "repeats", "voided", "from_totals",
]  # fmt: skip


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.create_index("ix_tally_sums", "tally", COLUMNS)
        op.drop_index("ix_tally_month", table_name="tally")  # else it is taken for the sums


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.create_index("ix_tally_month", "tally", ["month"])
        op.drop_index("ix_tally_sums", table_name="tally")
