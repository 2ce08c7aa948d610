"""Importing single ratings, one a row."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Final

import msgspec
from sqlalchemy.engine import Connection

from survey.intake.accept import Delivery, Rating, accept
from survey.intake.check import ACCEPTED, Finding, Outcome
from survey.intake.imports.context import CHUNK, Context, Progress
from survey.intake.imports.faults import Fault
from survey.intake.imports.identity import comment_salt
from survey.intake.imports.mapping import RatingsMap
from survey.intake.imports.rating_rows import Draft, RatingRows
from survey.intake.imports.spool import Record, Spool
from survey.intake.imports.table import Chunk
from survey.terms.period import month_of
from survey.terms.response import Body

_DECODER: Final = msgspec.json.Decoder(Body)


class RatingsPlan:
    """See :class:`survey.intake.imports.context.Plan`.

    Every row is read, checked as ``accept`` will check it, and put down: ``ready`` holds what will
    be counted, ``doubtful`` what ``accept`` will set aside.
    """

    def __init__(
        self, mapping: RatingsMap, context: Context, ready: Spool, doubtful: Spool
    ) -> None:
        self._context = context
        self._rows = RatingRows(mapping, context)
        self._has_external_ids = mapping.external_id is not None
        self._ready = ready
        self._doubtful = doubtful
        self.n_items = self.n_bad = self.n_already = self.n_accepted = 0
        self.sources: set[str] = set()
        self.months: set[str] = set()

    def take(self, chunk: Chunk) -> None:
        """Read some rows."""
        drafts, faults = self._rows.read(chunk)
        for place, found in sorted(faults.items()):
            self._keep_out(chunk, place, found)
        outcomes = self._context.foresee([draft.rating for draft in drafts])
        self.n_items += len(drafts)
        for draft, outcome in zip(drafts, outcomes, strict=True):
            if outcome is ACCEPTED:
                self._ready.add(_record(draft))
            else:
                self._put_off(chunk, draft, outcome)
        self.months |= {month_of(day) for day in {draft.day for draft in drafts}}
        self.sources |= {draft.rating.body.source for draft in drafts}

    def _put_off(self, chunk: Chunk, draft: Draft, outcome: Outcome) -> None:
        fault = Fault(outcome.code or outcome.status, value=outcome.detail)
        if outcome.status == "already":
            self.n_already += 1
            self._context.collector.add("note", fault, draft.number)
        elif outcome.status == "set_aside":
            self.n_bad += 1
            self._context.collector.add("row", fault, draft.number)
            self._doubtful.add(_record(draft))
        else:
            self._keep_out(chunk, chunk.numbers.index(draft.number), [fault])

    def _keep_out(self, chunk: Chunk, place: int, faults: list[Fault]) -> None:
        self.n_bad += 1
        self._context.keep_out(
            chunk.numbers[place],
            faults,
            self._rows.cells(chunk, place),
            self._rows.comment(chunk, place),
        )

    def finish(self) -> None:
        """Find rows of one external id: the first comes in, equal ones are the same rating."""
        self.n_accepted = self._ready.n_records
        if not self._has_external_ids:
            return
        first: Record = (b"", 0, b"", "", None)
        for record in self._ready.records():
            if record[0] != first[0]:
                first = record
                continue
            self.n_accepted -= 1
            if record[2] == first[2]:
                self.n_already += 1
                self._context.collector.add("note", Fault("already"), record[1])
            else:
                self.n_bad += 1
                fault = Fault("body_differs", detail=f"row {first[1]}")
                self._context.collector.add("row", fault, record[1])

    def write(self, connection: Connection, batch: uuid.UUID, progress: Progress) -> Counter[str]:
        """Write what is ready, then what is doubtful."""
        done: Counter[str] = Counter()
        total = self._ready.n_records + self._doubtful.n_records
        delivery = Delivery(self._context.register, self._context.options.received_at, batch)
        for spool in (self._ready, self._doubtful):
            for records in spool.chunks(CHUNK):
                outcomes = accept(
                    connection,
                    self._context.register,
                    [self._rating(record) for record in records],
                    received_at=self._context.options.received_at,
                    batch=batch,
                    delivery=delivery,
                )
                done.update(outcome.status for outcome in outcomes)
                progress("write", done.total(), total)
        delivery.end(connection)
        return done

    def _rating(self, record: Record) -> Rating:
        _, _, sealed, comment, found = record
        body = _DECODER.decode(sealed)
        salt = comment_salt(body.id, self._context.options.secret_key) if comment else b""
        finding = Finding(ACCEPTED, *found) if found is not None else None
        return Rating(body, comment, salt, sealed, finding=finding)


def _record(draft: Draft) -> Record:
    rating, finding = draft.rating, draft.rating.finding
    found = None
    if finding is not None and finding.outcome is ACCEPTED:
        found = (
            finding.questionnaire_id,
            finding.counted_on,
            finding.month,
            finding.resolved_by,
            finding.alert,
        )
    return rating.body.id.bytes, draft.number, rating.sealed, rating.comment, found
