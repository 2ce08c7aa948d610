"""The triggers that refuse UPDATE and DELETE on append-only tables, for both databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
