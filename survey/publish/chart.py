"""The interval mark and its axis: shares to coordinates. Drawing itself is the templates' work."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

SMALLEST_SPAN = 20
"""No axis shows less than so many percentage points: small differences must look small."""

FAINTEST = 4.0
"""A bar is at least so wide, or a narrow interval would vanish."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis; ``percent`` is a whole number."""

    at: float
    percent: int


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole percentages from ``low`` to ``high``, drawn from ``start`` to ``end``.

    ``end`` may be less than ``start``: a vertical axis grows upwards.
    """

    low: int
    high: int
    start: float
    end: float

    def place(self, share: float) -> float:
        """Return where a share 0..1 is drawn, one decimal; what lies outside stays at the edge."""
        part = (100 * share - self.low) / (self.high - self.low)
        part = 0.0 if part < 0.0 else 1.0 if part > 1.0 else part
        return round(self.start + (self.end - self.start) * part, 1)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Three to seven ticks at round numbers, the ends among them."""
        span = self.high - self.low
        step = 5 if span <= 20 else 10 if span <= 50 else 20
        return tuple(
            Tick(self.place(percent / 100), percent)
            for percent in range(self.low, self.high + 1, step)
        )


def axis_for(shares: Iterable[float], start: float, end: float) -> Axis:
    """Return the axis that holds every share, up to 100 %, and begins at a round number.

    Without shares it is 0–100 %. A long axis begins at a multiple of 20 %, as its ticks do.
    """
    low = int(100 * min(shares, default=0.0)) // 10 * 10
    if low < 50:
        low = low // 20 * 20
    return Axis(max(0, min(low, 100 - SMALLEST_SPAN)), 100, start, end)


class Mark(msgspec.Struct, frozen=True):
    """An interval and its rate along an axis, and the target where there is one."""

    left: float
    width: float
    dot: float
    target: float | None


def mark(axis: Axis, low: float, high: float, rate: float, target: float | None = None) -> Mark:
    """Return the mark of a rate with its interval; shares 0..1.

    The bar is never narrower than what can be seen.
    """
    ends = sorted((axis.place(low), axis.place(high)))
    missing = max(FAINTEST - (ends[1] - ends[0]), 0.0) / 2
    return Mark(
        left=round(ends[0] - missing, 1),
        width=round(ends[1] - ends[0] + 2 * missing, 1),
        dot=axis.place(rate),
        target=None if target is None else axis.place(target),
    )


def clamp(at: float, half: float, first: float, last: float) -> float:
    """Return the centre of a label of a half width, moved so that it stays between two edges."""
    return round(min(max(at, first + half), last - half), 1)


@dataclass(frozen=True, slots=True)
class Dot:
    """One rate of many in a strip: its centre and its verdict."""

    x: float
    y: float
    verdict: str


def stack(rates: Iterable[tuple[float, str]], axis: Axis, step: float, border: float) -> list[Dot]:
    """Return a dot a rate, those that are close stacked upwards from y = 0.

    ``rates`` are shares 0..1 with their verdicts, ``step`` the width of a dot. The columns begin
    and end at ``border``, a place on the axis, so that no dot changes the side of the target.
    """
    heights: dict[int, int] = {}
    dots = []
    for share, verdict in sorted(rates, key=lambda each: (each[1], each[0])):
        column = math.floor(round((axis.place(share) - border) / step, 6))
        level = heights.get(column, 0)
        heights[column] = level + 1
        dots.append(Dot(round(border + (column + 0.5) * step, 1), -(level + 0.5) * step, verdict))
    return dots
