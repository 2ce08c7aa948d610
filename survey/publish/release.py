"""Making a release: a period and an edition of the whole city, frozen at a head."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import standing_still
from survey.estimate.rate import Rate, Timeliness
from survey.estimate.rates import Edition, estimate
from survey.estimate.timeliness import timeliness
from survey.ledger.sequencer import head as last_number
from survey.ledger.sequencer import number_entries, sequencing
from survey.ledger.tables import entry
from survey.publish.disclose import disclose
from survey.publish.editions import Release, releases
from survey.publish.tables import published_rate, published_timeliness, release
from survey.register.snapshot import Register
from survey.stats.version import VERSION
from survey.terms.canonical import sha256_hex
from survey.terms.period import Period

SAMPLE = 50
"""Hidden cells of each large family that are attacked with all sums at once: that takes under half
a second a family, and finds a fault in one cell of twenty with a chance of 92 %."""


class ReleaseRefusedError(Exception):
    """A release cannot be made; ``code`` is stable, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Frozen(msgspec.Struct, frozen=True):
    """What a release publishes, before it is written."""

    rates: list[Rate]
    timeliness: list[Timeliness]
    report: dict[str, Any]

    @property
    def documents(self) -> list[str]:
        """One JSON document for each rate and each timeliness, in order."""
        encode = msgspec.json.encode
        return [encode(item).decode() for item in (*self.rates, *self.timeliness)]

    @property
    def sha256(self) -> str:
        """SHA-256 over all documents, one a line."""
        return sha256_hex("\n".join(self.documents).encode())


class Preview(msgspec.Struct, frozen=True):
    """What a release would be if it were made now; nothing of it was written.

    ``before`` is the last edition of the period, None where this would be the first.
    """

    edition: Edition
    preliminary: bool
    frozen: Frozen
    before: Release | None


Also = Callable[[Connection, Release], None]
"""What is done with a release in the transaction that makes it."""


def _nothing_more(_connection: Connection, _made: Release) -> None:
    """Do nothing."""


def preview_release(
    engine: Engine,
    register: Register,
    period: Period,
    *,
    now: dt.datetime,
    preliminary: bool = False,
    reason: str = "",
) -> Preview:
    """Compute what :func:`make_release` would publish now. Nobody who writes has to wait.

    The figures are the same; only what has no number in the ledger yet gets none. Raises
    ReleaseRefusedError for what :func:`make_release` would refuse.
    """
    with standing_still(engine) as connection:
        earlier = releases(connection)
        editions = [item for item in earlier if item.period == period]
        _check(period, earlier, editions, register, now, preliminary, reason)
        edition = _edition(register, period, len(editions) + 1, last_number(connection), now)
        frozen = freeze(connection, register, edition, earlier, sample=SAMPLE)
    before = max(editions, key=lambda item: item.edition, default=None)
    return Preview(edition, preliminary, frozen, before)


def make_release(
    engine: Engine,
    register: Register,
    period: Period,
    *,
    now: dt.datetime,
    preliminary: bool = False,
    reason: str = "",
    number: int | None = None,
    also: Also = _nothing_more,
) -> Release:
    """Number what is left in the ledger, compute the period, disclose, freeze.

    ``now`` is an aware instant, ``number`` the edition that it is to be, if that matters, ``also``
    what else belongs into the transaction. Raises ReleaseRefusedError with ``not_begun``,
    ``not_ended`` (a running period needs ``preliminary``), ``ended`` (and a closed one must not
    be), ``reason_missing`` (a later edition says why), ``overlap`` (a run of months beside another
    released period) or ``other_edition`` (that edition is there already).
    """
    with sequencing(engine) as connection:
        earlier = releases(connection)
        editions = [item for item in earlier if item.period == period]
        _check(period, earlier, editions, register, now, preliminary, reason)
        if number not in (None, len(editions) + 1):
            raise ReleaseRefusedError(
                "other_edition", f"{period} has an edition {len(editions)} by now; look at it."
            )
        head = number_entries(connection)
        edition = _edition(register, period, len(editions) + 1, head, now)
        frozen = freeze(connection, register, edition, earlier, sample=SAMPLE)
        changes = _changes_since(connection, editions, head)
        made = _write(connection, edition, frozen, changes, now, preliminary, reason)
        also(connection, made)
        return made


def _edition(
    register: Register, period: Period, number: int, head: int, now: dt.datetime
) -> Edition:
    return Edition(
        period=period,
        number=number,
        head=head,
        as_of=now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        sample=register.kind == "sample",
    )


def freeze(
    connection: Connection,
    register: Register,
    edition: Edition,
    earlier: Sequence[Release],
    *,
    head: int | None = None,
    sample: int = 0,
) -> Frozen:
    """Compute what an edition publishes. With ``head`` from the ledger, else from the tally.

    ``earlier`` are the releases that were public before it: what is hidden depends on them.
    ``sample`` is how many hidden cells of a large family are attacked to see that they hold.
    """
    rates = estimate(connection, register, edition, head=head)

    def count(period: Period) -> list[Rate]:
        other = msgspec.structs.replace(edition, period=period)
        return estimate(connection, register, other, head=head)

    shown = disclose(
        connection, register, edition.period, rates, earlier, count=count, sample=sample
    )
    report = {
        "method_version": VERSION,
        "minimum_shown": register.city.minimum_shown,
        "minimum_badge": register.city.minimum_badge,
        "register_version": register.version,
        "sample": edition.sample,
        "disclosure": shown.report,
    }
    times = timeliness(connection, register, edition.period, head=head)
    return Frozen(shown.rates, times, report)


def _check(
    period: Period,
    earlier: Sequence[Release],
    editions: Sequence[Release],
    register: Register,
    now: dt.datetime,
    preliminary: bool,
    reason: str,
) -> None:
    today = now.astimezone(register.city.zone).date()
    ended = today > period.last_on
    if today < period.first_on:
        raise ReleaseRefusedError("not_begun", f"{period} has not begun: there is nothing in it.")
    if not ended and not preliminary:
        raise ReleaseRefusedError(
            "not_ended", f"{period} has not ended; a preliminary release needs --preliminary."
        )
    if ended and preliminary:
        raise ReleaseRefusedError("ended", f"{period} has ended; leave out --preliminary.")
    if editions and not reason.strip():
        raise ReleaseRefusedError(
            "reason_missing",
            f"{period} was released before; say with --reason why a new edition is made.",
        )
    for item in earlier:
        runs = "run" in (period.kind, item.period.kind)
        if item.period != period and runs and item.period.overlaps(period):
            raise ReleaseRefusedError(
                "overlap",
                f"{period} overlaps {item.period}, which is released; two overlapping periods of"
                " different kind would give away small numbers by their difference.",
            )


def _changes_since(
    connection: Connection, editions: Sequence[Release], head: int
) -> dict[str, int]:
    """Count what entered the ledger since the edition before, by kind."""
    if not editions:
        return {}
    last = max(item.head for item in editions)
    query = (
        sa.select(entry.c.kind, sa.func.count())
        .where(entry.c.number > last, entry.c.number <= head)
        .group_by(entry.c.kind)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _write(
    connection: Connection,
    edition: Edition,
    frozen: Frozen,
    changes: dict[str, int],
    now: dt.datetime,
    preliminary: bool,
    reason: str,
) -> Release:
    last = connection.execute(sa.select(sa.func.max(release.c.id))).scalar() or 0
    report = frozen.report | {"entries_since_last_edition": changes}
    row = {
        "id": last + 1,
        "period": str(edition.period),
        "edition": edition.number,
        "preliminary": preliminary,
        "made_at": int(now.timestamp() * 1000),
        "head": edition.head,
        "reason": reason.strip(),
        "report": msgspec.json.encode(report).decode(),
        "document_sha256": frozen.sha256,
    }
    connection.execute(sa.insert(release), row)
    parts: tuple[tuple[sa.Table, Sequence[Rate | Timeliness]], ...] = (
        (published_rate, frozen.rates),
        (published_timeliness, frozen.timeliness),
    )
    for table, items in parts:
        rows = [
            {
                "release": last + 1,
                "place": place,
                "unit": item.unit,
                "field": item.field,
                "document": msgspec.json.encode(item).decode(),
            }
            for place, item in enumerate(items)
        ]
        if rows:
            connection.execute(sa.insert(table), rows)
    found = [item for item in releases(connection) if item.id == last + 1]
    return found[0]
