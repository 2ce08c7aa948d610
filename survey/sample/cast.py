"""The cast of the sample: which unit and field plays which case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from survey.register.snapshot import Register
from survey.sample.draw import share
from survey.sample.grid import Pair
from survey.sample.shape import BREAK_ON, DATA


@dataclass(frozen=True)
class Part:
    """A unit × field with counts that are set, not drawn.

    ``quarterly`` is the number of official ratings a quarter, ``satisfied`` their share; in the
    last quarter there are exactly ``last`` (satisfied, answered) where given. ``dossiers`` is the
    number resolved a quarter, None for a plausible one.
    """

    name: str
    prefers: str
    quarterly: int
    satisfied: float
    last: tuple[int, int] | None = None
    dossiers: int | None = None


PARTS = (
    Part("steady", "CTHUC", 640, 0.968),
    Part("exact", "HDXD", 190, 0.900, (182, 200)),
    Part("near", "HKD", 620, 0.905, (1137, 1250)),
    Part("three", "VHOA", 3, 0.67, (2, 3)),
    Part("none", "TREEM", 0, 0.0, (0, 0)),
    Part("poor", "DD", 310, 0.840),
    Part("good", "HTICH", 430, 0.962),
    Part("small", "BTXH", 64, 0.945),
    Part("many", "NCC", 24, 0.93, None, 20),
)
"""In the order in which they are given away: a city with few units has the first ones only.

``exact`` ends at 91 % exactly, ``near`` at 90.96 %, ``three`` at three ratings, ``none`` at none;
``many`` has more ratings than dossiers.
"""

FEATURED = "26740C"
TOTALS_ONLY = ("26743C", "27154C")
SILENT = "26732C"
FEW = "27673C"
"""Units that play a part where the city has them."""


@dataclass(frozen=True)
class Cast:
    """Who plays what.

    ``featured`` has a page full of cases. ``parts`` are the cells with set counts.
    ``totals_only`` are units whose ratings come as totals, ``silent`` has none at all, ``few``
    never reaches the number from which a rate is shown. ``late`` is where a kiosk was without a
    network for weeks.
    """

    featured: str
    parts: dict[str, Pair]
    totals_only: tuple[str, ...]
    silent: str | None
    few: str | None
    late: str

    @property
    def mute(self) -> frozenset[str]:
        """The units without single ratings of the ordinary kind."""
        return frozenset({*self.totals_only, *filter(None, (self.silent, self.few))})


def make_cast(register: Register) -> Cast:
    """Give the parts away among the units that are there from the middle of the data to its end."""
    units = _steady_units(register)
    if not units:
        raise LookupError(f"no unit handles a field from {BREAK_ON} to {DATA.last_on}")
    featured = FEATURED if FEATURED in units else units[0]
    others = [unit for unit in units if unit != featured]
    n_fields = len(register.handled(featured, DATA.last_on))
    if n_fields >= len(PARTS):
        parts = _within(register, featured)
    else:
        parts, others = _spread(register, [featured, *others])
    totals = [unit for unit in TOTALS_ONLY if unit in others] or others[:1]
    others = [unit for unit in others if unit not in totals]
    silent = _choose(SILENT, others)
    others = [unit for unit in others if unit != silent]
    few = _choose(FEW, others)
    return Cast(
        featured=featured,
        parts=parts,
        totals_only=tuple(totals),
        silent=silent,
        few=few,
        late=next((unit for unit in others if unit != few), featured),
    )


def _steady_units(register: Register) -> list[str]:
    """Return the units with the commonest number of fields all through, by code."""
    n_fields = {
        unit: len(register.handled(unit, DATA.last_on))
        for unit in sorted(register.handling)
        if register.handled(unit, BREAK_ON) and register.handled(unit, DATA.last_on)
    }
    commonest = Counter(n_fields.values()).most_common(1)
    return [unit for unit, number in n_fields.items() if number == commonest[0][0]]


def _within(register: Register, unit: str) -> dict[str, Pair]:
    """Give every part to a field of one unit: the one it prefers, else the next that is free."""
    handled = [
        code
        for code in register.handled(unit, DATA.last_on)
        if code in register.handled(unit, BREAK_ON)
    ]
    taken = {part.prefers for part in PARTS if part.prefers in handled}
    free = iter([code for code in handled if code not in taken])
    return {
        part.name: (unit, part.prefers if part.prefers in handled else next(free)) for part in PARTS
    }


def _spread(register: Register, units: list[str]) -> tuple[dict[str, Pair], list[str]]:
    """Give each part to another unit, two units left over; returns the parts and who is left."""
    number = max(1, min(len(PARTS), len(units) - 2))
    players, left = units[:number], units[number:]
    parts = {
        part.name: (unit, register.handled(unit, DATA.last_on)[0])
        for part, unit in zip(PARTS, players, strict=False)
    }
    return parts, left


def _choose(preferred: str, units: list[str]) -> str | None:
    if preferred in units:
        return preferred
    return min(units, key=lambda unit: share("part", unit), default=None)
