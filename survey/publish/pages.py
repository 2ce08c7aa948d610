"""The public pages: the city, units, fields, method and privacy. They read what was published."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, request
from sqlalchemy.engine import Connection, Engine
from werkzeug.wrappers import Response as BaseResponse

from survey.db import reading
from survey.publish.city_page import city_page
from survey.publish.editions import EDITION, Release, releases
from survey.publish.field_page import field_page
from survey.publish.listing import unit_list
from survey.publish.method_page import method_page
from survey.publish.tables import release as release_table
from survey.publish.unit_page import unit_page
from survey.register.items import Unit
from survey.register.snapshot import Register, RegisterCache
from survey.terms.period import parse_period
from survey.terms.problem import InvalidTermError
from survey.web.kept import keep, stamp_of_request
from survey.web.language import current_language
from survey.web.templates import render

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=600"
MOST_SEARCHED = 80
"""Characters of a search that are read."""

_LAST_RELEASE = sa.select(sa.func.max(release_table.c.id))

Build = Callable[[Connection, Register, list[Release]], str | None]


def make_blueprint(engine: Engine, registers: RegisterCache) -> Blueprint:
    """Return the blueprint with every public page."""
    blueprint = Blueprint("pages", __name__)
    pages = _Pages(engine, registers)
    rules: tuple[tuple[str, Callable[..., BaseResponse]], ...] = (
        ("/", pages.city),
        ("/ky/<period>", pages.city),
        (f"/ky/<period>/{EDITION}", pages.city),
        ("/don-vi/", pages.units),
        ("/don-vi/<unit>", pages.unit),
        ("/don-vi/<unit>/<period>", pages.unit),
        (f"/don-vi/<unit>/<period>/{EDITION}", pages.unit),
        ("/linh-vuc/", pages.fields),
        ("/linh-vuc/<field>", pages.field),
        ("/linh-vuc/<field>/<period>", pages.field),
        (f"/linh-vuc/<field>/<period>/{EDITION}", pages.field),
        ("/cach-tinh", pages.method),
        ("/quyen-rieng-tu", pages.privacy),
    )
    for rule, view in rules:
        blueprint.add_url_rule(rule, view.__name__, view)
    return blueprint


class _Pages:
    """The views, with what they need from the application."""

    def __init__(self, engine: Engine, registers: RegisterCache) -> None:
        self._engine, self._registers = engine, registers
        self._published: tuple[Hashable, Register, list[Release]] | None = None

    def city(self, period: str | None = None, edition: int | None = None) -> BaseResponse:
        """Show the city in the newest quarter, in a period, or in one edition of it."""

        def build(connection: Connection, register: Register, known: list[Release]) -> str | None:
            language = current_language()
            found = _chosen(known, period, edition)
            if found is None:
                return None if period else _nothing_yet(register)
            page = city_page(connection, register, known, found, language)
            return render("publish/city.html", page=page, told=page.report)

        return self._answer(build)

    def unit(
        self, unit: str, period: str | None = None, edition: int | None = None
    ) -> BaseResponse:
        """Show one unit; where it has ended, in the last release of its time."""

        def build(connection: Connection, register: Register, known: list[Release]) -> str | None:
            item = register.units.get(unit)
            if item is None:
                return None
            language = current_language()
            found = _chosen(known, period, edition) if period else newest_of(known, item)
            if found is None:
                return None if period else _nothing_yet(register)
            page = unit_page(connection, register, known, found, item, language)
            return render("publish/unit.html", page=page, told=page.report)

        return self._answer(build)

    def field(
        self, field: str, period: str | None = None, edition: int | None = None
    ) -> BaseResponse:
        """Show one field: the city's rate and every unit's."""

        def build(connection: Connection, register: Register, known: list[Release]) -> str | None:
            if field not in register.fields:
                return None
            language = current_language()
            found = _chosen(known, period, edition)
            if found is None:
                return None if period else _nothing_yet(register)
            page = field_page(connection, register, known, found, field, language)
            return render("publish/field.html", page=page, told=page.report)

        return self._answer(build)

    def units(self) -> BaseResponse:
        """List the units; ``q`` searches their names, with or without diacritics."""
        searched = request.args.get("q", "").strip()[:MOST_SEARCHED]

        def build(connection: Connection, register: Register, known: list[Release]) -> str | None:
            found = _chosen(known, None, None)
            if found is None:
                return _nothing_yet(register)
            page = unit_list(connection, register, found, searched, current_language())
            return render("publish/units.html", page=page)

        return self._answer(build, is_kept=not searched, by_query=True)

    def fields(self) -> BaseResponse:
        """List the fields with the city's rates."""

        def build(connection: Connection, register: Register, known: list[Release]) -> str | None:
            language = current_language()
            found = _chosen(known, None, None)
            if found is None:
                return _nothing_yet(register)
            page = city_page(connection, register, known, found, language)
            return render("publish/fields.html", page=page, told=page.report)

        return self._answer(build)

    def method(self) -> BaseResponse:
        """Explain how everything is computed."""
        return self._answer(
            lambda _connection, register, _known: render(
                "publish/method.html", page=method_page(register, current_language())
            )
        )

    def privacy(self) -> BaseResponse:
        """Say who keeps what for how long, and which rights people have."""
        return self._answer(
            lambda _connection, register, _known: render("publish/privacy.html", register=register)
        )

    def _answer(
        self, build: Build, *, is_kept: bool = True, by_query: bool = False
    ) -> BaseResponse:
        with reading(self._engine) as connection:
            text = build(connection, *self._current(connection))
        if text is None:
            abort(404)
        response = Response(text, mimetype="text/html")
        if is_kept:
            response.headers["Cache-Control"] = CACHE_CONTROL
            keep(by_query=by_query)
        return response

    def _current(self, connection: Connection) -> tuple[Register, list[Release]]:
        """Return the register and every release; read anew only when something was published."""
        stamp = stamp_of_request()
        if stamp is None or self._published is None or self._published[0] != stamp:
            register = self._registers.get(connection)
            self._published = stamp, register, releases(connection)
        return self._published[1:]


def stamp(connection: Connection, registers: RegisterCache) -> Hashable:
    """Return what changes when anything new can be shown to the public."""
    return registers.get(connection).version, connection.execute(_LAST_RELEASE).scalar()


def _chosen(known: list[Release], period: str | None, edition: int | None) -> Release | None:
    """Return the newest edition of a period, or that very one; without a period the newest."""
    if period is None:
        return _newest_quarter(known)
    try:
        wanted = parse_period(period)
    except InvalidTermError:
        return None
    same = [each for each in known if each.period == wanted and edition in (None, each.edition)]
    return max(same, key=lambda each: each.edition, default=None)


def _newest_quarter(known: list[Release]) -> Release | None:
    quarters = [each for each in known if each.period.kind == "quarter"]
    return next(iter(quarters or known), None)


def newest_of(known: list[Release], unit: Unit) -> Release | None:
    """Return the newest release of the unit's time, a quarter if there is one."""
    of_its_time = [
        each for each in known if unit.overlaps(each.period.first_on, each.period.last_on)
    ]
    return _newest_quarter(of_its_time or known)


def _nothing_yet(register: Register) -> str:
    name: Any = register.city.names.get(current_language(), "")
    return render("publish/nothing.html", name=name)
