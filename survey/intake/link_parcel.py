"""What a dry run found, sealed: the page carries it, so that nothing of it lies on the server.

The codes of dossiers are in it, as they are in the file that the same person has just sent; the
database never gets them. What is made is exactly what was seen.
"""

from __future__ import annotations

import uuid

import msgspec
from itsdangerous import BadSignature, URLSafeTimedSerializer

from survey.intake.link_rows import Row

SECONDS = 24 * 3600
"""How long a parcel can be opened: as long as a day's work at one desk."""


class Parcel(msgspec.Struct, frozen=True):
    """The batch that is to be: its id, its point, its days, its file, and its rows."""

    batch: uuid.UUID
    point: str
    days: int
    file_name: str
    rows: list[Row]


class Parcels:
    """Seals and opens parcels with the deployment's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="links")

    def seal(self, parcel: Parcel) -> str:
        """Return a parcel as text for a form."""
        return str(self._serializer.dumps(msgspec.to_builtins(parcel)))

    def open(self, text: str) -> Parcel | None:
        """Return what is in a parcel, None where it is too old or not ours."""
        try:
            return msgspec.convert(self._serializer.loads(text, max_age=SECONDS), Parcel)
        except (BadSignature, msgspec.ValidationError):
            return None
