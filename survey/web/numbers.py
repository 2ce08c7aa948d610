"""Numbers, periods and days as a reader of each language writes them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date

from survey.terms.period import Period
from survey.web.language import current_language
from survey.web.texts import gettext

NO_BREAK = "\N{NO-BREAK SPACE}"


class Style(NamedTuple):
    """How a language writes numbers: its two marks, and what stands before the per cent sign."""

    decimal: str
    group: str
    before_percent: str


@lru_cache(maxsize=64)
def style(language: str) -> Style:
    """Return the style of a language. Vietnamese official texts set ``%`` apart."""
    symbols = Locale.parse(language, sep="-").number_symbols["latn"]
    gap = NO_BREAK if language.partition("-")[0] in ("vi", "fr", "de") else ""
    return Style(symbols["decimal"], symbols["group"], gap)


def count(number: int, language: str = "") -> str:
    """Write a whole number: ``1.258`` or ``1,258``."""
    return f"{number:,}".replace(",", style(language or current_language()).group)


def decimal(number: Decimal, language: str = "") -> str:
    """Write a decimal number as it stands, with every place that it has: ``94,8`` or ``94.8``."""
    return _decimal(f"{number:,f}", language or current_language())


@lru_cache(maxsize=4096)
def _decimal(text: str, language: str) -> str:
    marks = style(language)
    whole, _, places = text.partition(".")
    whole = whole.replace(",", marks.group)
    return f"{whole}{marks.decimal}{places}" if places else whole


def percent(number: Decimal, language: str = "") -> str:
    """Write a percentage (94.8, not 0.948): ``94,8 %`` or ``94.8%``; the space does not break."""
    return f"{decimal(number, language)}{style(language or current_language()).before_percent}%"


def whole_percent(number: int, language: str = "") -> str:
    """Write a whole percentage: ``90 %`` or ``90%``."""
    return percent(Decimal(number), language)


def percent_range(low: Decimal, high: Decimal, language: str = "") -> str:
    """Write two percentages as a range: ``93,5–95,9 %``."""
    return f"{decimal(low, language)}–{percent(high, language)}"


def share(value: str, language: str = "") -> str:
    """Write a share 0..1 given as text, such as a target's value, in full: ``91 %``, ``2,5 %``."""
    hundred = Decimal(value) * 100
    whole = hundred.to_integral_value()
    return percent(whole if whole == hundred else hundred.normalize(), language)


def day(date: dt.date, language: str = "") -> str:
    """Write a day: ``15/10/2026`` or ``15 October 2026``."""
    return _day(date, language or current_language())


@lru_cache(maxsize=1024)
def _day(date: dt.date, language: str) -> str:
    pattern = {"vi": "d/M/y", "en": "d MMMM y"}.get(language, "long")
    text: str = format_date(date, pattern, locale=Locale.parse(language, sep="-"))
    return text


def day_tick(date: dt.date) -> str:
    """Write a day of a known year for an axis: ``19/6`` or ``19 Jun``."""
    language = current_language()
    if language == "vi":
        return f"{date.day}/{date.month}"
    text: str = format_date(date, "d MMM", locale=Locale.parse(language, sep="-"))
    return text


def instant_day(instant: dt.datetime, zone: zoneinfo.ZoneInfo, language: str = "") -> str:
    """Write the local day of an instant."""
    return day(instant.astimezone(zone).date(), language)


def period_name(period: Period) -> str:
    """Write a period: ``Quý III năm 2026``, ``Tháng 10/2026``, ``Năm 2026``, ``7/2023–4/2024``."""
    year, month = int(period.first[:4]), int(period.first[5:])
    match period.kind:
        case "quarter":
            return _quarter_name(year, (month + 2) // 3)
        case "year":
            return gettext("Năm %(year)s", year=year)
        case "month":
            return _month_name(year, month)
        case _:
            return f"{_short_month(period.first)}–{_short_month(period.last)}"


def _quarter_name(year: int, quarter: int) -> str:
    match quarter:
        case 1:
            return gettext("Quý I năm %(year)s", year=year)
        case 2:
            return gettext("Quý II năm %(year)s", year=year)
        case 3:
            return gettext("Quý III năm %(year)s", year=year)
        case _:
            return gettext("Quý IV năm %(year)s", year=year)


def _month_name(year: int, month: int) -> str:
    language = current_language()
    if language == "vi":
        return f"Tháng {month}/{year}"
    return str(format_date(dt.date(year, month, 1), "MMMM y", Locale.parse(language, sep="-")))


def _short_month(month: str) -> str:
    return f"{int(month[5:])}/{month[:4]}"


def period_tick(period: Period) -> tuple[str, str]:
    """Write a period for an axis, as two short lines: the part of the year, and the year."""
    year, month = period.first[:4], int(period.first[5:])
    match period.kind:
        case "quarter":
            quarter = ("I", "II", "III", "IV")[(month - 1) // 3]
            if current_language() != "vi":
                return f"Q{(month + 2) // 3}", year
            return f"Quý {quarter}", year
        case "year":
            return year, ""
        case "month":
            return f"{month}/{year}", ""
        case _:
            return f"{_short_month(period.first)}–", _short_month(period.last)
