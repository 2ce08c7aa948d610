"""Embeds in another site's page, in a real browser: several at once, with and without script."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.engine import Engine

from tests.fixtures.pages import violations
from tests.publish.conftest import SAI_GON
from tests.publish.test_embed import ENDED, LOOKS, REFERENCE, UNITS, embed_app

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WIDEST = "DejaVu Sans"
"""The widest of the common faces; what a bare Linux shows for sans-serif."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(published: Engine, serve: Callable[[Any], str]) -> str:
    """The address of the published city."""
    return serve(embed_app(published, page_seconds=60))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Serves one page from another origin (another host name and port); returns its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def put(body: str) -> str:
        text = f'<!doctype html><meta charset="utf-8"><title>x</title><body>{body}'
        (tmp_path / "index.html").write_text(text, encoding="utf-8")
        return f"http://localhost:{server.server_port}/"

    yield put
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """Opens a page that may load from two origins; returns it and what it complained of."""
    contexts = []

    def open_one(address: str, **context: Any) -> tuple[Page, list[str]]:
        made = browser.new_context(viewport={"width": 1000, "height": 900}, **context)
        contexts.append(made)
        complaints: list[str] = []
        page = made.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and "favicon" not in said.location.get("url", "")
                else None
            ),
        )
        page.goto(address, wait_until="networkidle")
        assert not made.cookies()
        return page, complaints

    yield open_one
    for made in contexts:
        made.close()


def several(site: str) -> str:
    """Return a page's body with many embeds beside each other."""
    units = (SAI_GON, REFERENCE, ENDED, "khong-co", SAI_GON)
    images = "".join(f'<img src="{site}/nhung/v1/{unit}.svg" alt="">' for unit in units)
    frames = "".join(f'<iframe src="{site}/nhung/v1/{unit}"></iframe>' for unit in units)
    return images + frames


@pytest.mark.parametrize("has_script", [True, False])
def test_another_site_shows_several(
    site: str, elsewhere: Callable[[str], str], visit: Any, has_script: bool
) -> None:
    page, complaints = visit(elsewhere(several(site)), java_script_enabled=has_script)
    sizes = [each.bounding_box() for each in page.locator("img").all()]
    assert len(sizes) == 5
    assert {each["width"] for each in sizes} == {420}
    headings = [
        page.frame_locator("iframe").nth(place).locator("h1").inner_text() for place in range(5)
    ]
    assert headings[0] == headings[4] == "Phường Sài Gòn"
    assert headings[1:4] == ["Phường Bến Thành", "Phường Bến Nghé", "Hài Lòng"]
    assert not complaints


def test_another_site_cannot_frame_anything_else(
    site: str, elsewhere: Callable[[str], str], visit: Any
) -> None:
    body = f'<iframe src="{site}/don-vi/{SAI_GON}"></iframe>'
    page, complaints = visit(elsewhere(body))
    assert "Phường" not in page.frames[1].content()
    assert any("frame-ancestors" in each for each in complaints)


def test_another_site_reads_the_data(
    site: str, elsewhere: Callable[[str], str], visit: Any
) -> None:
    page, complaints = visit(elsewhere(""))
    read = "address => fetch(address).then(answer => answer.text())"
    assert '"rates"' in page.evaluate(read, f"{site}/don-vi/{SAI_GON}.json")
    assert "94,8" in page.evaluate(read, f"{site}/nhung/v1/{SAI_GON}.svg")
    assert not complaints


def test_the_frame_tells_its_height_within_bounds(
    site: str, elsewhere: Callable[[str], str], visit: Any
) -> None:
    page, _ = visit(elsewhere(""))
    heard = page.evaluate(
        """async (address) => {
          const heard = [];
          addEventListener("message", (said) => {
            if (said.origin !== new URL(address).origin) return;
            heard.push(said.data);
            document.querySelector("iframe").style.height = `${said.data.height}px`;
          });
          const frame = document.createElement("iframe");
          frame.width = 420;
          frame.src = address;
          document.body.append(frame);
          await new Promise((done) => setTimeout(done, 1000));
          return heard;
        }""",
        f"{site}/nhung/v1/{SAI_GON}",
    )
    assert heard
    assert {each["type"] for each in heard} == {"hai-long:height"}
    assert all(44 <= each["height"] <= 1000 for each in heard)
    assert len(heard) <= 3  # it does not grow by being followed
    fits = page.frames[1].evaluate(
        "document.documentElement.scrollHeight <= document.documentElement.clientHeight + 2"
    )
    assert fits


@pytest.mark.parametrize("face", ["system-ui", WIDEST, "Liberation Sans"])
def test_text_stays_inside_the_badge(site: str, visit: Any, face: str) -> None:
    page, complaints = visit(f"{site}/nhung/v1/{SAI_GON}.svg")
    for unit in UNITS:
        for look in LOOKS:
            page.goto(f"{site}/nhung/v1/{unit}.svg{look}")
            outside = page.evaluate(
                """face => {
                  const svg = document.documentElement;
                  const texts = [...svg.querySelectorAll("text")];
                  for (const text of texts) text.style.fontFamily = face;
                  const boxes = texts.map((text) => text.getBBox());
                  const width = svg.viewBox.baseVal.width, height = svg.viewBox.baseVal.height;
                  const meets = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width
                    && a.y + 4 < b.y + b.height - 4 && b.y + 4 < a.y + a.height - 4;
                  return texts.filter((text, place) => {
                    const own = boxes[place];
                    return own.x < 4 || own.x + own.width > width - 4
                      || own.y < 0 || own.y + own.height > height
                      || boxes.some((other, at) => at < place && meets(own, other));
                  }).map((text) => text.textContent);
                }""",
                face,
            )
            assert not outside, (unit, look)
    assert not complaints


def test_themes(site: str, elsewhere: Callable[[str], str], visit: Any) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark, light = "rgb(16, 24, 30)", "rgb(255, 255, 255)"
    for scheme in ("light", "dark"):
        page, _ = visit(f"{site}/nhung/v1/{SAI_GON}", color_scheme=scheme)
        assert page.evaluate(ground) == (dark if scheme == "dark" else light)
        for theme, wanted in (("light", light), ("dark", dark)):
            page.goto(f"{site}/nhung/v1/{SAI_GON}?theme={theme}")
            assert page.evaluate(ground) == wanted
            page.goto(f"{site}/nhung/v1/{SAI_GON}.svg?theme={theme}")
            fill = "getComputedStyle(document.querySelector('.g')).fill"
            assert page.evaluate(fill) == wanted


def test_axe_finds_nothing(site: str, open_page: Callable[..., Page]) -> None:
    found = []
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        for path in (
            *(f"/nhung/v1/{unit}" for unit in UNITS),
            f"/nhung/v1/{SAI_GON}?size=small",
            f"/nhung/{SAI_GON}",
            f"/en/nhung/{REFERENCE}?size=small&lang=en",
            f"/nhung/{SAI_GON}/ap-phich",
            f"/en/nhung/{ENDED}/ap-phich",
        ):
            page.goto(site + path)
            found += violations(page, RULES)
    assert not found, found


@pytest.mark.parametrize("width", [320, 1366])
def test_nothing_scrolls_sideways(site: str, open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width=width)
    for path in (
        *(f"/nhung/v1/{unit}?size={size}" for unit in UNITS for size in ("small", "large")),
        f"/nhung/{SAI_GON}",
        f"/nhung/{SAI_GON}/ap-phich",
    ):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_code_is_copied_by_a_button_and_by_hand(site: str, open_page: Callable[..., Page]) -> None:
    page = open_page(width=1200, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/nhung/{SAI_GON}?lang=en&theme=dark&size=small")
    code = page.get_by_label("Mã HTML của ảnh")
    assert "26740C.svg?lang=en&theme=dark&size=small" in code.input_value()
    page.get_by_role("button", name="Sao chép").first.click()
    page.get_by_text("Đã sao chép").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code.input_value()
    bare = open_page(java_script_enabled=False)
    bare.goto(f"{site}/nhung/{SAI_GON}")
    assert bare.get_by_role("button", name="Sao chép").count() == 0
    assert "<iframe" in bare.get_by_label("Mã HTML của khung").input_value()


def test_what_is_copied_works_elsewhere(
    site: str, elsewhere: Callable[[str], str], visit: Any, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    page.goto(f"{site}/nhung/{SAI_GON}")
    codes = [page.get_by_label(f"Mã HTML của {kind}").input_value() for kind in ("ảnh", "khung")]
    other, complaints = visit(elsewhere("".join(codes).replace("https://hailong.example", site)))
    assert other.locator("img").bounding_box()["width"] == 420
    frame = other.frames[1]
    frame.wait_for_load_state()
    scrolls = frame.evaluate(
        "document.documentElement.scrollHeight > document.documentElement.clientHeight"
    )
    assert not scrolls
    assert not complaints


def test_the_poster_is_one_sheet(site: str, open_page: Callable[..., Page]) -> None:
    page = open_page(width=900)
    for path in (
        f"{SAI_GON}/ap-phich",
        "26737C/ap-phich",
        f"{ENDED}/ap-phich",
        f"{REFERENCE}/ap-phich?lang=en",
    ):
        page.goto(f"{site}/nhung/{path}")
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
        assert paper.count(b"/Type /Page\n") == 1, path
