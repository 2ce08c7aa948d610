"""The analysts' page over a year of ratings: how it grows, on SQLite and PostgreSQL.

Times are those of one process that renders the page afresh, sign-in included: the median of
fifteen, after one to warm up. The ratings are a year's, over every unit and field, from four
series: few cells have most of them, as it is in life. RATINGS=100000 stops there.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
import uuid
from collections.abc import Iterator
from statistics import median

import numpy as np
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from scripts.bench.pages import empty_databases
from scripts.serving import ROOT
from survey.app import create_app
from survey.db import make_engine, reading, writing
from survey.intake.accept import Rating, accept
from survey.register.create import create
from survey.register.snapshot import Register
from survey.register.snapshot import load as load_register
from survey.schema import upgrade
from survey.settings import Settings
from survey.staff import sessions
from survey.staff.deeds import now_milliseconds
from survey.staff.guard import TOKEN
from survey.staff.tables import account
from survey.tally.tables import tally
from survey.terms.period import parse_period
from survey.terms.response import Body

SIZES = (10_000, 100_000, 1_000_000)
CHUNK, ROUNDS = 20_000, 15
UNIT, YEAR = "26740C", "2025-10..2026-09"
SERIES = (
    ("one_stop", "desk", "citizen", "vouched"),
    ("one_stop", "desk", "staff", "vouched"),
    ("national_portal", "portal", "citizen", "vouched"),
    ("own", "kiosk", "citizen", "open"),
)
SHARES = (0.4, 0.1, 0.4, 0.1)
PAGES = (
    ("one unit", f"ky=2026-Q3&don_vi={UNIT}", 150),
    ("one unit, a year by month", f"ky={YEAR}&don_vi={UNIT}&theo=thang", 150),
    ("city by field", "ky=2026-Q3", 400),
    ("city by unit", "ky=2026-Q3&theo=don_vi", 400),
    ("city by holder", "ky=2026-Q3&theo=nguoi_cam", 400),
    ("city, a year by month", f"ky={YEAR}&theo=thang", 400),
)
FILES = ("so-dem.csv?ky=2026-Q3", "phieu.csv?ky=2026-Q3", f"phieu.csv?ky={YEAR}")


def ratings(register: Register, number: int) -> Iterator[list[Rating]]:
    """Yield that many ratings of a year in chunks."""
    random = np.random.default_rng(4832)
    day = dt.date(2026, 8, 15)
    published = register.questionnaire_in_force("one-stop", day)
    if published is None:
        sys.exit("The city has no one-stop questionnaire.")
    cells = [
        (unit.code, field)
        for unit in register.units_in_force(day, day)
        for field in register.handled(unit.code, day)
    ]
    weights = 1 / np.arange(1, len(cells) + 1) ** 0.7
    cells = [cells[place] for place in random.permutation(len(cells))]
    starts = [
        int(dt.datetime(int(month[:4]), int(month[5:]), 10, tzinfo=dt.UTC).timestamp())
        for month in parse_period(YEAR).months
    ]
    for start in range(0, number, CHUNK):
        size = min(CHUNK, number - start)
        places = random.choice(len(cells), size=size, p=weights / weights.sum())
        values = random.choice([5, 4, 3, 2, 1], size=size, p=[0.5, 0.42, 0.04, 0.03, 0.01])
        series = random.choice(len(SERIES), size=size, p=SHARES)
        months = random.choice(starts, size=size)
        yield [
            Rating(
                Body(
                    id=uuid.UUID(int=start + place),
                    questionnaire=published.sha256,
                    receiving_unit=cells[at][0],
                    resolving_unit=cells[at][0],
                    field=cells[at][1],
                    point="",
                    source=SERIES[of][0],
                    channel=SERIES[of][1],
                    holder=SERIES[of][2],
                    assurance=SERIES[of][3],
                    occasion="return",
                    language="vi",
                    answered_at=int(month) + place,
                    service_on="",
                    dossier="",
                    answers={"one-stop.overall/1": (int(value),)},
                )
            )
            for place, (at, value, of, month) in enumerate(
                zip(places, values, series, months, strict=True)
            )
        ]


def fill(engine: Engine, number: int) -> int:
    """Make a city with that many ratings; return the number of rows of its tally."""
    with writing(engine) as connection:
        upgrade(connection)
        create(connection, ROOT / "cities" / "ho-chi-minh", "real", now=dt.datetime.now(dt.UTC))
        register = load_register(connection)
        for chunk in ratings(register, number):
            outcomes = accept(connection, register, chunk, received_at=1_790_000_000_000)
            if any(outcome.status != "accepted" for outcome in outcomes):
                sys.exit("Not every rating was accepted.")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tally)).scalar_one()


def analyst(url: str, engine: Engine) -> FlaskClient:
    """Return a client of an analyst who is signed in."""
    settings = Settings(database_url=url, secret_key="s" * 32, dossier_key="d" * 32)
    name, now = "analyst", now_milliseconds()
    with writing(engine) as connection:
        row = {"name": name, "password_hash": "-", "role": "analyst", "created_at": 0}
        connection.execute(sa.insert(account), row)
        token = sessions.begin(connection, name, at=now, limits=sessions.Limits.of(settings))
    client = create_app(settings).test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client


def milliseconds(client: FlaskClient, path: str) -> tuple[float, int]:
    """Return how long an answer takes, and its size in bytes."""
    began = time.perf_counter()
    answer = client.get(f"/phan-tich/{path}")
    size = len(answer.data)
    if answer.status_code != 200:
        sys.exit(f"/phan-tich/{path} answers {answer.status_code}")
    return 1000 * (time.perf_counter() - began), size


def main() -> None:
    """Print a line a page, size and database; end with 1 where one is too slow at the end."""
    largest = int(os.environ.get("RATINGS", SIZES[-1]))
    slow = []
    for size in (each for each in SIZES if each <= largest):
        with empty_databases(size) as urls:
            for kind, url in urls.items():
                engine = make_engine(url)
                rows = fill(engine, size)
                print(f"{size:>9,} ratings, {rows:,} rows of the tally, {kind}", flush=True)
                client = analyst(url, engine)
                for name, query, limit in PAGES:
                    milliseconds(client, f"?{query}")
                    took = median(milliseconds(client, f"?{query}")[0] for _ in range(ROUNDS))
                    print(f"  {name:26} {took:7.1f} ms (below {limit})", flush=True)
                    if took > limit:
                        slow.append(f"{name}, {size:,}, {kind}")
                for path in FILES:
                    took, length = milliseconds(client, path)
                    print(f"  {path:34} {took / 1000:6.2f} s, {length / 1e6:5.1f} MB", flush=True)
                engine.dispose()
    if slow:
        sys.exit("Too slow: " + "; ".join(slow))


if __name__ == "__main__":
    main()
