"""Verifying a release: every cell recounted from the ledger's entries up to its head."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.estimate.rates import Edition
from survey.publish.editions import Release, releases
from survey.publish.release import Frozen, freeze
from survey.publish.tables import published_rate, published_timeliness
from survey.register.snapshot import Register
from survey.terms.canonical import sha256_hex


def verify_release(connection: Connection, register: Register, of: Release) -> str | None:
    """Return None where the release holds, else the first difference in words.

    Recounts the ledger's entries up to the release's head, estimates and discloses anew, and
    compares with what was published, document by document. Later voids and late arrivals have
    later entries and change nothing.
    """
    published = _documents(connection, of)
    edition = Edition(
        period=of.period,
        number=of.edition,
        head=of.head,
        as_of=of.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        sample=of.sample,
    )
    earlier = [item for item in releases(connection) if item.id < of.id]
    register = _as_then(register, of)
    try:
        frozen = freeze(connection, register, edition, earlier, head=of.head)
    except msgspec.MsgspecError:
        difference: str | None = "what was published before it cannot be read"
    else:
        difference = _first_difference(published, frozen)
    if sha256_hex("\n".join(published).encode()) != of.document_sha256:
        changed = "the published documents were changed"
        difference = changed if difference is None else f"{changed}: {difference}"
    return difference and f"{of.period} edition {of.edition}: {difference}"


def _as_then(register: Register, of: Release) -> Register:
    """Return the register with the thresholds that held when the release was made."""
    city = msgspec.structs.replace(
        register.city,
        minimum_shown=of.report["minimum_shown"],
        minimum_badge=of.report["minimum_badge"],
    )
    return dataclasses.replace(register, city=city)


def _documents(connection: Connection, of: Release) -> list[str]:
    found: list[str] = []
    for table in (published_rate, published_timeliness):
        query = sa.select(table.c.document).where(table.c.release == of.id).order_by(table.c.place)
        found += [row.document for row in connection.execute(query)]
    return found


def _first_difference(published: list[str], frozen: Frozen) -> str | None:
    recounted = frozen.documents
    for was, now in zip(published, recounted, strict=False):
        if was != now:
            return _difference(was, now)
    if len(published) != len(recounted):
        return f"{len(published)} figures published, {len(recounted)} recounted"
    return None


def _difference(was: str, now: str) -> str:
    """Name the figure and its members that differ; both documents in full where that fails."""
    recounted = _DECODER.decode(now)
    try:
        published = _DECODER.decode(was)
    except msgspec.MsgspecError:
        published = {}
    names = [name for name in recounted if name in published]
    differ = [name for name in names if published[name] != recounted[name]]
    if not differ:
        return f"published {was} but recounted {now}"
    told = "; ".join(
        f"{name} published as {_text(published[name])} but recounted as {_text(recounted[name])}"
        for name in differ
    )
    return f"{_name(recounted)}: {told}"


_DECODER = msgspec.json.Decoder(dict[str, Any])


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _name(figure: dict[str, Any]) -> str:
    unit, field = figure["unit"] or "the city", figure["field"] or "all fields"
    return f"{figure['measure']} of {unit}, {field}"
