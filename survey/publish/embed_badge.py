"""The badge: one SVG whose text stays inside whatever sans-serif the reader's device has.

An image loads no font. So every line is measured with the letters of a wide face, and what might
not fit is wrapped or cut; the full text is in the title.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from markupsafe import Markup

from survey.publish.chart import Axis, Mark, axis_for, clamp
from survey.publish.embed import Look, Size, Theme, Told, sample_words
from survey.web import numbers
from survey.web.texts import gettext

ELLIPSIS = "…"
_WIDE = {
    **dict.fromkeys("ijlI.,:;'|!", 0.39),
    **dict.fromkeys(" \u00a0·", 0.38),
    **dict.fromkeys("tfr()-/", 0.5),
    **dict.fromkeys("mMWw%–", 1.12),
    "@": 1.0,
    ELLIPSIS: 1.0,
}
"""Widths in em of DejaVu Sans Bold by kind of letter, rounded up; no common face is wider."""
_SMALL, _CAPITAL, _REGULAR = 0.72, 0.87, 0.92


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return a width in pixels that a text does not exceed at a size in pixels.

    >>> text_width("94,8 %", 10) < text_width("94,8 %", 10, bold=True) < 50
    True
    """
    letters = (each for each in unicodedata.normalize("NFD", text) if not _is_mark(each))
    ems = sum(_WIDE.get(each, _CAPITAL if each.isupper() else _SMALL) for each in letters)
    return ems * size * (1.0 if bold else _REGULAR)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn"


def fit(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return a text cut at a word, or within one where it must be, so that it fits a width."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text
    while kept and text_width(kept + ELLIPSIS, size, bold=bold) > width:
        head, space, _ = kept.rpartition(" ")
        kept = head if space else kept[:-1]
    return kept.rstrip(" ,;·") + ELLIPSIS


def wrap(text: str, size: float, width: float, most: int, *, bold: bool = False) -> list[str]:
    """Return a text in at most so many lines of a width; the last one is cut."""
    lines: list[str] = []
    words = text.split(" ")
    while words and len(lines) < most - 1:
        count = 1
        while count < len(words):
            if text_width(" ".join(words[: count + 1]), size, bold=bold) > width:
                break
            count += 1
        lines.append(fit(" ".join(words[:count]), size, width, bold=bold))
        words = words[count:]
    return [*lines, fit(" ".join(words), size, width, bold=bold)] if words else lines


@dataclass(frozen=True)
class Line:
    """A text at its baseline; ``look`` names classes of the style: b bold, i ink, q quieter."""

    x: float
    y: float
    size: float
    look: str
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Chart:
    """The interval mark: y of its middle, half height of bar, radius of the dot."""

    axis: Axis
    mark: Mark
    y: float
    half: float


@dataclass(frozen=True)
class Drawing:
    """A badge in pixels; ``shape`` is where the verdict's shape stands: x, y, side."""

    width: int
    height: int
    lines: tuple[Line, ...]
    chart: Chart | None
    shape: tuple[float, float, float] | None
    style: str
    strip: float | None
    summary: str

    @property
    def style_element(self) -> Markup:
        """The style as it stands in the image."""
        return Markup("<style>{style}</style>").format(style=self.style)

    @property
    def policy(self) -> str:
        """The content security policy of this very badge: its own style, and any site's frame."""
        digest = b64encode(sha256(self.style.encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none';"
            " form-action 'none'; frame-ancestors *"
        )


@dataclass(frozen=True)
class _Measures:
    """What differs between the two sizes, in pixels."""

    width: int
    pad: float
    name: float
    rate: float
    verdict: float
    small: float
    leading: float
    source_lines: int


_SIZES: dict[Size, _Measures] = {
    "large": _Measures(420, 20, 16, 42, 15, 13, 20, 2),
    "small": _Measures(300, 14, 13, 28, 13, 11.5, 17, 1),
}


class _Writer:
    """Puts line under line, and knows how far down it is."""

    def __init__(self, measures: _Measures) -> None:
        self.m = measures
        self.y = measures.pad
        self.inner = measures.width - 2 * measures.pad
        self.lines: list[Line] = []

    def put(self, texts: Sequence[str], size: float, look: str, leading: float) -> None:
        """Write lines of one size, each ``leading`` pixels under the one before."""
        for text in texts:
            self.y += leading
            self.lines.append(Line(self.m.pad, round(self.y, 1), size, look, text))

    def small(self, text: str, most: int = 1, look: str = "q") -> None:
        """Write a line of small print, wrapped; nothing for nothing."""
        m = self.m
        if text:
            bold = "b" in look
            self.put(wrap(text, m.small, self.inner, most, bold=bold), m.small, look, m.leading)


def draw(told: Told, look: Look, address: str) -> Drawing:
    """Return the drawing of what is told; ``address`` is printed as its last line."""
    m = _SIZES[look.size]
    writer = _Writer(m)
    name = told.name or gettext("Hài Lòng")
    leading = m.name * 1.25
    names = wrap(name, m.name, writer.inner, 2, bold=True)
    writer.y -= leading - m.name
    writer.put(names, m.name, "b i", leading)
    chart, shape = None, None
    if told.lead is None:
        writer.put(
            wrap(told.empty, m.verdict + 3, writer.inner, 2, bold=True),
            m.verdict + 3,
            "b q",
            m.leading * 1.5,
        )
        writer.small(told.remark)
    else:
        chart, shape = _rate(writer, told, look)
    writer.y += m.leading * 0.3
    _evidence(writer, told, look, address)
    strip = _strip(writer, told)
    return Drawing(
        width=m.width,
        height=round(writer.y + m.pad * (0.45 if strip else 0.8)),
        lines=tuple(writer.lines),
        chart=chart,
        shape=shape,
        style=style(look.theme, told.badge),
        strip=strip,
        summary=told.summary,
    )


def _evidence(writer: _Writer, told: Told, look: Look, address: str) -> None:
    if told.lead is not None:
        level = told.lead.figure.rate.interval
        range_ = told.range
        if look.size == "large" and level is not None:
            range_ = gettext("khoảng tin cậy %(range)s", range=told.range)
            range_ = range_[:1].upper() + range_[1:]
        writer.small(f"{range_} · {told.ratings}", look="i")
    writer.small(told.released, 2)
    if told.series:
        writer.small(gettext("Nguồn: %(series)s", series=told.series), writer.m.source_lines)
    writer.small(told.ended, 2)
    if look.size == "large":
        writer.small(address)


def _strip(writer: _Writer, told: Told) -> float | None:
    """Mark sample data under a dashed line; return where the line is."""
    if not told.is_sample:
        return None
    strip = round(writer.y + writer.m.leading * 0.6, 1)
    writer.y = strip
    writer.small(sample_words(), look="b i")
    return strip


def _rate(
    writer: _Writer, told: Told, look: Look
) -> tuple[Chart | None, tuple[float, float, float] | None]:
    """Write rate and verdict: beside each other when small, else one under the other."""
    m, lead = writer.m, told.lead
    if lead is None:
        return None, None
    rate = numbers.percent(lead.figure.percent)
    writer.put([rate], m.rate, "b i", m.rate * 1.12)
    side = m.verdict * 1.05
    if look.size == "small":
        x = round(m.pad + text_width(rate, m.rate, bold=True) + 8, 1)
        shape = (x, round(writer.y - side * 0.9, 1), side) if told.badge else None
        start = x + (side + 6 if shape else 0)
        room = m.width - m.pad - start
        word = wrap(told.verdict, m.verdict, room, 1, bold=True)
        writer.lines += [Line(start, writer.y, m.verdict, "b t", text) for text in word if text]
        return None, shape
    chart = _chart(writer, told)
    writer.y += m.leading * 1.4
    shape = (m.pad, round(writer.y - side * 0.86, 1), side) if told.badge else None
    _large_verdict(writer, told, m.pad + (side + 7 if shape else 0))
    return chart, shape


def _large_verdict(writer: _Writer, told: Told, start: float) -> None:
    m = writer.m
    word = told.verdict if told.badge else (told.lead.reason if told.lead else "")
    room = m.width - m.pad - start
    word = fit(word, m.verdict if told.badge else m.small, room, bold=True)
    size = m.verdict if told.badge else m.small
    writer.lines.append(Line(start, round(writer.y, 1), size, "b t", word))
    if told.target:
        # At the right edge: how wide the word before it is, only the device knows.
        used = start + text_width(word, m.verdict, bold=True) + 12
        text = fit(told.target, m.small, m.width - m.pad - used)
        line = Line(m.width - m.pad, round(writer.y, 1), m.small, "q", text, "end")
        writer.lines.append(line)


def _chart(writer: _Writer, told: Told) -> Chart | None:
    """Draw the interval to the right of the rate, with the ends of its axis and the target."""
    if told.lead is None:
        return None
    m, figure = writer.m, told.lead.figure
    start = m.pad + text_width("100,0 %", m.rate, bold=True) + 6
    axis = axis_for(figure.shares, start, m.width - m.pad)
    mark = figure.mark(axis)
    y = round(writer.y - m.rate * 0.36, 1)
    ends = [(axis.start, axis.low, "start"), (axis.end, axis.high, "end")]
    for at, value, anchor in ends:
        text = numbers.whole_percent(value)
        writer.lines.append(Line(round(at, 1), y + 27, 11, "q", text, anchor))
    if mark.target is not None and figure.target is not None:
        text = numbers.share(figure.target.value)
        half = text_width(text, 11, bold=True) / 2
        at = clamp(mark.target, half, axis.start, axis.end)
        writer.lines.append(Line(at, y - 19, 11, "b i", text, "middle"))
    return Chart(axis, mark, y, 6)


_LIGHT = ("#fff", "#14212b", "#4a5a66", "#d9dfe0")
_DARK = ("#10181e", "#e9eff1", "#aab8bf", "#2c3a43")
_TONES = {
    "met": ("#0a5a6b", "#74c7d8"),
    "not_met": ("#a63d16", "#f29a70"),
    "not_enough": ("#6a6153", "#bfb4a2"),
}
_FONT = '"Be Vietnam Pro",system-ui,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif'


@lru_cache(maxsize=32)
def style(theme: Theme, badge: str | None) -> str:
    """Return the style of a theme and a verdict's colour; the same tokens as every page's."""
    tones = _TONES[badge or "not_enough"]
    light, dark = _colours(_LIGHT, tones[0]), _colours(_DARK, tones[1])
    rest = f"text{{font-family:{_FONT}}}.b{{font-weight:700}}"
    if theme == "auto":
        return f"{rest}{light}@media(prefers-color-scheme:dark){{{dark}}}"
    return rest + (light if theme == "light" else dark)


def _colours(tokens: tuple[str, ...], tone: str) -> str:
    ground, ink, quiet, line = tokens
    return (
        f".g{{fill:{ground};stroke:{line}}}.i{{fill:{ink}}}.q{{fill:{quiet}}}.t{{fill:{tone}}}"
        f".r{{fill:none;stroke:{tone}}}.c{{fill:none;stroke:{ground}}}.l{{stroke:{line}}}"
        f".d{{stroke:{ink}}}"
    )
