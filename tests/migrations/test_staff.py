"""Migration 0002 with accounts in the table, up and down."""

from __future__ import annotations

import sqlalchemy as sa

from survey import schema
from survey.db import make_engine, reading, writing

ACCOUNTS = sa.text(
    "INSERT INTO account (name, password_hash, unit, created_at) "
    "VALUES ('an', 'x', NULL, 1), ('binh', 'y', '26740C', 2)"
)


def accounts(connection, columns):
    return [tuple(row) for row in connection.execute(sa.text(f"SELECT {columns} FROM account"))]  # noqa: S608


def test_accounts_get_the_least_role_that_can_do_what_they_could(fresh_database_url):
    engine = make_engine(fresh_database_url)
    with writing(engine) as connection:
        schema.upgrade(connection, "0001")
        connection.execute(ACCOUNTS)
    with writing(engine) as connection:
        schema.upgrade(connection, "0002")
    with reading(engine) as connection:
        found = accounts(connection, "name, password_hash, unit, created_at, role, disabled_at")
    assert sorted(found) == [
        ("an", "x", None, 1, "administrator", None),
        ("binh", "y", "26740C", 2, "agency", None),
    ]
    with writing(engine) as connection:
        row = "(at, account, deed, subject, detail) VALUES (1, 'an', 'x', '', '')"
        connection.execute(sa.text(f"INSERT INTO deed {row}"))
        schema.downgrade(connection, "0001")
    with writing(engine) as connection:
        kept = accounts(connection, "*")
        assert sorted(kept) == [("an", "x", None, 1), ("binh", "y", "26740C", 2)]
        schema.upgrade(connection, "0002")
    with reading(engine) as connection:
        assert len(accounts(connection, "role")) == 2
    engine.dispose()
