"""Items set aside are decided on once; a released one counts through the one door."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.intake.accept import Rating
from survey.intake.aside import AsideError, decide
from survey.ledger.book import append_batch, comment_commitment
from survey.ledger.erasure import erase_comment
from survey.ledger.tables import (
    comment,
    response,
    set_aside,
    set_aside_comment,
    set_aside_decision,
)
from survey.tally.recount import differences
from survey.terms.receipt import receipt_code
from tests.fixtures.builders import (
    WARD,
    batch_row,
    body,
    bring,
    milliseconds,
    rating,
    replaced,
    statuses,
    void,
)
from tests.fixtures.city import register_of

SALT = b"s" * 16
AT = milliseconds("2026-10-05")


def said(register, text="Phải chờ lâu", **changes):
    return Rating(body(register, comment=comment_commitment(SALT, text), **changes), text, SALT)


def put_aside(engine, register, item, on="2026-10-01", **changes):
    """Bring in an item that is set aside; return the id of its row."""
    assert statuses(bring(engine, register, [item], on=on, **changes))[0].startswith("set_aside")
    with reading(engine) as connection:
        query = sa.select(set_aside.c.id).where(set_aside.c.item == item.body.id)
        return connection.execute(query).scalar_one()


def settle(engine, register, item, decision="released", reason="Đã xem", by="an"):
    with writing(engine) as connection:
        decide(connection, register, item, decision, reason, by, AT)


def refusal(engine, register, item, decision="released", **changes):
    with pytest.raises(AsideError) as found:
        settle(engine, register, item, decision, **changes)
    return found.value.code


def count(engine, table):
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_what_may_count_by_now_is_released_and_counts(hcmc):
    register = register_of(hcmc)
    item = said(register, day="2026-10-04")  # from a device whose clock was ahead
    aside = put_aside(hcmc, register, item)
    settle(hcmc, register, aside)
    with reading(hcmc) as connection:
        row = connection.execute(sa.select(response)).one()
        text = connection.execute(sa.select(comment.c.text)).scalar_one()
        decision = connection.execute(sa.select(set_aside_decision)).one()
        assert not list(differences(connection))
    assert (row.id, row.received_at, row.month) == (item.body.id, AT, "2026-10")
    assert text == item.comment
    assert (decision.decision, decision.reason, decision.decided_by) == ("released", "Đã xem", "an")


def test_what_still_cannot_count_is_not_released_and_stays_open(hcmc):
    register = register_of(hcmc)
    aside = put_aside(hcmc, register, rating(register, receiving_unit="nowhere"))
    with pytest.raises(AsideError) as found:
        settle(hcmc, register, aside)
    assert (found.value.code, found.value.why) == ("not_acceptable", "unit_unknown")
    assert (count(hcmc, response), count(hcmc, set_aside_decision)) == (0, 0)
    settle(hcmc, register, aside, "closed")
    assert (count(hcmc, response), count(hcmc, set_aside_decision)) == (0, 1)


def test_another_body_of_a_known_id_never_replaces_the_first(hcmc):
    register = register_of(hcmc)
    first = rating(register, 1)
    bring(hcmc, register, [first])
    aside = put_aside(hcmc, register, replaced(first, answers={"one-stop.overall/1": (5,)}))
    assert refusal(hcmc, register, aside) == "not_acceptable"
    with reading(hcmc) as connection:
        assert not list(differences(connection))


def test_an_item_is_decided_on_once(hcmc):
    register = register_of(hcmc)
    aside = put_aside(hcmc, register, rating(register, day="2026-10-04"))
    settle(hcmc, register, aside, "closed")
    assert refusal(hcmc, register, aside) == "decided"
    assert refusal(hcmc, register, aside, "closed") == "decided"
    assert refusal(hcmc, register, uuid.uuid4()) == "unknown"
    assert count(hcmc, response) == 0


def test_a_decision_has_a_reason(hcmc):
    register = register_of(hcmc)
    aside = put_aside(hcmc, register, rating(register, day="2026-10-04"))
    assert refusal(hcmc, register, aside, reason=" \n") == "reason_missing"


def test_what_a_voided_import_brought_stays_out(hcmc):
    register = register_of(hcmc)
    batch = uuid.uuid4()
    with writing(hcmc) as connection:
        append_batch(connection, batch_row(batch))
    aside = put_aside(hcmc, register, rating(register, day="2026-10-04"), batch=batch)
    void(hcmc, "batch", batch)
    assert refusal(hcmc, register, aside) == "batch_voided"


def test_a_comment_is_erased_by_its_receipt_code_and_the_rating_stays(hcmc):
    register = register_of(hcmc)
    kept, gone = said(register, "Giữ"), said(register, "Xóa", receiving_unit=WARD)
    other = Rating(
        body(register, 1, id=gone.body.id, comment=comment_commitment(SALT, "Gửi lại")),
        "Gửi lại",
        SALT,
    )
    bring(hcmc, register, [kept, gone])
    aside = put_aside(hcmc, register, other)
    with writing(hcmc) as connection:
        assert erase_comment(connection, receipt_code(gone.body.id)) == 2
        assert erase_comment(connection, receipt_code(gone.body.id)) == 0
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(comment.c.text)).scalars().all() == ["Giữ"]
        assert not list(differences(connection))
    assert (count(hcmc, response), count(hcmc, set_aside_comment)) == (2, 0)
    assert aside is not None


def test_an_item_whose_comment_was_erased_can_still_be_released(hcmc):
    register = register_of(hcmc)
    item = said(register, day="2026-10-04")
    aside = put_aside(hcmc, register, item)
    with writing(hcmc) as connection:
        assert erase_comment(connection, receipt_code(item.body.id)) == 1
    settle(hcmc, register, aside)
    assert (count(hcmc, response), count(hcmc, comment)) == (1, 0)
