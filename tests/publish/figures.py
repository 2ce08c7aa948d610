"""Published figures for tests of pages: a real register, made-up rates written as releases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection, Engine

from survey.db import make_engine, reading, writing
from survey.estimate.rate import (
    Bounds,
    IntervalValue,
    Rate,
    SeriesKey,
    TargetValue,
    Timeliness,
    suppress_rate,
)
from survey.publish.pages import make_blueprint, stamp
from survey.publish.tables import published_rate, published_timeliness
from survey.publish.tables import release as release_table
from survey.register.create import create
from survey.register.snapshot import RegisterCache
from survey.schema import upgrade
from survey.settings import ROOT
from survey.stats import interval, reached, verdict
from survey.terms.period import Period, parse_period
from survey.web.kept import KeptAnswers
from survey.web.setup import init_web
from survey.web.site import Site

CITY = ROOT / "cities" / "ho-chi-minh"
DESK = SeriesKey("one_stop", "desk", "citizen", "vouched")
PORTAL = SeriesKey("national_portal", "portal", "citizen", "vouched")
KIOSK = SeriesKey("own", "kiosk", "citizen", "open")
QR = SeriesKey("own", "phone", "citizen", "open")
TARGET = TargetValue("0.91", ">=", "4832/QĐ-UBND I.2.3 b", "derived")
LAW = TargetValue("0.91", ">=", "4832/QĐ-UBND I.2.3 b", "law")


def city_database(path: Path, kind: Any = "real", city: Path = CITY) -> Engine:
    """Return a new SQLite database with a city's register and nothing else."""
    engine = make_engine(f"sqlite:///{path}")
    with writing(engine) as connection:
        upgrade(connection)
        create(connection, city, kind, now=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    return engine


def rate(satisfied: int, answered: int, **members: Any) -> Rate:
    """Return an official rate with a target, of unit 26740C in 2026-Q3 unless told otherwise."""
    target = members.pop("target", TARGET)
    low, high = (
        float(end) for end in (lambda ends: (ends.low, ends.high))(interval(satisfied, answered))
    )
    dossiers, coverage, bounds = members.pop("dossiers", None), None, None
    if dossiers and answered <= dossiers:
        coverage = round(answered / dossiers, 6)
        bounds = Bounds(
            round(satisfied / dossiers, 6), round((dossiers - answered + satisfied) / dossiers, 6)
        )
    says = by_count = None
    if target is not None:
        value = Fraction(target.value)
        says = verdict(interval(satisfied, answered), value, target.comparator).value
        by_count = reached(satisfied, answered, value, target.comparator)
    known = {
        "measure": "field_ratings",
        "official": True,
        "series": (DESK, PORTAL),
        "unit": "26740C",
        "unit_role": "resolving",
        "field": None,
        "period": "2026-Q3",
        "edition": 1,
        "question": "one-stop.overall/1",
        "scale": "hai-long-5/1",
        "satisfied_set": (4, 5),
        "questionnaires": ("one-stop/2",),
        "sample": False,
        "head": 1843022,
        "as_of": "2026-10-15T02:00:00Z",
        "outside_denominator": 0,
        "repeats": 0,
        "voided": 0,
        "from_totals_share": 0.0,
    }
    return Rate(
        **(known | members),
        satisfied=satisfied,
        answered=answered,
        rate=round(satisfied / answered, 6),
        interval=IntervalValue("wilson", 0.95, round(low, 6), round(high, 6)),
        target=target,
        verdict=says,
        reached_by_count=by_count,
        dossiers=dossiers,
        coverage=coverage,
        bounds=bounds,
    )


def reference(satisfied: int, answered: int, series: SeriesKey = KIOSK, **members: Any) -> Rate:
    """Return the rate of a reference series."""
    known = {
        "measure": "reference",
        "official": False,
        "series": (series,),
        "unit_role": "receiving",
        "per_100_dossiers": None,
    }
    return rate(satisfied, answered, **(known | members))


def hidden(of: Rate) -> Rate:
    """Return a rate as it is published when it is suppressed."""
    return suppress_rate(of)


def timeliness(measure: str, fields: str, counts: Sequence[int], **members: Any) -> Timeliness:
    """Return a row of dossiers; ``counts`` are resolved, early, on time, late."""
    resolved, early, on_time, late = counts
    target = members.pop("target", None)
    counted = late if measure == "late" else early + on_time
    known = {
        "unit": "26740C",
        "field": fields.removeprefix("field:") if fields.startswith("field:") else None,
        "period": "2026-Q3",
        "received": resolved + 50,
        "pending": 50,
    }
    by_count = None
    if target is not None:
        by_count = reached(counted, resolved, Fraction(target.value), target.comparator)
    return Timeliness(
        **(known | members),
        measure=measure,
        fields=fields,
        resolved=resolved,
        early=early,
        on_time=on_time,
        late=late,
        missing=resolved - early - on_time - late,
        share=round(counted / resolved, 6),
        target=target,
        reached_by_count=by_count,
    )


def publish(
    connection: Connection,
    period: str | Period,
    rates: Sequence[Rate],
    dossiers: Sequence[Timeliness] = (),
    *,
    edition: int = 1,
    preliminary: bool = False,
    reason: str = "",
    made_on: dt.date | None = None,
) -> int:
    """Write a release and return its id; rates take its period and edition."""
    wanted = parse_period(period) if isinstance(period, str) else period
    last = connection.execute(sa.select(sa.func.max(release_table.c.id))).scalar() or 0
    day = made_on or wanted.last_on + dt.timedelta(days=15)
    made_at = dt.datetime(day.year, day.month, day.day, 2, tzinfo=dt.UTC)
    report = {"minimum_shown": 10, "minimum_badge": 30, "method_version": "1", "sample": False}
    connection.execute(
        sa.insert(release_table),
        {
            "id": last + 1,
            "period": str(wanted),
            "edition": edition,
            "preliminary": preliminary,
            "made_at": int(made_at.timestamp() * 1000),
            "head": 1843022,
            "reason": reason,
            "report": msgspec.json.encode(report).decode(),
            "document_sha256": "0" * 64,
        },
    )
    for table, items in ((published_rate, rates), (published_timeliness, dossiers)):
        rows = [
            {
                "release": last + 1,
                "place": place,
                "unit": item.unit,
                "field": item.field,
                "document": msgspec.json.encode(
                    msgspec.structs.replace(item, **_of(item, wanted, edition))
                ).decode(),
            }
            for place, item in enumerate(items)
        ]
        if rows:
            connection.execute(sa.insert(table), rows)
    return last + 1


def _of(item: Rate | Timeliness, period: Period, edition: int) -> dict[str, Any]:
    if isinstance(item, Rate):
        return {"period": str(period), "edition": edition}
    return {"period": str(period)}


def pages_app(engine: Engine, *, is_sample: bool = False, page_seconds: float = 0) -> Flask:
    """Return an application with nothing but the public pages of a database."""
    app = Flask("test", root_path=str(ROOT), template_folder="templates", static_folder="static")
    registers = RegisterCache()

    def site() -> Site:
        with reading(engine) as connection:
            city = registers.get(connection).city
        return Site(city.languages, city.names, is_sample, city.data_licence)

    init_web(app, site=site, public_url="https://hailong.example", site_seconds=0)
    app.register_blueprint(make_blueprint(engine, registers))

    def published() -> Hashable:
        with reading(engine) as connection:
            return stamp(connection, registers)

    app.wsgi_app = KeptAnswers(app.wsgi_app, published, page_seconds)  # type: ignore[method-assign, assignment]
    app.testing = True
    return app
