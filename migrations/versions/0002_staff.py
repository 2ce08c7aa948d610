"""Roles, sessions of staff, attempts to sign in, and the log of deeds.

Accounts made before this had no role. Those with a unit become officers of that agency. Those
without become administrators: until now an account could do nothing but propose and confirm voids
anywhere, which of the four roles only that one may; whoever runs the system gives them another
(``flask staff role``). Nobody stays signed in, since nobody could sign in.
"""

import sqlalchemy as sa
from alembic import op

from survey.ledger.refusal import create_statements

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("deed",)


def upgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("role", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("disabled_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("one_time_until", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE account SET role = CASE WHEN unit IS NULL THEN 'administrator' ELSE 'agency' END"
    )
    with op.batch_alter_table("account") as batch:
        batch.alter_column("role", existing_type=sa.String(length=20), nullable=False)
        batch.create_check_constraint(
            op.f("ck_account_role"),
            "role IN ('administrator', 'agency', 'analyst', 'inspector')",
        )
        batch.create_check_constraint(
            op.f("ck_account_agency_unit"), "role <> 'agency' OR unit IS NOT NULL"
        )
    op.create_table(
        "staff_session",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.name"], name=op.f("fk_staff_session_account")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_account"), "staff_session", ["account"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        op.f("ix_sign_in_attempt_tried_at"), "sign_in_attempt", ["tried_at"], unique=False
    )
    op.create_table(
        "deed",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(),
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    op.create_index(op.f("ix_deed_at"), "deed", ["at"], unique=False)
    for column in ("account", "deed", "unit"):
        op.create_index(f"ix_deed_{column}", "deed", [column, "id"], unique=False)
    for statement in create_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("deed")  # and with it its refusals
    op.drop_table("sign_in_attempt")
    op.drop_table("staff_session")
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint(op.f("ck_account_agency_unit"), type_="check")
        batch.drop_constraint(op.f("ck_account_role"), type_="check")
        batch.drop_column("one_time_until")
        batch.drop_column("disabled_at")
        batch.drop_column("role")
