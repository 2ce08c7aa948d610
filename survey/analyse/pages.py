"""The analysts' pages: one view, and the files of what it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, render_template, request
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from survey.analyse import files
from survey.analyse.offers import offers
from survey.analyse.selection import Asked, Selection, ask
from survey.analyse.view import view
from survey.db import standing_still, writing
from survey.publish.twins import FORMATS
from survey.register.snapshot import Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, needs
from survey.web.language import current_language
from survey.web.texts import lazy_gettext as _l

MOST_LOGGED = 1000
"""Characters of an address that are written into the log of deeds."""


def make_blueprint(guard: Guard) -> Blueprint:
    """Return the blueprint of ``/phan-tich/``, which only analysts and the city's staff see."""
    blueprint = Blueprint("analyse", __name__, url_prefix="/phan-tich")
    pages = _Pages(guard)
    blueprint.add_url_rule("/", "page", pages.page)
    blueprint.add_url_rule("/so-dem.<any(csv, xlsx):ending>", "tallies", pages.tallies)
    blueprint.add_url_rule("/phieu.<any(csv, xlsx):ending>", "responses", pages.responses)
    blueprint.add_url_rule("/bang-ma.csv", "code_book", pages.code_book)
    guard.protect(blueprint, menu=[("analyse.page", _l("Phân tích"))])
    return blueprint


class _Pages:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._engine, self._registers = guard.engine, guard.registers

    @needs("analyse.read")
    def page(self) -> str:
        """Show the view that the address asks for, or say what is wrong with it."""
        with self._asked() as (connection, register, asked):
            return self._page(connection, register, asked)

    def _page(
        self, connection: Connection, register: Register, asked: Asked, refusal: str = ""
    ) -> str:
        language = current_language()
        found = None
        if asked.selection is not None:
            found = view(connection, register, asked.selection, language, _now())
        return render_template(
            "analyse/page.html",
            asked=asked,
            view=found,
            offers=offers(register, asked.selection, language),
            refusal=refusal,
        )

    @contextmanager
    def _asked(self) -> Iterator[tuple[Connection, Register, Asked]]:
        with standing_still(self._engine) as connection:
            register = self._registers.get(connection)
            given = request.args.items(multi=True)
            yield connection, register, ask(connection, register, given, current_language())

    @needs("analyse.download")
    def tallies(self, ending: str) -> BaseResponse:
        """Send the counts and rates of a view, with what is too small to leave hidden."""
        return self._send("tallies", ending)

    @needs("analyse.download")
    def responses(self, ending: str) -> BaseResponse:
        """Send the counted responses of a view, by month."""
        return self._send("responses", ending)

    @needs("analyse.download")
    def code_book(self) -> BaseResponse:
        """Send what the columns and codes of the files mean."""
        return self._send("code_book", "csv")

    def _send(self, kind: str, ending: str) -> BaseResponse:
        with self._asked() as (connection, register, asked):
            if asked.selection is None:
                return Response(self._page(connection, register, asked), 400)
            made = files.make(
                kind, ending, connection, register, asked.selection, current_language(), _now()
            )
            if isinstance(made, files.Refusal):
                return Response(self._page(connection, register, asked, made.text), 413)
        self._log(kind, ending, asked.selection)
        response = Response(made.chunks, content_type=FORMATS[ending])
        response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
        return response

    def _log(self, kind: str, ending: str, selection: Selection) -> None:
        """Note who takes what out of the house, before its first byte leaves."""
        with writing(self._engine) as connection:
            record(
                connection,
                by=current_officer().name,
                deed=f"{kind}.download",
                unit=selection.unit,
                subject=ending,
                detail=selection.query()[:MOST_LOGGED],
                at=now_milliseconds(),
            )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
