"""A city with a released quarter, and people who may and may not look into it."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.publish.release import make_release
from survey.register.snapshot import Register
from survey.settings import Settings
from survey.staff.roles import Role
from survey.terms.period import parse_period
from tests.fixtures.builders import (
    OFFICIAL,
    PHONE,
    WARD,
    WARD_B,
    bring,
    dossier_of,
    rating,
    ratings,
    statuses,
    totals,
    void,
)
from tests.fixtures.city import register_of
from tests.staff.signing import sign_in

STAFF = OFFICIAL | {"holder": "staff"}
KIOSK = PHONE | {"channel": "kiosk"}
PORTAL = {
    "source": "national_portal",
    "channel": "portal",
    "holder": "citizen",
    "assurance": "vouched",
}
MADE_AT = dt.datetime(2026, 10, 15, 2, tzinfo=dt.UTC)


def fill(engine: Engine, register: Register) -> None:
    """Bring in a quarter of two wards, and some days on both sides of a change of rule."""

    def place(unit: str, field: str, day: str) -> dict[str, str]:
        return {"receiving_unit": unit, "resolving_unit": unit, "field": field, "day": day}

    items = [
        *ratings(register, {5: 40, 3: 4}, **place(WARD, "HTICH", "2026-07-10"), **OFFICIAL),
        *ratings(register, {5: 30, 1: 9}, **place(WARD, "HTICH", "2026-08-10"), **STAFF),
        *ratings(register, {4: 33, 2: 2}, **place(WARD, "HTICH", "2026-09-10"), **PORTAL),
        *ratings(register, {5: 22, 4: 3, 2: 5}, **place(WARD, "DD", "2026-07-15"), **OFFICIAL),
        *ratings(register, {5: 4}, **place(WARD, "CTHUC", "2026-07-15"), **OFFICIAL),
        *ratings(register, {5: 60, 1: 1}, **place(WARD_B, "HTICH", "2026-08-15"), **OFFICIAL),
        *ratings(register, {5: 12, 4: 2}, **place(WARD_B, "DD", "2026-08-15"), **STAFF),
        *ratings(register, {5: 50, 3: 20}, **place(WARD, "HTICH", "2026-08-20"), **KIOSK),
    ]
    repeats = [
        rating(register, value, dossier=dossier_of(1), **place(WARD, "DD", day), **OFFICIAL)
        for value, day in ((5, "2026-07-20"), (1, "2026-07-21"), (2, "2026-08-01"))
    ]
    wrong = ratings(register, {1: 2}, **place(WARD, "HTICH", "2026-07-11"), **OFFICIAL)
    found = bring(engine, register, [*items, *repeats, *wrong])
    assert set(statuses(found)) == {"accepted"}
    for item in wrong:
        void(engine, "response", item.body.id)
    late = totals({5: 20, 4: 3, 1: 2}, unit=WARD, field="HTICH", month="2026-06", **PORTAL)
    assert statuses(bring(engine, register, [late])) == ["accepted"]


def fill_cut_month(engine: Engine, register: Register) -> None:
    """Bring in ratings of June 2025, in which a source joins the official measure."""
    token = PHONE | {"assurance": "token"}
    sums = totals({5: 50, 1: 6}, unit="760A", month="2025-06", **token)
    assert statuses(bring(engine, register, [sums], on="2025-07-01")) == ["accepted"]
    old = {"receiving_unit": "760A", "resolving_unit": "760A", "field": "HTICH"}
    old["questionnaire_id"] = "one-stop/1"
    for day in ("2025-05-20", "2025-06-10", "2025-06-19", "2025-06-30"):
        first = rating(register, 5, day=day, dossier=dossier_of(7), **old, **OFFICIAL)
        again = rating(register, 1, day=day, dossier=dossier_of(7), **old, **OFFICIAL)
        more = ratings(register, {5: 14, 2: 3}, day=day, **old, **OFFICIAL)
        there = ratings(register, {4: 11, 1: 2}, day=day, **old, **PORTAL)
        found = bring(engine, register, [first, again, *more, *there], on="2025-07-02")
        assert set(statuses(found)) == {"accepted"}
        void(engine, "response", more[0].body.id, on="2025-07-03")


@pytest.fixture
def city(hcmc: Engine) -> Engine:
    """The city after the release of 2026-Q3, on each database."""
    register = register_of(hcmc)
    fill(hcmc, register)
    make_release(hcmc, register, parse_period("2026-Q3"), now=MADE_AT)
    return hcmc


def application(engine: Engine) -> Flask:
    """Return the whole application on a database."""
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, secret_key="x" * 32, dossier_key="y" * 32, testing=True)
    return create_app(settings)


@pytest.fixture
def analyst(city: Engine) -> FlaskClient:
    """A client of an analyst, signed in."""
    return sign_in(application(city), city, Role.ANALYST)
