"""Tables of rates: a row a field, a unit or a series, all marks on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from survey.estimate.rate import Rate
from survey.publish import wording
from survey.publish.chart import Axis, Mark, axis_for
from survey.publish.figure import Figure, Thresholds, figures, target_fraction
from survey.terms.name import search_key
from survey.web import numbers

WIDTH = 240.0
EDGE = 6.0
"""Room at both ends of a row's drawing, so that a dot at 100 % is whole."""


@dataclass(frozen=True, slots=True)
class Row:
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
    """Rows on one axis. ``target_at`` and ``target`` are there if all rows share one target."""

    rows: tuple[Row, ...]
    axis: Axis
    target_at: float | None
    target: str

    @property
    def is_empty(self) -> bool:
        """Whether no row shows a rate."""
        return all(row.mark is None for row in self.rows)


@dataclass(frozen=True)
class Entry:
    """A name, the address that it leads to ("" for none), and its rate, if there is one."""

    name: str
    path: str
    rate: Rate | None
    remark: str = ""


def table(entries: Iterable[Entry], limits: Thresholds) -> Table:
    """Return the table of the entries by name; what has no rate to show keeps its row."""
    ordered = sorted(entries, key=lambda entry: search_key(entry.name))
    shown = figures([entry.rate for entry in ordered if entry.rate is not None], limits)
    by_entry = iter(shown)
    found = [None if entry.rate is None else next(by_entry) for entry in ordered]
    return _table(ordered, found)


def table_in_order(entries: Sequence[Entry], found: Sequence[Figure | None]) -> Table:
    """Return the table of entries whose figures are there already, in the order given."""
    return _table(entries, found)


def _table(entries: Sequence[Entry], found: Sequence[Figure | None]) -> Table:
    shares = [share for each in found if each is not None for share in each.shares]
    axis = axis_for(shares, EDGE, WIDTH - EDGE)
    targets = {each.target for each in found if each is not None and each.target is not None}
    target = targets.pop() if len(targets) == 1 else None
    share = target_fraction(target)
    return Table(
        rows=tuple(
            Row(entry.name, entry.path) if each is None else _row(entry, each, axis)
            for entry, each in zip(entries, found, strict=True)
        ),
        axis=axis,
        target_at=None if share is None else axis.place(float(share)),
        target="" if target is None else numbers.share(target.value),
    )


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
        remark=entry.remark,
    )
