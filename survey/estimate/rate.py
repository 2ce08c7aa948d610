"""The one result type: a rate and everything that a reader needs to judge it."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["met", "not_met", "not_enough", "no_ratings"]


class SeriesKey(msgspec.Struct, frozen=True):
    """A series that a rate sums."""

    source: str
    channel: str
    holder: str
    assurance: str


class IntervalValue(msgspec.Struct, frozen=True):
    """A confidence interval as published: shares 0..1, six decimals."""

    method: str
    level: float
    low: float
    high: float


class TargetValue(msgspec.Struct, frozen=True):
    """The target that a rate is held against; ``value`` is a decimal as text."""

    value: str
    comparator: str
    source: str
    basis: str


class Bounds(msgspec.Struct, frozen=True):
    """Worst-case bounds: nobody, or everybody, of the silent was satisfied."""

    low: float
    high: float


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A rate as it leaves the house; the order of the members is the order in CSV.

    ``measure`` is the measure's name, ``reference`` for a series that is none. ``unit`` is None
    for the city, ``field`` None for all fields together. ``with_children`` counts the unit's
    children too. ``days`` is ``first/last`` where a change of rule cuts the period, else None.
    ``flags`` are remarks with stable codes, such as ``n_exceeds_dossiers``. What is unknown or
    hidden is None, never 0. Shares are 0..1 with six decimals.
    """

    measure: str
    official: bool
    series: tuple[SeriesKey, ...]
    unit: str | None
    unit_role: str
    with_children: bool = False
    field: str | None
    period: str
    days: str | None = None
    edition: int
    question: str
    scale: str
    satisfied_set: tuple[int, ...]
    questionnaires: tuple[str, ...] = ()
    satisfied: int | None = None
    answered: int | None = None
    outside_denominator: int | None = None
    repeats: int | None = None
    voided: int | None = None
    from_totals_share: float | None = None
    rate: float | None = None
    interval: IntervalValue | None = None
    target: TargetValue | None = None
    reached_by_count: bool | None = None
    verdict: Verdict | None = None
    dossiers: int | None = None
    coverage: float | None = None
    bounds: Bounds | None = None
    per_100_dossiers: float | None = None
    flags: tuple[str, ...] = ()
    suppressed: bool = False
    sample: bool
    head: int
    as_of: str


class Timeliness(msgspec.Struct, frozen=True, kw_only=True):
    """Dossiers of a unit (None: the city) in a period, as the sources give them.

    ``fields`` says of which fields: ``all``, ``field:X``, or a target's selector such as
    ``all-except:land|investment`` or ``group:land`` (``field`` is X for a single field, else
    None). ``measure`` is ``on_time`` (early and on time over resolved) or ``late`` (late over
    resolved); ``share`` is 0..1, six decimals. ``missing`` is resolved − (early + on time +
    late): other than 0, the source's parts do not add up and stay as given.
    """

    measure: str
    unit: str | None
    field: str | None
    fields: str
    period: str
    received: int | None
    resolved: int | None
    early: int | None
    on_time: int | None
    late: int | None
    pending: int | None
    missing: int | None
    share: float | None
    target: TargetValue | None
    reached_by_count: bool | None


HIDDEN_WHEN_SUPPRESSED = (
    "satisfied",
    "answered",
    "outside_denominator",
    "repeats",
    "voided",
    "from_totals_share",
    "rate",
    "interval",
    "reached_by_count",
    "verdict",
    "coverage",
    "bounds",
    "per_100_dossiers",
)
"""Members that a suppressed rate carries as None (the number of dossiers is no secret)."""


def suppress_rate(rate: Rate) -> Rate:
    """Return the rate without any number that gives its counts away."""
    hidden: dict[str, None] = dict.fromkeys(HIDDEN_WHEN_SUPPRESSED)
    return msgspec.structs.replace(rate, suppressed=True, questionnaires=(), flags=(), **hidden)
