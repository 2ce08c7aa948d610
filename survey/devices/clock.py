"""When a rating was given, as far as a device's clock can tell. Instants are UTC seconds.

The offset is measured when a batch is sent: server time less device time. It holds for a rating of
that batch unless the clock was set in between, and that shows where the corrected time lies before
the device was enrolled, after its batch arrived, or before that of an earlier counter. Nothing is
dropped for its clock: such a rating counts at the nearest possible time, and is marked.
"""

from __future__ import annotations

import msgspec

NOISE = 60
"""Smaller offsets may be the way through the net: they correct nothing."""
PLAUSIBLE = 24 * 3600
"""A greater offset is corrected all the same, and marked."""
SLACK = 600
"""How far times may run back from one counter to the next."""

CLOCK_OFF = "clock_off"
CLOCK_BOUNDS = "clock_bounds"
CLOCK_BACK = "clock_back"


class Corrected(msgspec.Struct, frozen=True):
    """The corrected instant and what is odd about it (codes)."""

    at: int
    marks: tuple[str, ...] = ()


def correct(answered_at: int, offset: int, *, earliest: int, latest: int, floor: int) -> Corrected:
    """Return when a rating was given.

    ``offset`` is in seconds; ``earliest`` is when the device was enrolled, ``latest`` when the
    batch arrived, ``floor`` the latest corrected time of smaller counters (0: none).
    """
    marks = []
    if abs(offset) > PLAUSIBLE:
        marks.append(CLOCK_OFF)
    at = answered_at + (offset if abs(offset) > NOISE else 0)
    if not earliest - SLACK <= at <= latest + SLACK:
        marks.append(CLOCK_BOUNDS)
    at = min(max(at, earliest), max(latest, earliest))
    if at < floor - SLACK:
        marks.append(CLOCK_BACK)
    return Corrected(at, tuple(marks))
