"""The grid of the sample: every unit with each of its fields, month by month."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from survey.register.snapshot import Register
from survey.sample.draw import Bools, Floats, Ints, generator, logit, share
from survey.sample.shape import (
    CITY_MONTH,
    DATA,
    DEFAULT,
    FIELDS,
    FULL_SIZE,
    LATE_SHARE,
    LATE_SHARE_NAMED,
    SEASON,
    FieldShape,
)

MONTHS = DATA.months

Pair = tuple[str, str]
"""unit, field"""

_DEPARTMENT_FIELDS = 10
"""A unit with at most this many fields is a specialised one: fewer fields, more of each."""
_LEAST_DOSSIERS, _LARGEST = 55.0, 6
"""A unit has no dossiers of a field with fewer a month in full volume (at a small scale more
of them are left out), unless it is one of the field's largest."""


@dataclass(frozen=True)
class Grid:
    """A row a unit and field, a column a month of the sample.

    ``dossiers`` is the number expected to be resolved (0 where the unit does not handle the field
    in the whole month), ``odds`` the log odds of a satisfied answer, ``late`` the share of dossiers
    that are late.
    """

    units: tuple[str, ...]
    fields: tuple[str, ...]
    dossiers: Floats
    odds: Floats
    late: Floats

    def row(self, unit: str, field: str) -> int:
        """Return the row of a unit's field; KeyError where there is none."""
        return self._rows_by_pair[unit, field]

    def rows_of(self, unit: str) -> Ints:
        """Return the rows of a unit."""
        number = self.unit_names.index(unit)
        return np.flatnonzero(self.unit_of == number)

    @cached_property
    def unit_names(self) -> list[str]:
        """Every unit once."""
        return sorted(set(self.units))

    @cached_property
    def fields_array(self) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
        """The field of each row."""
        return np.array(self.fields)

    @cached_property
    def unit_of(self) -> Ints:
        """For each row the place of its unit in ``unit_names``."""
        place = {unit: number for number, unit in enumerate(self.unit_names)}
        return np.array([place[unit] for unit in self.units], dtype=np.int64)

    @cached_property
    def _rows_by_pair(self) -> dict[Pair, int]:
        """Unit and field → row."""
        return {pair: row for row, pair in enumerate(zip(self.units, self.fields, strict=True))}


def make_grid(register: Register, scale: float, favoured: Mapping[str, float]) -> Grid:
    """Lay out the dossiers of a register; ``scale`` multiplies their number.

    ``favoured`` are units that are larger than chance would make them, and by what factor.

    Raises LookupError where no unit handles a field in any month of the sample.
    """
    months = _active_months(register)
    pairs = sorted(months)
    if not pairs:
        raise LookupError("no unit of the register handles a field in a month of the sample")
    active = np.array([months[pair] for pair in pairs], dtype=bool)
    units, fields = (tuple(column) for column in zip(*pairs, strict=True))
    return Grid(
        units=units,
        fields=fields,
        dossiers=_concentrated(fields, _dossiers(register, pairs, active, favoured), scale),
        odds=np.array([_odds(*pair) for pair in pairs]),
        late=_late(register, pairs),
    )


def first_day(month: str) -> dt.date:
    """Return the first day of a month."""
    return dt.date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> dt.date:
    """Return the last day of a month."""
    day = first_day(month)
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _active_months(register: Register) -> dict[Pair, list[bool]]:
    """Return for each unit and field in which months the unit handles it from first to last day."""
    days = [(first_day(month), last_day(month)) for month in MONTHS]
    found: dict[Pair, list[bool]] = {}
    for code, handled in register.handling.items():
        unit = register.units[code]
        in_force = [
            unit.in_force(first_on) and unit.in_force(last_on) for first_on, last_on in days
        ]
        for field, valid_from, valid_to in handled:
            active = found.setdefault((code, field), [False] * len(MONTHS))
            for column, (first_on, last_on) in enumerate(days):
                holds = valid_from <= first_on and (valid_to is None or last_on <= valid_to)
                active[column] |= holds and in_force[column]
    return {pair: active for pair, active in found.items() if any(active)}


def _dossiers(
    register: Register, pairs: list[Pair], active: Bools, favoured: Mapping[str, float]
) -> Floats:
    factors = np.array([favoured.get(unit, 1.0) for unit, _ in pairs])
    weights = (_weights(register, pairs) * factors)[:, None] * active
    names = sorted({field for _, field in pairs})
    place = {name: number for number, name in enumerate(names)}
    field_of = np.array([place[field] for _, field in pairs])
    sums = np.zeros((len(names), len(MONTHS)))
    np.add.at(sums, field_of, weights)
    within = np.divide(weights, sums[field_of], out=np.zeros_like(weights), where=weights > 0)
    volume = np.array([shape_of(name).volume for name in names])[:, None] * (sums > 0)
    shares = (volume / volume.sum(axis=0))[field_of]
    return np.asarray(within * shares * _city_months(pairs, active), dtype=np.float64)


def _concentrated(fields: tuple[str, ...], dossiers: Floats, scale: float) -> Floats:
    """Scale, and leave out the fields of which a unit has little, but for each field's largest."""
    means = dossiers.sum(axis=1) / np.maximum(1, (dossiers > 0).sum(axis=1))
    ranks: dict[str, int] = {}
    kept = means >= _LEAST_DOSSIERS / math.sqrt(scale)
    for row in np.argsort(-means, kind="stable").tolist():
        rank = ranks[fields[row]] = ranks.get(fields[row], 0) + 1
        kept[row] |= rank <= _LARGEST
    left = np.where(kept[:, None], dossiers, 0.0)
    whole = dossiers.sum(axis=0) / np.maximum(1e-9, left.sum(axis=0))
    return np.asarray(left * whole * scale, dtype=np.float64)


def _city_months(pairs: list[Pair], active: Bools) -> Floats:
    """Return the city's dossiers by month: full size, or as many units as there are."""
    totals = []
    for column, month in enumerate(MONTHS):
        n_units = len({unit for (unit, _), on in zip(pairs, active[:, column], strict=True) if on})
        totals.append(CITY_MONTH * SEASON[month] * min(1.0, n_units / FULL_SIZE))
    return np.array(totals)


def _weights(register: Register, pairs: list[Pair]) -> Floats:
    """Return how much of a field's dossiers a unit has beside the others that handle it."""
    n_fields: dict[str, int] = {}
    for unit, _ in pairs:
        n_fields[unit] = n_fields.get(unit, 0) + 1
    parents = {unit.parent for unit in register.units.values()}
    sizes = {unit: _size(unit, n_fields[unit], unit in parents) for unit in n_fields}
    # most units have hardly a dossier of a rare field: a few have nearly all of them
    spread = [0.25 if shape_of(field).volume >= 1 else 1.6 for _, field in pairs]
    noise = generator("spread").standard_normal(len(pairs))
    sized = np.array([sizes[unit] for unit, _ in pairs])
    return np.asarray(sized * np.exp(np.array(spread) * noise), dtype=np.float64)


def _size(unit: str, n_fields: int, has_children: bool) -> float:
    size = float(np.exp(0.45 * generator("size", unit).standard_normal()))
    if n_fields <= _DEPARTMENT_FIELDS:
        return size * 8
    return size * 6 if has_children else size


def shape_of(field: str) -> FieldShape:
    """Return a field's shape; one that is not named gets the default, moved a little."""
    known = FIELDS.get(field)
    if known is not None:
        return known
    moved = DEFAULT.satisfied + 0.03 * (share("satisfied", field) - 0.5)
    return FieldShape(DEFAULT.volume * (0.4 + share("volume", field)), moved)


def _odds(unit: str, field: str) -> float:
    of_unit = 0.30 * generator("quality", unit).standard_normal()
    of_pair = 0.15 * generator("quality", unit, field).standard_normal()
    return logit(shape_of(field).satisfied) + float(of_unit + of_pair)


def _late(register: Register, pairs: list[Pair]) -> Floats:
    named = {
        field
        for target in register.targets
        if target.measure == "late"
        for group in target.selector.names
        if group in register.field_groups
        for field in register.field_groups[group].fields
    }
    return np.array(
        [
            (LATE_SHARE_NAMED if field in named else LATE_SHARE)
            * (0.4 + 1.2 * share("late", unit, field))
            for unit, field in pairs
        ]
    )
