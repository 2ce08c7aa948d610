"""Slips to print, eight on a page of A4, each with a link for one dossier; and the same as a table.

Whoever hands them out puts each slip with its dossier, so a slip names the dossier's code. The
address is that of the settings, never that of the request.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from survey.intake.link_batches import Turn
from survey.intake.link_rows import VIETNAMESE, Row
from survey.intake.links import spoken
from survey.office.sheets import short_address
from survey.publish.twins import csv_cell
from survey.register.snapshot import Point, Register
from survey.web.qr import qr_svg
from survey.web.texts import catalogue

A_PAGE = 8
"""Slips on a page."""

A_PART = 25 * A_PAGE
"""Slips that are shown at a time: a code takes some milliseconds to draw."""

N_ = str  # marks a text for translation; which language it is in is decided below

_QUESTION = N_("Quý Ông/Bà có hài lòng với việc giải quyết hồ sơ này không?")
_HOW = N_("Quét mã, chọn một mức, bấm gửi. Mười giây, không cần tên.")
_ONCE = N_("Dùng một lần, đến hết ngày %(day)s.")
_WHERE = N_("Hoặc gõ:")


@dataclass(frozen=True)
class Words:
    """What a slip says in one language."""

    language: str
    question: str
    how: str
    once: str
    where: str
    field: str
    unit: str


@dataclass(frozen=True)
class Slip:
    """One slip: the dossier, the code to scan, and the address as a person types it, in two."""

    code: str
    qr: Markup
    host: str
    token: str
    words: tuple[Words, ...]


def link_address(public_url: str, token: str) -> str:
    """Return the address of a link."""
    return f"{public_url}/m/{token}"


def slips(
    register: Register,
    rows: Sequence[Row],
    tokens: Mapping[Turn, str],
    last_on: dt.date,
    public_url: str,
) -> list[Slip]:
    """Return a slip for each row that has a link; ``last_on`` is the last day of these."""
    made = []
    for row, token in _linked(rows, tokens):
        address = link_address(public_url, token)
        host, said = short_address(link_address(public_url, "")), spoken(token)
        words = tuple(_words(register, row, last_on, each) for each in register.city.languages)
        code = qr_svg(address, title=host + said, correction="Q")
        made.append(Slip(row.code, code, host, said, words))
    return made


def n_parts(n_links: int) -> int:
    """Return in how many parts so many slips are shown."""
    return -(-n_links // A_PART)


def table(
    rows: Sequence[Row], tokens: Mapping[Turn, str], last_on: dt.date, public_url: str
) -> bytes:
    """Return the links as CSV: dossier, occasion, field, address, last day."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(
        [VIETNAMESE.dossier, VIETNAMESE.occasion, VIETNAMESE.field, "Liên kết", "Hết hạn"]
    )
    for row, token in _linked(rows, tokens):
        cells = (row.code, row.wanted.occasion, row.wanted.field)
        address = link_address(public_url, token)
        writer.writerow([csv_cell(cell) for cell in (*cells, address, last_on.isoformat())])
    return text.getvalue().encode("utf-8-sig")  # the mark: Excel asks for it


def example(register: Register, point: Point | None, today: dt.date) -> bytes:
    """Return a file as links are made from, with one row, to be filled in."""
    handled = register.handled(point.unit, today) if point is not None else ()
    field = register.field_name(handled[0], register.city.languages[0]) if handled else "?"
    words = VIETNAMESE
    head = (words.dossier, words.field, words.occasion, words.resolving_unit, words.service_on)
    unit = register.unit_name(point.unit, register.city.languages[0]) if point is not None else ""
    day = today.strftime(words.day_format)
    row = (register.city.dossier_example, field, next(reversed(words.occasions)), unit, day)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows((head, row))
    return text.getvalue().encode("utf-8-sig")


def _linked(rows: Sequence[Row], tokens: Mapping[Turn, str]) -> Iterator[tuple[Row, str]]:
    for row in rows:
        token = tokens.get((row.wanted.dossier, row.wanted.occasion))
        if token is not None:
            yield row, token


def _words(register: Register, row: Row, last_on: dt.date, language: str) -> Words:
    said = catalogue(language).gettext
    return Words(
        language,
        said(_QUESTION),
        said(_HOW),
        said(_ONCE) % {"day": last_on.strftime("%d/%m/%Y")},
        said(_WHERE),
        register.field_name(row.wanted.field, language),
        register.unit_name(row.wanted.receiving_unit, language),
    )
