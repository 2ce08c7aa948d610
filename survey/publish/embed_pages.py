"""What other sites embed: the badge and the page for a frame. Every address has an answer.

Their addresses carry a version, since they stand in other people's pages for years.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response as BaseResponse

from survey.db import Busy, reading
from survey.publish.embed import Look, Told, gone, told
from survey.publish.embed_badge import draw
from survey.publish.embed_chart import labelled
from survey.register.snapshot import RegisterCache
from survey.web.kept import keep
from survey.web.language import ROOT, current_language, current_site, in_language

CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=3600"
FRAME_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "script-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    )
)
"""As every page's, but any site may frame it, and there is nothing to send or to fetch."""

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    # What a browser takes without the header; every other page is alone in its window.
    "Cross-Origin-Opener-Policy": "unsafe-none",
}
SVG = "image/svg+xml"
RETRY_SECONDS = 30
_ASKED = frozenset(("lang", "theme", "size"))


def make_blueprint(engine: Engine, registers: RegisterCache, public_url: str) -> Blueprint:
    """Return the blueprint with ``/nhung/v1/<unit>`` and ``/nhung/v1/<unit>.svg``."""
    blueprint = Blueprint("embed", __name__)
    blueprint.record_once(_know_whatever)
    embed = Embed(engine, registers, public_url)
    rules: tuple[tuple[str, str, Callable[..., BaseResponse]], ...] = (
        ("/nhung/v1/", "nobody", embed.frame),
        ("/nhung/v1/<whatever:unit>", "frame", embed.frame),
        ("/nhung/v1/<whatever:unit>.svg", "badge", embed.badge),
    )
    for rule, endpoint, view in rules:
        blueprint.add_url_rule(rule, endpoint, view)
    return blueprint


class WhateverConverter(BaseConverter):
    """What stands in the address, to its end: slashes and line breaks too."""

    regex = r"[\s\S]+?"
    part_isolating = False


def _know_whatever(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["whatever"] = WhateverConverter


class Embed:
    """The views, with what they need from the application."""

    def __init__(self, engine: Engine, registers: RegisterCache, public_url: str) -> None:
        self._engine, self._registers, self._public_url = engine, registers, public_url

    def badge(self, unit: str) -> BaseResponse:
        """Answer with a unit's badge."""
        look = asked_look()
        with in_language(look.language):
            said = self._told(unit)
            link = self.official(said, look.language)
            drawing = draw(said, look, _short(link))
            text = render_template(
                "publish/embed/badge.svg", it=drawing, badge=said.badge, link=link
            )
        return _answer(text, SVG, drawing.policy, said)

    def frame(self, unit: str = "") -> BaseResponse:
        """Answer with a unit's page for a frame."""
        look = asked_look()
        with in_language(look.language):
            said = self._told(unit)
            link = self.official(said, look.language)
            text = render_template(
                "publish/embed/frame.html",
                it=said,
                chart=labelled(said),
                look=look,
                link=link,
                short=_short(link),
            )
        return _answer(text, "text/html", FRAME_POLICY, said)

    def official(self, said: Told, language: str) -> str:
        """Return the address of the official page, on the public address of this site."""
        first = current_site().languages[0]
        prefix = "" if language == first else f"/{language}"
        return f"{self._public_url}{request.environ.get(ROOT, '')}{prefix}{said.path}"

    def _told(self, unit: str) -> Told:
        try:
            with reading(self._engine) as connection:
                register = self._registers.get(connection)
                is_sample = register.kind == "sample"
                language = current_language()
                return told(connection, register, unit, language, is_sample=is_sample)
        except (Busy, DBAPIError):
            return gone()


def asked_look() -> Look:
    """Return the look that this request asks for."""
    return Look.read(request.args, current_site().languages, current_language())


def _short(link: str) -> str:
    """Return an address as one reads it aloud: without its scheme."""
    return link.partition("://")[2]


def _answer(text: str, mimetype: str, policy: str, said: Told) -> BaseResponse:
    if said.state == "gone":
        response = Response(text, 503, HEADERS, mimetype=mimetype)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    else:
        response = Response(text, 200, HEADERS, mimetype=mimetype)
        response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Content-Security-Policy"] = policy
    if said.state in ("shown", "hidden", "nothing") and _is_plainly_asked():
        keep(by_query=True)
    elif said.state != "gone":
        response.add_etag()
        return response.make_conditional(request)
    return response


def _is_plainly_asked() -> bool:
    """Tell whether the query is one of the few that mean something.

    Only those are kept: nobody can fill the memory with invented ones.
    """
    known = all(name in _ASKED and value for name, value in request.args.items(multi=True))
    return known and len(request.query_string) <= len("lang=vi-VN&theme=light&size=large")
