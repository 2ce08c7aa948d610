"""Tables of devices. Times are UTC milliseconds since 1970 unless they say otherwise."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from survey.db import metadata
from survey.throttle import attempts_table


def _device(*, primary_key: bool = True, unique: bool = False) -> sa.Column[uuid.UUID]:
    key = sa.ForeignKey("device.id")
    return sa.Column(
        "device", sa.Uuid, key, primary_key=primary_key, nullable=False, unique=unique or None
    )


device = sa.Table(
    "device",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("public_key", sa.Text, nullable=True),
    sa.Column("enrolled_at", sa.BigInteger, nullable=True),
    sa.Column("revoked_at", sa.BigInteger, nullable=True),
    sa.Column("through", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=True),
    sa.Column("sent_at", sa.BigInteger, nullable=True),
    sa.Column("clock_offset", sa.BigInteger, nullable=True),
    sa.Column("queue", sa.BigInteger, nullable=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("storage", sa.Text, nullable=False),
    sa.CheckConstraint("kind IN ('kiosk', 'tablet')", name="kind"),
)
"""``public_key`` is canonical JSON of a JWK, NULL until the device is enrolled, and never changes.

``through`` is the last counter up to which none is missing. What follows it is what the device
told when it was last in touch: ``clock_offset`` is server time minus device time.
"""

device_placement = sa.Table(
    "device_placement",
    metadata,
    _device(),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("point", sa.String(40), nullable=False),
)
"""Where a device stands since when; a move is another row, so old ratings stay where they were."""

enrolment_code = sa.Table(
    "enrolment_code",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    _device(primary_key=False, unique=True),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)
"""``digest`` is a keyed hash of the code. A used one is told by the device having a key."""

enrolment_attempt = attempts_table("enrolment_attempt")
"""``key`` is a keyed hash of an address, or of all of them together; rows last a day."""

device_item = sa.Table(
    "device_item",
    metadata,
    _device(),
    sa.Column("counter", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("item", sa.Uuid, nullable=False, index=True),
    sa.Column("signature", sa.LargeBinary(64), nullable=False),
    sa.Column("dossier", sa.LargeBinary(32), nullable=True),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("answered_at", sa.BigInteger, nullable=True),
    sa.Column("corrected_at", sa.BigInteger, nullable=True),
    sa.Column("floor_at", sa.BigInteger, nullable=False),
    sa.Column("clock_offset", sa.BigInteger, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Index("ix_device_item_received", "device", "received_at"),
)
"""One row for each thing that a device sealed, with its signature; the proof of its counter.

``item`` is the response's id, ``digest`` the SHA-256 of the signed bytes, ``dossier`` the device's
salted commitment to a dossier code. ``answered_at`` (the device's clock), ``corrected_at`` and
``floor_at`` (the latest corrected time up to this counter) are in UTC **seconds**, as in a body;
what was undone has neither of the first two.
"""

device_mark = sa.Table(
    "device_mark",
    metadata,
    _device(),
    sa.Column("item", sa.Uuid, primary_key=True),
    sa.Column("code", sa.String(20), primary_key=True),
    sa.Column("counter", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What is odd about a rating; it counts as it would without. Codes: survey.devices.log and
``clock``."""

device_rejected = sa.Table(
    "device_rejected",
    metadata,
    _device(),
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("counter", sa.BigInteger, nullable=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger, nullable=True),
)
"""The quarantine: items that were rejected, for staff; without what a citizen typed.

``digest`` is of the item as it came. The device keeps the item itself.
"""

device_outage = sa.Table(
    "device_outage",
    metadata,
    _device(),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("lasted", sa.BigInteger, nullable=False),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.Column("code", sa.String(40), nullable=False),
)
"""When a device could not hand in, told by it afterwards; see survey.devices.outages.

``since`` is the device's own clock and names the outage; ``lasted`` is in milliseconds.
"""

point_hours = sa.Table(
    "point_hours",
    metadata,
    sa.Column("point", sa.String(40), primary_key=True),
    sa.Column("from_on", sa.Date, primary_key=True),
    sa.Column("set_at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("week", sa.Text, nullable=False),
)
"""When a reception point is open, from a local day on; of two rows for a day the later set holds.

``week`` is JSON: seven lists of ["HH:MM", "HH:MM"], Monday first; ``null`` takes hours back.
"""

APPEND_ONLY = (
    "device_placement",
    "device_item",
    "device_mark",
    "device_outage",
    "point_hours",
)
"""Tables on which UPDATE and DELETE are refused by triggers."""
