"""The one door: every rating, total and dossier count enters through ``accept``."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
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
    SALT_BYTES,
    Accepted,
    append_counted,
    append_dossiers,
    append_responses,
    append_set_aside,
    comment_commitment,
    known_commitments,
)
from survey.ledger.tables import counted, dossier_count
from survey.register.snapshot import Register
from survey.tally.keep import Waiting, add_counted, add_responses, claim_form, conflicts
from survey.terms.canonical import canonical_json, commitment
from survey.terms.counts import CountedBody, DossierBody
from survey.terms.response import Body, seal


class Rating(msgspec.Struct, frozen=True):
    """A sealed response on its way in, with the comment that its body only commits to.

    ``sealed`` is ``seal(body)`` where the caller has just made it or made the body from it,
    ``finding`` what the delivery's check found of it where the caller has asked that already.
    ``answered_at`` is the corrected instant (UTC seconds) where the sender's clock was off; the
    body keeps its own. ``doubt`` sets a rating aside that could otherwise be counted.
    """

    body: Body
    comment: str = ""
    comment_salt: bytes = b""
    sealed: bytes = b""
    answered_at: int | None = None
    doubt: Outcome | None = None
    finding: Finding | None = None


Item = Rating | CountedBody | DossierBody

Claim = Callable[[Connection, Iterable[tuple[str, str]], str], set[tuple[str, str]]]
"""Says which months of which sources came in the other form: rows or totals."""


class Delivery:
    """What the calls of :func:`accept` in one transaction have in common.

    What is looked up is looked up once. With ``waits`` the tally's changes by ratings wait in it:
    whoever makes one ends it before the transaction ends. ``has_new_ids`` spares :func:`foresee`
    the search for ids of ratings that cannot be in the ledger yet.
    """

    def __init__(
        self,
        register: Register,
        received_at: int,
        batch: uuid.UUID | None = None,
        *,
        waits: bool = True,
        has_new_ids: bool = False,
    ) -> None:
        self.register = register
        self.received_at = received_at
        self.batch = batch
        self.has_new_ids = has_new_ids
        self.check = ResponseCheck(register, received_at)
        self.waiting = Waiting() if waits else None

    def end(self, connection: Connection) -> None:
        """Write what waits."""
        if self.waiting is not None:
            self.waiting.write(connection)


def accept(
    connection: Connection,
    register: Register,
    items: Sequence[Item],
    *,
    received_at: int,
    batch: uuid.UUID | None = None,
    delivery: Delivery | None = None,
) -> list[Outcome]:
    """Take items in, in one transaction of the caller; one outcome an item, in their order.

    ``received_at`` is the server's time in UTC milliseconds. With ``delivery`` several calls are
    one delivery: the caller ends it before the transaction ends. Raises
    sqlalchemy.exc.IntegrityError where another writer brought the same id at the same moment: the
    caller rolls back and calls again.
    """
    one = delivery or Delivery(register, received_at, batch, waits=False)
    return _each_kind(connection, items, one, claim_form, is_written=True)


def foresee(
    connection: Connection,
    register: Register,
    items: Sequence[Item],
    *,
    received_at: int,
    delivery: Delivery | None = None,
) -> list[Outcome]:
    """Return what :func:`accept` would say to these items now; nothing is written."""
    one = delivery or Delivery(register, received_at, waits=False)
    return _each_kind(connection, items, one, conflicts, is_written=False)


def _each_kind(
    connection: Connection,
    items: Sequence[Item],
    delivery: Delivery,
    claim: Claim,
    *,
    is_written: bool,
) -> list[Outcome]:
    kinds = set(map(type, items))
    outcomes: dict[int, Outcome] = {}
    for kind, judge, write in _KINDS:
        if kind not in kinds:
            continue
        places = [place for place, item in enumerate(items) if type(item) is kind]
        part = items if len(kinds) == 1 else [items[place] for place in places]
        results = judge(connection, part, delivery, claim)
        if is_written:
            write(connection, part, results, delivery)
        outcomes.update(zip(places, [result.outcome for result in results], strict=True))
    return [outcomes[place] for place in range(len(items))]


class _Judged(msgspec.Struct, frozen=True):
    """What becomes of an item; of a rating also its sealed form and what the server adds."""

    outcome: Outcome
    sealed: bytes = b""
    finding: Finding = Finding(ACCEPTED)


def _judge_ratings(
    connection: Connection, items: Sequence[Rating], delivery: Delivery, claim: Claim
) -> list[_Judged]:
    is_search = claim is claim_form or not delivery.has_new_ids
    ids = [item.body.id for item in items] if is_search else []
    known = known_commitments(connection, ids)
    find = delivery.check.find
    findings = [item.finding or find(item.body, item.answered_at) for item in items]
    refused = claim(
        connection,
        {
            (item.body.source, finding.month)
            for item, finding in zip(items, findings, strict=True)
            if finding.outcome is ACCEPTED
        },
        "rows",
    )
    fresh: dict[int, bytes] = {}
    judged = []
    for item, finding in zip(items, findings, strict=True):
        body = item.body
        sealed = item.sealed or seal(body)
        outcome = _seen_before(body.id, sealed, known, fresh) or finding.outcome
        if item.comment and not _is_own_comment(item):
            outcome = Outcome("rejected", "comment")
        if outcome is ACCEPTED and refused and (body.source, finding.month) in refused:
            outcome = Outcome("set_aside", "totals_exist", f"{body.source} {finding.month}")
        if outcome is ACCEPTED and item.doubt is not None:
            outcome = item.doubt
        if outcome is ACCEPTED:
            fresh[body.id.int] = sealed
        judged.append(_Judged(outcome, sealed, finding))
    return judged


def _write_ratings(
    connection: Connection,
    items: Sequence[Rating],
    judged: Sequence[_Judged],
    delivery: Delivery,
) -> None:
    ready: list[Accepted] = []
    aside: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for item, result in zip(items, judged, strict=True):
        if result.outcome is ACCEPTED:
            ready.append(_accepted(item, result, delivery))
        elif result.outcome.status == "set_aside":
            aside.append(_aside_row(item, result, delivery))
            if item.comment:
                place = {"item": item.body.id, "digest": commitment(b"", result.sealed)}
                said.append(place | {"salt": item.comment_salt, "text": item.comment})
    ready.sort(key=attrgetter("body.id.int"))  # two writers of the same ids meet in order
    append_responses(connection, ready)
    add_responses(connection, ready, delivery.waiting)
    append_set_aside(connection, aside, said)


def _is_own_comment(item: Rating) -> bool:
    """Tell whether a comment is the one that its body commits to, and can be stored."""
    return (
        len(item.comment_salt) == SALT_BYTES
        and "\0" not in item.comment
        and comment_commitment(item.comment_salt, item.comment) == item.body.comment
    )


def _seen_before(
    item_id: uuid.UUID,
    sealed: bytes,
    known: dict[uuid.UUID, tuple[bytes, bytes]],
    fresh: dict[int, bytes],
) -> Outcome | None:
    """Compare with what the ledger holds and, by the ids as numbers, with what came just before."""
    if known and item_id in known:
        salt, committed = known[item_id]
        same = commitment(salt, sealed) == committed
    elif item_id.int in fresh:
        same = fresh[item_id.int] == sealed
    else:
        return None
    return ALREADY if same else Outcome("set_aside", "body_differs")


def _accepted(item: Rating, result: _Judged, delivery: Delivery) -> Accepted:
    finding = result.finding
    return Accepted(
        body=item.body,
        questionnaire_id=finding.questionnaire_id,
        received_at=delivery.received_at,
        counted_on=finding.counted_on,
        month=finding.month,
        resolved_by=finding.resolved_by,
        alert=finding.alert,
        comment=item.comment,
        comment_salt=item.comment_salt,
        batch=delivery.batch,
        sealed=result.sealed,
    )


def _aside_row(item: Rating, result: _Judged, delivery: Delivery) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "item": item.body.id,
        "digest": commitment(b"", result.sealed),
        "kind": "response",
        "code": result.outcome.code,
        "detail": result.outcome.detail,
        "body": result.sealed.decode(),
        "received_at": delivery.received_at,
        "batch": delivery.batch,
    }


def _judge_counted(
    connection: Connection, items: Sequence[CountedBody], delivery: Delivery, claim: Claim
) -> list[_Judged]:
    delivery.end(connection)  # whether rows of a month stand is read from the tally
    known = known_commitments(connection, (body.id for body in items), counted)
    outcomes = _outcomes(delivery.register, items, known, check_counted)
    months = {
        (body.source, body.month)
        for body, outcome in zip(items, outcomes, strict=True)
        if outcome is ACCEPTED
    }
    refused = claim(connection, months, "totals")
    return [
        _Judged(Outcome("rejected", "rows_exist", f"{body.source} {body.month}"))
        if outcome is ACCEPTED and (body.source, body.month) in refused
        else _Judged(outcome)
        for body, outcome in zip(items, outcomes, strict=True)
    ]


def _write_counted(
    connection: Connection,
    items: Sequence[CountedBody],
    judged: Sequence[_Judged],
    delivery: Delivery,
) -> None:
    ready = _ready(items, judged)
    add_counted(connection, ready, delivery.received_at)
    append_counted(connection, [(body, delivery.received_at, delivery.batch) for body in ready])


def _judge_dossiers(
    connection: Connection, items: Sequence[DossierBody], delivery: Delivery, _claim: Claim
) -> list[_Judged]:
    known = known_commitments(connection, (body.id for body in items), dossier_count)
    return [
        _Judged(outcome) for outcome in _outcomes(delivery.register, items, known, check_dossiers)
    ]


def _write_dossiers(
    connection: Connection,
    items: Sequence[DossierBody],
    judged: Sequence[_Judged],
    delivery: Delivery,
) -> None:
    append_dossiers(
        connection, [(body, delivery.received_at, delivery.batch) for body in _ready(items, judged)]
    )


def _outcomes(
    register: Register,
    items: Sequence[Any],
    known: dict[uuid.UUID, tuple[bytes, bytes]],
    check: Callable[[Register, Any], Outcome],
) -> list[Outcome]:
    """Return what becomes of totals or dossier counts; one that comes twice is taken once."""
    fresh: dict[int, bytes] = {}
    outcomes = []
    for body in items:
        sealed = canonical_json(body)
        outcome = _seen_before(body.id, sealed, known, fresh) or check(register, body)
        if outcome is ACCEPTED:
            fresh[body.id.int] = sealed
        elif outcome.status == "set_aside":  # a total is refused where a rating is set aside
            outcome = Outcome("rejected", outcome.code, outcome.detail)
        outcomes.append(outcome)
    return outcomes


def _ready(items: Sequence[Any], judged: Sequence[_Judged]) -> list[Any]:
    return [body for body, result in zip(items, judged, strict=True) if result.outcome is ACCEPTED]


_KINDS: tuple[tuple[type, Callable[..., list[_Judged]], Callable[..., None]], ...] = (
    (Rating, _judge_ratings, _write_ratings),
    (CountedBody, _judge_counted, _write_counted),
    (DossierBody, _judge_dossiers, _write_dossiers),
)


def now_milliseconds() -> int:
    """Return the server's time in UTC milliseconds since 1970."""
    return int(dt.datetime.now(dt.UTC).timestamp() * 1000)
