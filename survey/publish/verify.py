"""Verifying a release: every cell recounted from the ledger's entries up to its head."""

from __future__ import annotations

import dataclasses

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
    if sha256_hex("\n".join(published).encode()) != of.document_sha256:
        return f"{of.period} edition {of.edition}: the published documents were changed"
    edition = Edition(
        period=of.period,
        number=of.edition,
        head=of.head,
        as_of=of.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        sample=of.sample,
    )
    earlier = [item for item in releases(connection) if item.id < of.id]
    register = _as_then(register, of)
    frozen = freeze(connection, register, edition, earlier, head=of.head)
    return _first_difference(of, published, frozen)


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


def _first_difference(of: Release, published: list[str], frozen: Frozen) -> str | None:
    recounted = frozen.documents
    for was, now in zip(published, recounted, strict=False):
        if was != now:
            return f"{of.period} edition {of.edition}: published {was} but recounted {now}"
    if len(published) != len(recounted):
        return (
            f"{of.period} edition {of.edition}: {len(published)} figures published,"
            f" {len(recounted)} recounted"
        )
    return None
