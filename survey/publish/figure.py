"""A rate as a page shows it: its tier, its printed numbers, its verdict, its place on an axis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import msgspec

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


class Figure(msgspec.Struct, frozen=True):
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
        return mark(axis, low, high, share, target_share(self.rate.target))

    @property
    def shares(self) -> tuple[float, ...]:
        """What an axis must hold: the interval's lower end and the target."""
        ends = self.rate.interval
        low = self.satisfied / self.answered if ends is None else ends.low
        target = target_share(self.rate.target)
        return (low,) if target is None else (low, target)


def figures(rates: Iterable[Rate], limits: Thresholds) -> list[Figure | None]:
    """Return each rate as it is shown, None where it is hidden."""
    return [figure(rate, limits) for rate in rates]


def figure(rate: Rate | None, limits: Thresholds) -> Figure | None:
    """Return one rate as it is shown, None where it is hidden."""
    tier = limits.tier(rate)
    if rate is None or tier == "hidden":
        return None
    answered, satisfied = rate.answered or 0, rate.satisfied or 0
    verdict = None if rate.verdict in (None, "no_ratings") else rate.verdict
    has_badge = rate.official and tier == "full" and not limits.is_preliminary
    share, low, high = _printed(rate, satisfied, answered)
    return Figure(
        rate=rate,
        answered=answered,
        satisfied=satisfied,
        percent=share,
        low=low,
        high=high,
        tier=tier,
        badge=verdict if has_badge else None,  # type: ignore[arg-type]
        verdict=verdict,  # type: ignore[arg-type]
    )


def _printed(rate: Rate, satisfied: int, answered: int) -> tuple[Decimal, Decimal, Decimal]:
    """Print rate, lower and upper end so that none contradicts the comparison with the target."""
    target = target_fraction(rate.target)
    comparator = ">=" if rate.target is None else rate.target.comparator

    def printed(successes: int, trials: int) -> Decimal:
        return percent(successes, trials, target=target, comparator=comparator) or Decimal("0.0")

    share = printed(satisfied, answered)
    if rate.interval is None:
        return share, share, share
    low, high = round(rate.interval.low * MILLION), round(rate.interval.high * MILLION)
    return share, printed(low, MILLION), printed(high, MILLION)


@lru_cache(maxsize=256)
def target_fraction(target: TargetValue | None) -> Fraction | None:
    """Return a target's value as an exact fraction."""
    return None if target is None else Fraction(target.value)


@lru_cache(maxsize=256)
def target_share(target: TargetValue | None) -> float | None:
    """Return a target's value as a place on an axis takes it."""
    return None if target is None else float(Fraction(target.value))
