"""Taking in a device's batch: each counter once, each rating through ``accept``."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from survey.devices import log
from survey.devices.clock import Corrected, correct
from survey.devices.fleet import Device, Placement, place_at
from survey.devices.keys import from_base64url
from survey.intake.accept import Rating, accept
from survey.intake.check import ACCEPTED, ALREADY, Outcome
from survey.intake.sync_item import Item, Read
from survey.register.snapshot import Register
from survey.terms.response import Body

ITEMS = 100
"""The most items of a batch."""

UNDONE = Outcome("accepted", "undone")

_MOVE_MILLISECONDS = 15 * 60_000
"""So long before and after a move both points are believed."""


class Arrival(msgspec.Struct, frozen=True):
    """When a batch came, and how far the device's clock is behind the server's (milliseconds)."""

    received_at: int
    clock_offset: int


class Taken(msgspec.Struct, frozen=True):
    """The outcome of one item, with what names it."""

    counter: int | None
    id: uuid.UUID | None
    outcome: Outcome


class _Judged(msgspec.Struct, frozen=True):
    """A new item of the device before ``accept``: a rating, or an outcome without one."""

    read: Read
    item: Item
    floor: int
    is_second: bool
    outcome: Outcome = ACCEPTED
    corrected: Corrected | None = None
    rating: Rating | None = None


def take_batch(
    connection: Connection,
    register: Register,
    device: Device,
    places: Sequence[Placement],
    reads: Sequence[Read],
    arrival: Arrival,
) -> list[Taken]:
    """Take in what ``survey.intake.sync_item.read_item`` read; one outcome an item, in their order.

    ``places`` is where the device stood (``survey.devices.fleet.placements``). The caller holds its
    lock (``survey.devices.fleet.locked``) and commits. An item that came before has the outcome
    that it had; one that was accepted is ``already`` there.
    """
    batch = _Batch(connection, register, device, places, arrival)
    batch.look_up([read.counter for read in reads if read.is_own and read.counter is not None])
    outcomes = [batch.known(read) if read.is_own else read.refusal for read in reads]
    new = {  # the same item twice in one batch is new once
        read.digest: read for read, known in zip(reads, outcomes, strict=True) if known is None
    }
    judged = batch.accept(list(new.values()))
    rejected = []
    taken = []
    for read, known in zip(reads, outcomes, strict=True):
        outcome = known or judged[read.digest]
        if known is None and new.pop(read.digest, None) is None:
            outcome = _again(outcome)
        if outcome.status == "rejected":
            rejected.append(_rejected(read, outcome, device.id, arrival.received_at))
        taken.append(Taken(read.counter, read.item.id if read.item else None, outcome))
    log.append_rejected(connection, rejected)
    return taken


def _again(outcome: Outcome) -> Outcome:
    return ALREADY if outcome.status in ("accepted", "already") else outcome


def _rejected(read: Read, outcome: Outcome, device_id: uuid.UUID, at: int) -> log.Rejected:
    return log.Rejected(
        device=device_id,
        digest=hashlib.sha256(read.raw).digest(),
        counter=read.counter,
        code=outcome.code,
        detail=outcome.detail.replace("\0", ""),
        document=read.document,
        at=at,
    )


class _Batch:
    """What one batch of one device has in common."""

    def __init__(
        self,
        connection: Connection,
        register: Register,
        device: Device,
        places: Sequence[Placement],
        arrival: Arrival,
    ) -> None:
        self._connection, self._register = connection, register
        self._device, self._places, self._arrival = device, places, arrival
        self._there: defaultdict[int, list[log.Logged]] = defaultdict(list)

    def look_up(self, counters: Sequence[int]) -> None:
        """Read what the device sent under these counters, and beside them."""
        for row in log.logged(self._connection, self._device.id, counters):
            self._there[row.counter].append(row)

    def known(self, read: Read) -> Outcome | None:
        """Return the outcome of an item that came before, None for one that is new."""
        for row in self._there.get(read.counter or 0, ()):
            if row.digest == read.digest:
                return _again(Outcome(row.status, row.code))
        return None

    def accept(self, reads: Sequence[Read]) -> dict[bytes, Outcome]:
        """Take new items in and write down what became of them: digest → outcome."""
        judged = self._judge(reads)
        ratings = [each.rating for each in judged if each.rating is not None]
        received_at = self._arrival.received_at
        found = iter(accept(self._connection, self._register, ratings, received_at=received_at))
        rows, marks, outcomes = [], [], {}
        for each in judged:
            outcome = next(found) if each.rating is not None else each.outcome
            row = self._row(each, outcome)
            rows.append(row)
            marks += self._marks(each, row)
            outcomes[each.read.digest] = outcome
        known = [row for rows_of_one in self._there.values() for row in rows_of_one]
        marks += [self._mark(row, log.COOL_DOWN) for row in log.hasty([*known, *rows])]
        log.append(self._connection, rows, marks)
        return outcomes

    def _judge(self, reads: Sequence[Read]) -> list[_Judged]:
        """Look at new items in the order of their counters, which is that of their times."""
        known = sorted(
            (counter, max(row.floor_at for row in rows)) for counter, rows in self._there.items()
        )
        seen = set(self._there)
        judged: list[_Judged] = []
        floor, floor_here, here, place = 0, 0, 0, 0
        for read in sorted(reads, key=lambda each: each.counter or 0):
            item, is_second = read.item, read.counter in seen
            assert item is not None  # noqa: S101 (what is signed was read)
            if item.counter > here:  # only smaller counters are earlier
                floor, here = max(floor, floor_here), item.counter
            while place < len(known) and known[place][0] < here:
                floor = max(floor, known[place][1])
                place += 1
            one = self._judge_one(read, item, floor, is_second)
            judged.append(one)
            seen.add(item.counter)
            floor_here = max(floor_here, one.floor)
        return judged

    def _judge_one(self, read: Read, item: Item, floor: int, is_second: bool) -> _Judged:
        if read.refusal is not None:
            return _Judged(read, item, floor, is_second, read.refusal)
        if read.body is None:
            return _Judged(read, item, floor, is_second, UNDONE)
        corrected = correct(
            read.body.answered_at,
            self._arrival.clock_offset // 1000,
            earliest=(self._device.enrolled_at or 0) // 1000,
            latest=self._arrival.received_at // 1000,
            floor=floor,
        )
        rating = Rating(
            read.body,
            item.comment,
            from_base64url(item.comment_salt),
            read.sealed,
            answered_at=corrected.at,
            doubt=self._doubt(read.body, corrected.at * 1000, is_second),
        )
        floor = max(floor, corrected.at)
        return _Judged(read, item, floor, is_second, corrected=corrected, rating=rating)

    def _doubt(self, body: Body, at: int, is_second: bool) -> Outcome | None:
        """Return why a sound rating has to be looked at by staff before it counts."""
        if is_second:
            return Outcome("set_aside", log.COUNTER_TWICE)
        if self._device.revoked_at is not None:
            return Outcome("set_aside", "device_revoked")
        near = (at, at - _MOVE_MILLISECONDS, at + _MOVE_MILLISECONDS)
        if all(place_at(self._places, moment) != body.point for moment in near):
            return Outcome("set_aside", "point_differs", place_at(self._places, at))
        return None

    def _row(self, each: _Judged, outcome: Outcome) -> log.Logged:
        is_timed = each.rating is not None and outcome.status != "rejected"
        answered_at = each.rating.body.answered_at if each.rating is not None else None
        return log.Logged(
            device=self._device.id,
            counter=each.item.counter,
            digest=each.read.digest,
            item=each.item.id or uuid.UUID(int=0),
            signature=each.read.signature,
            dossier=bytes.fromhex(each.item.dossier) if is_timed and each.item.dossier else None,
            status=outcome.status,
            code=outcome.code,
            answered_at=answered_at if is_timed else None,
            corrected_at=each.corrected.at if is_timed and each.corrected is not None else None,
            floor_at=each.floor,
            clock_offset=self._arrival.clock_offset,
            received_at=self._arrival.received_at,
        )

    def _marks(self, each: _Judged, row: log.Logged) -> list[log.Mark]:
        codes = [log.COUNTER_TWICE] if each.is_second else []
        if row.answered_at is not None and each.corrected is not None:
            codes += each.corrected.marks
        return [self._mark(row, code) for code in codes]

    def _mark(self, row: log.Logged, code: str) -> log.Mark:
        at = self._arrival.received_at
        return log.Mark(row.device, row.item, code, row.counter, at)
