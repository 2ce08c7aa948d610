"""One-time links: what a token says, whether it is still good, and the rating that spends it."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import uuid
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.intake.accept import Rating, accept
from survey.intake.check import Outcome
from survey.intake.deliver import committed
from survey.intake.tables import link, link_spent, link_withdrawal
from survey.register.snapshot import Register
from survey.terms import crockford
from survey.terms.canonical import canonical_json
from survey.terms.response import Body

ID_LENGTH = 10
MAC_LENGTH = 10
"""Characters of five bits each: an id of 50 random bits, and 50 bits that only the key can make."""

LENGTH = ID_LENGTH + MAC_LENGTH
_NOWHERE = "0" * ID_LENGTH
_GROUP = 5

State = Literal["live", "spent", "expired", "withdrawn"]


class Link(msgspec.Struct, frozen=True):
    """What one link gives leave to rate; all of it is under the token's code.

    ``dossier`` is the keyed hash of the dossier's code in hexadecimal, ``service_on`` the day of
    the service (``YYYY-MM-DD``), ``expires_at`` the last moment in UTC milliseconds.
    """

    id: str
    batch: uuid.UUID
    point: str
    receiving_unit: str
    resolving_unit: str
    field: str
    dossier: str
    occasion: str
    service_on: str
    expires_at: int


class Found(msgspec.Struct, frozen=True):
    """A genuine link, which rating spent it (None: none yet), and whether it was called back."""

    link: Link
    response: uuid.UUID | None
    is_withdrawn: bool

    def state(self, at: int) -> State:
        """Return what it is good for at a moment in UTC milliseconds."""
        if self.response is not None:
            return "spent"
        if self.is_withdrawn:
            return "withdrawn"
        return "live" if at <= self.link.expires_at else "expired"


class LinkTokens:
    """Makes and checks tokens with a key of its own, made from the key of the dossier hash.

    That key stays as long as the hashes do; the key of sessions may be changed any day, and what
    is printed must not become worthless by it.
    """

    def __init__(self, dossier_key: str) -> None:
        self._key = hmac.digest(dossier_key.encode(), b"one-time link", "sha256")

    def make(self, each: Link) -> str:
        """Return the token of a link: its id, and a code over everything that it says."""
        digest = hmac.digest(self._key, canonical_json(each), "sha256")
        spare = 8 * len(digest) - crockford.BITS * MAC_LENGTH
        return each.id + crockford.encode(int.from_bytes(digest, "big") >> spare, MAC_LENGTH)

    def find(self, connection: Connection, token: str) -> Found | None:
        """Return the link of a token in normal form, or None where the two do not agree.

        What is no token at all takes the same steps as one that is unknown.
        """
        row = connection.execute(_FIND, {"id": token[:ID_LENGTH] or _NOWHERE}).first()
        found = _found(row) if row is not None else _NOBODYS
        is_genuine = hmac.compare_digest(self.make(found.link), token)
        return found if is_genuine and row is not None else None


def normal_token(text: str) -> str:
    """Return a token as it is looked up, whatever its case and dashes; one that is none is "0…".

    >>> normal_token("abcde-fghjk-mnpqr-stvwx")
    'ABCDEFGHJKMNPQRSTVWX'
    """
    return crockford.normal(text[:80], LENGTH) or "0" * LENGTH


def spoken(token: str) -> str:
    """Return a token in groups of five, as it is printed for people.

    >>> spoken("ABCDEFGHJKMNPQRSTVWX")
    'ABCDE-FGHJK-MNPQR-STVWX'
    """
    return "-".join(token[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def new_id() -> str:
    """Return 50 random bits."""
    return crockford.encode(secrets.randbits(crockford.BITS * ID_LENGTH), ID_LENGTH)


def sealed_body(
    of: Link,
    *,
    id: uuid.UUID,
    questionnaire: str,
    language: str,
    answered_at: int,
    answers: dict[str, tuple[int, ...]],
    comment: str = "",
) -> Body:
    """Return the body of a link's rating: what the link says, and what the citizen does."""
    return Body(
        id=id,
        questionnaire=questionnaire,
        receiving_unit=of.receiving_unit,
        resolving_unit=of.resolving_unit,
        field=of.field,
        point=of.point,
        source="own",
        channel="phone",
        holder="citizen",
        assurance="token",
        occasion=of.occasion,
        language=language,
        answered_at=answered_at,
        service_on=of.service_on,
        dossier=of.dossier,
        answers=answers,
        comment=comment,
    )


def spend(
    engine: Engine, register: Register, of: Link, rating: Rating, received_at: int
) -> Outcome | None:
    """Take in the rating of a link and note that it is spent, in one transaction of its own.

    Returns as :func:`take`; a rating that is rejected leaves the link as it was. Raises
    survey.db.Busy as :func:`survey.intake.deliver.deliver` does.
    """

    def work(connection: Connection) -> Outcome | None:
        outcome = take(connection, register, of, rating, received_at)
        if outcome is not None and outcome.status == "rejected":
            raise _RejectedError(outcome)
        return outcome

    try:
        return committed(engine, work)
    except _RejectedError as error:
        return error.outcome


def take(
    connection: Connection, register: Register, of: Link, rating: Rating, received_at: int
) -> Outcome | None:
    """Take in the rating of a link and note that it is spent; the caller commits.

    Returns None where the link was spent by another rating, or called back: nothing is written.
    Raises sqlalchemy.exc.IntegrityError where another writer spent it at the same moment: the
    caller rolls back and calls again.
    """
    state = connection.execute(_STATE, {"id": of.id}).one()
    if state.response is None:
        if state.withdrawn is not None:
            return None
        # of two at a time one waits here, fails on the key, and comes again to find it spent
        row = {"link": of.id, "response": rating.body.id, "at": received_at}
        connection.execute(sa.insert(link_spent), row)
    elif state.response != rating.body.id:
        return None
    return accept(connection, register, [rating], received_at=received_at)[0]


class _RejectedError(Exception):
    """The rating is none: what was written about the link is taken back with it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.code)


def _found(row: sa.Row[tuple[object, ...]]) -> Found:
    said = {name: getattr(row, name) for name in Link.__struct_fields__}
    return Found(
        Link(**said | {"dossier": row.dossier.hex()}), row.response, row.withdrawn is not None
    )


_NOBODYS = Found(
    Link(_NOWHERE, uuid.UUID(int=0), "", "", "", "", "0" * 64, "", dt.date.min.isoformat(), 0),
    None,
    False,
)
_JOINED = link.outerjoin(link_spent, link_spent.c.link == link.c.id).outerjoin(
    link_withdrawal, link_withdrawal.c.batch == link.c.batch
)
_NOW = (link_spent.c.response, link_withdrawal.c.at.label("withdrawn"))
_FIND = sa.select(link, *_NOW).select_from(_JOINED).where(link.c.id == sa.bindparam("id"))
_STATE = sa.select(*_NOW).select_from(_JOINED).where(link.c.id == sa.bindparam("id"))
