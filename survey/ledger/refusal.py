"""The triggers that refuse UPDATE and DELETE on append-only tables, for both databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END $$
"""


def create_statements(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    """Yield the statements that put the refusals in place (``postgresql`` or ``sqlite``)."""
    if dialect == "postgresql":
        yield _FUNCTION
        for table in tables:
            yield (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
                f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        return
    for table in tables:
        for deed in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: {deed} refused'); END"
            )


def drop_statements(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    """Yield the statements that take the refusals away again (a migration down)."""
    for table in tables:
        if dialect == "postgresql":
            yield f"DROP TRIGGER {table}_append_only ON {table}"
        else:
            yield f"DROP TRIGGER {table}_no_update"
            yield f"DROP TRIGGER {table}_no_delete"
    if dialect == "postgresql":
        yield "DROP FUNCTION refuse_change()"


def create_fixed_statements(dialect: str, fixed: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield the statements that refuse UPDATE of some columns, and DELETE, of some tables.

    ``fixed`` is table → columns; the other columns of these tables may change.
    """
    for table, columns in fixed.items():
        update = f"UPDATE OF {', '.join(columns)}"
        if dialect == "postgresql":
            refuse = "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            yield f"CREATE TRIGGER {table}_no_update BEFORE {update} ON {table} {refuse}"
            yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} {refuse}"
            continue
        for name, deed in (("update", update), ("delete", "DELETE")):
            yield (
                f"CREATE TRIGGER {table}_no_{name} BEFORE {deed} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} never changes: {name} refused'); END"
            )


def drop_fixed_statements(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    """Yield the statements that take these refusals away; before :func:`drop_statements`."""
    for table in tables:
        for name in ("no_update", "no_delete"):
            on = f" ON {table}" if dialect == "postgresql" else ""
            yield f"DROP TRIGGER {table}_{name}{on}"
