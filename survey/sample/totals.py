"""Totals of the sample: what the national portal hands over instead of single ratings."""

from __future__ import annotations

import msgspec
import numpy as np

from survey.sample.answers import option_shares
from survey.sample.draw import generator, sample_id, share
from survey.sample.flow import satisfaction
from survey.sample.grid import first_day
from survey.sample.scene import Scene
from survey.sample.shape import BREAK_ON, PORTAL_SHARE
from survey.sample.voices import PORTAL, rating_rules, rule_for
from survey.terms.counts import CountedBody
from survey.terms.measure import MeasureRule

CORRECTED_MONTH = "2026-07"
"""The month of which one total is handed over a second time, put right."""

_UNITS = 0.10
"""Units for which the portal hands over totals beside the single ratings of the desks."""
_LEAST_DOSSIERS = 90
_PORTAL_LIFT = -0.1
_ONLY_PORTAL = 4
"""How many times as much the portal is used where it is the only source."""


def monthly_totals(scene: Scene, month: str) -> list[CountedBody]:
    """Return the portal's totals of a month; none before it hands any over."""
    rule = _rule(scene, month)
    if rule is None:
        return []
    grid, column = scene.grid, scene.column(month)
    bodies = []
    for row in np.flatnonzero(grid.dossiers[:, column]).tolist():
        expected = _expected(scene, grid.units[row], float(grid.dossiers[row, column]))
        if expected > 0:
            bodies.append(_total(scene, rule, month, row, expected))
    return bodies


def corrected_total(scene: Scene) -> list[CountedBody]:
    """Return one total of the corrected month anew: ten satisfied answers were missing."""
    totals = monthly_totals(scene, CORRECTED_MONTH)
    if not totals:
        return []
    body = totals[0]
    best = str(max(int(value) for value in body.counts))
    counts = body.counts | {best: body.counts[best] + 10}
    return [msgspec.structs.replace(body, id=sample_id("corrected", body.id), counts=counts)]


def _rule(scene: Scene, month: str) -> MeasureRule | None:
    """Return the rule that takes the portal's series, else the one that leads."""
    day = first_day(month)
    if day < BREAK_ON:
        return None
    taking = rule_for(scene.register, PORTAL, day)
    return taking or next(iter(rating_rules(scene.register, day)), None)


def _expected(scene: Scene, unit: str, dossiers: float) -> float:
    if unit in scene.cast.totals_only:
        return dossiers * PORTAL_SHARE * _ONLY_PORTAL
    is_beside = unit not in scene.cast.mute and unit != scene.cast.featured
    if is_beside and dossiers >= _LEAST_DOSSIERS * scene.scale and share("portal", unit) < _UNITS:
        return dossiers * PORTAL_SHARE
    return 0.0


def _total(scene: Scene, rule: MeasureRule, month: str, row: int, expected: float) -> CountedBody:
    unit, field = scene.grid.units[row], scene.grid.fields[row]
    question = rule.questions[0]
    chance = generator("totals", unit, field, month)
    satisfied = float(satisfaction(scene, np.array([row]), month, _PORTAL_LIFT)[0])
    shares = option_shares(scene.register.question(question).scale, satisfied)
    counts = chance.multinomial(chance.poisson(expected), list(shares.values()))
    return CountedBody(
        id=sample_id("totals", unit, field, month),
        question=question,
        unit=unit,
        unit_role=rule.unit_role,
        field=field,
        source=PORTAL.source,
        channel=PORTAL.channel,
        holder=PORTAL.holder,
        assurance=PORTAL.assurance,
        month=month,
        counts=dict(zip(map(str, shares), counts.tolist(), strict=True)),
    )
