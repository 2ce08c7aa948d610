"""The pages that make something: releases, imports and one-time links."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

from survey.office.links import Links
from survey.office.releases import Releases
from survey.office.uploads import Uploads
from survey.office.uploads_store import Store
from survey.staff.guard import Guard
from survey.web.texts import lazy_gettext as _l


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint of ``cong-bo``, ``nhap`` and ``lien-ket`` under ``/quan-tri/``."""
    blueprint = Blueprint("makers", __name__)
    Releases(guard).add_to(blueprint)
    Uploads(guard, Store(Path(guard.settings.upload_folder).resolve())).add_to(blueprint)
    Links(guard).add_to(blueprint)
    menu = (
        ("makers.releases", _l("Lần công bố")),
        ("makers.imports", _l("Nhập tệp")),
        ("makers.links", _l("Liên kết")),
    )
    guard.protect(blueprint, menu=menu)
    return blueprint
