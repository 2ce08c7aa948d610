"""The page of the whole city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate, TargetValue
from survey.publish import wording
from survey.publish.chart import Axis, Dot, axis_for, stack
from survey.publish.editions import Release, told_of_city
from survey.publish.figure import Figure, Thresholds, figures, thresholds
from survey.publish.frame import CITY, field_place, frame
from survey.publish.punctuality import dossier_rows
from survey.publish.report import Report, Source, report
from survey.publish.rows import Entry, Table, table
from survey.publish.standing import alike, stand
from survey.register.snapshot import Register
from survey.web import numbers

DOT = 12.0
"""Width of a field's dot in the strip, of 360 across."""


@dataclass(frozen=True)
class Headline:
    """How many of all fields meet the target: ``met`` + … + ``hidden`` = ``fields``.

    ``target`` is the target in words; ``undecided`` are the fields with too little to decide,
    whether by the interval or by the number of ratings.
    """

    met: int
    not_met: int
    undecided: int
    hidden: int
    fields: int
    target: str


@dataclass(frozen=True)
class Strip:
    """Every field's rate as a dot beside the headline; dots stack upwards from y = 0.

    ``top`` is the height of the highest stack, negative.
    """

    axis: Axis
    dots: tuple[Dot, ...]
    top: float
    target_at: float
    target: str


@dataclass(frozen=True)
class CityPage:
    """Everything that the template of the city says.

    ``headline`` is None where no field has an official rate with a target to show.
    """

    name: str
    headline: Headline | None
    strip: Strip | None
    report: Report
    fields: Table


def city_page(
    connection: Connection,
    register: Register,
    known: Sequence[Release],
    release: Release,
    language: str,
) -> CityPage:
    """Return the city's page in a release."""
    published = told_of_city(connection, known, release)
    limits = thresholds(register, release)
    whole = [rate for rate in published.rates if rate.field is None]
    told = report(
        Source(
            register=register,
            frame=frame(register, known, release, CITY),
            limits=limits,
            rates=whole,
            known=published.history,
            unit=None,
            dossiers=dossier_rows(register, published.timeliness, language),
            language=language,
        )
    )
    of_fields = _by_field(register, published.rates, limits)
    period = release.period
    known_fields = [each.code for each in register.fields_in_force(period.first_on, period.last_on)]
    found: dict[str, Rate | None] = dict.fromkeys(known_fields)
    found.update(of_fields)
    headline = _headline(found, limits)
    return CityPage(
        name=register.city.names.get(language, ""),
        headline=None if headline is None else headline[0],
        strip=None if headline is None else headline[1],
        report=told,
        fields=table(
            [
                Entry(register.field_name(code, language), field_place(code).path, rate)
                for code, rate in found.items()
            ],
            limits,
        ),
    )


def _by_field(register: Register, rates: Sequence[Rate], limits: Thresholds) -> dict[str, Rate]:
    """Return each field's rate of the kind that leads over the fields."""
    fields = [rate for rate in rates if rate.field is not None]
    lead = stand(register, figures(fields, limits)).lead
    if lead is None:
        return {}
    return {rate.field: rate for rate in alike(fields, lead.rate) if rate.field is not None}


def _headline(found: dict[str, Rate | None], limits: Thresholds) -> tuple[Headline, Strip] | None:
    rates = [rate for rate in found.values() if rate is not None]
    shown = [each for each in figures(rates, limits) if each is not None]
    targets: Counter[TargetValue] = Counter(
        each.target for each in shown if each.target is not None and each.rate.official
    )
    if len(targets) != 1 or limits.is_preliminary:
        return None
    target = next(iter(targets))
    counts = Counter(_verdict(each) for each in shown)
    headline = Headline(
        met=counts["met"],
        not_met=counts["not_met"],
        undecided=counts["not_enough"],
        hidden=len(found) - len(shown),
        fields=len(found),
        target=wording.target_words(target),
    )
    return headline, _strip(shown, target)


def _strip(shown: Sequence[Figure], target: TargetValue) -> Strip:
    value = float(target.value)
    axis = axis_for([value, *(each.satisfied / each.answered for each in shown)], 10.0, 350.0)
    border = axis.place(value)
    shares = [(each.satisfied / each.answered, _verdict(each)) for each in shown]
    dots = stack(shares, axis, DOT, border)
    top = min((dot.y for dot in dots), default=0.0)
    return Strip(axis, tuple(dots), top - DOT, border, numbers.share(target.value))


def _verdict(shown: Figure) -> str:
    return shown.badge or "not_enough"
