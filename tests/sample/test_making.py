"""Making the sample: the same every time, for any city, on both databases, never in real data."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import make_engine, reading
from survey.ledger.tables import entry, response
from survey.publish.editions import releases
from survey.publish.verify import verify_release
from survey.register.snapshot import load
from survey.sample.agenda import Delivery, agenda
from survey.sample.dossiers import make_dossiers
from survey.sample.make import SampleError, make_sample
from survey.sample.scene import Scene, make_scene
from survey.sample.shape import CITY_MONTH, DATA
from survey.sample.staged import staged_ratings
from survey.tally.recount import differences
from survey.tally.tables import tally
from tests.fixtures.city import LONDON
from tests.fixtures.databases import Databases
from tests.fixtures.sample import make_sample_database


def _published(engine: Engine) -> list[tuple[str, int, int, str]]:
    with reading(engine) as connection:
        found = releases(connection)
    return [(str(item.period), item.edition, item.head, item.document_sha256) for item in found]


def _ids(engine: Engine) -> list[object]:
    with reading(engine) as connection:
        return list(connection.execute(sa.select(response.c.id).order_by(response.c.id)).scalars())


@pytest.fixture(scope="module")
def london_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    url = f"sqlite:///{tmp_path_factory.mktemp('london') / 'london.sqlite'}"
    make_sample_database(url, LONDON)
    return make_engine(url)


def test_another_city_gives_the_same_every_time_on_both_databases(
    databases: Databases, london_sqlite: Engine
) -> None:
    url = databases.create()
    make_sample_database(url, LONDON)
    engine = make_engine(url)
    assert len(_published(engine)) == 12
    assert _published(engine) == _published(london_sqlite)
    assert _ids(engine) == _ids(london_sqlite)
    with reading(engine) as connection:
        assert differences(connection) == []
        register = load(connection)
        for item in releases(connection):
            assert verify_release(connection, register, item) is None
    engine.dispose()
    databases.drop(url)


def test_who_does_not_know_is_there_where_the_scale_has_it(london_sqlite: Engine) -> None:
    query = sa.select(sa.func.sum(tally.c.counting)).where(tally.c.value == 0)
    with reading(london_sqlite) as connection:
        assert connection.execute(query).scalar_one() > 0


def test_receipt_and_entry_follow_the_order_of_time(london_sqlite: Engine) -> None:
    query = sa.select(response.c.received_at, response.c.answered_at).join(
        entry, entry.c.id == response.c.id
    )
    with reading(london_sqlite) as connection:
        rows = connection.execute(query.order_by(entry.c.number)).all()
    assert [row.received_at for row in rows] == sorted(row.received_at for row in rows)
    assert all(row.answered_at * 1000 < row.received_at for row in rows)


def test_all_of_it_lies_in_the_months_of_the_sample(london_sqlite: Engine) -> None:
    with reading(london_sqlite) as connection:
        months = set(connection.execute(sa.select(response.c.month).distinct()).scalars())
    assert months == set(DATA.months)


def test_a_real_database_stays_free_of_it(hcmc: Engine) -> None:
    with pytest.raises(SampleError, match="real"):
        make_sample(hcmc)
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(response)).scalar() == 0


def test_the_same_register_gives_the_same_deliveries(sample_to_read: Engine) -> None:
    first, second = (_first_month(_scene(sample_to_read, 0.05)) for _ in range(2))
    assert first == second
    assert len(first) > 300


def _scene(engine: Engine, scale: float) -> Scene:
    with reading(engine) as connection:
        return make_scene(load(connection), scale)


def _first_month(scene: Scene) -> list[object]:
    until = dt.datetime(2025, 2, 8, tzinfo=dt.UTC)
    return [
        item
        for step in agenda(scene)
        if isinstance(step, Delivery) and step.at < until
        for item in step.items()
    ]


def test_dossiers_have_the_shape_of_the_published_figures(sample_to_read: Engine) -> None:
    scene = _scene(sample_to_read, 1.0)
    dossiers = make_dossiers(scene)
    july = DATA.months.index("2025-07")
    resolved = dossiers.resolved.sum(axis=0)
    received = dossiers.received.sum(axis=0)
    assert resolved[july] == pytest.approx(CITY_MONTH, rel=0.06)
    assert received[july] / resolved[july] == pytest.approx(312_468 / 284_415, rel=0.01)
    # 27 June to 14 December 2025: 2,471 thousand resolved, 2,376 thousand on time
    days = slice(july, july + 6)
    span = resolved[july : july + 5].sum() + resolved[july + 5] * 14 / 31 + resolved[july - 1] / 7
    assert span == pytest.approx(2_471_000, rel=0.08)
    late = dossiers.late.sum(axis=0)[days].sum() / resolved[days].sum()
    assert 1 - late == pytest.approx(2376 / 2471, abs=0.01)


def test_no_scale_changes_the_cells_with_set_counts(sample_to_read: Engine) -> None:
    counts = [
        sorted(
            (item.body.resolving_unit, item.body.field, item.body.answered_at)
            for item in staged_ratings(_scene(sample_to_read, scale), "2026-09")
        )
        for scale in (0.05, 0.5)
    ]
    assert counts[0] == counts[1]
    assert len(counts[0]) > 500
