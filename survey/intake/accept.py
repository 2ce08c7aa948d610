"""The one door: every rating, total and dossier count enters through ``accept``."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from survey.intake.check import (
    ACCEPTED,
    ALREADY,
    Finding,
    Outcome,
    ResponseCheck,
    check_counted,
    check_dossiers,
)
from survey.ledger.book import (
    Accepted,
    append_counted,
    append_dossiers,
    append_responses,
    append_set_aside,
    known_commitments,
)
from survey.ledger.tables import counted, dossier_count
from survey.register.snapshot import Register
from survey.tally.keep import add_counted, add_responses, claim_form
from survey.terms.canonical import canonical_json, commitment
from survey.terms.counts import CountedBody, DossierBody
from survey.terms.response import Body, seal


class Rating(msgspec.Struct, frozen=True):
    """A sealed response on its way in, with the comment that its body only commits to."""

    body: Body
    comment: str = ""
    comment_salt: bytes = b""


Item = Rating | CountedBody | DossierBody


def accept(
    connection: Connection,
    register: Register,
    items: Sequence[Item],
    *,
    received_at: int,
    batch: uuid.UUID | None = None,
) -> list[Outcome]:
    """Take items in, in one transaction of the caller; one outcome an item, in their order.

    ``received_at`` is the server's time in UTC milliseconds. Raises
    sqlalchemy.exc.IntegrityError where another writer brought the same id at the same moment: the
    caller rolls back and calls again.
    """
    outcomes: list[Outcome | None] = [None] * len(items)
    for kind, take in _TAKERS:
        places = [place for place, item in enumerate(items) if isinstance(item, kind)]
        if places:
            part = [items[place] for place in places]
            results = take(connection, register, part, received_at, batch)
            for place, outcome in zip(places, results, strict=True):
                outcomes[place] = outcome
    return [outcome for outcome in outcomes if outcome is not None]


def _take_ratings(
    connection: Connection,
    register: Register,
    items: Sequence[Rating],
    received_at: int,
    batch: uuid.UUID | None,
) -> list[Outcome]:
    known = known_commitments(connection, (item.body.id for item in items))
    check = ResponseCheck(register, received_at)
    findings = [check.find(item.body) for item in items]
    refused = claim_form(
        connection,
        {
            (item.body.source, finding.month)
            for item, finding in zip(items, findings, strict=True)
            if finding.outcome is ACCEPTED
        },
        "rows",
    )
    fresh: dict[uuid.UUID, bytes] = {}
    ready: list[Accepted] = []
    aside: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    for item, finding in zip(items, findings, strict=True):
        sealed = seal(item.body)
        outcome = _seen_before(item.body.id, sealed, known, fresh) or finding.outcome
        if outcome is ACCEPTED and (item.body.source, finding.month) in refused:
            outcome = Outcome("set_aside", "totals_exist", f"{item.body.source} {finding.month}")
        if outcome is ACCEPTED:
            fresh[item.body.id] = sealed
            ready.append(_accepted(item, sealed, finding, received_at, batch))
        elif outcome.status == "set_aside":
            aside.append(_aside_row(item, sealed, outcome, received_at, batch))
        outcomes.append(outcome)
    append_responses(connection, ready)
    add_responses(connection, ready)
    append_set_aside(connection, aside)
    return outcomes


def _seen_before(
    item_id: uuid.UUID,
    sealed: bytes,
    known: dict[uuid.UUID, tuple[bytes, bytes]],
    fresh: dict[uuid.UUID, bytes],
) -> Outcome | None:
    if item_id in known:
        salt, committed = known[item_id]
        same = commitment(salt, sealed) == committed
    elif item_id in fresh:
        same = fresh[item_id] == sealed
    else:
        return None
    return ALREADY if same else Outcome("set_aside", "body_differs")


def _accepted(
    item: Rating, sealed: bytes, finding: Finding, received_at: int, batch: uuid.UUID | None
) -> Accepted:
    return Accepted(
        body=item.body,
        questionnaire_id=finding.questionnaire_id,
        received_at=received_at,
        counted_on=finding.counted_on,
        month=finding.month,
        resolved_by=finding.resolved_by,
        alert=finding.alert,
        comment=item.comment,
        comment_salt=item.comment_salt,
        batch=batch,
        sealed=sealed,
    )


def _take_counted(
    connection: Connection,
    register: Register,
    items: Sequence[CountedBody],
    received_at: int,
    batch: uuid.UUID | None,
) -> list[Outcome]:
    known = known_commitments(connection, (body.id for body in items), counted)
    outcomes = [_outcome(register, body, known, check_counted) for body in items]
    months = {(body.source, body.month) for body in _ready(items, outcomes)}
    refused = claim_form(connection, months, "totals")
    outcomes = [
        Outcome("rejected", "rows_exist", f"{body.source} {body.month}")
        if outcome is ACCEPTED and (body.source, body.month) in refused
        else outcome
        for body, outcome in zip(items, outcomes, strict=True)
    ]
    ready = _ready(items, outcomes)
    add_counted(connection, ready, received_at)
    append_counted(connection, [(body, received_at, batch) for body in ready])
    return outcomes


def _take_dossiers(
    connection: Connection,
    register: Register,
    items: Sequence[DossierBody],
    received_at: int,
    batch: uuid.UUID | None,
) -> list[Outcome]:
    known = known_commitments(connection, (body.id for body in items), dossier_count)
    outcomes = [_outcome(register, body, known, check_dossiers) for body in items]
    ready = _ready(items, outcomes)
    append_dossiers(connection, [(body, received_at, batch) for body in ready])
    return outcomes


def _outcome(
    register: Register,
    body: Any,
    known: dict[uuid.UUID, tuple[bytes, bytes]],
    check: Callable[[Register, Any], Outcome],
) -> Outcome:
    if body.id not in known:
        return check(register, body)
    salt, committed = known[body.id]
    same = commitment(salt, canonical_json(body)) == committed
    return ALREADY if same else Outcome("rejected", "body_differs")


def _ready(items: Sequence[Any], outcomes: Sequence[Outcome]) -> list[Any]:
    return [body for body, outcome in zip(items, outcomes, strict=True) if outcome is ACCEPTED]


def _aside_row(
    item: Rating, sealed: bytes, outcome: Outcome, received_at: int, batch: uuid.UUID | None
) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "item": item.body.id,
        "digest": commitment(b"", sealed),
        "kind": "response",
        "code": outcome.code,
        "detail": outcome.detail,
        "body": sealed.decode(),
        "comment": item.comment,
        "comment_salt": item.comment_salt or None,
        "received_at": received_at,
        "batch": batch,
    }


_TAKERS: tuple[tuple[type, Callable[..., list[Outcome]]], ...] = (
    (Rating, _take_ratings),
    (CountedBody, _take_counted),
    (DossierBody, _take_dossiers),
)


def now_milliseconds() -> int:
    """Return the server's time in UTC milliseconds since 1970."""
    return int(dt.datetime.now(dt.UTC).timestamp() * 1000)
