"""The one door: what is accepted, known, set aside or rejected, and that it happens once."""

from __future__ import annotations

import os
import uuid

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.db import reading, writing
from survey.intake.accept import Rating, foresee
from survey.ledger.book import append_batch, comment_commitment
from survey.ledger.tables import comment, metadata, receipt, response, set_aside
from survey.tally.recount import differences, kept
from survey.terms.receipt import receipt_code
from tests.fixtures.builders import (
    OFFICIAL,
    OVERALL,
    WARD,
    batch_row,
    body,
    bring,
    dossiers,
    milliseconds,
    rating,
    ratings,
    replaced,
    statuses,
    totals,
)
from tests.fixtures.city import register_of

NUL = "\0"


def count(engine, table):
    with reading(engine) as connection:
        assert differences(connection) == []
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_the_same_body_is_known_and_another_is_set_aside_once(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5)
    other = replaced(item, answers={OVERALL: (1,)})
    assert statuses(bring(hcmc, register, [item])) == ["accepted"]
    assert statuses(bring(hcmc, register, [item], on="2026-11-01")) == ["already"]
    for _ in range(2):
        assert statuses(bring(hcmc, register, [other])) == ["set_aside:body_differs"]
    assert (count(hcmc, response), count(hcmc, set_aside)) == (1, 1)
    with reading(hcmc) as connection:
        stored = connection.execute(sa.select(set_aside)).one()
    assert stored.item == item.body.id
    assert msgspec.json.decode(stored.body)["answers"] == {OVERALL: [1]}


def test_every_member_of_the_body_is_compared(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5)
    others = {
        "field": "DD",
        "occasion": "return",
        "language": "en",
        "answered_at": item.body.answered_at + 1,
        "dossier": "0" * 64,
    }
    bring(hcmc, register, [item])
    items = [replaced(item, **{member: value}) for member, value in others.items()]
    assert statuses(bring(hcmc, register, items)) == ["set_aside:body_differs"] * len(items)


def test_duplicates_inside_a_batch(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5)
    other = replaced(item, answers={OVERALL: (1,)})
    total, dossier = totals({5: 2}), dossiers(resolved=3)
    found = bring(hcmc, register, [item, total, other, dossier, item, total, dossier])
    assert statuses(found) == [
        "accepted",
        "accepted",
        "set_aside:body_differs",
        "accepted",
        "already",
        "already",
        "already",
    ]
    assert count(hcmc, response) == 1


def test_totals_and_dossiers_are_known_again(hcmc):
    register = register_of(hcmc)
    total, dossier = totals({5: 2}), dossiers(resolved=3)
    others = [
        msgspec.structs.replace(total, counts={"5": 3}),
        msgspec.structs.replace(dossier, resolved=4),
    ]
    bring(hcmc, register, [total, dossier])
    assert statuses(bring(hcmc, register, [total, dossier])) == ["already", "already"]
    assert statuses(bring(hcmc, register, others)) == ["rejected:body_differs"] * 2


RATINGS = [
    ({"questionnaire": "0" * 64}, "set_aside:questionnaire_unknown"),
    ({"receiving_unit": "nowhere"}, "set_aside:unit_unknown"),
    ({"resolving_unit": "760A"}, "set_aside:unit_unknown"),
    ({"receiving_unit": "unknown"}, "accepted"),
    ({"field": "nothing"}, "set_aside:field_unknown"),
    ({"field": "unclassified"}, "accepted"),
    ({"answered_at": milliseconds("2026-10-03") // 1000}, "set_aside:time_future"),
    ({"answered_at": 2**60}, "rejected:answered_at"),
    ({"answered_at": -(2**60)}, "rejected:answered_at"),
    ({"service_on": "2026-10-04"}, "set_aside:time_future"),
    ({"service_on": "2026-9-1"}, "rejected:service_on"),
    ({"answers": {OVERALL: (9,)}}, "rejected:answer_unknown"),
    ({"answers": {OVERALL: (4, 5)}}, "rejected:answer_many"),
    ({"answers": {}}, "rejected:answer_missing"),
    ({"answers": {OVERALL: (5,), "one-stop.reasons/1": ()}}, "rejected:malformed"),
    ({"answers": {OVERALL: (5,), "nothing/1": (5,)}}, "rejected:question_unknown"),
    ({"source": "gossip"}, "rejected:source"),
    ({"channel": "phone/citizen"}, "rejected:channel"),
    ({"assurance": "sworn"}, "rejected:assurance"),
    ({"dossier": "zz"}, "rejected:malformed"),
    ({"dossier": "A" * 64}, "rejected:malformed"),
    ({"comment": "no hash"}, "rejected:malformed"),
    ({"point": NUL}, "rejected:malformed"),
    ({"receiving_unit": NUL}, "rejected:malformed"),
    ({"field": "x" * 1000}, "rejected:malformed"),
]


def test_what_becomes_of_a_rating(hcmc):
    register = register_of(hcmc)
    items = [rating(register, 5, **changes) for changes, _ in RATINGS]
    expected = [outcome for _, outcome in RATINGS]
    assert statuses(bring(hcmc, register, items)) == expected
    assert count(hcmc, response) == expected.count("accepted")
    assert count(hcmc, set_aside) == sum(each.startswith("set_aside") for each in expected)


DAYS = [
    ("2025-06-30", "accepted"),
    ("2025-09-28", "accepted"),
    ("2025-09-29", "set_aside:questionnaire_retired"),
    ("2020-12-31", "set_aside:unit_unknown"),
]


def test_a_retired_version_counts_for_ninety_days_more(hcmc):
    register = register_of(hcmc)
    items = []
    for day, _ in DAYS:
        unit = WARD if day > "2025-06-30" else "26740A"
        units = {"receiving_unit": unit, "resolving_unit": unit}
        items.append(rating(register, 5, day=day, questionnaire_id="one-stop/1", **units))
    assert statuses(bring(hcmc, register, items)) == [outcome for _, outcome in DAYS]


def test_a_version_is_not_answered_before_it_was_published(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5, day="2025-06-30", receiving_unit="26740A", resolving_unit="26740A")
    assert statuses(bring(hcmc, register, [item])) == ["set_aside:questionnaire_retired"]


def test_the_day_is_the_citys(hcmc):
    register = register_of(hcmc)
    at = milliseconds("2026-07-31", hour=18) // 1000  # one in the morning of August there
    given_day = rating(register, 5, answered_at=at, service_on="2026-06-30")
    bring(hcmc, register, [rating(register, 5, answered_at=at), given_day])
    with reading(hcmc) as connection:
        found = connection.execute(sa.select(response.c.month, response.c.counted_on)).all()
    assert sorted((row.month, str(row.counted_on)) for row in found) == [
        ("2026-06", "2026-06-30"),
        ("2026-08", "2026-08-01"),
    ]


TOTALS = [
    ({"question": "nothing/1"}, "rejected:question_unknown"),
    ({"unit": "nowhere"}, "rejected:unit_unknown"),
    ({"field": "nothing"}, "rejected:field_unknown"),
    ({"month": "2026-Q3"}, "rejected:period"),
    ({"month": "yesterday"}, "rejected:period"),
    ({"unit_role": "any"}, "rejected:unit_role"),
    ({"source": "gossip"}, "rejected:source"),
    ({"counts": {"9": 1}}, "rejected:answer_unknown"),
    ({"counts": {"5": -1}}, "rejected:count"),
    ({"counts": {"05": 1}}, "rejected:answer_unknown"),
    ({"field": "unclassified", "unit": "unknown"}, "accepted"),
]


def test_what_becomes_of_a_total(hcmc):
    register = register_of(hcmc)
    items = [msgspec.structs.replace(totals({5: 1}), **changes) for changes, _ in TOTALS]
    assert statuses(bring(hcmc, register, items)) == [outcome for _, outcome in TOTALS]


DOSSIERS = [
    ({"resolved": 10, "early": 1, "on_time": 1, "late": 1}, "accepted"),
    ({"resolved": -1}, "rejected:count"),
    ({"month": "2026"}, "rejected:period"),
    ({"unit": "nowhere"}, "rejected:unit_unknown"),
    ({"source": NUL}, "rejected:source"),
    ({}, "accepted"),
]


def test_what_becomes_of_a_dossier_count(hcmc):
    register = register_of(hcmc)
    items = [dossiers(**changes) for changes, _ in DOSSIERS]
    assert statuses(bring(hcmc, register, items)) == [outcome for _, outcome in DOSSIERS]


def test_a_comment_must_be_the_one_that_was_committed_to(hcmc):
    register = register_of(hcmc)
    salt = os.urandom(16)
    text = "Cán bộ hướng dẫn tận tình 🙂"
    sealed = body(register, 5, comment=comment_commitment(salt, text))
    assert statuses(bring(hcmc, register, [Rating(sealed, text + "!", salt)])) == [
        "rejected:comment"
    ]
    assert statuses(bring(hcmc, register, [Rating(sealed, text, salt)])) == ["accepted"]
    bad = NUL + text
    other = body(register, 5, comment=comment_commitment(salt, bad))
    assert statuses(bring(hcmc, register, [Rating(other, bad, salt)])) == ["rejected:comment"]
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(comment.c.text)).scalar_one() == text


def test_only_what_was_given_here_has_a_receipt(hcmc):
    register = register_of(hcmc)
    own, imported = rating(register, 5), rating(register, 5, **OFFICIAL)
    bring(hcmc, register, [own, imported])
    with reading(hcmc) as connection:
        found = connection.execute(sa.select(receipt)).one()
    assert found == (receipt_code(own.body.id), own.body.id)


def test_a_reason_for_the_inspector_is_marked(hcmc):
    register = register_of(hcmc)
    reasons = next(
        question
        for question in register.questionnaire_by_id("one-stop/2").questionnaire.questions
        if question.role == "reason"
    )
    alert = next(option.value for option in reasons.scale.options if option.alert)
    plain = next(option.value for option in reasons.scale.options if not option.alert)
    items = [
        rating(register, 1, answers={OVERALL: (1,), reasons.id: (value,)})
        for value in (alert, plain)
    ]
    bring(hcmc, register, items)
    with reading(hcmc) as connection:
        found = {row.id: row.alert for row in connection.execute(sa.select(response))}
    assert found == {items[0].body.id: True, items[1].body.id: False}


def test_a_batch_that_fails_writes_nothing(hcmc):
    register = register_of(hcmc)
    unknown = uuid.uuid4()
    with pytest.raises(sa.exc.IntegrityError):
        bring(hcmc, register, [rating(register, 5)], batch=unknown)
    assert count(hcmc, response) == 0
    with writing(hcmc) as connection:
        append_batch(connection, batch_row(unknown))
    assert statuses(bring(hcmc, register, [rating(register, 5)], batch=unknown)) == ["accepted"]


def test_a_look_ahead_says_what_accept_says_and_writes_nothing(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5, **OFFICIAL)
    items = [
        item,
        replaced(item, answers={OVERALL: (1,)}),
        item,
        rating(register, 5, field="nothing"),
        totals({5: 2}, source="national_portal"),
        dossiers(resolved=2),
    ]
    with reading(hcmc) as connection:
        seen = foresee(connection, register, items, received_at=milliseconds("2026-10-01"))
    assert count(hcmc, response) == count(hcmc, metadata.tables["delivery"]) == 0
    assert seen == bring(hcmc, register, items)


texts = st.text(max_size=8) | st.sampled_from([WARD, "HTICH", "unclassified", "unknown"])
strange = st.fixed_dictionaries(
    {},
    optional={
        "questionnaire": texts,
        "receiving_unit": texts,
        "resolving_unit": texts,
        "field": texts,
        "point": texts,
        "source": texts,
        "channel": texts,
        "occasion": texts,
        "language": texts,
        "answered_at": st.integers(-(2**70), 2**62),
        "service_on": texts | st.dates().map(str),
        "dossier": texts | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        "comment": texts,
        "answers": st.dictionaries(
            st.sampled_from([OVERALL, "one-stop.reasons/1", "x"]),
            st.lists(st.integers(-1, 30), max_size=3).map(tuple),
            max_size=3,
        ),
    },
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(strange, min_size=1, max_size=5))
def test_no_body_breaks_the_door(hcmc, changes):
    register = register_of(hcmc)
    items = [rating(register, 5, **each) for each in changes]
    first = bring(hcmc, register, items)
    again = bring(hcmc, register, items)
    for one, two in zip(first, again, strict=True):
        assert two.status == {"accepted": "already"}.get(one.status, one.status)


def test_many_items_keep_their_places(hcmc):
    register = register_of(hcmc)
    items = [*ratings(register, {5: 3}), totals({5: 1}), rating(register, 9), dossiers()]
    assert statuses(bring(hcmc, register, items)) == [
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "rejected:answer_unknown",
        "accepted",
    ]
    with reading(hcmc) as connection:
        assert sum(sum(counts) for counts in kept(connection).values()) == 3 * 2 + 1
