"""The quarantine of a device: one item that was refused, and that it is done with."""

from __future__ import annotations

import json
import uuid

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from survey.db import reading, writing
from survey.devices import fleet, log
from survey.devices.log import Rejected
from survey.office.devices_list import find, spoken
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, needs
from survey.web.texts import gettext


class Quarantine:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("devices.read")
    def show(self, device: uuid.UUID, digest: str) -> str:
        """Show an item as it came, without anything that a citizen typed."""
        register, _ = self._guard.now()
        with reading(self._guard.engine) as connection:
            found = find(connection, device)
            item = _item(connection, device, digest)
        return render_template(
            "office/device_rejected.html",
            device=found,
            item=item,
            document=_without_answers(item.document),
            may_change=current_officer().may("devices.change"),
            **spoken(register),
        )

    @needs("devices.change")
    def close(self, device: uuid.UUID, digest: str) -> Response:
        """Let an item be done with: nothing of it is counted or lost, the device keeps it."""
        at = now_milliseconds()
        with writing(self._guard.engine) as connection:
            find(connection, device)
            item = _item(connection, device, digest)
            if log.close_rejected(connection, device, item.digest, at=at):
                point = fleet.placements(connection, device)[-1].point
                known = self._guard.registers.get(connection).points.get(point)
                record(
                    connection,
                    by=current_officer().name,
                    deed="device.close",
                    unit=known.unit if known is not None else None,
                    subject=str(device),
                    detail=f"{item.counter} {item.code} {digest}",
                    at=at,
                )
        flash(gettext("Đã đánh dấu là xử lý xong."))
        return redirect(url_for(".one", device=device), code=303)


def _item(connection: Connection, device: uuid.UUID, digest: str) -> Rejected:
    try:
        key = bytes.fromhex(digest)
    except ValueError:
        abort(404)
    found = log.find_rejected(connection, device, key)
    if found is None:
        abort(404)
    return found


def _without_answers(document: str) -> str:
    """Return an item for reading, without what was answered: no desk shows a single answer."""
    if not document:
        return ""
    item = json.loads(document)
    if isinstance(item.get("body"), dict) and "answers" in item["body"]:
        item["body"]["answers"] = "…"
    return json.dumps(item, ensure_ascii=False, indent=2, sort_keys=True)
