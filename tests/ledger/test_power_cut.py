"""A writer that is killed in the middle: what it acknowledged is there, once, and is counted."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from typing import Any

import sqlalchemy as sa

from survey.db import make_engine, reading
from survey.ledger.sequencer import sequence
from survey.ledger.tables import answer, response
from survey.register.snapshot import Register
from survey.tally.recount import differences
from tests.fixtures.builders import bring, dossier_of, rating
from tests.fixtures.city import register_of
from tests.fixtures.crowd import patiently

KILLS = 20
PROCESSES = multiprocessing.get_context("fork")  # starts with everything imported


def write_for_ever(url: str, register: Register, seed: int, pipe: Any) -> None:
    """Write ratings of few dossiers and tell their ids only after the commit."""
    engine = make_engine(url)
    chance = random.Random(seed)  # noqa: S311
    while True:
        numbers = [chance.randint(1, 9) for _ in range(3)]
        items = [rating(register, 5, dossier=dossier_of(number)) for number in numbers]
        patiently(bring, engine, register, items, at=seed)
        pipe.send([item.body.id for item in items])


def acknowledged(url: str, register: Register, seed: int) -> list[uuid.UUID]:
    """Start a writer, kill it some time after its first ratings, and return what it told."""
    here, there = PROCESSES.Pipe(duplex=False)
    writer = PROCESSES.Process(target=write_for_ever, args=(url, register, seed, there))
    writer.start()
    there.close()
    told = list(here.recv())
    time.sleep(random.Random(seed).random() * 0.05)  # noqa: S311
    writer.kill()
    writer.join()
    try:
        while True:
            told += here.recv()
    except (EOFError, OSError):
        return told


def test_kills_lose_and_double_nothing_that_was_acknowledged(hcmc):
    register = register_of(hcmc)
    url = hcmc.url.render_as_string(hide_password=False)
    hcmc.dispose()
    told: set[uuid.UUID] = set()
    for seed in range(KILLS):
        told.update(acknowledged(url, register, seed))
    with reading(hcmc) as connection:
        found = set(connection.execute(sa.select(response.c.id)).scalars())
        answered = list(connection.execute(sa.select(answer.c.response)).scalars())
        assert differences(connection) == []
    assert len(told) >= 3 * KILLS
    assert told <= found
    assert sorted(answered, key=str) == sorted(found, key=str)
    assert sequence(hcmc) == len(found)
