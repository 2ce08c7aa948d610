"""Tables of rates: a row a field, a unit or a series, all marks on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from survey.estimate.rate import Rate
from survey.publish import wording
from survey.publish.chart import Axis, Mark, axis_for
from survey.publish.figure import Figure, Thresholds, figure, target_share
from survey.terms.name import search_key
from survey.web import numbers

name_order = lru_cache(maxsize=4096)(search_key)
"""The key by which names are put in order and found; a city's names are few and stay."""

WIDTH = 240.0
EDGE = 6.0
"""Room at both ends of a row's drawing, so that a dot at 100 % is whole."""


class Row(msgspec.Struct, frozen=True):
    """A named rate as a row shows it; with ``mark`` None it is hidden.

    ``badge`` is the verdict's name or "", ``words`` what stands where there is no badge.
    """

    name: str
    path: str
    mark: Mark | None = None
    percent: str = ""
    range: str = ""
    answered: str = ""
    badge: str = ""
    words: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Table:
    """Rows on one axis. ``target_at`` and ``target`` are there if all rows share one target.

    ``grid`` is the path of the axis's ticks through a row, drawn in each of them.
    """

    rows: tuple[Row, ...]
    axis: Axis
    grid: str
    target_at: float | None
    target: str

    @property
    def shown(self) -> list[Row]:
        """The rows that show a rate."""
        return [row for row in self.rows if row.mark is not None]

    @property
    def hidden(self) -> list[Row]:
        """The rows that are hidden or have no rate: one state."""
        return [row for row in self.rows if row.mark is None]


class Entry(msgspec.Struct, frozen=True):
    """A name, the address that it leads to ("" for none), and its rate, if there is one."""

    name: str
    path: str
    rate: Rate | None
    remark: str = ""


def table(entries: Iterable[Entry], limits: Thresholds) -> Table:
    """Return the table of the entries by name; what has no rate to show keeps its row."""
    return tables([entries], limits)[0]


def tables(groups: Sequence[Iterable[Entry]], limits: Thresholds) -> list[Table]:
    """Return a table a group, each by name, all of them on one axis."""
    ordered = [sorted(group, key=lambda entry: name_order(entry.name)) for group in groups]
    found = [[figure(entry.rate, limits) for entry in group] for group in ordered]
    return tables_in_order(ordered, found)


def table_in_order(entries: Sequence[Entry], found: Sequence[Figure | None]) -> Table:
    """Return the table of entries whose figures are there already, in the order given."""
    return tables_in_order([entries], [found])[0] if entries else NOTHING


def tables_in_order(
    groups: Sequence[Sequence[Entry]],
    found: Sequence[Sequence[Figure | None]],
    *,
    least: int = 0,
) -> list[Table]:
    """Return a table a group, in the order given, all of them on one axis.

    The axis holds the marks of all rates with ``least`` answers, where there are any; what lies
    outside is drawn at its edge.
    """
    shown = [each for group in found for each in group if each is not None]
    wide = [each for each in shown if each.answered >= least] or shown
    axis = axis_for([share for each in wide for share in each.shares], EDGE, WIDTH - EDGE)
    targets = {each.target for each in shown if each.target is not None}
    target = targets.pop() if len(targets) == 1 else None
    share = target_share(target)
    return [
        Table(
            rows=tuple(
                Row(entry.name, entry.path) if each is None else _row(entry, each, axis)
                for entry, each in zip(entries, figures_of_group, strict=True)
            ),
            axis=axis,
            grid="".join(f"M{tick.at} 4V20" for tick in axis.ticks),
            target_at=None if share is None else axis.place(share),
            target="" if target is None else numbers.share(target.value),
        )
        for entries, figures_of_group in zip(groups, found, strict=True)
    ]


NOTHING = tables_in_order([[]], [[]])[0]
"""A table without rows."""


def _row(entry: Entry, each: Figure, axis: Axis) -> Row:
    return Row(
        name=entry.name,
        path=entry.path,
        mark=each.mark(axis),
        percent=numbers.percent(each.percent),
        range=f"{numbers.decimal(each.low)}–{numbers.decimal(each.high)}",
        answered=numbers.count(each.answered),
        badge=each.badge or "",
        words="" if each.badge else wording.row_words(each),
        remark=entry.remark or wording.kept_words(each.rate),
    )
