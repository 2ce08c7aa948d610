"""Numbers, periods and days in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.period import parse_period
from survey.web import numbers
from survey.web.setup import init_web
from survey.web.site import Site


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    init_web(app, site=Site, public_url="")
    return app


@pytest.fixture
def vietnamese(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_vietnamese_numbers() -> None:
    assert numbers.percent(Decimal("94.8"), "vi") == "94,8\u00a0%"
    assert numbers.percent(Decimal("100.0"), "vi") == "100,0\u00a0%"
    assert numbers.percent_range(Decimal("93.5"), Decimal("95.9"), "vi") == "93,5–95,9\u00a0%"
    assert numbers.count(1258, "vi") == "1.258"
    assert numbers.count(1234567, "vi") == "1.234.567"
    assert numbers.decimal(Decimal("1234.50"), "vi") == "1.234,50"


def test_english_numbers() -> None:
    assert numbers.percent(Decimal("94.8"), "en") == "94.8%"
    assert numbers.percent_range(Decimal("93.5"), Decimal("95.9"), "en") == "93.5–95.9%"
    assert numbers.count(1258, "en") == "1,258"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0.91", "91"),
        ("0.9", "90"),
        ("1", "100"),
        ("0.025", "2,5"),
        ("0.9096", "90,96"),
        ("0", "0"),
    ],
)
def test_a_targets_value_is_written_in_full(value: str, written: str) -> None:
    assert numbers.share(value, "vi") == f"{written}\u00a0%"


def test_days() -> None:
    assert numbers.day(dt.date(2026, 7, 1), "vi") == "1/7/2026"
    assert numbers.day(dt.date(2026, 10, 15), "en") == "15 October 2026"
    late = dt.datetime(2026, 10, 14, 18, 0, tzinfo=dt.UTC)
    assert numbers.instant_day(late, ZoneInfo("Asia/Ho_Chi_Minh"), "vi") == "15/10/2026"


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize(
    ("period", "name", "tick"),
    [
        ("2026-Q3", "Quý III năm 2026", ("Quý III", "2026")),
        ("2026-Q4", "Quý IV năm 2026", ("Quý IV", "2026")),
        ("2026-10", "Tháng 10/2026", ("10/2026", "")),
        ("2026", "Năm 2026", ("2026", "")),
        ("2023-07..2024-04", "7/2023–4/2024", ("7/2023–", "4/2024")),
    ],
)
def test_periods(period: str, name: str, tick: tuple[str, str]) -> None:
    assert numbers.period_name(parse_period(period)) == name
    assert numbers.period_tick(parse_period(period)) == tick


@given(st.integers(min_value=0), st.sampled_from(["vi", "en"]))
def test_no_figure_is_lost(number: int, language: str) -> None:
    written = numbers.count(number, language)
    assert int(written.replace(numbers.style(language).group, "")) == number
