"""What devices and the server say to each other, version 1 of the protocol (docs/devices.md)."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

import msgspec

from survey.devices.keys import Key
from survey.devices.outages import Outage
from survey.intake.check import Outcome
from survey.intake.sync_batch import ITEMS, Taken
from survey.intake.sync_item import PROTOCOL, Item

__all__ = ["ITEMS", "PROTOCOL", "Item"]

Instant = Annotated[int, msgspec.Meta(ge=0, lt=2**53, description="UTC milliseconds since 1970")]
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Storage = Literal["persisted", "best_effort", "tight", "unknown"]


class Enrolment(msgspec.Struct, frozen=True):
    """A device shows the one-time code and the public half of its new key."""

    protocol: int
    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{8}$")]
    key: Key


class Envelope(msgspec.Struct, frozen=True):
    """A batch: sealed items from counter ``first`` to ``last``, and how the device is.

    Without items it says that the device is there. ``outage``: it could not hand in before.
    """

    protocol: int
    sent_at: Instant
    items: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=ITEMS)]
    first: Count = 0
    last: Count = 0
    queue: Count = 0
    version: Annotated[str, msgspec.Meta(max_length=80)] = ""
    storage: Storage = "unknown"
    outage: Outage | None = None


class Standing(msgspec.Struct, frozen=True):
    """What the server holds a device for: what its bodies have to say follows from this."""

    id: uuid.UUID
    kind: str
    holder: str
    name: str
    point: str
    receiving_unit: str
    questionnaire: str | None
    is_revoked: bool


class ItemOutcome(msgspec.Struct, frozen=True):
    """What became of one item, in the order of the batch.

    ``accepted``, ``already`` and ``set_aside`` are stored: the device may forget the item after
    seven days. ``rejected`` is not stored: the device keeps it apart and sends on.
    """

    counter: int | None
    id: uuid.UUID | None
    status: Literal["accepted", "already", "set_aside", "rejected"]
    code: str
    detail: str

    @classmethod
    def of(cls, taken: Taken) -> ItemOutcome:
        """Return the words for an outcome."""
        outcome: Outcome = taken.outcome
        return cls(taken.counter, taken.id, outcome.status, outcome.code, outcome.detail)


class Counters(msgspec.Struct, frozen=True):
    """The last counter up to which none is missing, the greatest known, and the gaps between.

    Where ``through`` is less than the device was told before, the server was restored from a
    backup: the device sends again what it kept.
    """

    through: int
    highest: int
    missing: list[tuple[int, int]]


class Enrolled(msgspec.Struct, frozen=True):
    """The answer to an enrolment."""

    protocol: int
    server_time: Instant
    device: Standing
    next_counter: int


class Reply(msgspec.Struct, frozen=True):
    """The answer to a batch, given after the commit."""

    protocol: int
    server_time: Instant
    clock_offset: Annotated[int, msgspec.Meta(description="server less device, milliseconds")]
    device: Standing
    counters: Counters
    outcomes: list[ItemOutcome]


class FieldName(msgspec.Struct, frozen=True):
    """A field that is handled at a point, with its names by language."""

    code: str
    names: dict[str, str]


class Report(msgspec.Struct, frozen=True):
    """Where a person reports wrongdoing: a telephone number, and a text by language."""

    phone: str
    texts: dict[str, str]


class PointPaper(msgspec.Struct, frozen=True):
    """What a device shows and seals at a reception point today.

    ``fields`` are in the order of their use, the most used first. ``hours`` are the spans of each
    day, Monday first, "HH:MM" by the city's clocks; null: none are set, it may be open always.
    ``public_url`` is the address in front of ``/bien-nhan/<code>``.
    """

    server_time: Instant
    point: str
    names: dict[str, str]
    unit: str
    unit_names: dict[str, str]
    in_force: bool
    successor: str | None
    fields: list[FieldName]
    languages: list[str]
    best_first: bool
    dossier_pattern: str
    dossier_example: str
    questionnaire: str | None
    hours: list[list[tuple[str, str]]] | None
    time_zone: str
    report: Report | None
    public_url: str


class QuestionnairePaper(msgspec.Struct, frozen=True):
    """A published questionnaire version in every language; it never changes."""

    sha256: str
    id: str
    texts: dict[str, Any]


class Trouble(msgspec.Struct, frozen=True):
    """Problem details (RFC 9457); ``code`` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
