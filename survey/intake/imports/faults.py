"""What is wrong with a row, a file or a map: data that a page can show in any language."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a row.

    ``code`` is stable, ``column`` is the header of the file, ``value`` what stands in the cell,
    ``detail`` what helps to put it right. Two rows with equal faults are one finding.
    """

    code: str
    column: str = ""
    value: str = ""
    detail: str = ""


Faults = dict[int, list[Fault]]
"""The faults of a chunk: place of the row in the chunk → what is wrong with it."""


def blame(faults: Faults, place: int, fault: Fault) -> None:
    """Add a fault to a row."""
    faults.setdefault(place, []).append(fault)


class RefusedError(Exception):
    """The whole file cannot be taken in as it is; nothing was written."""

    def __init__(self, code: str, *, column: str = "", value: str = "", detail: str = "") -> None:
        self.fault = Fault(code, column, value, detail)
        super().__init__(f"{code}: {column} {value} {detail}")
