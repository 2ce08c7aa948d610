"""The blueprint of ``/quan-tri/thiet-bi``: kiosks and tablets, and the hours of their points."""

from __future__ import annotations

from flask import Blueprint

from survey.office.devices_change import Changes
from survey.office.devices_hours import OpeningHours
from survey.office.devices_list import Fleet
from survey.office.devices_rejected import Quarantine
from survey.staff.guard import Guard
from survey.web.texts import lazy_gettext as _l


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint; every view of it carries its right."""
    fleet, changes = Fleet(guard), Changes(guard)
    hours, quarantine = OpeningHours(guard), Quarantine(guard)
    blueprint = Blueprint("devices", __name__, url_prefix="/quan-tri/thiet-bi")
    one, item = "/<uuid:device>", "/<uuid:device>/tu-choi/<digest>"
    for rule, endpoint, view in (
        ("", "all", fleet.all),
        ("/huong-dan", "guide", fleet.guide),
        ("/moi", "new", changes.new),
        ("/gio/<point>", "hours", hours.show),
        (one, "one", fleet.one),
        (f"{one}/chuyen", "ask_move", changes.ask_move),
        (f"{one}/thu-hoi", "ask_revoke", changes.ask_revoke),
        (item, "rejected", quarantine.show),
    ):
        blueprint.add_url_rule(rule, endpoint, view, methods=["GET"])
    for rule, endpoint, change in (
        ("/moi", "add", changes.add),
        ("/gio/<point>", "set_hours", hours.change),
        (f"{one}/ma", "code", changes.code),
        (f"{one}/chuyen", "move", changes.move),
        (f"{one}/thu-hoi", "revoke", changes.revoke),
        (item, "close", quarantine.close),
    ):
        blueprint.add_url_rule(rule, endpoint, change, methods=["POST"])
    guard.protect(blueprint, menu=[("devices.all", _l("Thiết bị"))])
    return blueprint
