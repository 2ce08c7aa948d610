"""The devices: the list with what is odd, one device, and the guide for whoever mounts one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from flask import abort, render_template, request
from sqlalchemy.engine import Connection

from survey.db import reading
from survey.devices import fleet, hours, log, outages, watch
from survey.devices.watch import Seen
from survey.office import devices_words as words
from survey.office.room import unit_words
from survey.register.snapshot import Point, Register
from survey.staff.deeds import now_milliseconds
from survey.staff.guard import Guard, current_officer, needs
from survey.terms.name import search_key
from survey.web.language import current_language


class Fleet:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("devices.read")
    def all(self) -> str:
        """List the devices, first those with something to do about."""
        register, _ = self._guard.now()
        unit, flag = request.args.get("don_vi", ""), request.args.get("co", "")
        with reading(self._guard.engine) as connection:
            found = watch.seen(connection, register.city.zone, at=now_milliseconds())
        shown = [
            each
            for each in found
            if (not unit or _unit(register, each.point) == unit)
            and (not flag or flag in each.flags)
        ]
        return render_template(
            "office/devices.html",
            devices=sorted(shown, key=_urgency),
            n_all=len(found),
            unit=unit,
            flag=flag,
            units=_units(register, found),
            counts={
                name: sum(name in each.flags for each in found)
                for name in words.FLAGS
                if any(name in each.flags for each in found)
            },
            may_change=current_officer().may("devices.change"),
            **spoken(register),
        )

    @needs("devices.read")
    def one(self, device: uuid.UUID) -> str:
        """Show a device: how it is, where it stood, what it sent, what was refused."""
        register, today = self._guard.now()
        at = now_milliseconds()
        with reading(self._guard.engine) as connection:
            found = find(connection, device)
            seen = watch.seen_one(connection, found, register.city.zone, at=at)
            context = {
                "places": fleet.placements(connection, device)[::-1],
                "marks": log.mark_counts(connection, device),
                "outcomes": log.outcome_counts(connection, device),
                "outages": outages.last_ended(connection, device),
                "rejected": log.open_rejected(connection, device),
                "week": hours.timetable(connection, seen.point).week_on(today),
            }
        return render_template(
            "office/device.html",
            seen=seen,
            device=found,
            may_change=current_officer().may("devices.change"),
            **context,
            **spoken(register),
        )

    @needs("devices.read")
    def guide(self) -> str:
        """Show how a device is mounted, set up and looked after, on paper too."""
        register, _ = self._guard.now()
        return render_template(
            "office/device_guide.html",
            kiosk=f"{self._guard.settings.public_url}/kiosk/",
            origin=self._guard.settings.public_url,
            zone=register.city.time_zone,
            flags=words.FLAGS,
        )


def find(connection: Connection, device: uuid.UUID) -> fleet.Device:
    """Return a device; answers 404 where there is none."""
    found = fleet.find(connection, device)
    if found is None:
        abort(404)
    return found


def spoken(register: Register) -> Mapping[str, Any]:
    """Return what templates need to say what a device is and what is odd about it."""

    def point_words(code: str) -> str:
        return point_name(register.points[code]) if code in register.points else code

    return {
        "flags": words.FLAGS,
        "kinds": words.KINDS,
        "short_kinds": words.SHORT_KINDS,
        "storage": words.STORAGE,
        "mark_words": words.MARKS,
        "statuses": words.STATUSES,
        "code_words": words.code_words,
        "outage_words": words.outage_words,
        "offset_words": words.offset_words,
        "point_words": point_words,
        "unit_of": lambda point: _unit(register, point),
        "unit_words": lambda code: unit_words(register, code) if code else "",
    }


def point_name(point: Point) -> str:
    """Name a point in the language of the page."""
    return point.names.get(current_language(), point.code)


def _unit(register: Register, point: str) -> str:
    found = register.points.get(point)
    return found.unit if found is not None else ""


def _units(register: Register, found: Iterable[Seen]) -> list[tuple[str, str]]:
    """Return the units that have a device, by name."""
    codes = {_unit(register, each.point) for each in found} - {""}
    named = [(code, unit_words(register, code)) for code in codes]
    return sorted(named, key=lambda pair: search_key(pair[1]))


def _urgency(each: Seen) -> tuple[bool, bool, str]:
    """Put what needs a hand first, and revoked devices last."""
    is_revoked = "revoked" in each.flags
    return is_revoked, not each.flags, search_key(each.device.name)
