"""Engine and transactions, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BUSY_SECONDS = 1.5
"""How long a writer waits for SQLite's only write lock before it gives up."""

_ASK_AGAIN_SECONDS = 0.0005
_PRIMARY_CODE = 0xFF
_BUSY_TIMEOUT = f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}"
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # else INSERT OR REPLACE deletes a row without asking the triggers that refuse it
    "PRAGMA recursive_triggers = ON",
    "PRAGMA cache_size = -65536",
    _BUSY_TIMEOUT,
)


class Busy(Exception):  # noqa: N818 (a state of the database, not a mistake)
    """Somebody else holds the write lock; nothing was written, try again in a moment."""


def make_engine(database_url: str) -> Engine:
    """Return an engine for an SQLite or PostgreSQL address.

    On SQLite every connection runs with WAL, synchronous=FULL (an acknowledged rating survives a
    power cut) and foreign keys.
    """
    if database_url.startswith("sqlite"):
        engine = sa.create_engine(database_url, pool_pre_ping=False, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        database_url, pool_pre_ping=True, pool_size=4, max_overflow=4, hide_parameters=True
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes", False):
        _take_write_lock(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _take_write_lock(connection: Connection) -> None:
    """Begin to write as soon as nobody else does.

    SQLite itself would ask again after 1, 2, 5, 10, 15, 20, 25 ms and so on, while most
    transactions last for a few: the lock would lie idle.
    """
    driver, latest = connection.connection.cursor(), time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from error
                if time.monotonic() > latest:
                    raise Busy from error
            else:
                return
            time.sleep(_ASK_AGAIN_SECONDS)
    finally:
        driver.execute(_BUSY_TIMEOUT)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def standing_still(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, and whose statements all see one moment."""
    if engine.dialect.name != "postgresql":
        with reading(engine) as connection:
            yield connection
        return
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; commits at the end, rolls back on an exception.

    Raises Busy where SQLite's write lock stays taken for :data:`BUSY_SECONDS`.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


def is_postgresql(connection: Connection) -> bool:
    """Tell which of the two databases this is."""
    return connection.dialect.name == "postgresql"


@cache
def insert_new(dialect: str, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that leaves out rows whose key is there; one statement a table."""
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return insert.on_conflict_do_nothing()


@cache
def insert_all(table: sa.Table) -> sa.Insert:
    """Return a plain INSERT; one statement a table, so that it is compiled once."""
    return sa.insert(table)


@cache
def _compiled(insert: sa.Insert, dialect: sa.Dialect, names: tuple[str, ...]) -> str:
    """Compile a statement once for these columns; the callers keep theirs."""
    return str(insert.compile(dialect=dialect, column_keys=names))


@cache
def _from_document(insert: sa.Insert, dialect: sa.Dialect) -> str:
    """Compile once a statement that takes all its rows as one JSON document."""
    columns = insert.table.columns
    is_bytes = {column.name: isinstance(column.type, sa.LargeBinary) for column in columns}
    written = [
        sa.column(each.name, sa.Text if is_bytes[each.name] else each.type) for each in columns
    ]
    document = sa.cast(sa.bindparam("rows"), sa.JSON)
    rows = sa.func.json_to_recordset(document).table_valued(*written)
    found = rows.render_derived(with_types=True)
    base64: sa.ColumnElement[str] = sa.literal_column("'base64'")
    values = [sa.func.decode(each, base64) if is_bytes[each.name] else each for each in found.c]
    query = sa.select(*values)
    return str(insert.from_select(columns.keys(), query).compile(dialect=dialect))


def execute_many(connection: Connection, insert: sa.Insert, rows: Sequence[Sequence[Any]]) -> None:
    """Run an INSERT for many rows, each the values of all columns of its table in their order.

    ``insert`` is a statement that the caller keeps: it is compiled once. On SQLite the rows go
    straight to the driver, on PostgreSQL as one document: a parameter set for every row, and a
    statement for every row, cost several times what the database itself takes.
    """
    if not rows:
        return
    columns = insert.table.columns
    if is_postgresql(connection):
        names = columns.keys()
        document = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows])
        statement = _from_document(insert, connection.dialect)
        connection.exec_driver_sql(statement, {"rows": document.decode()})
        return
    filled = _as_sqlite(columns, rows)
    statement = _compiled(insert, connection.dialect, tuple(filled))
    connection.exec_driver_sql(statement, list(zip(*filled.values(), strict=True)))


def _as_sqlite(
    columns: Iterable[sa.ColumnElement[Any]], rows: Sequence[Sequence[Any]]
) -> dict[str, Sequence[Any]]:
    """Return by name the columns in which anything stands, as SQLite's driver takes them at once.

    What is not exactly a text, a whole number or a bytearray costs it a search for an adapter.
    """
    values = zip(columns, zip(*rows, strict=True), strict=True)
    return {
        str(column.key): _ADAPTERS.get(type(column.type), tuple)(cells)
        for column, cells in values
        if any(cell is not None for cell in cells)
    }


def _whole_numbers(cells: Sequence[bool | None]) -> list[int | None]:
    return [cell if cell is None else int(cell) for cell in cells]


def _bytearrays(cells: Sequence[bytes | None]) -> list[bytearray | None]:
    return [cell if cell is None else bytearray(cell) for cell in cells]


def _iso_days(cells: Sequence[dt.date | None]) -> list[str | None]:
    return [cell if cell is None else cell.isoformat() for cell in cells]


def _hexadecimal(cells: Sequence[uuid.UUID | None]) -> Sequence[str | None]:
    """Return ids as SQLite keeps them; often all are one and the same."""
    first = cells[0]
    if first is not None and all(cell is first for cell in cells):
        return (first.hex,) * len(cells)
    return [cell if cell is None else cell.hex for cell in cells]


_ADAPTERS: Final[dict[type, Callable[[Sequence[Any]], Sequence[Any]]]] = {
    sa.Boolean: _whole_numbers,
    sa.LargeBinary: _bytearrays,
    sa.Date: _iso_days,
    sa.Uuid: _hexadecimal,
}
