"""The drawing of a history: where its dots, bars, lines, breaks and labels stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.publish.chart import Axis, Mark, Tick, axis_for
from survey.publish.figure import target_share
from survey.publish.history import History, Slot
from survey.web import numbers


@dataclass(frozen=True, slots=True)
class Size:
    """A drawing's size in its own units, and the room for the labels around the plot."""

    width: int
    height: int
    left: int = 44
    right: int = 12
    top: int = 36
    bottom: int = 46


WIDE = Size(960, 300)
NARROW = Size(344, 280, left=40, right=6)
LABEL = 14.0
"""Height of a label."""

LONGEST_NARROW = 5
"""So many of the last slots stand side by side on a phone; the table holds all."""


@dataclass(frozen=True, slots=True)
class Point:
    """One slot: its centre, the bar's top and height, the dot; None where nothing is shown."""

    x: float
    mark: Mark | None
    label: str
    verdict: str
    upper: str
    lower: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class BreakLine:
    """Where a break stands, and its letters."""

    x: float
    letters: str


@dataclass(frozen=True)
class Timeline:
    """Everything that the template draws; ``target_y`` is None where there is no target.

    A tick that would touch the target's own label is left out.
    """

    size: Size
    ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    breaks: tuple[BreakLine, ...]
    target_y: float | None
    target: str


def timelines(history: History) -> tuple[Timeline, Timeline] | None:
    """Return the drawing for a wide page and for a phone; None where two slots are not shown."""
    if len(history.shown) < 2:
        return None
    return (
        _draw(history.slots, WIDE),
        _draw(history.slots[-LONGEST_NARROW:], NARROW),
    )


def _draw(slots: Sequence[Slot], size: Size) -> Timeline:
    shown = [slot.figure for slot in slots if slot.figure is not None]
    shares = [share for figure in shown for share in figure.shares]
    axis = axis_for(shares, size.height - size.bottom, size.top)
    step = (size.width - size.left - size.right) / len(slots)
    centres = [round(size.left + step * (place + 0.5), 1) for place in range(len(slots))]
    points = _points(slots, centres, axis)
    targets = {figure.rate.target for figure in shown if figure.rate.target is not None}
    target = targets.pop() if len(targets) == 1 else None
    share = target_share(target)
    target_y = None if share is None else axis.place(share)
    return Timeline(
        size=size,
        ticks=tuple(
            tick for tick in axis.ticks if target_y is None or abs(tick.at - target_y) >= LABEL
        ),
        points=points,
        lines=_lines(slots, points),
        breaks=_breaks(slots, centres, step),
        target_y=target_y,
        target="" if target is None else numbers.share(target.value),
    )


def _points(slots: Sequence[Slot], centres: Sequence[float], axis: Axis) -> tuple[Point, ...]:
    points = []
    year_before = ""
    for place, (slot, x) in enumerate(zip(slots, centres, strict=True)):
        upper, lower = numbers.period_tick(slot.period)
        if slot.is_part:
            lower = f"{numbers.day_tick(slot.first_on)}–{numbers.day_tick(slot.last_on)}"
        points.append(
            Point(
                x=x,
                mark=None if slot.figure is None else slot.figure.mark(axis),
                label="" if slot.figure is None else numbers.decimal(slot.figure.percent),
                verdict=slot.figure.badge or "" if slot.figure is not None else "",
                upper=upper,
                lower=lower if lower != year_before else "",
                is_last=place == len(slots) - 1,
            )
        )
        year_before = lower
    return tuple(points)


def _lines(slots: Sequence[Slot], points: Sequence[Point]) -> tuple[Line, ...]:
    """Return the lines between neighbours that may be joined."""
    lines = []
    for place in range(1, len(slots)):
        before, here = points[place - 1], points[place]
        if slots[place].joins and before.mark is not None and here.mark is not None:
            lines.append(Line(before.x, before.mark.dot, here.x, here.mark.dot))
    return tuple(lines)


def _breaks(slots: Sequence[Slot], centres: Sequence[float], step: float) -> tuple[BreakLine, ...]:
    """Return a line before each slot that stands behind a break."""
    return tuple(
        BreakLine(round(x - step / 2, 1), slot.mark)
        for place, (slot, x) in enumerate(zip(slots, centres, strict=True))
        if slot.mark and place
    )
