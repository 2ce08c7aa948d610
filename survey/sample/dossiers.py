"""Dossier counts of the sample: received, resolved, early, on time, late, pending."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.sample.cast import PARTS
from survey.sample.draw import Ints, generator, sample_id, share
from survey.sample.grid import MONTHS, first_day
from survey.sample.scene import Scene
from survey.sample.shape import BREAK_ON
from survey.sample.staged import quarter_counts, quarter_of
from survey.terms.counts import DossierBody

SOURCE = "one_stop"
GAP_PART, GAP_MONTH, GAP_SHARE = "steady", "2026-08", 0.0374
"""Where early, on time and late do not add up to resolved, and by how much of it: as much as in
the figures of the Thừa Thiên Huế portal (levels 1 and 2), 9,612 short of 257,141."""

_RECEIVED, _RECEIVED_BREAK = 1.012, 312_468 / 284_415
"""Received for each dossier resolved; in July 2025 as it was published."""
_CARRIED, _EARLY = 0.2, 0.46
_COVERED = 0.23
"""Ratings for each dossier in the cells with set counts."""
_UNSPLIT_UNITS = 0.05
"""Units whose system folds what was early into what was on time."""


@dataclass(frozen=True)
class Dossiers:
    """A row for each row of the grid, a column a month."""

    received: Ints
    resolved: Ints
    early: Ints
    on_time: Ints
    late: Ints
    pending: Ints


def make_dossiers(scene: Scene) -> Dossiers:
    """Count the dossiers of the whole time."""
    expected = scene.grid.dossiers
    chance = generator("dossiers")
    moved = np.rint(expected * np.exp(0.05 * chance.standard_normal(expected.shape)))
    resolved = np.where(expected > 0, np.maximum(1, moved), 0).astype(np.int64)
    resolved = _with_set_counts(scene, resolved)
    factor = np.full(len(MONTHS), _RECEIVED)
    factor[MONTHS.index(f"{BREAK_ON:%Y-%m}")] = _RECEIVED_BREAK
    received = np.rint(resolved * factor).astype(np.int64)
    late = chance.binomial(resolved, np.minimum(1.0, scene.grid.late)[:, None])
    early = chance.binomial(resolved - late, _EARLY)
    on_time = resolved - late - early
    _leave_gap(scene, resolved, on_time)
    return Dossiers(received, resolved, early, on_time, late, _pending(received, resolved))


def dossier_counts(scene: Scene, dossiers: Dossiers, month: str) -> list[DossierBody]:
    """Return what the one-stop systems report about a month."""
    column, grid = scene.column(month), scene.grid
    bodies = []
    for row in np.flatnonzero(dossiers.resolved[:, column]).tolist():
        unit, field = grid.units[row], grid.fields[row]
        early = int(dossiers.early[row, column])
        on_time = int(dossiers.on_time[row, column])
        is_split = share("unsplit", unit) >= _UNSPLIT_UNITS
        bodies.append(
            DossierBody(
                id=sample_id("dossiers", unit, field, month),
                unit=unit,
                field=field,
                month=month,
                source=SOURCE,
                received=int(dossiers.received[row, column]),
                resolved=int(dossiers.resolved[row, column]),
                early=early if is_split else None,
                on_time=on_time if is_split else on_time + early,
                late=int(dossiers.late[row, column]),
                pending=int(dossiers.pending[row, column]),
            )
        )
    return bodies


def _with_set_counts(scene: Scene, resolved: Ints) -> Ints:
    """Give the cells with set ratings as many dossiers as go with them."""
    changed = resolved.copy()
    for part in PARTS:
        pair = scene.cast.parts.get(part.name)
        if pair is None:
            continue
        row = scene.grid.row(*pair)
        for column, month in enumerate(MONTHS):
            if first_day(month) >= BREAK_ON:
                n_ratings = quarter_counts(part, quarter_of(month))[1]
                quarterly = part.dossiers or max(30, n_ratings / _COVERED)
                changed[row, column] = round(quarterly / 3)
    return changed


def _leave_gap(scene: Scene, resolved: Ints, on_time: Ints) -> None:
    pair = scene.cast.parts.get(GAP_PART)
    if pair is not None:
        row, column = scene.grid.row(*pair), MONTHS.index(GAP_MONTH)
        on_time[row, column] -= round(GAP_SHARE * int(resolved[row, column]))


def _pending(received: Ints, resolved: Ints) -> Ints:
    """Return what is pending at each month's end: carried over, received, not yet resolved."""
    pending = np.zeros_like(resolved)
    before = np.zeros(len(resolved), dtype=np.int64)
    for column in range(len(MONTHS)):
        is_first = (resolved[:, column] > 0) & (before == 0)
        before = np.where(is_first, np.rint(_CARRIED * resolved[:, column]), before)
        before = before.astype(np.int64) + received[:, column] - resolved[:, column]
        before = np.where(resolved[:, column] > 0, before, 0)
        pending[:, column] = before
    return pending
