"""QR codes as inline SVG. The library gives the matrix; the drawing is ours."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import qrcode
from markupsafe import Markup
from qrcode import constants

QUIET = 4
"""Light modules around the code (ISO/IEC 18004, 9.1)."""

Correction = Literal["M", "Q", "H"]

_LEVELS: dict[Correction, int] = {
    "M": constants.ERROR_CORRECT_M,
    "Q": constants.ERROR_CORRECT_Q,
    "H": constants.ERROR_CORRECT_H,
}

_SVG = Markup(
    '<svg class="qr" viewBox="0 0 {size} {size}" role="img" shape-rendering="crispEdges">'
    "<title>{title}</title>"
    '<rect width="{size}" height="{size}" fill="#fff"/>'
    '<path fill="#000" d="{path}"/></svg>'
)


@lru_cache(maxsize=512)
def qr_svg(text: str, *, title: str, correction: Correction = "Q") -> Markup:
    """Return a QR code of a text as an inline SVG with a title for those who do not see it.

    Dark on white in every theme, since many readers cannot read the opposite. ``correction`` is
    the share that may be lost: M 15 %, Q 25 %, H 30 %. The size comes from the page's style; the
    view box counts in modules. Raises ``qrcode.exceptions.DataOverflowError`` where the text is
    longer than any code holds.
    """
    rows = matrix(text, correction)
    size = len(rows) + 2 * QUIET
    return _SVG.format(size=size, title=title, path=_path(rows))


def matrix(text: str, correction: Correction = "Q") -> list[list[bool]]:
    """Return the modules of a text's code, True where it is dark, without the quiet zone."""
    code = qrcode.QRCode(error_correction=_LEVELS[correction], border=0)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _path(rows: list[list[bool]]) -> str:
    """Return the dark modules as one path: a bar for every run of them in a row."""
    bars = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                bars.append(f"M{start + QUIET} {y + QUIET}h{x - start}v1h-{x - start}z")
            x += 1
    return "".join(bars)
