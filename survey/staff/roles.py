"""Roles: what a person of staff is here for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """One account has one role; what a role may do stands in :mod:`survey.staff.rights`."""

    ADMINISTRATOR = "administrator"
    AGENCY = "agency"
    ANALYST = "analyst"
    INSPECTOR = "inspector"
