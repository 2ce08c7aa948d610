"""The unit of whoever proposes a void, and the order in which desks read responses.

A void is confirmed by an account of another unit than the one that proposed it, so the unit of that
day is kept. Proposals made before this get the unit that their account has now.
"""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0003"
down_revision = "0002"

PROPOSALS = ("void_proposal",)


def _allow_update(dialect: str) -> None:
    """Take the refusals of one table away; the function behind them serves other tables too."""
    if dialect == "postgresql":
        op.execute("DROP TRIGGER void_proposal_append_only ON void_proposal")
        return
    op.execute("DROP TRIGGER void_proposal_no_update")
    op.execute("DROP TRIGGER void_proposal_no_delete")


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    op.add_column(
        "void_proposal",
        sa.Column("proposed_unit", sa.Text(), nullable=False, server_default=""),
    )
    _allow_update(dialect)
    op.execute(
        "UPDATE void_proposal SET proposed_unit = COALESCE("
        "(SELECT unit FROM account WHERE account.name = void_proposal.proposed_by), '')"
    )
    for statement in create_statements(dialect, PROPOSALS):
        op.execute(statement)
    op.create_index("ix_response_recent", "response", ["counted_on", "receiving_unit", "series"])
    op.create_index(
        "ix_response_comment",
        "response",
        ["received_at", "id", "receiving_unit"],
        sqlite_where=sa.text("comment IS NOT NULL"),
        postgresql_where=sa.text("comment IS NOT NULL"),
    )
    op.create_index(
        "ix_response_alert",
        "response",
        ["received_at", "id"],
        sqlite_where=sa.text("alert = 1"),
        postgresql_where=sa.text("alert"),
    )


def downgrade() -> None:
    for name in ("alert", "comment", "recent"):
        op.drop_index(f"ix_response_{name}", "response")
    op.drop_column("void_proposal", "proposed_unit")
