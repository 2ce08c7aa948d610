"""A rate as a page shows it: its tier, its printed numbers, its verdict, its place on an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from survey.estimate.rate import Rate, TargetValue
from survey.publish.chart import Axis, Mark, mark
from survey.publish.editions import Release
from survey.register.snapshot import Register
from survey.stats import percent

Tier = Literal["hidden", "plain", "full"]
Badge = Literal["met", "not_met", "not_enough"]

MILLION = 1_000_000


@dataclass(frozen=True)
class Thresholds:
    """From how many answers a rate is shown, and from how many it gets a badge."""

    shown: int
    badge: int
    is_preliminary: bool

    def tier(self, rate: Rate | None) -> Tier:
        """Return how much of a rate is shown.

        What is not there, what is suppressed and what has no ratings are one and the same.
        """
        answered = None if rate is None or rate.suppressed else rate.answered
        if answered is None or answered < self.shown:
            return "hidden"
        return "plain" if answered < self.badge else "full"


def thresholds(register: Register, release: Release) -> Thresholds:
    """Return those that a release was made with."""
    city, report = register.city, release.report
    return Thresholds(
        int(report.get("minimum_shown", city.minimum_shown)),
        int(report.get("minimum_badge", city.minimum_badge)),
        release.preliminary,
    )


@dataclass(frozen=True)
class Figure:
    """A shown rate with its numbers in percent as printed, one decimal.

    ``badge`` is None where a rate gets none: few answers, a period that has not ended, a
    reference series, or no target. ``verdict`` is there for words whenever there is a target.
    """

    rate: Rate
    answered: int
    satisfied: int
    percent: Decimal
    low: Decimal
    high: Decimal
    tier: Tier
    badge: Badge | None
    verdict: Badge | None

    @property
    def target(self) -> TargetValue | None:
        """The target that the rate is held against."""
        return self.rate.target

    def mark(self, axis: Axis) -> Mark:
        """Return the rate's mark on an axis."""
        ends = self.rate.interval
        share = self.satisfied / self.answered
        low, high = (share, share) if ends is None else (ends.low, ends.high)
        return mark(axis, low, high, share, target_fraction(self.rate.target))

    @property
    def shares(self) -> tuple[float, ...]:
        """What an axis must hold: the interval's lower end and the target."""
        ends = self.rate.interval
        low = self.satisfied / self.answered if ends is None else ends.low
        target = target_fraction(self.rate.target)
        return (low,) if target is None else (low, float(target))


def figures(rates: Sequence[Rate], limits: Thresholds) -> list[Figure | None]:
    """Return each rate as it is shown, None where it is hidden.

    The numbers of all rates with the same target are printed in one go.
    """
    groups: dict[TargetValue | None, list[int]] = {}
    for place, rate in enumerate(rates):
        if limits.tier(rate) != "hidden":
            groups.setdefault(rate.target, []).append(place)
    shown: list[Figure | None] = [None] * len(rates)
    for target, places in groups.items():
        printed = _printed([rates[place] for place in places], target)
        for place, numbers in zip(places, printed, strict=True):
            shown[place] = _figure(rates[place], numbers, limits)
    return shown


def figure(rate: Rate | None, limits: Thresholds) -> Figure | None:
    """Return one rate as it is shown, None where it is hidden."""
    return None if rate is None else figures([rate], limits)[0]


Numbers = tuple[Decimal, Decimal, Decimal]


def _printed(rates: Sequence[Rate], target: TargetValue | None) -> list[Numbers]:
    """Print rate, lower and upper end so that none contradicts the comparison with the target."""
    successes: list[int] = []
    trials: list[int] = []
    for rate in rates:
        satisfied, answered = rate.satisfied or 0, rate.answered or 1
        share = satisfied / answered
        low, high = (
            (share, share)
            if rate.interval is None
            else (
                rate.interval.low,
                rate.interval.high,
            )
        )
        successes += [satisfied, round(low * MILLION), round(high * MILLION)]
        trials += [answered, MILLION, MILLION]
    comparator = ">=" if target is None else target.comparator
    texts = percent(successes, trials, target=target_fraction(target), comparator=comparator)
    return [tuple(texts[place : place + 3]) for place in range(0, len(texts), 3)]


def _figure(rate: Rate, numbers: Numbers, limits: Thresholds) -> Figure:
    tier = limits.tier(rate)
    verdict = None if rate.verdict in (None, "no_ratings") else rate.verdict
    has_badge = rate.official and tier == "full" and not limits.is_preliminary
    return Figure(
        rate=rate,
        answered=rate.answered or 0,
        satisfied=rate.satisfied or 0,
        percent=numbers[0],
        low=numbers[1],
        high=numbers[2],
        tier=tier,
        badge=verdict if has_badge else None,  # type: ignore[arg-type]
        verdict=verdict,  # type: ignore[arg-type]
    )


@lru_cache(maxsize=256)
def target_fraction(target: TargetValue | None) -> Fraction | None:
    """Return a target's value as an exact fraction."""
    return None if target is None else Fraction(target.value)
