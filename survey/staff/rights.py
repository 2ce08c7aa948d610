"""Rights: the one table of who may do what. ``docs/rights.md`` is printed from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from survey.staff.roles import Role


class Reach(StrEnum):
    """How far a right goes."""

    OWN = "own"
    """The account's own unit, its children, and the units that these succeeded."""
    ALL = "all"
    """Every unit."""


_ADMINISTRATOR = {Role.ADMINISTRATOR: Reach.ALL}
_INSPECTOR = {Role.INSPECTOR: Reach.ALL}
_CITY = {**_ADMINISTRATOR, **_INSPECTOR}
_ANALYSE = {**_CITY, Role.ANALYST: Reach.ALL}
_AGENCY = {Role.AGENCY: Reach.OWN}

RIGHTS: Mapping[str, Mapping[Role, Reach]] = {
    "points.read": {**_CITY, **_AGENCY},
    "recent.read": {**_CITY, **_AGENCY},
    "comments.read": {**_CITY, **_AGENCY},
    "comments.marked": _INSPECTOR,
    # at the request of whoever wrote it; an agency would rather see some of them gone
    "comments.erase": _ADMINISTRATOR,
    "set_aside.read": {**_CITY, **_AGENCY},
    "set_aside.decide": _ADMINISTRATOR,
    "voids.read": {**_CITY, **_AGENCY},
    "voids.propose": {**_ADMINISTRATOR, **_AGENCY},
    # of any unit, since it is for those who did not propose: the page compares the two units
    "voids.confirm": {**_ADMINISTRATOR, Role.AGENCY: Reach.ALL},
    "releases.read": _ANALYSE,
    "releases.make": _ADMINISTRATOR,
    "imports.read": _CITY,
    "imports.commit": _ADMINISTRATOR,
    "links.read": {**_CITY, **_AGENCY},
    # a link's rating is in the official rate: an agency must not hand itself any
    "links.make": _ADMINISTRATOR,
    "devices.read": _CITY,
    "devices.change": _ADMINISTRATOR,
    "backup.read": _CITY,
    "analyse.read": _ANALYSE,
    "analyse.download": _ANALYSE,
    "accounts.read": _CITY,
    "accounts.change": _ADMINISTRATOR,
    "deeds.read": _CITY,
    "password.change": dict.fromkeys(Role, Reach.ALL),
}
"""Right → role → reach; a role that is not there has no such right."""


def reach_of(role: Role, right: str) -> Reach | None:
    """Return how far a role's right goes, None where it has none. KeyError for an unknown right."""
    return RIGHTS[right].get(role)
