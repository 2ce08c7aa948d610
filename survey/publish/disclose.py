"""The one disclosure control: everything that leaves the house passes here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate
from survey.publish.editions import Release
from survey.publish.precedent import (
    Family,
    Precedent,
    Prior,
    Span,
    cell_of,
    count_of,
    family_of,
    span_of,
)
from survey.publish.sums import Cell, sums_of
from survey.register.snapshot import Register
from survey.stats.protection import Protection
from survey.stats.successive import NEVER, protect_again
from survey.terms.period import Period

KEPT = "earlier_edition"
"""Flag of a figure that stays as an earlier edition gave it, since too little has changed."""

STAYS = "stays_as_before"
SHOWN, SMALL, EARLY, CHANGE, REMAINDER, COMPLEMENT, ATTACK = (
    "shown",
    "small",
    "not_in_months",
    "small_change",
    "small_remainder",
    "complement",
    "attack",
)
"""Why a figure is shown or not: fewer answers than the minimum; a unit's field in a month; a
change under the minimum since it was public; a sum over time that leaves a small remainder;
to cover another by subtraction; to cover another from an attack with all sums at once."""


class Disclosed(msgspec.Struct, frozen=True):
    """The rates that may be shown, and how many were hidden for which reason.

    ``exposed`` names the hidden ones that could not be protected, because what would have to be
    hidden is public already. It is for the house: in the report stands only how many they are.
    """

    rates: list[Rate]
    report: dict[str, Any]
    exposed: tuple[str, ...] = ()


def disclose(
    connection: Connection,
    register: Register,
    period: Period,
    rates: Sequence[Rate],
    earlier: Sequence[Release],
) -> Disclosed:
    """Return the rates that may leave the house, in the given order.

    ``rates`` are all rates of the period, unsuppressed; ``earlier`` the releases that are public
    already. A rate that is hidden is left out altogether. One that an earlier edition of the
    period shows and that changed by too little stays as it was, with its own edition and head
    and the flag ``earlier_edition``. Depends on nothing else, and not on the order of ``rates``.
    """
    minimum = register.city.minimum_shown
    precedent = Precedent(connection, period, earlier, minimum)
    families: dict[tuple[Family, Span], dict[Cell, Rate]] = {}
    for rate in rates:
        families.setdefault((family_of(rate), span_of(rate)), {})[cell_of(rate)] = rate
    judged = {
        key: _Judged(register, period, members, precedent, minimum)
        for key, members in families.items()
    }
    reasons: Counter[str] = Counter()
    left: list[Rate] = []
    for rate in rates:
        by, cell = judged[family_of(rate), span_of(rate)], cell_of(rate)
        reason = by.reason(cell)
        reasons[reason] += 1
        if reason == SHOWN:
            left.append(rate)
        elif by.stays(cell):
            reasons[STAYS] += 1
            left.append(_kept(precedent.last_edition(rate)))
    exposed = sorted(name for each in judged.values() for name in each.exposed)
    report = dict(sorted(reasons.items())) | {"exposed": len(exposed)}
    return Disclosed(left, report, tuple(exposed))


def _kept(rate: Rate) -> Rate:
    return msgspec.structs.replace(rate, flags=(*rate.flags, KEPT))


class _Judged:
    """One family of rates: what of it may be shown."""

    def __init__(
        self,
        register: Register,
        period: Period,
        members: Mapping[Cell, Rate],
        precedent: Precedent,
        minimum: int,
    ) -> None:
        self._minimum = minimum
        self._counts = {cell: count_of(rate) for cell, rate in members.items()}
        self._priors = {
            cell: precedent.prior(members[cell])
            for cell in sorted(members, key=str)
            if period.kind != "month" or not (cell.unit and cell.field)
        }
        self._sums = sums_of({cell: n.answered for cell, n in self._counts.items()}, register)
        self._found = self._protect()
        self._attacked = set(self._found.added.tolist())
        exposed = set(self._found.exposed.tolist())
        self.exposed = [
            f"{rate.measure} {cell.unit or 'city'} {cell.field or 'all'}"
            for cell, rate in members.items()
            if self._sums.place.get(cell) in exposed
        ]

    def _protect(self) -> Protection:
        sums, size = self._sums, len(self._sums.counts)
        before, unchanged, eligible = [NEVER] * size, [False] * size, [False] * size
        barred = [False] * size
        for cell, prior in self._priors.items():
            number = sums.place.get(cell)
            if number is None:
                continue
            eligible[number] = True
            barred[number] |= prior.barred
            if prior.before is not None and (before[number] == NEVER or prior.is_edition):
                before[number] = prior.before.answered
                unchanged[number] = prior.before == self._counts[cell]
        return protect_again(
            sums.counts,
            sums.relations,
            before,
            unchanged,
            minimum=self._minimum,
            eligible=[yes and not no for yes, no in zip(eligible, barred, strict=True)],
        )

    def reason(self, cell: Cell) -> str:
        """Return why a cell is hidden, or that it is shown."""
        count, prior = self._counts[cell], self._priors.get(cell)
        if prior is None:
            return EARLY
        if count.answered < self._minimum:
            return SMALL
        if self._changed_little(cell, prior):
            return CHANGE
        if prior.barred and not (prior.is_edition and prior.before == count):
            return REMAINDER
        number = self._sums.place[cell]
        if not self._found.hidden[number]:
            return SHOWN
        return ATTACK if number in self._attacked else COMPLEMENT

    def _changed_little(self, cell: Cell, prior: Prior) -> bool:
        count = self._counts[cell]
        return (
            prior.before is not None
            and prior.before != count
            and abs(prior.before.answered - count.answered) < self._minimum
        )

    def stays(self, cell: Cell) -> bool:
        """Tell whether the figure of an earlier edition stays in place of a hidden one.

        Not where it is far from what is known now: an import that was cancelled must go. The
        limit is twice the minimum, so that knowing on which side of it a change lies never
        narrows a change under the minimum down.
        """
        prior = self._priors.get(cell)
        return (
            prior is not None
            and prior.is_edition
            and prior.before is not None
            and abs(prior.before.answered - self._counts[cell].answered) < 2 * self._minimum
        )
