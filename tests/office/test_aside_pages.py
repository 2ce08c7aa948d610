"""Pages of what was set aside: own units, no answer and no text, a decision that stays."""

from __future__ import annotations

import uuid

import msgspec

from survey.db import writing
from survey.ledger.book import append_batch, append_set_aside
from survey.ledger.tables import response, set_aside, set_aside_decision
from survey.terms.canonical import canonical_json, commitment
from tests.fixtures.builders import WARD, WARD_B, batch_row
from tests.office.conftest import ADMIN, AGENCY, INSPECTOR

PATH = "/quan-tri/de-rieng"


def item_of(office, unit):
    """Return the id of the item that a unit has there."""
    with writing(office.engine) as connection:
        for row in connection.execute(set_aside.select()):
            if f'"receiving_unit":"{unit}"' in row.body:
                return row.id
    raise AssertionError(unit)


def row_aside(office):
    """Set a row of a file aside, as an import does; return the item's id."""
    batch, item = uuid.uuid4(), uuid.uuid4()
    blame = {"code": "unit_unknown", "column": "Đơn vị", "value": "Phường <X>", "detail": ""}
    cells = {"receiving_unit": f'","receiving_unit":"{WARD}', "Mức": "1"}
    body = canonical_json({"row": 7, "faults": [blame], "cells": cells})
    row = {
        "id": item,
        "item": item,
        "digest": commitment(b"", body),
        "kind": "row",
        "code": "unit_unknown",
        "detail": "Phường <X>",
        "body": body.decode(),
        "received_at": 1,
        "batch": batch,
    }
    with writing(office.engine) as connection:
        append_batch(connection, batch_row(batch))
        append_set_aside(connection, [row])
    return item


def test_each_sees_the_items_of_the_own_units(busy):
    own, foreign, row = item_of(busy, WARD), item_of(busy, WARD_B), row_aside(busy)
    page = busy.sign_in(AGENCY, WARD).get(PATH).text
    assert str(own) in page
    assert str(foreign) not in page
    assert str(row) not in page
    city = busy.sign_in(INSPECTOR).get(PATH).text
    assert all(str(each) in city for each in (own, foreign, row))
    agency = busy.sign_in(AGENCY, WARD)
    assert agency.get(f"{PATH}/{own}").status_code == 200
    assert agency.get(f"{PATH}/{foreign}").status_code == 403
    assert agency.get(f"{PATH}/{row}").status_code == 403
    assert agency.get(f"{PATH}/{uuid.uuid4()}").status_code == 404


def test_neither_answer_nor_text_shows(busy):
    page = busy.sign_in(ADMIN).get(f"{PATH}/{item_of(busy, WARD)}").text
    assert "Mẫu phiếu này chưa có trong hệ thống" in page
    assert "Chữ của mục để riêng" not in page
    assert "one-stop.overall" not in page
    row = busy.sign_in(ADMIN).get(f"{PATH}/{row_aside(busy)}").text
    assert "Phường &lt;X&gt;" in row
    assert "test.csv, dòng 7" in row


def test_a_foreign_body_with_nul_breaks_no_list(office):
    first = office.rating(5, unit=WARD)
    other = msgspec.structs.replace(first.body, field="\0", language="\0")
    assert office.bring(first) == ["accepted"]
    assert office.bring(type(first)(other)) == ["set_aside:body_differs"]
    agency = office.sign_in(AGENCY, WARD)
    assert "nội dung khác" in agency.get(PATH).text
    assert agency.get(f"{PATH}/{item_of(office, WARD)}").status_code == 200


def test_an_item_is_closed_with_a_reason_and_noted(busy):
    item = item_of(busy, WARD)
    admin = busy.sign_in(ADMIN, name="quan")
    path = f"{PATH}/{item}"
    assert busy.send(admin, path, decision="closed", reason="").status_code == 400
    assert busy.send(admin, path, decision="both", reason="Thử thiết bị").status_code == 400
    answer = busy.send(admin, path, decision="closed", reason="Thử thiết bị")
    assert answer.status_code == 303
    assert "Đã đóng lại." in admin.get(answer.headers["Location"]).text
    noted = busy.deeds("set_aside.close")[0]
    assert (noted.account, noted.unit, noted.subject) == ("quan", WARD, str(item))
    assert str(item) in admin.get(PATH, query_string={"xem": "xong"}).text
    assert str(item) not in admin.get(PATH).text
    again = busy.send(admin, path, decision="released", reason="Thử thiết bị")
    assert again.status_code == 409
    assert "đã có quyết định" in again.text


def test_what_can_count_is_released_and_what_cannot_is_explained(office):
    ahead = office.rating(5, unit=WARD)
    ahead = type(ahead)(msgspec.structs.replace(ahead.body, answered_at=ahead.body.answered_at))
    day = (ahead.body.answered_at - 3 * 86_400) * 1000
    assert office.bring(ahead, at=day) == ["set_aside:time_future"]  # received three days ago
    admin = office.sign_in(ADMIN)
    path = f"{PATH}/{item_of(office, WARD)}"
    assert office.send(admin, path, decision="released", reason="Đồng hồ sai").status_code == 303
    assert office.one(response, id=ahead.body.id) is not None
    assert len(office.deeds("set_aside.release")) == 1
    office.bring(office.rating(1, unit=WARD_B, questionnaire="0" * 64))
    refused = office.send(
        admin, f"{PATH}/{item_of(office, WARD_B)}", decision="released", reason="Xem lại"
    )
    assert refused.status_code == 409
    assert "vẫn chưa tính được" in refused.text
    assert len(office.deeds("set_aside.release")) == 1


def test_only_administrators_decide(busy):
    item = item_of(busy, WARD)
    for role, unit in ((AGENCY, WARD), (INSPECTOR, None)):
        client = busy.sign_in(role, unit)
        assert "Đưa vào tính" not in client.get(f"{PATH}/{item}").text
        answer = busy.send(client, f"{PATH}/{item}", decision="closed", reason="Thử thiết bị")
        assert answer.status_code == 403
    assert busy.one(set_aside_decision) is None


def test_a_row_of_a_file_is_closed_but_never_released(office):
    item = row_aside(office)
    admin = office.sign_in(ADMIN)
    path = f"{PATH}/{item}"
    assert "Đưa vào tính" not in admin.get(path).text
    refused = office.send(admin, path, decision="released", reason="Xem lại")
    assert refused.status_code == 409
    assert office.send(admin, path, decision="closed", reason="Xem lại").status_code == 303
