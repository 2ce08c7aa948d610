"""The interval mark of an embedded page and of a poster, with its labels."""

from __future__ import annotations

from dataclasses import dataclass

from survey.publish import sentence
from survey.publish.chart import Axis, Mark, axis_for, clamp
from survey.publish.embed import Told
from survey.web import numbers

WIDTH, EDGE, LETTER = 210.0, 4.0, 9.5
"""The view box's width, the room left at its ends, a generous width of a label's letter."""


@dataclass(frozen=True)
class Labelled:
    """A mark on its axis; ``target`` is the target's label, ``text`` all of it in words."""

    axis: Axis
    mark: Mark
    target: str
    target_at: float
    text: str


def labelled(told: Told) -> Labelled | None:
    """Return the mark of what is told, or None where no rate is shown."""
    if told.lead is None:
        return None
    figure = told.lead.figure
    axis = axis_for(figure.shares, EDGE, WIDTH - EDGE)
    mark = figure.mark(axis)
    target = "" if figure.target is None else numbers.share(figure.target.value)
    at = mark.dot if mark.target is None else mark.target
    return Labelled(
        axis=axis,
        mark=mark,
        target=target,
        target_at=clamp(at, LETTER * len(target) / 2, 0.0, WIDTH),
        text=sentence.chart_text(figure),
    )
