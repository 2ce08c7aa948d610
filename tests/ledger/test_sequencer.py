"""Entry numbers: without gaps, never twice, in the order of receipt, by one sequencer."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import reading
from survey.ledger.sequencer import head, sequence
from survey.ledger.tables import SEQUENCED, entry
from tests.fixtures.builders import bring, dossiers, number_id, rating, ratings, totals, void
from tests.fixtures.city import register_of
from tests.fixtures.crowd import patiently, together


def entries(engine):
    with reading(engine) as connection:
        return connection.execute(sa.select(entry).order_by(entry.c.number)).all()


def n_rows(engine):
    with reading(engine) as connection:
        counts = [sa.select(sa.func.count()).select_from(table) for table in SEQUENCED]
        return sum(connection.execute(query).scalar_one() for query in counts)


def test_every_kind_of_row_gets_a_number_in_the_order_of_receipt(hcmc):
    register = register_of(hcmc)
    late, early = rating(register), rating(register)
    bring(hcmc, register, [late], at=50)
    bring(hcmc, register, [early], at=10)
    bring(hcmc, register, [totals({5: 3}), dossiers(resolved=4)], at=30)
    void(hcmc, "response", late.body.id)
    assert sequence(hcmc) == 5
    found = entries(hcmc)
    assert [row.number for row in found] == [1, 2, 3, 4, 5]
    assert [row.kind for row in found] == [
        "response",
        "counted",
        "dossier_count",
        "response",
        "void",
    ]
    assert (found[0].id, found[3].id) == (early.body.id, late.body.id)


def test_a_row_that_comes_later_gets_a_later_number_whatever_its_clock_says(hcmc):
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 3}), on="2026-10-05")
    first = entries(hcmc) if sequence(hcmc) == 3 else None
    bring(hcmc, register, [rating(register)], on="2026-10-01")
    assert sequence(hcmc) == 4
    assert entries(hcmc)[:3] == first
    assert sequence(hcmc) == 4


def test_an_id_that_two_kinds_of_rows_share_stops_nobody(hcmc):
    register = register_of(hcmc)
    same = number_id(1)
    bring(hcmc, register, [rating(register, id=same), totals({5: 3}, id=same)])
    assert sequence(hcmc) == 2


def test_an_empty_ledger_has_head_nought(engine):
    assert sequence(engine) == 0
    with reading(engine) as connection:
        assert head(connection) == 0


def test_two_sequencers_and_three_writers_leave_no_gap_and_no_duplicate(hcmc):
    register = register_of(hcmc)

    def write():
        for _ in range(12):
            patiently(bring, hcmc, register, ratings(register, {5: 2}))

    def number():
        for _ in range(8):
            patiently(sequence, hcmc)

    together([write, write, write, number, number])
    assert sequence(hcmc) == 72 == n_rows(hcmc)
    assert [row.number for row in entries(hcmc)] == list(range(1, 73))
