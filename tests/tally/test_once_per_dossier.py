"""Once per dossier, voids, totals: whatever the order, the tally is what the ledger says."""

from __future__ import annotations

import random
import uuid
from collections import Counter

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from survey.db import make_engine, metadata, reading, writing
from survey.intake.void import VoidError, confirm_void, propose_void
from survey.ledger.book import append_batch
from survey.ledger.tables import batch
from survey.tally.recount import differences, kept, rebuild
from survey.tally.tables import standing
from survey.terms.series import OCCASIONS
from tests.fixtures.builders import (
    OFFICIAL,
    OVERALL,
    PHONE,
    WARD,
    WARD_B,
    batch_row,
    bring,
    dossier_of,
    number_id,
    rating,
    ratings,
    replaced,
    statuses,
    totals,
    void,
)
from tests.fixtures.city import register_of

LEDGER = ("response", "answer", "receipt", "counted", "void", "void_proposal", "set_aside", "batch")


def sums(engine, unit=WARD):
    """Return counting, repeats, voided, from totals of a resolving unit's answers by value."""
    found: dict[int, list[int]] = {}
    with reading(engine) as connection:
        assert differences(connection) == []
        for key, counts in kept(connection).items():
            if key[:2] == ("resolving", unit) and key[4] == OVERALL:
                row = found.setdefault(key[7], [0, 0, 0, 0])
                found[key[7]] = [a + b for a, b in zip(row, counts, strict=True)]
    return found


@pytest.fixture
def with_batch(hcmc):
    name = uuid.uuid4()
    with writing(hcmc) as connection:
        append_batch(connection, batch_row(name))
    return name


def test_token_before_vouched_before_claimed_before_staff(hcmc):
    register = register_of(hcmc)
    one = dossier_of(1)
    clerk = {**OFFICIAL, "holder": "staff"}
    order = [
        rating(register, 1, dossier=one, **{**clerk, "assurance": "claimed"}),
        rating(register, 2, dossier=one, **{**PHONE, "assurance": "claimed"}),
        rating(register, 3, dossier=one, **clerk),
        rating(register, 4, dossier=one, **OFFICIAL),
        rating(register, 5, dossier=one, **{**PHONE, "assurance": "token"}),
    ]
    for place, item in enumerate(order):
        bring(hcmc, register, [item], at=place)
        found = sums(hcmc)
        assert [value for value, counts in found.items() if counts[0]] == [place + 1]
        assert sum(counts[1] for counts in found.values()) == place
    for item in reversed(order):
        void(hcmc, "response", item.body.id)
    assert all(counts == [0, 0, 1, 0] for counts in sums(hcmc).values())


def test_the_first_of_equals_counts(hcmc):
    register = register_of(hcmc)
    first, second = (rating(register, value, dossier=dossier_of(1), **OFFICIAL) for value in (1, 5))
    bring(hcmc, register, [second], at=20)
    bring(hcmc, register, [first], at=10)
    assert sums(hcmc) == {1: [1, 0, 0, 0], 5: [0, 1, 0, 0]}


def test_each_occasion_and_question_counts_once(hcmc):
    register = register_of(hcmc)
    items = [
        rating(register, 5, dossier=dossier_of(1), occasion=occasion, **OFFICIAL)
        for occasion in OCCASIONS
    ]
    bring(hcmc, register, items)
    assert sums(hcmc) == {5: [5, 0, 0, 0]}
    more = rating(
        register,
        5,
        dossier=dossier_of(1),
        occasion="receipt",
        answers={OVERALL: (5,), "one-stop.respondent/1": (1,)},
        **OFFICIAL,
    )
    bring(hcmc, register, [more], at=1)
    with reading(hcmc) as connection:
        about = [c for key, c in kept(connection).items() if key[4] == "one-stop.respondent/1"]
    assert about == [(1, 0, 0, 0), (1, 0, 0, 0)]
    assert sums(hcmc) == {5: [5, 1, 0, 0]}


def test_a_rating_without_a_dossier_always_counts(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 4}, **OFFICIAL))
    assert sums(hcmc) == {5: [4, 0, 0, 0]}


def test_the_next_one_counts_after_a_void(hcmc):
    register = register_of(hcmc)
    one = dossier_of(1)
    best = rating(register, 5, dossier=one, **OFFICIAL)
    others = [rating(register, value, dossier=one, **PHONE) for value in (2, 3)]
    bring(hcmc, register, [others[0], best, others[1]])
    void(hcmc, "response", best.body.id)
    found = sums(hcmc)
    assert found[5] == [0, 0, 1, 0]
    assert sorted(found[value][:2] for value in (2, 3)) == [[0, 1], [1, 0]]


def test_nothing_is_voided_twice(hcmc, with_batch):
    register = register_of(hcmc)
    item = rating(register, 5)
    bring(hcmc, register, [item], batch=with_batch)
    with writing(hcmc) as connection:
        early = propose_void(
            connection, "response", item.body.id, reason="x", by="an", unit="A", at=0
        )
    void(hcmc, "batch", with_batch)
    with pytest.raises(VoidError) as found, writing(hcmc) as connection:
        confirm_void(connection, early, by="binh", unit="B", at=1)
    assert found.value.code == "voided"
    with pytest.raises(VoidError) as found, writing(hcmc) as connection:
        propose_void(connection, "batch", with_batch, reason="x", by="an", unit="A", at=1)
    assert found.value.code == "voided"
    assert sums(hcmc) == {5: [0, 0, 1, 0]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": "  "}, "reason_missing"),
        ({"target": uuid.UUID(int=7)}, "target_unknown"),
    ],
)
def test_a_void_names_its_target_and_its_reason(hcmc, change, code):
    register = register_of(hcmc)
    item = rating(register, 5)
    bring(hcmc, register, [item])
    arguments = {"target": item.body.id, "reason": "x"} | change
    with pytest.raises(VoidError) as found, writing(hcmc) as connection:
        propose_void(connection, "response", by="an", unit="A", at=0, **arguments)
    assert found.value.code == code


def test_a_void_needs_a_second_account(hcmc):
    register = register_of(hcmc)
    item = rating(register, 5)
    bring(hcmc, register, [item])
    with writing(hcmc) as connection:
        proposal = propose_void(
            connection, "response", item.body.id, reason="x", by="an", unit="A", at=0
        )
    for name, by, code in (
        (proposal, "an", "same_account"),
        (uuid.UUID(int=3), "binh", "proposal_unknown"),
    ):
        with pytest.raises(VoidError) as found, writing(hcmc) as connection:
            confirm_void(connection, name, by=by, unit="B", at=0)
        assert found.value.code == code
    assert sums(hcmc) == {5: [1, 0, 0, 0]}


def test_a_later_total_supersedes_the_earlier_and_both_stay(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, [totals({5: 10, 1: 2})], at=1)
    bring(hcmc, register, [totals({5: 7, 3: 1})], at=2)
    assert {v: c for v, c in sums(hcmc).items() if any(c)} == {
        5: [0, 0, 0, 7],
        3: [0, 0, 0, 1],
    }
    bring(hcmc, register, [totals({5: 99})], at=0)
    assert sums(hcmc)[5] == [0, 0, 0, 7]
    with reading(hcmc) as connection:
        table = metadata.tables["counted"]
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 3


def test_two_totals_of_one_key_in_one_delivery_count_as_one(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, [totals({5: 10}), totals({5: 30}), totals({5: 20})])
    assert sums(hcmc)[5][3] in (10, 20, 30)


def test_a_voided_import_of_totals_gives_the_earlier_one_back(hcmc, with_batch):
    register = register_of(hcmc)
    bring(hcmc, register, [totals({5: 10})], at=1)
    bring(hcmc, register, [totals({5: 7})], at=2, batch=with_batch)
    void(hcmc, "batch", with_batch)
    assert sums(hcmc) == {5: [0, 0, 0, 10]}


def test_rows_and_totals_of_one_source_and_month_never_stand_side_by_side(hcmc, with_batch):
    register = register_of(hcmc)
    rows = ratings(register, {5: 1}, **OFFICIAL)
    assert statuses(bring(hcmc, register, rows, batch=with_batch)) == ["accepted"]
    total = totals({5: 3})
    assert statuses(bring(hcmc, register, [total])) == ["rejected:rows_exist"]
    assert statuses(bring(hcmc, register, [totals({5: 3}, month="2026-08")])) == ["accepted"]
    void(hcmc, "batch", with_batch)
    assert statuses(bring(hcmc, register, [total])) == ["accepted"]
    again = ratings(register, {5: 1}, **OFFICIAL)
    assert statuses(bring(hcmc, register, again)) == ["set_aside:totals_exist"]
    assert sums(hcmc) == {5: [0, 0, 1, 6]} or sums(hcmc)[5] == [0, 0, 1, 6]


def test_rebuilding_puts_a_wrong_tally_right(hcmc):
    register = register_of(hcmc)
    one = dossier_of(1)
    bring(hcmc, register, ratings(register, {5: 3, 2: 2}, dossier=one, **OFFICIAL))
    bring(hcmc, register, [totals({4: 8}, source="national_portal")])
    tally = metadata.tables["tally"]
    with writing(hcmc) as connection:
        before, held = kept(connection), connection.execute(sa.select(standing)).all()
        connection.execute(sa.update(tally).values(counting=tally.c.counting + 1))
        connection.execute(sa.delete(standing))
        found = differences(connection)
        assert len(found) == len(before)
        assert all(have != want for _, have, want in found)
        assert rebuild(connection) == len(before)
        assert kept(connection) == before
        assert connection.execute(sa.select(standing)).all() == held


# Random schedules. A plan is drawn once and carried out in two different orders.

items_drawn = st.lists(
    st.tuples(
        st.integers(0, 3),  # dossier, 0 is none
        st.sampled_from(["receipt", "return"]),
        st.sampled_from(["claimed", "vouched", "token"]),
        st.sampled_from(["citizen", "staff"]),
        st.integers(1, 5),  # value
        st.integers(0, 2),  # time of receipt
        st.integers(0, 2),  # import, 0 is none
        st.sampled_from(["2026-07-10", "2026-08-10"]),
    ),
    min_size=1,
    max_size=14,
)
totals_drawn = st.lists(
    st.tuples(st.sampled_from([WARD, WARD_B]), st.integers(0, 9), st.integers(0, 2)), max_size=5
)
plans = st.fixed_dictionaries(
    {
        "items": items_drawn,
        "totals": totals_drawn,
        "voids": st.lists(st.integers(0, 20), max_size=4),
        "void_batch": st.sampled_from([0, 0, 1]),
        "seed": st.integers(0, 2**16),
    }
)


@pytest.fixture(scope="module")
def clean_ledger(databases, hcmc_template):
    """One database for all schedules, emptied between them: its triggers are taken off."""
    url = databases.copy(hcmc_template)
    engine = make_engine(url)
    with writing(engine) as connection:
        for name in LEDGER:
            endings = ("append_only",) if databases.kind == "postgresql" else ("no_delete",)
            for ending in endings:
                on = f" ON {name}" if databases.kind == "postgresql" else ""
                connection.execute(sa.text(f"DROP TRIGGER {name}_{ending}{on}"))
    yield engine
    engine.dispose()
    databases.drop(url)


def emptied(engine):
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name in (*LEDGER, "tally", "standing", "delivery"):
                connection.execute(sa.delete(table))
        for number in (1, 2):
            connection.execute(sa.insert(batch), batch_row(number_id(900 + number)))


def carry_out(engine, register, plan, chance):
    """Bring a plan's items in any order and any split, voids in between; return the tally."""
    emptied(engine)
    tasks = []
    for place, drawn in enumerate(plan["items"]):
        dossier, occasion, assurance, holder, value, at, of, day = drawn
        item = rating(
            register,
            value,
            id=number_id(place),
            day=day,
            dossier=dossier_of(dossier) if dossier else "",
            occasion=occasion,
            **OFFICIAL | {"assurance": assurance, "holder": holder},
        )
        tasks.append((item, at, number_id(900 + of) if of else None))
    for place, (unit, count, at) in enumerate(plan["totals"]):
        total = totals({5: count}, id=number_id(500 + place), unit=unit, source="national_portal")
        tasks.append((total, at, None))
    chance.shuffle(tasks)
    voids = {number_id(place) for place in plan["voids"] if place < len(plan["items"])}
    if plan["void_batch"]:
        voids -= {item.body.id for item, _, of in tasks if of == number_id(901)}
    while tasks:
        _, at, of = tasks[0]
        size = chance.randint(1, 4)
        part = [task for task in tasks if task[1:] == (at, of)][:size]
        outcomes = bring(engine, register, [task[0] for task in part], at=at, batch=of)
        assert {each.status for each in outcomes} == {"accepted"}
        tasks = [task for task in tasks if task not in part]
        left = {getattr(task[0], "body", task[0]).id for task in tasks}
        for name in [each for each in sorted(voids) if each not in left]:
            if chance.random() < 0.5 or not tasks:
                void(engine, "response", name)
                voids.discard(name)
        with reading(engine) as connection:
            assert differences(connection) == []
    if plan["void_batch"]:
        void(engine, "batch", number_id(901))
    with reading(engine) as connection:
        assert differences(connection) == []
        return kept(connection)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(plan=plans)
def test_no_schedule_tells_the_tally_from_the_ledger(clean_ledger, plan):
    register = register_of(clean_ledger)
    first = carry_out(clean_ledger, register, plan, random.Random(plan["seed"]))  # noqa: S311
    other = random.Random(plan["seed"] + 1)  # noqa: S311
    assert carry_out(clean_ledger, register, plan, other) == first


def test_the_model_agrees(hcmc):
    """A rule written down again, by hand: counts of one dossier of fifty ratings."""
    register = register_of(hcmc)
    chance = random.Random(4832)  # noqa: S311
    items = []
    for place in range(50):
        series = OFFICIAL | {
            "assurance": chance.choice(["token", "vouched", "claimed"]),
            "holder": chance.choice(["citizen", "staff"]),
        }
        one = rating(register, chance.randint(1, 5), dossier=dossier_of(1), **series)
        items.append(replaced(one, answered_at=one.body.answered_at + place))
    chance.shuffle(items)
    for place, item in enumerate(items):
        bring(hcmc, register, [item], at=place)

    def rank(place):
        body = items[place].body
        return (
            ["token", "vouched", "claimed"].index(body.assurance),
            body.holder != "citizen",
            place,
        )

    best = min(range(50), key=rank)
    expected = Counter()
    for place, item in enumerate(items):
        (value,) = item.body.answers[OVERALL]
        expected[value, place == best] += 1
    found = sums(hcmc)
    for value in range(1, 6):
        assert found[value][:2] == [expected[value, True], expected[value, False]]
    assert msgspec.to_builtins(found)
