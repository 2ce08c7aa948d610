"""Importing counts of dossiers: received, resolved and how timely, by unit, field and month."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from sqlalchemy.engine import Connection

from survey.intake.check import ACCEPTED
from survey.intake.imports.cells import Words, number_column
from survey.intake.imports.context import Context, Progress
from survey.intake.imports.counts import write_items
from survey.intake.imports.faults import Fault, Faults, blame
from survey.intake.imports.mapping import DossiersMap
from survey.intake.imports.places import field_places, unit_places
from survey.intake.imports.rating_rows import vocabulary
from survey.intake.imports.table import Chunk, whole
from survey.intake.imports.times import MonthColumn
from survey.terms.counts import DOSSIER_PARTS, DossierBody, parts_missing
from survey.terms.period import parse_period
from survey.terms.series import SOURCES


class DossierRows:
    """Reads chunks of rows by one map into dossier counts."""

    def __init__(self, mapping: DossiersMap, context: Context) -> None:
        self._context = context
        self._month = MonthColumn(mapping.month, context.today.isoformat()[:7])
        self._unit = unit_places(context.register, mapping.unit)
        self._field = field_places(context.register, mapping.field)
        self._source = Words(mapping.source, "source", vocabulary(SOURCES).get)
        self._parts = {
            part: number_column(getattr(mapping.parts, part), mapping.numbers)
            for part in DOSSIER_PARTS
            if getattr(mapping.parts, part)
        }

    def read(self, chunk: Chunk) -> tuple[list[tuple[int, DossierBody]], Faults]:
        """Return the counts that can be read with their places, and what is wrong with others."""
        faults: Faults = {}
        column = self._month.column
        months = self._month.read(chunk.columns[column] if column else [""] * len(chunk), faults)
        days = [parse_period(month).last_on if month else None for month in months]
        units = self._unit.read(chunk, days, faults)
        fields = self._field.read(chunk, days, faults)
        sources = self._source.read(chunk, faults)
        numbers = {
            part: column.read(chunk.columns[column.name], faults)
            for part, column in self._parts.items()
        }
        bodies = []
        for place, key in enumerate(zip(units, fields, months, sources, strict=True)):
            if place in faults:
                continue
            parts = {part: values[place] for part, values in numbers.items()}
            if all(value is None for value in parts.values()):
                blame(faults, place, Fault("value_missing", next(iter(self._parts.values())).name))
                continue
            made = self._context.identity.of_total(*key)
            given: dict[str, Any] = {part: parts.get(part) for part in DOSSIER_PARTS}
            bodies.append((place, DossierBody(made, *key, **given)))
        return bodies, faults


class DossiersPlan:
    """See :class:`survey.intake.imports.context.Plan`. Parts that do not add up are kept as given.

    Memory: about 0.5 kB for each row.
    """

    def __init__(self, mapping: DossiersMap, context: Context) -> None:
        self._context = context
        self._rows = DossierRows(mapping, context)
        self._seen: dict[uuid.UUID, int] = {}
        self._bodies: list[DossierBody] = []
        self.n_items = self.n_bad = self.n_already = self.n_accepted = 0
        self.sources: set[str] = set()
        self.months: set[str] = set()

    def take(self, chunk: Chunk) -> None:
        """Read some rows."""
        read, faults = self._rows.read(chunk)
        fresh: list[tuple[int, DossierBody]] = []
        for place, body in read:
            number = chunk.numbers[place]
            first = self._seen.setdefault(body.id, number)
            if first == number:
                fresh.append((place, body))
            else:
                fault = Fault("count_twice", value=_told(body), detail=f"row {first}")
                blame(faults, place, fault)
        self.n_items += len(fresh)
        outcomes = self._context.foresee([body for _, body in fresh])
        for (place, body), outcome in zip(fresh, outcomes, strict=True):
            if outcome is ACCEPTED:
                self._keep(body, chunk.numbers[place])
            else:
                blame(faults, place, Fault(outcome.code, value=outcome.detail))
        for place, found in sorted(faults.items()):
            self.n_bad += 1
            cells = {name: whole(column[place]) for name, column in chunk.columns.items()}
            self._context.keep_out(chunk.numbers[place], found, cells)

    def _keep(self, body: DossierBody, number: int) -> None:
        self._bodies.append(body)
        missing = parts_missing(body.resolved, body.early, body.on_time, body.late)
        if missing:
            sums = f"{body.resolved} resolved, {(body.resolved or 0) - missing} in parts"
            fault = Fault("parts_do_not_add_up", value=_told(body), detail=f"{sums}: {missing:+d}")
            self._context.collector.add("note", fault, number)

    def finish(self) -> None:
        """Nothing is left to settle; the counts are there."""
        self.n_accepted = len(self._bodies)
        self.sources = {body.source for body in self._bodies}
        self.months = {body.month for body in self._bodies}

    def write(self, connection: Connection, batch: uuid.UUID, progress: Progress) -> Counter[str]:
        """Write the counts."""
        return write_items(connection, self._context, self._bodies, batch, progress)


def _told(body: DossierBody) -> str:
    return f"{body.unit} {body.field} {body.month} {body.source}"
