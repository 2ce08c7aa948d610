"""The scene of the sample: the register with everything that is looked up again and again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from survey.register.snapshot import Published, Register
from survey.sample.answers import Sheet
from survey.sample.cast import Cast, make_cast
from survey.sample.grid import MONTHS, Grid, first_day, last_day, make_grid
from survey.sample.voices import asking, questionnaire_for, rule_for
from survey.terms.series import Series

_LARGER = 4.0

OPENS_AT, OPEN_SECONDS = 7.5 * 3600, 9.5 * 3600
"""Office hours of a local day: from half past seven, for nine and a half hours."""


@dataclass
class Scene:
    """A register, its grid and its cast; ``scale`` is the share of the full volume."""

    register: Register
    grid: Grid
    cast: Cast
    scale: float
    points: dict[str, list[str]]
    _sheets: dict[str, Sheet] = field(default_factory=dict)
    _midnights: dict[str, list[int]] = field(default_factory=dict)
    _handlers: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    @property
    def first_language(self) -> str:
        """The language in which most people answer."""
        return self.register.city.languages[0]

    def column(self, month: str) -> int:
        """Return the grid's column of a month."""
        return MONTHS.index(month)

    def questionnaire(self, series: Series, month: str, question: str = "") -> Published:
        """Return the version that a series' ratings of a month answer, or that asks a question.

        Raises LookupError where none is in force.
        """
        if not question:
            return questionnaire_for(self.register, series, first_day(month))
        found = asking(self.register, question, first_day(month))
        if found is None:
            raise LookupError(f"no questionnaire asks {question} in {month}")
        return found

    def sheet(self, published: Published, series: Series, month: str, question: str = "") -> Sheet:
        """Return the answer sheet of a version, led by the question that is counted."""
        if published.sha256 not in self._sheets:
            rule = rule_for(self.register, series, last_day(month))
            leading = question or (rule.questions[0] if rule else "")
            self._sheets[published.sha256] = Sheet(published.questionnaire, leading)
        return self._sheets[published.sha256]

    def handlers(self, handled: str, column: int) -> list[str]:
        """Return the units that have dossiers of a field in a month, by the grid's column."""
        if (handled, column) not in self._handlers:
            of_field = self.grid.fields_array == handled
            rows = np.flatnonzero(of_field & (self.grid.dossiers[:, column] > 0))
            self._handlers[handled, column] = [self.grid.units[row] for row in rows.tolist()]
        return self._handlers[handled, column]

    def midnights(self, month: str) -> list[int]:
        """Return the UTC second at which each working day of a month begins."""
        if month not in self._midnights:
            day, zone, found = first_day(month), self.register.city.zone, []
            while day <= last_day(month):
                if day.weekday() < 5:
                    start = dt.datetime.combine(day, dt.time(), zone)
                    found.append(int(start.timestamp()))
                day += dt.timedelta(days=1)
            self._midnights[month] = found
        return self._midnights[month]

    def point(self, unit: str) -> str:
        """Return the code of a unit's first reception point, empty where it has none."""
        return next(iter(self.points.get(unit, ())), "")


def make_scene(register: Register, scale: float) -> Scene:
    """Set the scene for a register."""
    points: dict[str, list[str]] = {}
    for point in register.points.values():
        points.setdefault(point.unit, []).append(point.code)
    cast = make_cast(register)
    grid = make_grid(register, scale, _before(register, cast.featured))
    return Scene(register, grid, cast, scale, points)


def _before(register: Register, unit: str) -> dict[str, float]:
    """Return by how much larger what a unit came from is, so that its page has a past."""
    found: dict[str, float] = {}
    for succession in register.predecessors(unit):
        found[succession.unit] = _LARGER
        parent = register.units[succession.unit].parent
        if parent is not None:
            found[parent] = _LARGER
    return found
