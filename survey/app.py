"""The application: a list of verbs."""

from __future__ import annotations

from collections.abc import Hashable

import sqlalchemy as sa
from flask import Flask, Response
from sqlalchemy.engine import Engine

from kiosk import pages as kiosk
from survey.analyse import pages as analyse
from survey.commands.every import EveryCommand
from survey.db import make_engine, reading
from survey.intake import link_pages, phone, sync
from survey.office import desk, devices_desk, makers
from survey.publish import embed_pages, embed_sheets, pages, twins
from survey.register.snapshot import RegisterCache
from survey.settings import ROOT, Settings
from survey.staff import account_pages, deed_pages, door, password
from survey.staff.guard import Guard
from survey.web.errors import UNAVAILABLE
from survey.web.kept import KeptAnswers
from survey.web.setup import init_web
from survey.web.site import Site

MAX_BODY = 8 * 1024 * 1024
"""Largest body of a request in bytes; above it, what was typed cannot be given back."""


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings; the database is asked only when needed."""
    app = Flask(
        __name__,
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static",
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        TESTING=settings.testing,
    )
    engine, registers = make_engine(settings.database_url), RegisterCache()
    add_web(app, settings, engine, registers)
    add_pages(app, settings, engine, registers)
    keep_answers(app, settings, engine, registers)
    app.cli = EveryCommand(engine, registers, settings)
    return app


def add_web(app: Flask, settings: Settings, engine: Engine, registers: RegisterCache) -> None:
    """Languages, numbers, errors, headers."""

    def site() -> Site:
        register = registers.current(engine)
        city = register.city
        return Site(city.languages, city.names, register.kind == "sample", city.data_licence)

    gone: tuple[type[Exception], ...] = (
        sa.exc.OperationalError,
        sa.exc.InterfaceError,
        sa.exc.InternalError,  # PostgreSQL that may only be read
        sa.exc.ProgrammingError,  # PostgreSQL before its first migration
    )
    answers = dict.fromkeys(gone, UNAVAILABLE)
    init_web(app, site=site, public_url=settings.public_url, answers=answers)


def add_pages(app: Flask, settings: Settings, engine: Engine, registers: RegisterCache) -> None:
    """Every blueprint, and the sign of life."""
    app.register_blueprint(pages.make_blueprint(engine, registers))
    app.register_blueprint(twins.make_blueprint(engine, registers))
    app.register_blueprint(embed_pages.make_blueprint(engine, registers, settings.public_url))
    app.register_blueprint(embed_sheets.make_blueprint(engine, registers, settings.public_url))
    app.register_blueprint(phone.make_blueprint(engine, registers, settings))
    app.register_blueprint(link_pages.make_blueprint(engine, registers, settings))
    app.register_blueprint(sync.make_blueprint(engine, registers, settings))
    app.register_blueprint(kiosk.make_blueprint())
    add_desks(app, settings, engine, registers)

    @app.get("/healthz")
    def health() -> Response:
        """Answer whether the database answers; tells nothing of people."""
        with reading(engine) as connection:
            registers.get(connection)
        return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


def add_desks(app: Flask, settings: Settings, engine: Engine, registers: RegisterCache) -> None:
    """Every blueprint for people with an account, each behind the guard."""
    guard = Guard(engine, registers, settings)
    door.init_sessions(app, guard, settings)
    app.register_blueprint(door.make_blueprint(guard))
    app.register_blueprint(password.make_blueprint(guard))
    app.register_blueprint(desk.make_blueprint(guard))
    app.register_blueprint(devices_desk.make_blueprint(guard))
    app.register_blueprint(makers.make_blueprint(guard))
    # the last two close the menu; whoever signs in goes to its first page
    app.register_blueprint(account_pages.make_blueprint(guard))
    app.register_blueprint(deed_pages.make_blueprint(guard))
    app.register_blueprint(analyse.make_blueprint(guard))


def keep_answers(app: Flask, settings: Settings, engine: Engine, registers: RegisterCache) -> None:
    """Give what is public from memory until something new is published."""

    def published() -> Hashable:
        with reading(engine) as connection:
            return pages.stamp(connection, registers)

    kept = KeptAnswers(app.wsgi_app, published, settings.page_seconds)
    app.wsgi_app = kept  # type: ignore[method-assign, assignment]
