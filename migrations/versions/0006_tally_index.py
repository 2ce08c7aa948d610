"""The tally by month, in the order in which an analyst's page of a city adds it up.

On SQLite the counts stand in the index too: a sum over all units reads it alone. Not on PostgreSQL:
a count in an index makes every update of it a new row version in every index (no HOT), which each
rating would pay for.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

PLACE = ["month", "unit_role", "field", "question", "series", "value"]
COUNTS = ["counting", "repeats", "voided", "from_totals"]


def _new() -> tuple[str, list[str]]:
    if op.get_context().dialect.name == "sqlite":
        return "ix_tally_sums", PLACE + COUNTS
    return "ix_tally_place", PLACE


def upgrade() -> None:
    name, columns = _new()
    op.create_index(name, "tally", columns)
    op.drop_index("ix_tally_month", table_name="tally")  # else it is taken for the sums


def downgrade() -> None:
    op.create_index("ix_tally_month", "tally", ["month"])
    op.drop_index(_new()[0], table_name="tally")
