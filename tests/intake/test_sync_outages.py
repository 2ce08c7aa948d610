"""What the server could not take: each device tells it afterwards, and staff see it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from survey import schema
from survey.db import reading, writing
from survey.devices.outages import last_ended
from survey.devices.tables import device_outage
from survey.intake.accept import now_milliseconds
from survey.ledger.tables import response
from survey.staff import sessions
from survey.staff.roles import Role
from tests.fixtures.devices import client_at, enrolled
from tests.intake.sync_case import code_of, flags, rows, series
from tests.staff.signing import csrf_token, make_account, sign_in

HOUR = 3_600_000
DAY = 24 * 3600


def told(ago: int = 3 * HOUR, **changes: object) -> dict[str, object]:
    """Return an outage that began so many milliseconds ago."""
    return {"since": now_milliseconds() - ago, "times": 38, "code": "unavailable"} | changes


def ended(engine, device):
    with reading(engine) as connection:
        return last_ended(connection, device.id)


def test_an_outage_is_told_with_the_batch_that_ends_it(hcmc):
    device = enrolled(hcmc, days=1)
    assert device.outcomes([device.item()], outage=told()) == ["accepted"]
    (outage,) = ended(hcmc, device)
    assert (outage.times, outage.code) == (38, "unavailable")
    assert abs(outage.ended_at - outage.began_at - 3 * HOUR) < 60_000
    assert abs(outage.ended_at - now_milliseconds()) < 60_000
    assert flags(hcmc) == ("turned_away",)
    assert "turned_away" in flags(hcmc, after=6 * DAY)
    assert "turned_away" not in flags(hcmc, after=8 * DAY)


def test_one_outage_stays_one_however_often_it_is_told(hcmc):
    device, outage = enrolled(hcmc, days=1), told()
    path, batch = f"/api/v1/devices/{device.id}/batches", device.envelope([], outage=outage)
    assert [device.post(path, batch).status_code for _ in range(2)] == [200, 200]
    # the answer was lost, so the device tried once more and tells it again
    device.send([], outage=outage | {"times": 39, "code": "offline"})
    assert [each.times for each in ended(hcmc, device)] == [38]
    device.send([], outage=told(HOUR, code="offline"))
    assert [each.code for each in ended(hcmc, device)] == ["offline", "unavailable"]


@pytest.mark.parametrize("code", ["offline", "busy", "too_many"])
def test_what_passes_by_itself_is_listed_and_not_flagged(hcmc, code):
    device = enrolled(hcmc, days=1)
    device.send([], outage=told(code=code))
    assert [each.code for each in ended(hcmc, device)] == [code]
    assert flags(hcmc) == ()


@pytest.mark.parametrize("wrong", [-365 * DAY * 1000, 365 * DAY * 1000])
def test_its_length_is_by_the_devices_clock_and_its_end_by_the_servers(hcmc, wrong):
    device = enrolled(hcmc, days=1)
    now = now_milliseconds()
    device.send([], sent_at=now + wrong, outage=told(2 * HOUR - wrong))
    (outage,) = ended(hcmc, device)
    assert abs(now - outage.ended_at) < 60_000
    assert abs(outage.ended_at - outage.began_at - 2 * HOUR) < 60_000


@pytest.mark.parametrize("ago", [-365 * DAY * 1000, 365 * DAY * 1000])
def test_a_clock_set_meanwhile_makes_it_no_longer_than_it_can_be(hcmc, ago):
    device = enrolled(hcmc, days=2)
    device.send([], outage=told(ago))
    (outage,) = ended(hcmc, device)
    assert 0 <= outage.ended_at - outage.began_at <= 2 * DAY * 1000 + 60_000


@pytest.mark.parametrize(
    "changes", [{"since": -1}, {"times": 0}, {"times": "x"}, {"code": ""}, {"code": "\0"}]
)
def test_an_outage_that_is_none_is_malformed(hcmc, changes):
    device = enrolled(hcmc)
    assert code_of(device.send([], outage=told(**changes))) == (400, "malformed")
    assert rows(hcmc, device_outage) == []


@pytest.fixture
def reader(hcmc):
    """A client of an application that may only read, as on a disk that is full."""
    if hcmc.dialect.name == "postgresql":
        only_read = {"options": "-c default_transaction_read_only=on"}
        return client_at(hcmc.url.update_query_dict(only_read))
    only_read = {"mode": "ro", "uri": "true"}
    return client_at(hcmc.url.set(database=f"file:{hcmc.url.database}", query=only_read))


def test_whoever_signs_in_meanwhile_is_told_that_nothing_can_be_written(hcmc, reader):
    name = make_account(hcmc, Role.ADMINISTRATOR)
    said = {"csrf_token": csrf_token(reader, "/dang-nhap"), "name": name, "password": "x"}
    answer = reader.post("/dang-nhap", data=said)
    assert (answer.status_code, reader.get("/").status_code) == (503, 200)
    assert "Chưa có gì được ghi nhận." in answer.text


def test_whoever_is_signed_in_meanwhile_still_reads_the_desk(hcmc, reader, monkeypatch):
    monkeypatch.setattr(sessions, "TOUCH_MILLISECONDS", 0)
    signed_in = sign_in(reader.application, hcmc, Role.ADMINISTRATOR)
    assert signed_in.get("/quan-tri/thiet-bi").status_code == 200


def test_outages_go_with_their_table_and_nothing_else_does(hcmc):
    device = enrolled(hcmc, days=1)
    assert device.outcomes([device.item()], outage=told()) == ["accepted"]
    del device.client  # and with it the connections of its application
    with writing(hcmc) as connection:
        before = set(sa.inspect(connection).get_table_names())
        schema.downgrade(connection, "0008")
    with writing(hcmc) as connection:
        assert before - set(sa.inspect(connection).get_table_names()) == {"device_outage"}
        schema.upgrade(connection, "0009")
    assert rows(hcmc, device_outage) == []
    assert len(rows(hcmc, response)) == 1
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}
