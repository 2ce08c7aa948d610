"""Devices at the machine's door: the whole path, and every fault by its code."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import reading
from survey.ledger.tables import response
from survey.tally.recount import differences
from survey.tally.tables import tally
from tests.fixtures.devices import enrolled


def count(engine, table=response):
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def series(engine):
    with reading(engine) as connection:
        assert differences(connection) == []
        query = sa.select(tally.c.series, sa.func.sum(tally.c.counting)).where(
            tally.c.unit_role == "receiving"
        )
        return dict(connection.execute(query.group_by(tally.c.series)).all())


def test_a_signed_rating_is_counted(hcmc):
    device = enrolled(hcmc)
    assert device.outcomes([device.item()]) == ["accepted"]
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}
