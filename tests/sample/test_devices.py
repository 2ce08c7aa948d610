"""The sample's devices: labelled, through the door, one for each thing that can be odd."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.devices import fleet, watch
from survey.devices.tables import device, device_item
from survey.ledger.tables import response
from survey.register.snapshot import load
from survey.sample.devices import DAY, LABEL, PARTS, sample_devices
from survey.staff.deeds import now_milliseconds
from survey.tally.recount import differences


def make(engine, at):
    with writing(engine) as connection:
        return sample_devices(connection, load(connection), at=at)


def seen(engine, at):
    with reading(engine) as connection:
        return watch.seen(connection, load(connection).city.zone, at=at)


@pytest.mark.parametrize("days", range(7))
def test_each_flag_is_there_once_whatever_day_it_is(sample, days):
    at = now_milliseconds() - days * DAY
    assert make(sample, at) == len(PARTS)
    found = {each.device.id: each for each in seen(sample, at)}
    for part in PARTS:
        assert found[part.id].flags == ((part.odd,) if part.odd else ()), part.name
        assert found[part.id].device.name.endswith(LABEL)
    assert {flag for each in found.values() for flag in each.flags} == set(watch.FLAGS)


def test_what_was_sent_is_in_the_ledger(sample):
    at = now_milliseconds()
    make(sample, at)
    found = {each.device.id: each for each in seen(sample, at)}
    assert max(each.ratings_usual for each in found.values()) > 3
    with reading(sample) as connection:
        assert differences(connection) == []
        sent = sa.select(device_item.c.item).where(device_item.c.status == "accepted")
        items = set(connection.execute(sent).scalars())
        held = sa.select(response.c.id).where(response.c.id.in_(items))
        assert set(connection.execute(held).scalars()) == items


def test_a_later_start_makes_none_and_lets_the_well_ones_report(sample):
    at = now_milliseconds()
    make(sample, at)
    later = at + 40 * DAY
    assert all("silent" in each.flags for each in seen(sample, later) if is_live(each))
    assert make(sample, later) == 0
    silent = {each.device.id for each in seen(sample, later) if "silent" in each.flags}
    assert silent == {part.id for part in PARTS if part.odd == "silent"}


def is_live(each):
    return each.device.enrolled_at is not None and each.device.revoked_at is None


def test_a_real_database_gets_none(hcmc):
    assert make(hcmc, now_milliseconds()) == 0
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(device)).first() is None
        assert fleet.find(connection, PARTS[0].id) is None
