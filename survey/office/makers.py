"""The pages that make something: releases and imports."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint
from sqlalchemy.engine import Engine

from survey.office.releases import Releases
from survey.office.uploads import Uploads
from survey.office.uploads_store import Store
from survey.register.snapshot import RegisterCache
from survey.settings import Settings
from survey.staff.guard import Guard
from survey.web.texts import lazy_gettext as _l


def make_blueprint(
    engine: Engine, registers: RegisterCache, settings: Settings, guard: Guard
) -> Blueprint:
    """Return the blueprint with ``/quan-tri/cong-bo`` and ``/quan-tri/nhap``."""
    blueprint = Blueprint("makers", __name__)
    store = Store(Path(settings.upload_folder).resolve())
    Releases(engine, registers).add_to(blueprint)
    Uploads(engine, registers, settings, store).add_to(blueprint)
    menu = (("makers.releases", _l("Lần công bố")), ("makers.imports", _l("Nhập tệp")))
    guard.protect(blueprint, menu=menu)
    return blueprint
