"""On-time and late shares of dossiers, beside satisfaction, with the plan's targets."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.engine import Connection

from survey.estimate.rate import TargetValue, Timeliness
from survey.estimate.targets import binds, fields_of, targets_in_force
from survey.register.snapshot import Register
from survey.stats import reached
from survey.tally.dossiers import DossierCounts, Parts, dossier_counts
from survey.terms.counts import parts_missing
from survey.terms.measure import Target
from survey.terms.period import Period

ON_TIME, LATE = "on_time", "late"


def timeliness(
    connection: Connection, register: Register, period: Period, *, head: int | None = None
) -> list[Timeliness]:
    """Return on-time and late shares of every unit and of the city, where dossiers are known.

    First all fields together, then what each target sums, then field by field. Counts are as the
    sources give them; where parts do not add up, ``missing`` says by how much.
    """
    counts = dossier_counts(connection, register, period, head=head)
    return [row for unit in counts.units() for row in _of_unit(register, counts, period, unit)]


def _of_unit(
    register: Register, counts: DossierCounts, period: Period, unit: str | None
) -> Iterator[Timeliness]:
    known = counts.fields(unit)
    level = "city" if unit is None else "unit"
    targets = targets_in_force(register, (ON_TIME, LATE), level, period.last_on)
    plans: list[tuple[str, str | None, list[str], str, Target | None]] = []
    whole = next((target for target in targets if binds(register, target, None)), None)
    plans.append((ON_TIME if whole is None else whole.measure, None, known, "all", whole))
    for target in targets:
        members = fields_of(register, target, known)
        if members is not None and target is not whole:
            plans.append((target.measure, None, members, target.fields, target))
    for field in known:
        bound = next((target for target in targets if binds(register, target, field)), None)
        measure = ON_TIME if bound is None else bound.measure
        plans.append((measure, field, [field], f"field:{field}", bound))
    for measure, single, fields, selector, bound in plans:
        parts = counts.over(unit, fields)
        if parts is not None:
            yield _row(measure, parts, bound, unit, single, selector, str(period))


def _row(
    measure: str,
    parts: Parts,
    target: Target | None,
    unit: str | None,
    field: str | None,
    selector: str,
    period: str,
) -> Timeliness:
    resolved, early, on_time, late = (
        parts["resolved"],
        parts["early"],
        parts["on_time"],
        parts["late"],
    )
    counted = late if measure == LATE else _together(early, on_time)
    share, by_count = None, None
    if resolved and counted is not None and counted <= resolved:
        share = round(counted / resolved, 6)
        if target is not None:
            by_count = reached(counted, resolved, target.fraction, target.comparator)
    return Timeliness(
        measure=measure,
        unit=unit,
        field=field,
        fields=selector,
        period=period,
        received=parts["received"],
        resolved=resolved,
        early=early,
        on_time=on_time,
        late=late,
        pending=parts["pending"],
        missing=parts_missing(resolved, early, on_time, late),
        share=share,
        target=None
        if target is None
        else TargetValue(target.value, target.comparator, target.source, target.basis),
        reached_by_count=by_count,
    )


def _together(early: int | None, on_time: int | None) -> int | None:
    """Early and on time together; a source may fold early into on time and leave it unknown."""
    return None if on_time is None else on_time + (early or 0)
