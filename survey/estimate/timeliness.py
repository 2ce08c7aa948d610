"""On-time and late shares of dossiers, beside satisfaction, with the plan's targets."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy.engine import Connection

from survey.estimate.rate import TargetValue, Timeliness
from survey.register.snapshot import Register
from survey.stats import reached
from survey.tally.dossiers import DossierCounts, dossier_counts
from survey.terms.period import Period

MEASURES = ("on_time", "late")


def timeliness(
    connection: Connection, register: Register, period: Period, *, head: int | None = None
) -> list[Timeliness]:
    """Return the on-time or late share of every cell for which dossiers are known.

    Which of the two is given follows from the targets: a field bound by a late target shows its
    late share, any other its on-time share. Counts are as the sources give them; where parts do
    not add up, ``missing`` says by how much and nothing is repaired.
    """
    counts = dossier_counts(connection, period, head=head)
    keys = sorted(counts.sums, key=lambda key: (key[0] or "", key[1] or ""))
    return [_timeliness(register, counts, period, unit, field) for unit, field in keys]


def _timeliness(
    register: Register,
    counts: DossierCounts,
    period: Period,
    unit: str | None,
    field: str | None,
) -> Timeliness:
    parts = counts.sums[unit, field]
    resolved, early, on_time, late = (
        parts[name] for name in ("resolved", "early", "on_time", "late")
    )
    measure, target = _target(register, unit, field, period)
    counted = late if measure == "late" else _plus(early, on_time)
    sensible = bool(resolved) and counted is not None and counted <= (resolved or 0)
    share = round(counted / resolved, 6) if sensible and counted is not None and resolved else None
    by_count = None
    if sensible and target is not None and counted is not None and resolved is not None:
        by_count = reached(counted, resolved, Fraction(target.value), target.comparator)
    missing = None
    if None not in (resolved, early, on_time, late):
        missing = (resolved or 0) - (early or 0) - (on_time or 0) - (late or 0)
    return Timeliness(
        measure=measure,
        unit=unit,
        field=field,
        period=str(period),
        received=parts["received"],
        resolved=resolved,
        early=early,
        on_time=on_time,
        late=late,
        pending=parts["pending"],
        missing=missing,
        share=share,
        target=target,
        reached_by_count=by_count,
    )


def _plus(early: int | None, on_time: int | None) -> int | None:
    """Early and on time together; a source may fold early into on time and leave it unknown."""
    if on_time is None:
        return None
    return on_time + (early or 0)


def _target(
    register: Register, unit: str | None, field: str | None, period: Period
) -> tuple[str, TargetValue | None]:
    level = "city" if unit is None else "unit"
    for measure in reversed(MEASURES):
        for target in register.targets:
            if (
                target.measure == measure
                and target.level == level
                and target.in_force(period.last_on)
                and register.binds(target, field)
            ):
                value = TargetValue(target.value, target.comparator, target.source, target.basis)
                return measure, value
    return "on_time", None
