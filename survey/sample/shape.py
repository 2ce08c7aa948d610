"""The shape of the sample: volumes, satisfaction and delays, after figures that were published.

Only shapes are taken over, none of it is a real count. Codes that a city does not have are passed
over; a field that is not named gets the default, moved a little.

- Dossiers: July 2025 284,415 resolved (Báo cáo 41/BC-UBND, Đại biểu Nhân dân), 27 June to 14
  December 2025 2,471 thousand resolved, 2,376 thousand on time (Báo cáo 350/BC-UBND); 95.56 % of
  the ratings of July 2025 satisfied.
- Differences between fields: the institute's survey of 2013 (most dissatisfied: land, then health,
  then building permits; Người Lao động 18/8/2014) and the SIPAS pilot of 2015 (land lowest; civil
  status high; VietnamPlus). Certification and civil status lead in number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from survey.terms.period import Period

DATA = Period("2025-01", "2026-09")
"""The months of the sample data; nothing in it is of today."""

BREAK_ON = dt.date(2025, 7, 1)
"""From here on there are totals of the national portal, one-time links and shared reception."""

CITY_MONTH = 284_415
"""Dossiers that a city of full size resolves in a month of season 1."""

FULL_SIZE = 150
"""Number of units from which a city has full size; fewer units, fewer dossiers."""

_JANUARY_2025 = (0.72, 0.80, 0.95, 0.97, 0.96, 0.90, 1.00, 1.62, 1.70, 1.78, 1.74, 1.70)
_JANUARY_2026 = (1.50, 1.10, 1.60, 1.60, 1.62, 1.60, 1.66, 1.68, 1.62)
SEASON = dict(zip(DATA.months, (*_JANUARY_2025, *_JANUARY_2026), strict=True))
"""Month → dossiers in relation to July 2025; low around Tết."""


@dataclass(frozen=True)
class FieldShape:
    """Of one field: share of dossiers in percent, and the probability of a satisfied answer."""

    volume: float
    satisfied: float


FIELDS = {
    "CTHUC": FieldShape(26, 0.976),
    "HTICH": FieldShape(15, 0.972),
    "DD": FieldShape(11, 0.862),
    "CUTRU": FieldShape(9, 0.968),
    "HKD": FieldShape(7, 0.958),
    "TLDN": FieldShape(5, 0.962),
    "BTXH": FieldShape(5, 0.952),
    "DB": FieldShape(4, 0.955),
    "DKBPBD": FieldShape(3, 0.945),
    "HDXD": FieldShape(3, 0.905),
    "LLTP": FieldShape(2, 0.930),
    "VL": FieldShape(1.5, 0.950),
    "NCC": FieldShape(1.2, 0.962),
    "ATTP": FieldShape(0.7, 0.925),
    "VBCC": FieldShape(0.6, 0.960),
    "LDTL": FieldShape(0.6, 0.945),
    "KCB": FieldShape(0.5, 0.900),
    "DUOC": FieldShape(0.5, 0.920),
    "DTVN": FieldShape(0.5, 0.885),
    "QHXDKT": FieldShape(0.5, 0.890),
    "GDTRH": FieldShape(0.5, 0.950),
    "LTHH": FieldShape(0.4, 0.945),
    "MT": FieldShape(0.4, 0.905),
    "GDMN": FieldShape(0.3, 0.955),
    "DTCT": FieldShape(0.05, 0.870),
    "TCDKNTC": FieldShape(0.15, 0.830),
}
DEFAULT = FieldShape(0.15, 0.945)

LATE_SHARE = 0.0195
LATE_SHARE_NAMED = 0.15
"""Late over resolved; in the fields that a target for late dossiers names, several times that."""

RATING_SHARE = 0.0075
"""Ratings for each dossier, where the source hands over single rows."""
PORTAL_SHARE = 0.06
"""Ratings for each dossier, where the national portal hands over totals."""
FIELD_MINIMUM = 13
"""Ratings a month that every field gets in the city at least, however few its dossiers."""
