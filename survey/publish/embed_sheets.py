"""The page "Nhúng và áp phích" of a unit: previews, code to copy, and a poster for the wall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.publish.embed import SIZES, THEMES, Look, Told, told
from survey.publish.embed_badge import draw
from survey.publish.embed_chart import labelled
from survey.publish.embed_pages import asked_look
from survey.register.snapshot import Point, Register, RegisterCache
from survey.web.headers import POLICY
from survey.web.language import ROOT, current_language, current_site, in_language
from survey.web.qr import qr_svg
from survey.web.texts import gettext

CACHE_CONTROL = "public, max-age=60"
PREVIEW_POLICY = f"{POLICY}; frame-src 'self'"
BOTH = "both"
_HEIGHTS = {"large": 430, "small": 290}
"""Of a frame, with room for a long name and source where no script tells the height."""


@dataclass(frozen=True)
class Code:
    """What one copies for one look; addresses are public ones. ``*_here`` are for previews."""

    look: Look
    badge: str
    frame: str
    badge_here: str
    frame_here: str
    width: int
    height: int
    frame_height: int
    official: str
    title: str

    @property
    def frame_html(self) -> str:
        """The element for the frame; its style is for the page that it is copied into."""
        return (
            f'<iframe src="{escape(self.frame)}" title="{escape(self.title)}"'
            f' width="{self.width}" height="{self.frame_height}" loading="lazy"'
            ' style="border:0;max-width:100%"></iframe>'
        )


@dataclass(frozen=True)
class Words:
    """What a poster asks for beside its code."""

    question: str
    promise: str
    purpose: str


def _words(point: Point | None) -> Words:
    if point is None:
        question = gettext("Kết quả của mọi kỳ")
        return Words(question, "", gettext("Quét mã để xem cách tính và số liệu các kỳ."))
    return Words(
        gettext("Quý Ông/Bà có hài lòng không?"),
        gettext("Mười giây, không cần nêu tên."),
        gettext(
            "Quét mã để đánh giá lần làm thủ tục hôm nay. Kết quả được công bố mỗi quý, để việc"
            " phục vụ tốt hơn."
        ),
    )


def _words_in(point: Point | None, language: str) -> Words:
    with in_language(language):
        return _words(point)


def make_blueprint(engine: Engine, registers: RegisterCache, public_url: str) -> Blueprint:
    """Return the blueprint with ``/nhung/<unit>`` and ``/nhung/<unit>/ap-phich``."""
    blueprint = Blueprint("sheets", __name__)
    sheets = _Sheets(engine, registers, public_url)
    blueprint.add_url_rule("/nhung/<unit>", "embedding", sheets.embedding)
    blueprint.add_url_rule("/nhung/<unit>/ap-phich", "poster", sheets.poster)
    return blueprint


class _Sheets:
    """The views, with what they need from the application."""

    def __init__(self, engine: Engine, registers: RegisterCache, public_url: str) -> None:
        self._engine, self._registers, self._public_url = engine, registers, public_url

    def embedding(self, unit: str) -> Response:
        """Show every look of a unit's embed, with code to copy for the chosen one."""
        chosen = asked_look()
        register, said = self._read(unit, current_language())
        looks = [
            Look(language, theme, size)
            for size in SIZES
            for theme in THEMES[1:]
            for language in current_site().languages
        ]
        text = render_template(
            "publish/embed/page.html",
            it=said,
            code=self._code(unit, chosen),
            codes=[self._code(unit, look) for look in looks],
            data=f"{self._public_url}{request.environ.get(ROOT, '')}{said.path}.json",
            points=points_of(register, unit, _today(register)),
            unit=unit,
            sizes=SIZES,
            themes=THEMES,
        )
        response = Response(text, mimetype="text/html")
        response.headers["Content-Security-Policy"] = PREVIEW_POLICY
        response.headers["Cache-Control"] = CACHE_CONTROL
        return response

    def poster(self, unit: str) -> Response:
        """Show a sheet of A4 to print: the rate, and a code by which people rate."""
        asked = request.args.get("lang", "")
        first, *others = self._poster_languages(asked)
        register, _ = self._read(unit, first)
        points = points_of(register, unit, _today(register))
        wanted = request.args.get("diem", "")
        point = next((each for each in points if each.code == wanted), next(iter(points), None))
        root = f"{self._public_url}{request.environ.get(ROOT, '')}"
        with in_language(first):
            said = self._read(unit, first)[1]
            address = f"{root}/danh-gia/{quote(point.code)}" if point else f"{root}{said.path}"
            title = gettext("Mã QR: %(address)s", address=address)
            text = render_template(
                "publish/embed/poster.html",
                it=said,
                chart=labelled(said),
                other=others[0] if others else "",
                said_other=self._summary_in(unit, others[0]) if others else "",
                qr=qr_svg(address, title=title, correction="Q"),
                short=address.partition("://")[2],
                point=point,
                points=points,
                unit=unit,
                asked=asked,
                both=BOTH,
                words=_words(point),
                words_other=_words_in(point, others[0]) if others else None,
                official=f"{root}{said.path}".partition("://")[2],
            )
        response = Response(text, mimetype="text/html")
        response.headers["Cache-Control"] = CACHE_CONTROL
        return response

    def _poster_languages(self, asked: str) -> Sequence[str]:
        known = current_site().languages
        if asked in known:
            return [asked]
        current = current_language()
        return [current, *(each for each in known if each != current)][:2]

    def _summary_in(self, unit: str, language: str) -> str:
        with in_language(language):
            return self._read(unit, language)[1].summary

    def _read(self, unit: str, language: str) -> tuple[Register, Told]:
        with reading(self._engine) as connection:
            register = self._registers.get(connection)
            if unit not in register.units:
                abort(404)
            is_sample = register.kind == "sample"
            return register, told(connection, register, unit, language, is_sample=is_sample)

    def _code(self, unit: str, look: Look) -> Code:
        site = current_site()
        query = look.query(site.languages[0])
        path = f"{request.environ.get(ROOT, '')}/nhung/v1/{quote(unit)}"
        with in_language(look.language):
            said = self._read(unit, look.language)[1]
            prefix = "" if look.language == site.languages[0] else f"/{look.language}"
            official = f"{self._public_url}{request.environ.get(ROOT, '')}{prefix}{said.path}"
            drawing = draw(said, look, official.partition("://")[2])
            title = gettext("Tỷ lệ hài lòng: %(name)s", name=said.name)
        return Code(
            look=look,
            badge=f"{self._public_url}{path}.svg{query}",
            frame=f"{self._public_url}{path}{query}",
            badge_here=f"{path}.svg{query}",
            frame_here=f"{path}{query}",
            width=drawing.width,
            height=drawing.height,
            frame_height=_HEIGHTS[look.size] + (60 if said.is_sample else 0),
            official=official,
            title=title,
        )


def points_of(register: Register, unit: str, on: dt.date) -> list[Point]:
    """Return the reception points of a unit in force on a day, by code."""
    found = [each for each in register.points.values() if each.unit == unit and each.in_force(on)]
    return sorted(found, key=lambda each: each.code)


def _today(register: Register) -> dt.date:
    return dt.datetime.now(register.city.zone).date()
