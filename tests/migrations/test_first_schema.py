"""The migrations and the tables in the code say the same, up and down, with data in them."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from survey import schema
from survey.db import make_engine, reading, writing
from survey.ledger.sequencer import sequence
from survey.ledger.tables import response
from tests.fixtures.builders import bring, dossiers, ratings, totals, void
from tests.fixtures.city import register_of


def triggers(connection):
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return {row[0] for row in connection.execute(sa.text(query))}


def _is_for(dialect: str) -> Callable[..., bool]:
    """Leave out an index that the other database alone has."""
    foreign = "ix_tally_place" if dialect == "sqlite" else "ix_tally_sums"
    return lambda _item, name, *_: name != foreign


def test_migrations_make_the_tables_that_the_code_names(engine):
    with reading(engine) as connection:
        opts = {"compare_type": True, "include_object": _is_for(engine.dialect.name)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, schema.metadata) == []


def test_migrations_go_down_and_up_again_with_data_in_the_tables(hcmc):
    register = register_of(hcmc)
    items = ratings(register, {5: 3, 1: 2})
    bring(hcmc, register, [*items, totals({5: 3}), dossiers(resolved=9)])
    void(hcmc, "response", items[0].body.id)
    sequence(hcmc)
    with writing(hcmc) as connection:
        assert triggers(connection)
        schema.downgrade(connection, "base")
    with writing(hcmc) as connection:
        assert schema.revision(connection) is None
        assert triggers(connection) == set()
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
        if connection.dialect.name == "postgresql":
            left = sa.text("SELECT count(*) FROM pg_proc WHERE proname = 'refuse_change'")
            assert connection.execute(left).scalar_one() == 0
        schema.upgrade(connection)
    with writing(hcmc) as connection:
        assert schema.revision(connection) is not None
        assert connection.execute(sa.select(sa.func.count()).select_from(response)).scalar() == 0


def test_upgrading_a_database_that_is_up_to_date_changes_nothing(engine):
    with writing(engine) as connection:
        before = schema.revision(connection)
        schema.upgrade(connection)
        assert schema.revision(connection) == before


def test_an_empty_database_has_no_revision(fresh_database_url):
    engine = make_engine(fresh_database_url)
    with reading(engine) as connection:
        assert schema.revision(connection) is None
    engine.dispose()
