"""Voids in the browser: two accounts, two units, a reason; each deed noted."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from survey.db import reading, writing
from survey.ledger.book import append_batch
from survey.ledger.tables import response, void, void_proposal
from survey.tally.recount import differences
from survey.terms.receipt import receipt_code
from tests.fixtures.builders import WARD, WARD_B, batch_row
from tests.office.conftest import ADMIN, AGENCY, ANALYST, INSPECTOR

PATH, NEW, WAITING = "/quan-tri/huy", "/quan-tri/huy/de-nghi", "/quan-tri/huy/cho-xac-nhan"
REASON = "Gửi hai lần"


def rated(office, unit):
    row = office.one(response, receiving_unit=unit)
    assert row is not None
    return row.id


def propose(office, client, target, reason=REASON):
    answer = office.send(client, NEW, target=str(target), reason=reason)
    row = office.one(void_proposal, reason=reason)
    return answer, row.id if row is not None else None


def count(office, table):
    with reading(office.engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_rating_is_voided_by_two_accounts_of_two_units(busy):
    item = rated(busy, WARD)
    own = busy.sign_in(AGENCY, WARD, name="lan")
    answer, proposal = propose(busy, own, receipt_code(item))
    assert answer.status_code == 303
    listed = own.get(answer.headers["Location"]).text
    assert "Đã gửi đề nghị" in listed
    assert REASON in listed
    assert count(busy, void) == 0
    other = busy.sign_in(AGENCY, WARD_B, name="minh")
    assert REASON not in other.get(PATH).text  # not about the own unit
    assert str(proposal) in other.get(WAITING).text
    done = busy.send(other, f"{PATH}/{proposal}/xac-nhan")
    assert done.status_code == 303
    assert "Đã hủy." in other.get(done.headers["Location"]).text
    row = busy.one(void)
    assert (row.target, row.proposed_by, row.confirmed_by) == (item, "lan", "minh")
    with reading(busy.engine) as connection:
        assert not differences(connection)
    assert "đã hủy, minh" in own.get(PATH).text
    assert [each.account for each in busy.deeds("void.propose")] == ["lan"]
    noted = busy.deeds("void.confirm")[0]
    assert (noted.account, noted.unit, noted.subject) == ("minh", WARD, f"response {item}")


def test_neither_the_same_account_nor_the_same_unit_confirms(busy):
    own = busy.sign_in(AGENCY, WARD, name="lan")
    _, proposal = propose(busy, own, rated(busy, WARD))
    for name in ("lan", "hoa"):
        client = busy.sign_in(AGENCY, WARD, name=name)
        assert str(proposal) not in client.get(WAITING).text
        answer = busy.send(client, f"{PATH}/{proposal}/xac-nhan")
        assert answer.status_code == 303
        said = client.get(answer.headers["Location"]).text
        assert "Người đề nghị không thể" in said or "đơn vị khác xác nhận" in said
    assert count(busy, void) == 0
    assert busy.deeds("void.confirm") == []


def test_two_administrators_of_the_city_are_one_unit(busy):
    _, proposal = propose(busy, busy.sign_in(ADMIN, name="an"), rated(busy, WARD))
    busy.send(busy.sign_in(ADMIN, name="em"), f"{PATH}/{proposal}/xac-nhan")
    assert count(busy, void) == 0
    busy.send(busy.sign_in(AGENCY, WARD_B, name="minh"), f"{PATH}/{proposal}/xac-nhan")
    assert count(busy, void) == 1


def test_it_is_voided_once(busy):
    item = rated(busy, WARD)
    admin = busy.sign_in(ADMIN, name="an")
    _, first = propose(busy, admin, item, "Lần thứ nhất")
    _, second = propose(busy, admin, item, "Lần thứ hai")
    other = busy.sign_in(AGENCY, WARD_B, name="minh")
    for proposal in (first, second, first):
        assert busy.send(other, f"{PATH}/{proposal}/xac-nhan").status_code == 303
    assert "đã bị hủy trước đó" in other.get(WAITING).text
    assert count(busy, void) == 1
    again, _ = propose(busy, admin, item, "Lần thứ ba")
    assert again.status_code == 409


def test_foreign_ratings_and_imports_are_not_proposed_by_an_agency(busy):
    batch = uuid.uuid4()
    with writing(busy.engine) as connection:
        append_batch(connection, batch_row(batch))
    own = busy.sign_in(AGENCY, WARD)
    foreign = rated(busy, WARD_B)
    for target in (foreign, receipt_code(foreign), batch):
        assert propose(busy, own, target)[0].status_code == 403
    assert count(busy, void_proposal) == 0
    admin = busy.sign_in(ADMIN)
    assert propose(busy, admin, batch)[0].status_code == 303
    assert "test.csv" in admin.get(PATH).text
    assert "test.csv" not in own.get(PATH).text


def test_wrong_input_is_explained(busy):
    own = busy.sign_in(AGENCY, WARD)
    for target, reason, status in (
        ("x", REASON, 400),
        ("", REASON, 400),
        ("\0" * 13, REASON, 400),
        (str(uuid.uuid4()), REASON, 409),
        ("0" * 13, REASON, 409),
        (str(rated(busy, WARD)), "  ", 400),
        (str(rated(busy, WARD)), "x" * 501, 400),
    ):
        answer = busy.send(own, NEW, target=target, reason=reason)
        assert answer.status_code == status, (target, reason)
        assert "Xin xem lại" in answer.text
    assert count(busy, void_proposal) == 0
    assert busy.send(own, f"{PATH}/{uuid.uuid4()}/xac-nhan").status_code == 404
    assert own.post(NEW, data={"target": "x", "reason": REASON}).status_code == 400


def test_who_may_do_what(busy):
    for role, unit, reads, proposes in (
        (INSPECTOR, None, 200, 403),
        (ANALYST, None, 403, 403),
        (ADMIN, None, 200, 200),
        (AGENCY, WARD, 200, 200),
    ):
        client = busy.sign_in(role, unit)
        assert client.get(PATH).status_code == reads
        assert client.get(NEW).status_code == proposes
        assert client.get(WAITING).status_code == proposes
