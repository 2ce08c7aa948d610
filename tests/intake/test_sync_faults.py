"""Every fault of a device or of the server by its code, and nothing said that is not stored."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from scripts.example_device import jwk, new_key, sign
from survey.db import make_engine, writing
from survey.devices import fleet, log
from survey.devices.enrol import enrol
from survey.devices.keys import Key, key_text
from survey.devices.tables import device_item, device_rejected
from survey.intake.accept import now_milliseconds
from survey.ledger.tables import response
from tests.fixtures.builders import OVERALL
from tests.fixtures.devices import (
    SECRET,
    TestDevice,
    client_at,
    client_of,
    enrolled,
)
from tests.intake.sync_case import code_of, flags, marks, rows, series

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": "one_stop"}, "source"),
        ({"channel": "phone"}, "channel"),
        ({"assurance": "token"}, "assurance"),
        ({"point": "NOWHERE"}, "point"),
        ({"receiving_unit": "26737C"}, "receiving_unit"),
        ({"resolving_unit": "26740C"}, "resolving_unit"),
        ({"service_on": "2026-01-01"}, "service_on"),
        ({"dossier": "0" * 64}, "dossier"),
        ({"answered_at": -1}, "answered_at"),
        ({"answered_at": 2**60}, "answered_at"),
        ({"comment": "0" * 64}, "comment"),
        ({"answers": {OVERALL: [9]}}, "answer_unknown"),
        ({"answers": {}}, "answer_missing"),
        ({"occasion": "party"}, "occasion"),
        ({"language": "\0"}, "malformed"),
        ({"surplus": 1}, "malformed"),
        ({"version": 2}, "malformed"),
    ],
)
def test_a_body_that_is_not_the_devices_goes_to_the_quarantine_and_blocks_nothing(
    hcmc, changes, code
):
    device = enrolled(hcmc)
    items = [device.item(device.body(**changes)), device.item()]
    assert device.outcomes(items) == [f"rejected:{code}", "accepted"]
    assert device.outcomes(items) == [f"rejected:{code}", "already"]
    assert [(row.counter, row.code) for row in rows(hcmc, device_rejected)] == [(1, code)]
    assert "quarantine" in flags(hcmc)
    # a rejected item that the device signed and that could be read takes its counter
    assert ("gap" in flags(hcmc)) == (code == "malformed" and "language" not in changes)


def test_items_that_cannot_be_read_are_named(hcmc):
    device = enrolled(hcmc)
    odd = [1, "x", None, [], {}, {"counter": 1}, {"counter": 0, "undone": str(uuid.uuid4())}]
    answer = device.send([*odd, device.item()], first=0, last=9)
    assert [each["code"] for each in answer.json["outcomes"]] == ["malformed"] * 7 + [""]


def test_a_tampered_batch_is_refused_whole(hcmc):
    device = enrolled(hcmc)
    path = f"/api/v1/devices/{device.id}/batches"
    batch = device.envelope([device.item()])
    headers = {"Device-Signature": sign(device.key, batch)}
    answer = device.client.post(path, data=batch.replace(b'"HTICH"', b'"DD"'), headers=headers)
    assert code_of(answer) == (401, "signature")
    for signature in ("", "x", "A" * 86, "é"):
        answer = device.client.post(path, data=batch, headers={"Device-Signature": signature})
        assert code_of(answer) == (401, "signature")
    assert rows(hcmc, response) == rows(hcmc, device_item) == []


def test_an_item_that_was_changed_after_it_was_signed_is_named(hcmc):
    device = enrolled(hcmc)
    item = device.item()
    turned = item | {"body": item["body"] | {"answers": {OVERALL: [1]}}}
    moved = item | {"counter": 2}
    assert device.outcomes([turned, moved]) == ["rejected:signature"] * 2
    assert device.outcomes([item]) == ["accepted"]  # the counter was not taken


def test_a_foreign_key_signs_nothing(hcmc):
    device, stranger = enrolled(hcmc), new_key()
    path = f"/api/v1/devices/{device.id}/batches"
    batch = device.envelope([device.item()])
    assert code_of(device.post(path, batch, stranger)) == (401, "signature")
    foreign = enrolled(hcmc)
    assert foreign.outcomes([device.item()]) == ["rejected:signature"]


def test_an_unknown_device_is_told_so(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    assert code_of(device.send([])) == (401, "device_unknown")  # made, but not enrolled
    device.id = uuid.uuid4()
    assert code_of(device.send([])) == (401, "device_unknown")


def test_another_body_under_the_same_id_is_set_aside(hcmc):
    device = enrolled(hcmc)
    body = device.body(5)
    assert device.outcomes([device.item(body)]) == ["accepted"]
    other = device.item(body | {"answers": {OVERALL: [1]}})
    assert device.outcomes([other]) == ["set_aside:body_differs"]
    assert device.outcomes([other]) == ["set_aside:body_differs"]
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}


def test_a_copied_profile_shows_by_a_counter_seen_twice(hcmc):
    device = enrolled(hcmc)
    first, second = device.item(), device.item(counter=1)
    assert device.outcomes([first]) == ["accepted"]
    assert device.outcomes([second]) == ["set_aside:counter_twice"]
    assert (1, "counter_twice") in marks(hcmc)
    assert "counter_twice" in flags(hcmc)
    # in one batch too
    assert device.outcomes([device.item(counter=2), device.item(counter=2)]) == [
        "accepted",
        "set_aside:counter_twice",
    ]
    assert series(hcmc) == {"own/kiosk/citizen/open": 2}


def test_counters_that_never_come_stay_named_to_the_device_and_to_staff(hcmc):
    device = enrolled(hcmc)
    first, _lost, last = ([device.item() for _ in range(3)] for _ in range(3))
    assert device.outcomes(first) == ["accepted"] * 3
    counters = {"through": 3, "highest": 9, "missing": [[4, 6]]}
    assert device.send(last).json["counters"] == counters
    assert device.send([]).json["counters"] == counters  # and whenever it is in touch
    assert flags(hcmc) == ("gap",)
    assert "gap" in flags(hcmc, after=30 * DAY)
    assert series(hcmc) == {"own/kiosk/citizen/open": 6}


@pytest.mark.parametrize("wrong", [-365 * DAY, 365 * DAY])
def test_a_clock_that_was_a_year_off_and_set_meanwhile_counts_within_what_can_be(hcmc, wrong):
    device, now = enrolled(hcmc, days=3), now_milliseconds() // 1000
    item = device.item(device.body(answered_at=now + wrong))
    assert device.outcomes([item, device.item()]) == ["accepted"] * 2
    assert (1, "clock_bounds") in marks(hcmc)
    for row in rows(hcmc, device_item):
        assert now - 3 * DAY - 60 <= row.corrected_at <= row.received_at // 1000
    assert "clock_off" not in flags(hcmc)  # it is right by now
    assert series(hcmc) == {"own/kiosk/citizen/open": 2}


def test_a_device_that_is_not_heard_of_is_silent_after_a_working_day(hcmc):
    device = enrolled(hcmc)
    device.send([])
    assert flags(hcmc) == ()
    assert flags(hcmc, after=4 * DAY) == ("silent",)  # whatever weekend lies between


def test_a_revoked_device_is_named_and_nothing_more_is_counted(hcmc):
    device = enrolled(hcmc)
    items = [device.item(), device.item()]
    device.send(items[:1])
    with writing(hcmc) as connection:
        fleet.revoke(connection, device.id, at=now_milliseconds())
    answer = device.send(items)
    assert answer.json["device"]["is_revoked"]
    assert [each["code"] for each in answer.json["outcomes"]] == ["", "device_revoked"]
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}
    long_ago = now_milliseconds() - 8 * DAY * 1000
    with writing(hcmc) as connection:
        fleet.change(connection, device.id, revoked_at=long_ago)
    assert code_of(device.send([device.item()])) == (403, "revoked")


def test_envelopes_that_are_none_are_named(hcmc):
    device = enrolled(hcmc)
    path = f"/api/v1/devices/{device.id}/batches"
    for data in (b"", b"[]", b"{}", b"\xff", b"[" * 5000, b'{"protocol": "1"}'):
        assert code_of(device.post(path, data)) == (400, "malformed"), data[:20]
    item = device.item()
    assert code_of(device.send([item], protocol=2)) == (400, "protocol")
    assert code_of(device.send([item], first=2, last=3)) == (400, "range")
    assert code_of(device.send([item], sent_at=-1)) == (400, "malformed")
    assert code_of(device.send([item] * 101)) == (400, "malformed")
    assert code_of(device.send([], version="x" * 3_000_000)) == (413, "too_large")
    assert device.outcomes([item]) == ["accepted"]


def test_a_database_that_is_gone_acknowledges_nothing(hcmc):
    device = enrolled(hcmc)
    with writing(hcmc) as connection:
        connection.execute(sa.text("ALTER TABLE device_item RENAME TO hidden"))
    item = device.item()
    answer = device.send([item])
    assert code_of(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    with writing(hcmc) as connection:
        connection.execute(sa.text("ALTER TABLE hidden RENAME TO device_item"))
    assert rows(hcmc, response) == []
    assert device.outcomes([item]) == ["accepted"]


def test_a_database_that_takes_nothing_more_acknowledges_nothing(hcmc):
    """A disk that is full (SQLite), a server that may only be read (PostgreSQL)."""
    device, usual = enrolled(hcmc), client_of(hcmc)
    item = device.item()
    if hcmc.dialect.name == "postgresql":
        read_only = {"options": "-c default_transaction_read_only=on"}
        device.client = client_at(hcmc.url.update_query_dict(read_only))
        answer = device.send([item])
    else:
        sa.event.listen(sa.Engine, "connect", fill_up)
        device.client = client_of(hcmc)
        answer = device.send([device.item(counter=1 + n) for n in range(99)])
        sa.event.remove(sa.Engine, "connect", fill_up)
    assert code_of(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    assert rows(hcmc, response) == rows(hcmc, device_item) == []
    device.client = usual
    assert device.outcomes([item]) == ["accepted"]


def fill_up(connection, _record):
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_staff_see_the_quarantine_and_close_what_they_looked_at(hcmc):
    device = enrolled(hcmc)
    device.send([device.item(device.body(holder="staff"))])
    with writing(hcmc) as connection:
        (found,) = log.open_rejected(connection, device.id)
        assert (found.counter, found.code, found.detail) == (1, "holder", "staff")
        assert '"holder":"staff"' in found.document
        assert log.close_rejected(connection, device.id, found.digest, at=1)
        assert not log.close_rejected(connection, device.id, found.digest, at=2)
        assert log.open_rejected(connection, device.id) == []
    assert "quarantine" not in flags(hcmc)


def test_a_server_restored_from_a_backup_tells_what_it_knows(hcmc, databases):
    device = TestDevice(hcmc, client_of(hcmc))
    with writing(hcmc) as connection:
        key = key_text(Key(**jwk(device.key)))
        enrol(connection, SECRET, device.code, key, at=now_milliseconds())
    hcmc.dispose()
    restored = make_engine(databases.copy(hcmc.url.render_as_string(hide_password=False)))
    device.standing = device.send([]).json["device"]
    items = [device.item() for _ in range(3)]
    assert device.send(items).json["counters"]["through"] == 3
    device.client = client_of(restored)
    assert device.send([]).json["counters"]["through"] == 0
    assert device.outcomes(items) == ["accepted"] * 3
    assert series(restored) == {"own/kiosk/citizen/open": 3}
    restored.dispose()
