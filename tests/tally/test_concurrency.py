"""Many writers at a time: no deadlock, and the tally is what the ledger says."""

from __future__ import annotations

import random
import uuid

from survey.db import reading, standing_still, writing
from survey.ledger.book import append_batch
from survey.tally.recount import differences, kept
from tests.fixtures.builders import (
    OFFICIAL,
    batch_row,
    bring,
    dossier_of,
    number_id,
    rating,
    totals,
    void,
)
from tests.fixtures.city import register_of
from tests.fixtures.crowd import patiently, together


def check(engine):
    with reading(engine) as connection:
        assert differences(connection) == []
        return kept(connection)


def test_threads_that_rate_the_same_dossiers(hcmc):
    register = register_of(hcmc)

    def rate(seed):
        chance = random.Random(seed)  # noqa: S311
        for at in range(10):
            items = [
                rating(
                    register,
                    chance.randint(1, 5),
                    dossier=dossier_of(chance.randint(1, 4)),
                    **OFFICIAL | {"assurance": chance.choice(["token", "vouched", "claimed"])},
                )
                for _ in range(3)
            ]
            patiently(bring, hcmc, register, items, at=at)

    together([lambda seed=seed: rate(seed) for seed in range(4)])
    found = check(hcmc)
    counting = sum(counts[0] for key, counts in found.items() if key[0] == "resolving")
    assert counting == 4
    assert sum(sum(counts) for counts in found.values()) == 2 * 4 * 10 * 3


def test_ratings_of_a_dossier_come_while_others_of_it_are_voided(hcmc):
    register = register_of(hcmc)
    first = [rating(register, 5, dossier=dossier_of(d), **OFFICIAL) for d in range(6) for _ in "ab"]
    bring(hcmc, register, first)

    def rate():
        for at in range(6):
            late = rating(register, 2, dossier=dossier_of(at), **OFFICIAL)
            patiently(bring, hcmc, register, [late], at=at)

    def cancel(items):
        for item in items:
            patiently(void, hcmc, "response", item.body.id)

    together([rate, rate, lambda: cancel(first[::2]), lambda: cancel(first[1::2])])
    found = check(hcmc)
    assert sum(counts[0] for key, counts in found.items() if key[0] == "resolving") == 6
    assert sum(counts[2] for key, counts in found.items() if key[0] == "resolving") == 12


def test_a_batch_is_voided_while_its_ratings_and_others_move(hcmc):
    register = register_of(hcmc)
    name = uuid.uuid4()
    with writing(hcmc) as connection:
        append_batch(connection, batch_row(name))
    items = [rating(register, 4, dossier=dossier_of(d % 3), **OFFICIAL) for d in range(9)]
    bring(hcmc, register, items, batch=name)

    def rate():
        for at in range(8):
            late = rating(register, 2, dossier=dossier_of(at % 3), **OFFICIAL)
            patiently(bring, hcmc, register, [late, rating(register, 3)], at=at)

    together([rate, rate, lambda: patiently(void, hcmc, "batch", name)])
    assert sum(c[2] for key, c in check(hcmc).items() if key[0] == "resolving") == 9


def test_totals_of_one_key_that_come_at_the_same_moment(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, [totals({5: 1})])

    def hand_over(count):
        for at in range(5):
            patiently(bring, hcmc, register, [totals({5: count + at})], at=1 + at)

    together([lambda count=count: hand_over(count) for count in (10, 20, 30, 40)])
    assert [sum(counts) for counts in check(hcmc).values()] in ([14], [24], [34], [44])


def test_rows_and_totals_that_come_at_the_same_moment_never_both_stand(hcmc):
    register = register_of(hcmc)
    for month in range(1, 9):
        day, name = f"2026-{month:02d}-10", f"2026-{month:02d}"
        row = rating(register, 5, day=day, **OFFICIAL)
        total = totals({5: 7}, month=name)
        together(
            [
                lambda row=row: patiently(bring, hcmc, register, [row]),
                lambda total=total: patiently(bring, hcmc, register, [total]),
            ]
        )
        forms = {
            (counts[0] > 0, counts[3] > 0) for key, counts in check(hcmc).items() if key[2] == name
        }
        assert forms in ({(True, False)}, {(False, True)})


def test_the_same_ratings_from_many_writers_are_accepted_once(hcmc):
    register = register_of(hcmc)
    items = [rating(register, 5, id=number_id(n), dossier=dossier_of(n // 2)) for n in range(12)]
    outcomes = []

    def send(seed):
        chance = random.Random(seed)  # noqa: S311
        mine = list(items)
        chance.shuffle(mine)
        for start in range(0, 12, 4):
            outcomes.extend(patiently(bring, hcmc, register, mine[start : start + 4]))

    together([lambda seed=seed: send(seed) for seed in range(5)])
    found = [each.status for each in outcomes]
    assert found.count("accepted") == 12
    assert found.count("already") == 48
    assert sum(sum(counts) for counts in check(hcmc).values()) == 24


def test_the_check_sees_one_moment_while_ratings_come_in(hcmc):
    register = register_of(hcmc)

    def rate():
        for _ in range(25):
            patiently(bring, hcmc, register, [rating(register, 5)])

    def look():
        for _ in range(6):
            with standing_still(hcmc) as connection:
                assert differences(connection) == []

    together([rate, rate, look, look])
