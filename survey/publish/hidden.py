"""The official rates that exist but are not shown: one state, whether empty or too small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from survey.estimate.rate import Rate, TargetValue, suppress_rate
from survey.estimate.targets import binds, targets_in_force
from survey.publish.editions import Release
from survey.register.snapshot import Register
from survey.terms.measure import MeasureRule


def with_hidden(
    register: Register,
    release: Release,
    rates: Sequence[Rate],
    expected: Iterable[tuple[str | None, str | None]],
) -> list[Rate]:
    """Return the rates and, after them, a suppressed official one for each cell without any.

    ``expected`` are (unit or None, field or None). Nothing in a suppressed rate tells whether it
    is empty or hidden.
    """
    shown = {(rate.unit, rate.field) for rate in rates if rate.official and not rate.with_children}
    rules = [
        rule
        for rule in register.rules
        if rule.kind == "ratings"
        and rule.official
        and rule.in_force(release.period.last_on, release.period.last_on)
    ]
    cells = [cell for cell in expected if cell not in shown]
    return [
        *rates,
        *(_hidden(register, release, rule, *cell) for rule in rules for cell in cells),
    ]


def expected_cells(
    register: Register, release: Release, unit: str | None, field: str | None
) -> list[tuple[str | None, str | None]]:
    """Return the cells that a page is about: what the register says can be rated."""
    last_on = release.period.last_on
    if unit is not None:
        item = register.units[unit]
        if not item.overlaps(release.period.first_on, last_on):
            return []
        on = last_on if item.valid_to is None else min(last_on, item.valid_to)
        return [(unit, None), *((unit, code) for code in register.handled(unit, on))]
    if field is not None:
        return [(None, field), *((code, field) for code in register.handlers(field, last_on))]
    return [(None, code.code) for code in register.fields_in_force(last_on, last_on)]


def _hidden(
    register: Register, release: Release, rule: MeasureRule, unit: str | None, field: str | None
) -> Rate:
    question = register.question(rule.questions[0])
    level = "city" if unit is None else "unit"
    targets = targets_in_force(register, [rule.measure], level, release.period.last_on)
    target = next((each for each in targets if binds(register, each, field)), None)
    return suppress_rate(
        Rate(
            measure=rule.measure,
            official=True,
            series=(),
            unit=unit,
            unit_role=rule.unit_role,
            field=field,
            period=str(release.period),
            edition=release.edition,
            question=question.id,
            scale=question.scale.id,
            satisfied_set=question.scale.satisfied_set,
            target=None
            if target is None
            else TargetValue(target.value, target.comparator, target.source, target.basis),
            sample=release.sample,
            head=release.head,
            as_of=release.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    )
