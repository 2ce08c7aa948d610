"""Sheets to print: the QR code of a point, its short address, what it is for, in every language."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from survey.register.snapshot import Point, Register
from survey.web.qr import qr_svg
from survey.web.texts import catalogue

Paper = Literal["A4", "A5"]

N_ = str  # marks a text for translation; which language it is in is decided below

_QUESTION = N_("Quý Ông/Bà có hài lòng với việc giải quyết thủ tục ở đây không?")
_HOW = N_("Quét mã bằng máy ảnh điện thoại, chọn một mức, bấm gửi.")
_TIME = N_("Mười giây, không cần tên.")
_WHERE = N_("Hoặc gõ địa chỉ:")
_PURPOSE = N_(
    "Câu trả lời được tính vào tỷ lệ hài lòng của đơn vị, công bố để ai cũng kiểm tra được."
    " Người phục vụ không biết ai đã trả lời gì."
)

LINE = 34
"""Characters of a line under the code in the file."""


@dataclass(frozen=True)
class Words:
    """What a sheet says in one language."""

    language: str
    unit: str
    point: str
    question: str
    how: str
    time: str
    where: str
    purpose: str


@dataclass(frozen=True)
class Sheet:
    """One sheet. ``address`` is what the code says, ``short`` what a person types."""

    point: Point
    address: str
    short: str
    qr: Markup
    words: tuple[Words, ...]


def make_sheet(register: Register, point: Point, public_url: str) -> Sheet:
    """Return the sheet of a point.

    The code corrects 30 % (level H): a logo, a scratch or a stain leaves it readable. The address
    is that of the settings, never that of the request.
    """
    address = point_address(point, public_url)
    words = tuple(_words(register, point, language) for language in register.city.languages)
    code = qr_svg(address, title=short_address(address), correction="H")
    return Sheet(point, address, short_address(address), code, words)


def point_address(point: Point, public_url: str) -> str:
    """Return the address that a point's code says."""
    return f"{public_url}/danh-gia/{point.code}"


def short_address(address: str) -> str:
    """Return an address as a person types it.

    >>> short_address("https://hailong.example/danh-gia/N81A4")
    'hailong.example/danh-gia/N81A4'
    """
    return address.partition("://")[2]


def file_lines(sheet: Sheet) -> list[tuple[str, float, bool]]:
    """Return the lines under the code in the file: text, size in its units, whether it is bold.

    The file is 60 units wide; an address is never broken, so it gets smaller where it is long.
    """
    first = sheet.words[0]
    lines = [(line, 3.2, True) for line in textwrap.wrap(first.unit, LINE)]
    lines += [(line, 2.8, False) for line in textwrap.wrap(first.point, LINE + 4)]
    return [*lines, (sheet.short, min(3.2, 56 / (0.58 * len(sheet.short))), True)]


def _words(register: Register, point: Point, language: str) -> Words:
    said = catalogue(language).gettext
    first = register.city.languages[0]
    return Words(
        language,
        register.unit_name(point.unit, language),
        point.names.get(language) or point.names.get(first, point.code),
        said(_QUESTION),
        said(_HOW),
        said(_TIME),
        said(_WHERE),
        said(_PURPOSE),
    )
