"""Devices at the machine's door: the whole path, places, clocks, and what is typed."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
import uuid

import pytest

from scripts.example_device import base64url, canonical, jwk, new_key
from survey.db import reading, writing
from survey.devices import fleet
from survey.devices.tables import device_item, device_rejected
from survey.intake.accept import now_milliseconds
from survey.intake.aside import decide
from survey.ledger.tables import comment, receipt, response, set_aside
from survey.terms.dossier import dossier_hash
from tests.fixtures.builders import OVERALL
from tests.fixtures.city import register_of
from tests.fixtures.devices import (
    client_of,
    enrolled,
    points_in_force,
)
from tests.intake.sync_case import code_of, digest, flags, marks, rows, series

DAY = 24 * 3600


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


def test_a_moved_device_leaves_its_old_ratings_where_they_were(hcmc):
    device, now = enrolled(hcmc, days=5), int(time.time())
    register, (here, there) = register_of(hcmc), points_in_force(hcmc)[:2]
    with writing(hcmc) as connection:
        fleet.move(connection, register, device.id, there, at=(now - 2 * DAY) * 1000)
    moved = {"point": there, "receiving_unit": register.points[there].unit}
    old_place = {"point": here, "receiving_unit": register.points[here].unit}
    items = [
        device.item(device.body(**place, answered_at=int(now - days * DAY)))
        for place, days in ((old_place, 3), (moved, 1.5), (old_place, 1), (moved, 4))
    ]
    assert device.outcomes(items) == [
        "accepted",
        "accepted",
        "set_aside:point_differs",
        "set_aside:point_differs",
    ]
    assert sorted(row.point for row in rows(hcmc, response)) == sorted([here, there])
    assert marks(hcmc) == [(4, "clock_back")]


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
    (timed,) = rows(hcmc, device_item)
    assert now - 60 <= timed.corrected_at <= timed.received_at // 1000
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
