"""The sample's links: labelled, made once, spent through the door, and in nobody's hands."""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import reading, writing
from survey.intake.link_batches import find_batch, newest_batches
from survey.intake.tables import link, link_spent
from survey.ledger.tables import response
from survey.register.snapshot import load
from survey.sample.links import CALLED_BACK, FILE_NAME, N_LINKS, USED, sample_links
from survey.staff.deeds import now_milliseconds
from survey.tally.recount import differences


def make(engine, at):
    with writing(engine) as connection:
        return sample_links(connection, load(connection), at=at)


def test_one_batch_is_in_use_and_one_was_called_back(sample):
    at = now_milliseconds()
    assert make(sample, at) == 2 * N_LINKS
    assert make(sample, at) == 0
    with reading(sample) as connection:
        used, called_back = (find_batch(connection, each) for each in (USED, CALLED_BACK))
        spent = set(connection.execute(sa.select(link_spent.c.response)).scalars())
        held = sa.select(response.c.series).where(response.c.id.in_(spent))
        series = list(connection.execute(held).scalars())
        assert differences(connection) == []
        assert len(newest_batches(connection, None)) == 2
        assert "dữ liệu mẫu" in FILE_NAME
    assert 0 < used.n_spent == len(spent) < N_LINKS
    assert series == ["own/phone/citizen/token"] * len(spent)
    assert used.withdrawn_at is None
    assert called_back.withdrawn_at is not None
    assert called_back.n_spent == 0


def test_a_real_database_gets_none(hcmc):
    assert make(hcmc, now_milliseconds()) == 0
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(link)).scalar_one() == 0
