"""``/quan-tri/nhat-ky/``: the log of what staff did and read, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, render_template, request, url_for

from survey.db import reading
from survey.staff.deeds import Wanted, newest
from survey.staff.guard import Guard, needs
from survey.staff.wording import DEED_NAMES
from survey.web.texts import lazy_gettext as _l

ROWS = 50
"""Deeds on one page."""

FILTERS = ("account", "deed", "unit", "since", "until")
"""What the address may narrow the log by: ``since`` and ``until`` are days, both included."""

_MOST_ID = 2**63 - 1


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint of the log."""
    blueprint = Blueprint("deeds", __name__, url_prefix="/quan-tri")
    blueprint.add_url_rule("/nhat-ky/", "log", _Views(guard).log, methods=["GET"])
    guard.protect(blueprint, menu=[("deeds.log", _l("Nhật ký"))])
    return blueprint


class _Views:
    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("deeds.read")
    def log(self) -> str:
        """Show a page of the log; a filter that cannot be read is left out and said so."""
        typed = {name: request.args.get(name, "").strip()[:80] for name in FILTERS}
        before = _number(request.args.get("before", ""))
        since, until = _day(typed["since"]), _day(typed["until"])
        wanted = Wanted(
            account=_plain(typed["account"]),
            deed=_plain(typed["deed"]),
            unit=_plain(typed["unit"]),
            since=self._midnight(since),
            until=self._midnight(until + dt.timedelta(days=1) if until else None),
        )
        with reading(self._guard.engine) as connection:
            deeds = newest(connection, wanted, before=before, most=ROWS + 1)
        register, _ = self._guard.now()
        kept: dict[str, Any] = {name: value for name, value in typed.items() if value}
        older = deeds[ROWS - 1].id if len(deeds) > ROWS else None
        return render_template(
            "staff/deeds.html",
            deeds=deeds[:ROWS],
            typed=typed,
            unread=[name for name in ("since", "until") if typed[name] and not _day(typed[name])],
            deed_names=DEED_NAMES,
            register=register,
            older=url_for(".log", **kept, before=older) if older else "",
            first=url_for(".log", **kept) if before is not None else "",
        )

    def _midnight(self, day: dt.date | None) -> int | None:
        if day is None:
            return None
        zone = self._guard.now()[0].city.zone
        return int(dt.datetime.combine(day, dt.time(), zone).timestamp() * 1000)


def _day(text: str) -> dt.date | None:
    """Return a day that is far enough from the ends of the calendar to be moved by one."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), _MOST_ID) if is_number else None


def _plain(text: str) -> str:
    """PostgreSQL keeps no NUL in a text, and refuses to look for one."""
    return text.replace("\0", "")
