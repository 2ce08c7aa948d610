"""The blueprint of ``/quan-tri/``: units, points, comments, what was set aside, voids."""

from __future__ import annotations

from flask import Blueprint

from survey.office.aside import Aside
from survey.office.comments import Comments
from survey.office.overview import Overview
from survey.office.points import Points
from survey.office.voids import Voids
from survey.staff.guard import Guard
from survey.web.texts import lazy_gettext as _l


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint; every view of it carries its right."""
    overview, points, comments = Overview(guard), Points(guard), Comments(guard)
    aside, voids = Aside(guard), Voids(guard)
    blueprint = Blueprint("office", __name__, url_prefix="/quan-tri")
    for rule, endpoint, view in (
        ("/", "overview", overview.overview),
        ("/don-vi/<unit>", "unit", overview.unit),
        ("/don-vi/<unit>/to", "unit_sheets", points.unit_sheets),
        ("/diem/<point>", "point", points.point),
        ("/diem/<point>/to", "sheet", points.sheet),
        ("/diem/<point>/qr.svg", "file", points.file),
        ("/y-kien", "comments", comments.comments),
        ("/y-kien/danh-dau", "marked", comments.marked),
        ("/y-kien/xoa", "ask_erase", comments.ask_erase),
        ("/de-rieng", "aside", aside.items),
        ("/de-rieng/<uuid:item>", "aside_item", aside.item),
        ("/huy", "voids", voids.voids),
        ("/huy/cho-xac-nhan", "voids_waiting", voids.waiting),
        ("/huy/de-nghi", "ask_propose", voids.ask_propose),
    ):
        blueprint.add_url_rule(rule, endpoint, view, methods=["GET"])
    for rule, endpoint, change in (
        ("/y-kien/xoa", "erase", comments.erase),
        ("/de-rieng/<uuid:item>", "decide", aside.decide),
        ("/huy/de-nghi", "propose", voids.propose),
        ("/huy/<uuid:proposal>/xac-nhan", "confirm", voids.confirm),
    ):
        blueprint.add_url_rule(rule, endpoint, change, methods=["POST"])
    guard.protect(
        blueprint,
        menu=[
            ("office.overview", _l("Đơn vị")),
            ("office.comments", _l("Ý kiến")),
            ("office.marked", _l("Thanh tra")),
            ("office.aside", _l("Để riêng")),
            ("office.voids", _l("Hủy")),
        ],
    )
    return blueprint
