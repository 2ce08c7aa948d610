"""Importing totals: how many chose each option, by unit, field, month and series."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from survey.intake.accept import Item, accept
from survey.intake.check import ACCEPTED
from survey.intake.imports.cells import Words, label_column, number_column
from survey.intake.imports.context import CHUNK, Context, Progress
from survey.intake.imports.faults import Fault, Faults, RefusedError, blame
from survey.intake.imports.mapping import CountsMap
from survey.intake.imports.places import field_places, unit_places
from survey.intake.imports.rating_rows import vocabulary
from survey.intake.imports.table import Chunk, whole
from survey.intake.imports.times import MonthColumn
from survey.terms.counts import CountedBody
from survey.terms.period import parse_period
from survey.terms.series import ASSURANCES, CHANNELS, DELIVERED, HOLDERS

Cell = tuple[str, str, str, str, str, str, str, str]
"""unit, field, source, channel, holder, assurance, question, month"""


class Total:
    """A total that is being put together from rows of the file."""

    __slots__ = ("counts", "is_whole", "rows")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.rows: list[int] = []
        self.is_whole = True


class CountRows:
    """Reads chunks of rows by one map into totals."""

    def __init__(self, mapping: CountsMap, context: Context) -> None:
        register = context.register
        unit = mapping.resolving_unit or mapping.receiving_unit
        if unit is None:
            raise RefusedError("map_entry", value="resolving_unit", detail="no unit")
        self._month = MonthColumn(mapping.month, context.today.isoformat()[:7])
        self._unit = unit_places(register, unit)
        self._field = field_places(register, mapping.field)
        questions = vocabulary(
            sorted(
                {
                    question.id
                    for published in register.questionnaires.values()
                    for question in published.questionnaire.questions
                }
            )
        )
        self._words = [
            Words(entry, code, vocabulary(known).get)
            for entry, code, known in (
                (mapping.source, "source", DELIVERED),
                (mapping.channel, "channel", CHANNELS),
                (mapping.holder, "holder", HOLDERS),
                (mapping.assurance, "assurance", ASSURANCES),
                (mapping.question, "question_unknown", list(questions)),
            )
        ]
        self._check_labels(mapping, context)
        self._map = mapping
        self._option = (
            label_column(mapping.option.column, mapping.option.labels, "")
            if mapping.option is not None
            else None
        )
        self.is_long = mapping.option is not None
        columns = [mapping.count] if mapping.count else list(mapping.option_columns)
        self._numbers = {name: number_column(name, mapping.numbers) for name in columns}

    @staticmethod
    def _check_labels(mapping: CountsMap, context: Context) -> None:
        question = mapping.question.constant
        labels = mapping.option.labels if mapping.option is not None else mapping.option_columns
        if question:
            odd = set(labels.values()) - context.register.question(question).scale.values
            if odd:
                raise RefusedError("label_value", value=str(sorted(odd)))

    def read(self, chunk: Chunk) -> tuple[list[tuple[int, Cell, dict[str, int]]], Faults]:
        """Return place, total and its counts for each row, and what is wrong with rows.

        A row of which only option or count is wrong is among both: its total is known.
        """
        faults: Faults = {}
        months = self._month.read(self._month_cells(chunk), faults)
        days = [parse_period(month).last_on if month else None for month in months]
        units = self._unit.read(chunk, days, faults)
        fields = self._field.read(chunk, days, faults)
        words = [each.read(chunk, faults) for each in self._words]
        lost = set(faults)
        counts = self._counts(chunk, faults)
        cells = zip(units, fields, *words, months, strict=True)
        known = [
            (place, cell, found)
            for place, (cell, found) in enumerate(zip(cells, counts, strict=True))
            if place not in lost
        ]
        return known, faults

    def _month_cells(self, chunk: Chunk) -> list[str]:
        column = self._month.column
        return list(chunk.columns[column]) if column else [""] * len(chunk)  # type: ignore[arg-type]

    def _counts(self, chunk: Chunk, faults: Faults) -> list[dict[str, int]]:
        found: list[dict[str, int]] = [{} for _ in range(len(chunk))]
        options = None
        if self._option is not None:
            options = self._option.read(chunk.columns[self._option.name], faults)
        for name, column in self._numbers.items():
            numbers = column.read(chunk.columns[name], faults)
            for place, number in enumerate(numbers):
                value = (self._map.option_columns[name],) if options is None else options[place]
                if isinstance(number, Fault) or isinstance(value, Fault):
                    continue
                if number is None or not value:
                    missing = name if number is None else self._map.option.column  # type: ignore[union-attr]
                    blame(faults, place, Fault("value_missing", missing))
                else:
                    found[place][str(value[0])] = number
        return found


class CountsPlan:
    """See :class:`survey.intake.imports.context.Plan`.

    Memory: about 0.6 kB for each unit × field × month × series in the file.
    """

    def __init__(self, mapping: CountsMap, context: Context) -> None:
        self._context = context
        self._rows = CountRows(mapping, context)
        self._roles = [
            role
            for role, entry in (
                ("receiving", mapping.receiving_unit),
                ("resolving", mapping.resolving_unit),
            )
            if entry is not None
        ]
        self._totals: dict[Cell, Total] = {}
        self._bodies: list[CountedBody] = []
        self._lost: list[int] = []
        self.n_items = self.n_bad = self.n_already = self.n_accepted = 0
        self.sources: set[str] = set()
        self.months: set[str] = set()

    def take(self, chunk: Chunk) -> None:
        """Read some rows."""
        known, faults = self._rows.read(chunk)
        placed = {place for place, _, _ in known}
        self._lost += [chunk.numbers[place] for place in sorted(faults.keys() - placed)]
        for place, cell, counts in known:
            total = self._totals.get(cell)
            if total is None:
                total = self._totals[cell] = Total()
            twice = total.counts.keys() & counts
            if twice:
                detail = f"rows {', '.join(map(str, total.rows[:5]))}"
                blame(faults, place, Fault("count_twice", value=_told(cell), detail=detail))
            if place in faults:
                total.is_whole = False
            else:
                total.counts |= counts
                total.rows.append(chunk.numbers[place])
        for place, found in sorted(faults.items()):
            self.n_bad += 1
            cells = {name: whole(column[place]) for name, column in chunk.columns.items()}
            self._context.keep_out(chunk.numbers[place], found, cells)

    def finish(self) -> None:
        """Make totals of what is whole, and see what ``accept`` will say to them.

        Raises RefusedError (``total_unknown``) where a row of options cannot be set aside because
        nobody knows which total it is missing from.
        """
        if self._lost and self._rows.is_long and self._context.options.set_aside:
            raise RefusedError("total_unknown", value=", ".join(map(str, self._lost[:20])))
        wholes: list[tuple[CountedBody, list[int]]] = []
        for cell, total in self._totals.items():
            # rows are named once, whether their total is for one role or for both
            bodies = [self._body(cell, role, total.counts) for role in self._roles]
            rows = [total.rows, *([] for _ in bodies[1:])]
            if total.is_whole:
                wholes += zip(bodies, rows, strict=True)
            elif total.rows:
                self._refuse(Fault("total_incomplete", value=_told(cell)), bodies[0], total.rows)
        self._totals.clear()
        self.n_items = len(wholes)
        for start in range(0, len(wholes), CHUNK):
            self._foresee(wholes[start : start + CHUNK])
        self.n_accepted = len(self._bodies)
        self.sources = {body.source for body in self._bodies}
        self.months = {body.month for body in self._bodies}

    def _foresee(self, part: list[tuple[CountedBody, list[int]]]) -> None:
        outcomes = self._context.foresee([body for body, _ in part])
        for (body, rows), outcome in zip(part, outcomes, strict=True):
            if outcome is ACCEPTED:
                self._bodies.append(body)
            else:
                self._refuse(Fault(outcome.code, value=outcome.detail), body, rows)

    def _refuse(self, fault: Fault, body: CountedBody, rows: list[int]) -> None:
        """Keep a whole total out: its rows are good, but something else is not."""
        self.n_bad += len(rows)
        for row in rows:
            self._context.collector.add("row", fault, row)
        if rows and self._context.options.set_aside:
            cells = {name: str(value) for name, value in msgspec.to_builtins(body).items()}
            self._context.aside.add(body.id, rows[0], [fault], cells, "")

    def _body(self, cell: Cell, role: str, counts: dict[str, int]) -> CountedBody:
        unit, field, source, channel, holder, assurance, question, month = cell
        made = self._context.identity.of_total(role, *cell)
        return CountedBody(
            made, question, unit, role, field, source, channel, holder, assurance, month, counts
        )

    def write(self, connection: Connection, batch: uuid.UUID, progress: Progress) -> Counter[str]:
        """Write the totals."""
        return write_items(connection, self._context, self._bodies, batch, progress)


def write_items(
    connection: Connection,
    context: Context,
    items: Sequence[Item],
    batch: uuid.UUID,
    progress: Progress,
) -> Counter[str]:
    """Pass items to ``accept`` in chunks; return the number of outcomes by status."""
    done: Counter[str] = Counter()
    for start in range(0, len(items), CHUNK):
        outcomes = accept(
            connection,
            context.register,
            items[start : start + CHUNK],
            received_at=context.options.received_at,
            batch=batch,
        )
        done.update(outcome.status for outcome in outcomes)
        progress("write", done.total(), len(items))
    return done


def _told(cell: Cell) -> str:
    unit, field, *series, question, month = cell
    return f"{unit} {field} {month} {'/'.join(series)} {question}"
