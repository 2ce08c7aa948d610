"""The one disclosure control: everything that leaves the house passes here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from survey.estimate.rate import Rate
from survey.publish.editions import Release
from survey.register.snapshot import Register
from survey.terms.period import Period


class Disclosed(msgspec.Struct, frozen=True):
    """The rates that may be shown, and how many were hidden for which reason."""

    rates: list[Rate]
    report: dict[str, Any]


def disclose(
    connection: Connection,
    register: Register,
    period: Period,
    rates: Sequence[Rate],
    earlier: Sequence[Release],
) -> Disclosed:
    """Return the rates that may leave the house."""
    minimum = register.city.minimum_shown
    shown = [rate for rate in rates if (rate.answered or 0) >= minimum]
    return Disclosed(shown, {"primary": len(rates) - len(shown)})
