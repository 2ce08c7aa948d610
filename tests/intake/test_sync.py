"""Devices at the machine's door: the whole path, and every fault by its code."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
import uuid

import pytest
import sqlalchemy as sa

from scripts.example_device import base64url, canonical, jwk, new_key, sign
from survey.db import make_engine, reading, writing
from survey.devices import fleet
from survey.devices.enrol import enrol
from survey.devices.keys import Key, key_text
from survey.devices.tables import device_item, device_mark, device_rejected
from survey.devices.watch import seen
from survey.intake.accept import now_milliseconds
from survey.intake.aside import decide
from survey.ledger.tables import comment, receipt, response, set_aside
from survey.tally.recount import differences
from survey.tally.tables import tally
from survey.terms.dossier import dossier_hash
from tests.fixtures.builders import OVERALL
from tests.fixtures.city import register_of
from tests.fixtures.devices import SECRET, TestDevice, client_of, enrolled, points_in_force

DAY = 24 * 3600


def rows(engine, table):
    with reading(engine) as connection:
        return connection.execute(sa.select(table)).all()


def series(engine):
    with reading(engine) as connection:
        assert differences(connection) == []
        query = sa.select(tally.c.series, sa.func.sum(tally.c.counting)).where(
            tally.c.unit_role == "receiving"
        )
        return {name: int(n) for name, n in connection.execute(query.group_by(tally.c.series))}


def marks(engine):
    return sorted((row.counter, row.code) for row in rows(engine, device_mark))


def flags(engine):
    with reading(engine) as connection:
        return seen(connection, at=now_milliseconds())[0].flags


def code_of(answer):
    assert answer.mimetype == "application/problem+json"
    assert int(answer.headers["Server-Time"])
    return answer.status_code, answer.json["code"]


def test_a_signed_rating_is_counted_with_its_receipt(hcmc):
    device = enrolled(hcmc)
    item = device.item()
    answer = device.send([item])
    assert answer.json["outcomes"] == [
        {"counter": 1, "id": item["body"]["id"], "status": "accepted", "code": "", "detail": ""}
    ]
    assert answer.json["counters"] == {"through": 1, "highest": 1, "missing": []}
    assert abs(answer.json["server_time"] - now_milliseconds()) < 60_000
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}
    assert len(rows(hcmc, receipt)) == 1


def test_what_is_kept_lets_an_inspector_check_the_signature_again(hcmc):
    device = enrolled(hcmc)
    item = device.item()
    device.send([item])
    (row,) = rows(hcmc, device_item)
    assert bytes(row.digest) == hashlib.sha256(device.signed(item)).digest()
    assert base64url(bytes(row.signature)) == item["signature"]


@pytest.mark.parametrize(("kind", "holder"), [("kiosk", "citizen"), ("tablet", "staff")])
def test_the_holder_follows_from_the_kind_and_from_nothing_else(hcmc, kind, holder):
    device = enrolled(hcmc, kind)
    other = {"citizen": "staff", "staff": "citizen"}[holder]
    assert device.outcomes([device.item(device.body(holder=other))]) == ["rejected:holder"]
    assert device.outcomes([device.item()]) == ["accepted"]
    assert series(hcmc) == {f"own/{kind}/{holder}/open": 1}


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


def test_the_same_item_again_is_already_there(hcmc):
    device = enrolled(hcmc)
    item = device.item()
    assert device.outcomes([item, item]) == ["accepted", "already"]
    assert device.outcomes([item]) == ["already"]
    batch = device.envelope([item])
    path = f"/api/v1/devices/{device.id}/batches"
    assert [device.post(path, batch).status_code for _ in range(2)] == [200, 200]
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}


def test_an_old_message_sent_once_more_does_not_speak_for_the_device(hcmc):
    device = enrolled(hcmc)
    path = f"/api/v1/devices/{device.id}/batches"
    old = device.envelope([], sent_at=now_milliseconds() - 90_000, queue=7)
    device.post(path, old)
    device.send([], queue=1)
    device.post(path, old)
    with reading(hcmc) as connection:
        assert fleet.find(connection, device.id).queue == 1


def test_what_was_undone_keeps_its_counter_and_no_answer(hcmc):
    device = enrolled(hcmc)
    items = [device.item(), device.undone(), device.item()]
    answer = device.send(items)
    assert [each["code"] for each in answer.json["outcomes"]] == ["", "undone", ""]
    assert answer.json["counters"] == {"through": 3, "highest": 3, "missing": []}
    assert device.outcomes(items) == ["already"] * 3
    assert series(hcmc) == {"own/kiosk/citizen/open": 2}


def test_a_gap_is_shown_until_it_is_filled(hcmc):
    device = enrolled(hcmc)
    items = [device.item() for _ in range(6)]
    answer = device.send([items[5], items[0], items[2]])
    assert answer.json["counters"] == {"through": 1, "highest": 6, "missing": [[2, 2], [4, 5]]}
    assert "gap" in flags(hcmc)
    answer = device.send([items[4], items[1], items[3]])
    assert answer.json["counters"] == {"through": 6, "highest": 6, "missing": []}
    assert "gap" not in flags(hcmc)


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


def test_a_moved_device_leaves_its_old_ratings_where_they_were(hcmc):
    device = enrolled(hcmc)
    old_place = device.standing["point"]
    new_place = points_in_force(hcmc)[1]
    now = int(time.time())
    with writing(hcmc) as connection:
        fleet.change(connection, device.id, enrolled_at=(now - 3 * DAY) * 1000)
        moved_at = (now + DAY) * 1000
        fleet.move(connection, register_of(hcmc), device.id, new_place, at=moved_at)
    before = device.item()
    assert device.outcomes([before]) == ["accepted"]
    (row,) = rows(hcmc, response)
    assert row.point == old_place
    with reading(hcmc) as connection:
        places = fleet.placements(connection, device.id)
        assert fleet.place_at(places, moved_at - 1) == old_place
        assert fleet.place_at(places, moved_at) == new_place
    # two days on, the device still seals the old point
    late = device.item(device.body(answered_at=now + 2 * DAY))
    assert device.outcomes([late], sent_at=now_milliseconds()) == ["accepted"]
    assert (2, "clock_bounds") in marks(hcmc)


def test_a_point_that_the_history_does_not_know_is_set_aside_and_can_be_released(hcmc):
    device = enrolled(hcmc)
    register, elsewhere = register_of(hcmc), points_in_force(hcmc)[1]
    place = {"point": elsewhere, "receiving_unit": register.points[elsewhere].unit}
    answer = device.send([device.item(device.body(**place))])
    assert answer.json["outcomes"][0]["code"] == "point_differs"
    assert answer.json["outcomes"][0]["detail"] == device.point
    (aside,) = rows(hcmc, set_aside)
    with writing(hcmc) as connection:
        decide(connection, register, aside.id, "released", "Moved", "an", now_milliseconds())
    assert series(hcmc) == {"own/kiosk/citizen/open": 1}


@pytest.mark.parametrize("wrong", [-365 * DAY, -40 * DAY, 40 * DAY, 365 * DAY])
def test_a_clock_that_is_wrong_is_corrected_and_named(hcmc, wrong):
    device = enrolled(hcmc)
    now = int(time.time())
    item = device.item(device.body(answered_at=now + wrong))
    answer = device.send([item], sent_at=(now + wrong) * 1000)
    assert [each["status"] for each in answer.json["outcomes"]] == ["accepted"]
    assert abs(answer.json["clock_offset"] + wrong * 1000) < 60_000
    (row,) = rows(hcmc, response)
    register = register_of(hcmc)
    assert row.counted_on == dt.datetime.fromtimestamp(now, register.city.zone).date()
    assert row.answered_at == now + wrong  # what was sealed stays
    assert marks(hcmc) == [(1, "clock_off")]
    assert "clock_off" in flags(hcmc)


def test_ratings_in_haste_are_marked_and_counted(hcmc):
    device = enrolled(hcmc)
    now = int(time.time())
    at = [now - 600, now - 595, now - 400, now - 390, now - 300]
    items = [device.item(device.body(answered_at=each)) for each in at]
    device.outcomes([items[0], items[2], items[4]])
    device.outcomes([items[1], items[3]])  # in another batch, later
    hasty = [counter for counter, code in marks(hcmc) if code == "cool_down"]
    assert hasty == [2, 4]
    assert series(hcmc) == {"own/kiosk/citizen/open": 5}


def test_what_a_citizen_types_is_committed_to_and_kept_apart(hcmc):
    device = enrolled(hcmc)
    register = register_of(hcmc)
    code, salt = register.city.dossier_example, os.urandom(16)
    body = device.body(assurance="claimed", comment=digest(salt, "Rất tốt"))
    typed = {
        "comment": "Rất tốt",
        "comment_salt": base64url(salt),
        "dossier": digest(salt, code),
        "dossier_code": code,
        "dossier_salt": base64url(salt),
    }
    assert device.outcomes([device.item(body, **typed)]) == ["accepted"]
    assert [row.text for row in rows(hcmc, comment)] == ["Rất tốt"]
    (row,) = rows(hcmc, response)
    assert bytes(row.dossier).hex() == dossier_hash(code, b"y" * 32)
    for change, problem in (
        ({"comment": "Rất tệ"}, "comment"),
        ({"comment": ""}, "comment"),
        ({"comment": "x" * 2001}, "comment"),
        ({"comment_salt": "AA"}, "comment"),
        ({"dossier_code": "not one"}, "dossier_code"),
        ({"dossier_salt": "AA"}, "dossier_code"),
        ({"dossier": "zz"}, "dossier_code"),
        ({"dossier_code": ""}, "assurance"),
    ):
        item = device.item(body | {"id": str(uuid.uuid4())}, **typed | change)
        assert device.outcomes([item]) == [f"rejected:{problem}"], change
    kept = " ".join(row.document for row in rows(hcmc, device_rejected))
    assert "Rất" not in kept
    assert code not in kept


def digest(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


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


def test_points_and_questionnaires_are_open_to_read(hcmc):
    device = enrolled(hcmc)
    paper = device.client.get(f"/api/v1/points/{device.point}").json
    assert paper["unit"] == device.standing["receiving_unit"]
    assert "HTICH" in [field["code"] for field in paper["fields"]]
    answer = device.client.get(f"/api/v1/questionnaires/{paper['questionnaire']}")
    assert answer.json["texts"]["vi"]["questions"][0]["id"] == OVERALL
    assert code_of(device.client.get("/api/v1/points/NONE")) == (404, "point_unknown")
    unknown = device.client.get("/api/v1/questionnaires/0")
    assert code_of(unknown) == (404, "questionnaire_unknown")


def test_the_description_names_every_address_and_every_reference_is_there(hcmc):
    client = client_of(hcmc)
    said = client.get("/api/v1/openapi.json").json
    assert said["openapi"].startswith("3.1")
    rules = {
        rule.rule.replace("<uuid:device>", "{device}").replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "sync.openapi"
    }
    assert rules == set(said["paths"])
    text = canonical(said).decode()
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(said["components"]["schemas"])
    assert jwk(new_key()).keys() == said["components"]["schemas"]["Key"]["properties"].keys()
