"""QR codes: what is drawn is the library's matrix, read back from the drawing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.web.qr import QUIET, Correction, matrix, qr_svg

SVG = "{http://www.w3.org/2000/svg}"
BAR = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def drawn(svg: str) -> set[tuple[int, int]]:
    """Return the dark modules (column, row) of a drawing, the quiet zone counted in."""
    path = ET.fromstring(svg).find("path")  # noqa: S314
    assert path is not None
    data = path.attrib["d"]
    bars = BAR.findall(data)
    assert "".join(f"M{x} {y}h{w}v1h-{back}z" for x, y, w, back in bars) == data
    return {(int(x) + step, int(y)) for x, y, width, _ in bars for step in range(int(width))}


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=120), st.sampled_from(["M", "Q", "H"]))
def test_the_drawing_is_the_matrix(text: str, correction: Correction) -> None:
    rows = matrix(text, correction)
    dark = {
        (x + QUIET, y + QUIET) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    }
    assert drawn(qr_svg(text, title="x", correction=correction)) == dark


def test_it_is_dark_on_white_with_a_quiet_zone_and_a_title() -> None:
    svg = qr_svg("https://hailong.example/danh-gia/x", title='Sở <Y tế> & "ba"')
    root = ET.fromstring(svg)  # noqa: S314
    size = len(matrix("https://hailong.example/danh-gia/x")) + 2 * QUIET
    assert root.attrib["viewBox"] == f"0 0 {size} {size}"
    assert root.attrib["role"] == "img"
    title, ground, path = root
    assert title.text == 'Sở <Y tế> & "ba"'
    assert (ground.attrib["fill"], path.attrib["fill"]) == ("#fff", "#000")
    assert "currentColor" not in svg
    assert "style" not in svg


@pytest.mark.parametrize(("lower", "higher"), [("M", "Q"), ("Q", "H")])
def test_more_correction_needs_more_modules(lower: Correction, higher: Correction) -> None:
    text = "https://hailong.example/danh-gia/26740C-1"
    assert len(matrix(text, lower)) <= len(matrix(text, higher))
    assert matrix(text, lower) != matrix(text, higher)
