"""The one disclosure control: everything that leaves the house passes here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate
from survey.estimate.rates import Edition, estimate
from survey.publish.editions import Release
from survey.publish.precedent import (
    Family,
    Precedent,
    cell_of,
    count_of,
    family_of,
    period_of,
    span_of,
)
from survey.publish.sums import Key, sums_of
from survey.register.snapshot import Register
from survey.stats.audit import audit
from survey.stats.successive import NEVER, protect_again
from survey.terms.period import Period

KEPT = "earlier_edition"
"""Flag of a figure that stays as an earlier edition gave it, since too little has changed."""

STAYS = "stays_as_before"
SHOWN, SMALL, EARLY, CHANGE, COMPLEMENT, ATTACK = (
    "shown",
    "small",
    "not_in_months",
    "small_change",
    "complement",
    "attack",
)
"""Why a figure is shown or not: fewer answers than the minimum; a unit's field in a month; a
change under the minimum since it was public; to cover another that one subtraction would tell;
to cover another from an attack with all sums at once."""

LARGEST = 10_000
"""From so many cells on, in sums with each other, the attack with all sums at once is left out:
it takes a second for a quarter of 5,000 cells, and minutes for the year of a large city."""

Count = Callable[[Period], Sequence[Rate]]
"""Returns all rates of another period, unsuppressed, as known at the same head."""


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
    *,
    count: Count | None = None,
    sample: int = 0,
) -> Disclosed:
    """Return the rates that may leave the house, in the given order.

    ``rates`` are all rates of the period, unsuppressed; ``earlier`` the releases that are public
    already. A rate that is hidden is left out altogether. One that an earlier edition of the
    period shows and that changed by too little stays as it was, with its own edition and head
    and the flag ``earlier_edition``.

    Where other periods stand in a sum with this one and are public, their figures as of the same
    head are needed as well: ``count`` gives them, by default from the ledger up to the head of
    the rates. So the outcome depends on the ledger up to that head, the register and what was
    published, and not on the order of the rates.

    With ``sample`` so many hidden cells of each family are attacked with all sums at once where
    the whole family is too large for it; the draw's seed is the head.
    """
    if not rates:
        return Disclosed([], {"exposed": 0})
    precedent = Precedent(connection, period, earlier)
    counting = count or _from_ledger(connection, register, rates[0])
    families: dict[Family, dict[Key, Rate]] = {}
    for rate in _all(rates, precedent.needed, counting):
        families.setdefault(family_of(rate), {})[_key_of(rate)] = rate
    own = {family_of(rate) for rate in rates}
    judged = {
        family: _Judged(register, period, members, precedent)
        for family, members in families.items()
        if family in own
    }
    reasons: Counter[str] = Counter()
    left: list[Rate] = []
    for rate in rates:
        by = judged[family_of(rate)]
        reason = by.reason(rate)
        reasons[reason] += 1
        if reason == SHOWN:
            left.append(rate)
        elif (before := by.staying(rate)) is not None:
            reasons[STAYS] += 1
            left.append(msgspec.structs.replace(before, flags=(*before.flags, KEPT)))
    exposed = sorted(name for each in judged.values() for name in each.exposed)
    report = dict(sorted(reasons.items())) | {
        "exposed": len(exposed),
        "attacked": all(each.is_attacked for each in judged.values()),
    }
    if sample:
        tried = [each.try_sample(sample, seed=rates[0].head) for each in judged.values()]
        report["sample_attacked"] = sum(attacked for attacked, _ in tried)
        report["sample_exposed"] = sum(exposed for _, exposed in tried)
    return Disclosed(left, report, tuple(exposed))


def _from_ledger(connection: Connection, register: Register, like: Rate) -> Count:
    def count(period: Period) -> list[Rate]:
        edition = Edition(period, 0, like.head, like.as_of, like.sample)
        return estimate(connection, register, edition, head=like.head)

    return count


def _all(rates: Sequence[Rate], needed: Iterable[Period], count: Count) -> Iterable[Rate]:
    yield from rates
    for period in needed:
        yield from count(period)


def _key_of(rate: Rate) -> Key:
    return Key(period_of(rate), span_of(rate), cell_of(rate))


class _Judged:
    """One family of rates, those of other periods too: what of it may be shown."""

    def __init__(
        self, register: Register, period: Period, members: dict[Key, Rate], precedent: Precedent
    ) -> None:
        self._minimum = register.city.minimum_shown
        self._precedent, self._members = precedent, members
        self._sums = sums_of(
            {key: count_of(rate).answered for key, rate in members.items()}, register
        )
        self.is_attacked = len(self._sums.counts) <= LARGEST
        self._protect(period)

    def _protect(self, period: Period) -> None:
        sums, size = self._sums, len(self._sums.counts)
        before, unchanged, eligible = [NEVER] * size, [False] * size, [False] * size
        barred = [False] * size
        for key, rate in sorted(self._members.items(), key=lambda item: str(item[0])):
            number = sums.place.get(key)
            if number is None:
                continue
            figures, now = self._precedent.figures(rate), count_of(rate)
            is_open = key.period == period or key.period in self._precedent.open
            eligible[number] |= bool(figures) or (is_open and _is_listed(rate))
            if figures and before[number] == NEVER:
                before[number] = figures[-1].answered
                unchanged[number] = figures[-1] == now
            barred[number] |= any(self._is_near(rate, older) for older in figures[:-1])
        found = protect_again(
            sums.counts,
            sums.relations,
            before,
            unchanged,
            minimum=self._minimum,
            eligible=[yes and not no for yes, no in zip(eligible, barred, strict=True)],
            attack=self.is_attacked,
        )
        self._hidden, self._attacked = found.hidden.tolist(), set(found.added.tolist())
        exposed = set(found.exposed.tolist())
        self.exposed = [
            f"{rate.period} {rate.measure} {rate.unit or 'city'} {rate.field or 'all'}"
            for key, rate in self._members.items()
            if sums.place.get(key) in exposed
        ]

    def try_sample(self, number: int, *, seed: int) -> tuple[int, int]:
        """Attack some hidden cells; return how many, and how many of them are told too closely."""
        if self.is_attacked or not any(self._hidden):
            return 0, 0
        found = audit(
            self._sums.counts, self._sums.relations, self._hidden, sample=number, seed=seed
        )
        return len(found.cells), len(found.exposed)

    def reason(self, rate: Rate) -> str:
        """Return why a rate is hidden, or that it is shown."""
        if not _is_listed(rate):
            return EARLY
        if count_of(rate).answered < self._minimum:
            return SMALL
        if any(self._is_near(rate, figure) for figure in self._precedent.figures(rate)):
            return CHANGE
        number = self._sums.place[_key_of(rate)]
        if not self._hidden[number]:
            return SHOWN
        return ATTACK if number in self._attacked else COMPLEMENT

    def staying(self, rate: Rate) -> Rate | None:
        """Return the figure of an earlier edition that stays in place of a hidden one, if any.

        Not where it is far from what is known now: an import that was cancelled must go. The
        limit is twice the minimum, so that knowing on which side of it a change lies never
        narrows a change under the minimum down.
        """
        before = self._precedent.last_edition(rate)
        if before is None:
            return None
        change = count_of(before).answered - count_of(rate).answered
        return before if abs(change) < 2 * self._minimum else None

    def _is_near(self, rate: Rate, figure: tuple[int, int]) -> bool:
        now = count_of(rate)
        return now != figure and abs(now.answered - figure[0]) < self._minimum


def _is_listed(rate: Rate) -> bool:
    """Months show units and fields, not units by field."""
    return not (rate.unit and rate.field) or period_of(rate).kind != "month"
