"""Nothing in the ledger, the releases and the fixed register is updated or deleted."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

import survey.ledger.tables as ledger
import survey.publish.tables as publish
import survey.register.tables as register_tables
from survey.db import metadata, writing
from tests.fixtures.builders import bring, ratings
from tests.fixtures.city import register_of

TABLES = sorted((*ledger.APPEND_ONLY, *publish.APPEND_ONLY, *register_tables.UNCHANGING))


def some_value(column):
    """Return any value that a column can hold; the same for each call."""
    kinds = {
        sa.Uuid: uuid.UUID(int=1),
        sa.LargeBinary: b"\0" * 16,
        sa.Boolean: False,
        sa.Date: sa.func.current_date(),
        sa.JSON: {},
    }
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    if isinstance(column.type, sa.Integer):
        return 1
    words = {"kind": "response", "decision": "closed", "happened_on": "2026-01-01"}
    if column.table.name == "batch":
        words["kind"] = "ratings"
    if column.table.name == "succession":
        words["kind"] = "merge"
    return words.get(column.name, column.name[:13])


def free_of_references(connection):
    """Let rows stand without the rows that they refer to, in this connection alone."""
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            keys = sa.inspect(connection).get_foreign_keys(table)
            for key in keys:
                connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {key['name']}"))


@pytest.fixture
def filled(engine):
    """A database with one row in each table on which changes are refused."""
    raw = engine.raw_connection()
    if engine.dialect.name == "sqlite":
        raw.driver_connection.execute("PRAGMA foreign_keys = OFF")
    raw.close()
    with writing(engine) as connection:
        free_of_references(connection)
        for name in TABLES:
            table = metadata.tables[name]
            row = {column.name: some_value(column) for column in table.columns}
            connection.execute(sa.insert(table).values(row))
    return engine


def refused(engine, statement):
    words = r"append-only|never changes"
    with pytest.raises(sa.exc.DBAPIError, match=words), writing(engine) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_never_updated_deleted_or_replaced(filled, name):
    table = metadata.tables[name]
    column = next(iter(table.columns))
    refused(filled, sa.update(table).values({column.name: column}))
    refused(filled, sa.delete(table))
    if filled.dialect.name == "postgresql":
        refused(filled, sa.text(f"TRUNCATE {name} CASCADE"))
    else:
        names = ", ".join(each.name for each in table.columns)
        again = f"SELECT {names} FROM {name}"  # noqa: S608 (names of our own tables)
        refused(filled, sa.text(f"INSERT OR REPLACE INTO {name} {again}"))
    with writing(filled) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1


def test_a_database_never_changes_its_kind(hcmc):
    city = register_tables.city
    refused(hcmc, sa.update(city).values(kind="sample"))
    refused(hcmc, sa.delete(city))
    with writing(hcmc) as connection:
        connection.execute(sa.update(city).values(document=city.c.document))
        assert connection.execute(sa.select(city.c.kind)).scalar_one() == "real"


def test_a_published_questionnaire_changes_only_its_end(hcmc):
    table = register_tables.questionnaire
    refused(hcmc, sa.update(table).values(document="{}"))
    refused(hcmc, sa.delete(table))


def test_a_comment_can_be_erased(hcmc):
    register = register_of(hcmc)
    items = ratings(register, {5: 1})
    bring(hcmc, register, items)
    with writing(hcmc) as connection:
        row = {"response": items[0].body.id, "salt": b"\0" * 16, "text": "Cảm ơn"}
        connection.execute(sa.insert(ledger.comment), row)
        assert connection.execute(sa.delete(ledger.comment)).rowcount == 1
