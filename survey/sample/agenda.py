"""The agenda of the sample: what is delivered, cancelled and released, and when.

Everything happens in the order of time, so that a release freezes exactly what had come by then.
Ratings are delivered three times a month and received a few hours after the last day of each; the
systems report dossiers and totals on the fourth; months are released on the fifth, quarters on
the eighth, the year on the twelfth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from survey.intake.accept import Item, Rating
from survey.sample.dossiers import dossier_counts, make_dossiers
from survey.sample.flow import monthly_ratings
from survey.sample.grid import MONTHS, last_day
from survey.sample.incidents import (
    ALERT_MONTH,
    ASIDE_MONTH,
    VOIDED_MONTHS,
    alerting_rating,
    items_set_aside,
    late_arrivals,
    repeats,
    voided_rating,
)
from survey.sample.scene import Scene
from survey.sample.shape import DATA
from survey.sample.staged import staged_ratings
from survey.sample.totals import CORRECTED_MONTH, corrected_total, monthly_totals
from survey.sample.wave import survey_responses
from survey.terms.period import Period, parse_period

PARTS_OF_MONTH = (10, 20, 31)
RELEASED_MONTHS = ("2026-07", "2026-08", "2026-09")
RELEASED_YEARS = ("2025",)
LATE_AT = dt.datetime(2026, 7, 20, 3, tzinfo=dt.UTC)
ASIDE_AT = dt.datetime(2026, 8, 11, 4, tzinfo=dt.UTC)
VOIDED_AT = (
    dt.datetime(2026, 8, 10, 3, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 2, 3, tzinfo=dt.UTC),
)
"""When the ratings of VOIDED_MONTHS are cancelled, in their order."""
SECOND_EDITION_AT = dt.datetime(2026, 8, 12, 3, tzinfo=dt.UTC)
SECOND_EDITION_OF = parse_period("2026-Q2")

REASONS = {
    "vi": "Bổ sung đánh giá từ ki-ốt đồng bộ muộn; hủy một đánh giá nhập nhầm (dữ liệu mẫu).",
    "en": "Adds ratings of a kiosk that came late; one rating entered in error is void (sample).",
}
VOID_REASONS = {
    "vi": "Cán bộ bấm nhầm khi thử thiết bị (dữ liệu mẫu).",
    "en": "Entered by mistake while a device was tried out (sample data).",
}


@dataclass(frozen=True)
class Delivery:
    """Items received at an instant; ``refused`` of them are expected not to be accepted."""

    at: dt.datetime
    items: Callable[[], list[Item]]
    refused: int = 0


@dataclass(frozen=True)
class Cancellation:
    """A rating that two accounts cancel."""

    at: dt.datetime
    rating: Rating
    reason: str


@dataclass(frozen=True)
class Publication:
    """A period that is released; ``reason`` for a later edition."""

    at: dt.datetime
    period: Period
    reason: str = ""


Step = Delivery | Cancellation | Publication


def agenda(scene: Scene) -> list[Step]:
    """Return every step in the order of time; what is delivered is made when it is asked for."""
    steps = [*_deliveries(scene), *_reports(scene), *_incidents(scene), *_publications(scene)]
    return sorted(steps, key=lambda step: step.at)


def _deliveries(scene: Scene) -> Iterator[Step]:
    parts = _parts_of_months(scene)
    for month in MONTHS:
        for number, until in enumerate(PARTS_OF_MONTH):
            last_on = last_day(month).replace(day=min(until, last_day(month).day))
            at = dt.datetime.combine(last_on, dt.time(20), dt.UTC)

            def items(month: str = month, number: int = number) -> list[Item]:
                return list(parts(month)[number])

            yield Delivery(at, items)


def _parts_of_months(scene: Scene) -> Callable[[str], list[list[Rating]]]:
    zone = scene.register.city.zone

    @lru_cache(maxsize=1)
    def parts(month: str) -> list[list[Rating]]:
        found: list[list[Rating]] = [[] for _ in PARTS_OF_MONTH]
        for rating in _all_ratings(scene, month):
            day = dt.datetime.fromtimestamp(rating.body.answered_at, zone).day
            number = next(place for place, until in enumerate(PARTS_OF_MONTH) if day <= until)
            found[number].append(rating)
        return found

    return parts


def _all_ratings(scene: Scene, month: str) -> list[Rating]:
    ratings = monthly_ratings(scene, month) + staged_ratings(scene, month)
    ratings += repeats(scene, month, ratings)
    ratings += survey_responses(scene, month)
    if month in VOIDED_MONTHS:
        ratings.append(voided_rating(scene, month))
    if month == ALERT_MONTH:
        ratings += alerting_rating(scene)
    return ratings


def _reports(scene: Scene) -> Iterator[Step]:
    dossiers = make_dossiers(scene)
    for month in MONTHS:

        def items(month: str = month) -> list[Item]:
            return [*dossier_counts(scene, dossiers, month), *monthly_totals(scene, month)]

        yield Delivery(_after(last_day(month), 4), items)
    corrected_at = _after(last_day(CORRECTED_MONTH), 4) + dt.timedelta(hours=9)
    yield Delivery(corrected_at, lambda: list(corrected_total(scene)))


def _incidents(scene: Scene) -> Iterator[Step]:
    language = scene.first_language
    yield Delivery(LATE_AT, lambda: list(late_arrivals(scene)))
    delivered = _all_ratings(scene, ASIDE_MONTH)
    early = [item for item in delivered if item.body.answered_at < ASIDE_AT.timestamp() - 86_400]
    yield Delivery(ASIDE_AT, lambda: list(items_set_aside(scene, early)), refused=2)
    for month, at in zip(VOIDED_MONTHS, VOIDED_AT, strict=True):
        reason = VOID_REASONS.get(language, VOID_REASONS["en"])
        yield Cancellation(at, voided_rating(scene, month), reason)


def _publications(scene: Scene) -> Iterator[Step]:
    for year in (2025, 2026):
        for quarter in (1, 2, 3, 4):
            period = parse_period(f"{year}-Q{quarter}")
            if DATA.contains(period):
                yield Publication(_after(period.last_on, 8), period)
    for text in RELEASED_MONTHS:
        yield Publication(_after(parse_period(text).last_on, 5), parse_period(text))
    for text in RELEASED_YEARS:
        yield Publication(_after(parse_period(text).last_on, 12), parse_period(text))
    reason = REASONS.get(scene.first_language, REASONS["en"])
    yield Publication(SECOND_EDITION_AT, SECOND_EDITION_OF, reason)


def _after(last_on: dt.date, day: int) -> dt.datetime:
    """Return an instant on that day of the month after."""
    on = last_on + dt.timedelta(days=day)
    return dt.datetime.combine(on, dt.time(2), dt.UTC)
