"""Totals that a source hands over instead of single rows."""

from __future__ import annotations

import uuid

import msgspec


class CountedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Counts of one source, series, unit, field, month and question: value → number of answers."""

    id: uuid.UUID
    question: str
    unit: str
    unit_role: str
    field: str
    source: str
    channel: str
    holder: str
    assurance: str
    month: str
    counts: dict[str, int]
    version: int = 1

    @property
    def series(self) -> str:
        """The series key ``source/channel/holder/assurance``."""
        return f"{self.source}/{self.channel}/{self.holder}/{self.assurance}"


class DossierBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dossiers of one unit, field and month; ``None`` where the source does not say.

    Parts that do not add up to their total are kept as given.
    """

    id: uuid.UUID
    unit: str
    field: str
    month: str
    source: str
    received: int | None = None
    resolved: int | None = None
    early: int | None = None
    on_time: int | None = None
    late: int | None = None
    pending: int | None = None
    version: int = 1


DOSSIER_PARTS = ("received", "resolved", "early", "on_time", "late", "pending")


def parts_missing(
    resolved: int | None, early: int | None, on_time: int | None, late: int | None
) -> int | None:
    """Return resolved − (early + on time + late), or None where that cannot be known.

    Zero means that the parts add up. Published figures often do not (they are reported). Where a
    part is unknown, the others may still be more than resolved: then too they do not add up.
    """
    if resolved is None:
        return None
    parts = (early, on_time, late)
    missing = resolved - sum(part for part in parts if part is not None)
    return None if None in parts and missing >= 0 else missing
