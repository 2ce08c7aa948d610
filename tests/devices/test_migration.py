"""The devices' tables go and come again; the ratings that devices sent stay."""

from __future__ import annotations

import sqlalchemy as sa

from survey import schema
from survey.db import reading, writing
from survey.ledger.tables import response
from survey.tally.recount import differences
from tests.fixtures.devices import client_of, enrolled


def test_down_and_up_with_devices_and_their_ratings(hcmc):
    device = enrolled(hcmc)
    assert device.outcomes([device.item(), device.item()]) == ["accepted"] * 2
    device.send([device.item(device.body(holder="staff"))])
    del device.client  # and with it the connections of its application
    with writing(hcmc) as connection:
        schema.downgrade(connection, "0004")
    with writing(hcmc) as connection:
        assert not sa.inspect(connection).has_table("device")
        schema.upgrade(connection)
    with reading(hcmc) as connection:
        count = sa.select(sa.func.count()).select_from(response)
        assert connection.execute(count).scalar() == 2
        assert differences(connection) == []
    fresh = enrolled(hcmc)
    assert client_of(hcmc).get("/api/v1/openapi.json").status_code == 200
    assert fresh.outcomes([fresh.item()]) == ["accepted"]
