"""A city whose pages show every case: made-up releases on the real register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.db import reading, writing
from survey.estimate.rate import Rate, TargetValue
from survey.register.snapshot import Register, load
from tests.publish.figures import (
    LAW,
    QR,
    city_database,
    hidden,
    pages_app,
    publish,
    rate,
    reference,
    timeliness,
)

SAI_GON = "26740C"
ON_TIME = TargetValue("0.98", ">=", "4832/QĐ-UBND I.2.4 a", "derived")
LATE = TargetValue("0.04", "<", "4832/QĐ-UBND I.2.4 b", "derived")


def quarter(satisfied: int) -> list[Rate]:
    """Return the rates of a usual quarter; ``satisfied`` of 1,258 in Sài Gòn ward."""
    unit = [
        rate(satisfied, 1258, dossiers=4100, outside_denominator=12, repeats=3, voided=2),
        rate(391, 400, field="HTICH"),
        rate(84, 100, field="DD"),
        rate(19, 20, field="CTHUC"),
        hidden(rate(9, 12, field="NCN")),
        reference(1752, 1904),
        reference(160, 186, QR),
    ]
    city = [
        rate(93000, 100000, unit=None, target=None, from_totals_share=0.125),
        rate(900, 1000, unit=None, field="DD", target=LAW),
        rate(970, 1000, unit=None, field="HTICH", target=LAW),
        rate(91, 100, unit=None, field="CTHUC", target=LAW),
        rate(12, 12, unit=None, field="NCN", target=LAW),
    ]
    others = [
        rate(28, 30, unit="26737C"),
        reference(45, 60, unit="26743C"),
        reference(300, 400, QR, unit="26743C"),
    ]
    return [*unit, *city, *others]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A database with six quarters, one of them in two editions, and a preliminary month."""
    engine = city_database(tmp_path_factory.mktemp("pages") / "city.sqlite")
    dossiers = [
        timeliness("on_time", "all-except:land|investment", (4100, 1200, 2870, 30), target=ON_TIME),
        timeliness("late", "group:land", (200, 50, 141, 9), target=LATE),
        timeliness("on_time", "field:HTICH", (100, 40, 50, 1)),
    ]
    split = [
        msgspec.structs.replace(each, days=days)
        for each in (rate(900, 1000, unit=None, target=None),)
        for days in ("2025-04-01/2025-06-18", "2025-06-19/2025-06-30")
    ]
    with writing(engine) as connection:
        publish(connection, "2025-Q2", [rate(540, 600, unit="26740A"), *split])
        publish(connection, "2025-Q3", quarter(1140))
        publish(connection, "2025-Q4", quarter(1150))
        publish(
            connection,
            "2025-Q4",
            quarter(1160),
            edition=2,
            reason="Đánh giá đến muộn.",
            made_on=dt.date(2026, 2, 20),
        )
        publish(connection, "2026-Q1", [each for each in quarter(1) if each.unit is None])
        publish(connection, "2026-Q2", quarter(1180))
        publish(connection, "2026-Q3", quarter(1193), dossiers)
        publish(connection, "2026-10", quarter(1193), preliminary=True)
    return engine


@pytest.fixture
def client(published: Engine) -> FlaskClient:
    """A client of the published city's pages."""
    return pages_app(published).test_client()


@pytest.fixture
def page(client: FlaskClient) -> Callable[[str], str]:
    """Return the text of a page that must be there."""

    def get(path: str) -> str:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    return get


@pytest.fixture(scope="session")
def city_register(published: Engine) -> Register:
    """The register of the published city."""
    with reading(published) as connection:
        return load(connection)
