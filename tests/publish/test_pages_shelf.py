"""Rendered pages are kept until something new is published."""

from __future__ import annotations

import pytest

from survey.publish import shelf
from survey.publish.shelf import Shelf


class Press:
    """Counts what is rendered and asked."""

    def __init__(self) -> None:
        self.stamp, self.asked, self.rendered = 1, 0, 0

    def ask(self) -> int:
        self.asked += 1
        return self.stamp

    def render(self) -> str:
        self.rendered += 1
        return f"page {self.rendered}"


def test_a_page_is_rendered_once() -> None:
    press = Press()
    kept = Shelf(press.ask, seconds=60)
    pages = [kept.get("a", press.render) for _ in range(3)]
    assert {page.body for page in pages if page} == {b"page 1"}
    assert (press.asked, press.rendered) == (1, 1)


def test_something_new_clears_the_shelf() -> None:
    press = Press()
    kept = Shelf(press.ask, seconds=0)
    first = kept.get("a", press.render)
    press.stamp = 2
    second = kept.get("a", press.render)
    assert first is not None
    assert second is not None
    assert first.etag != second.etag


def test_what_is_not_there_is_not_kept() -> None:
    press = Press()
    kept = Shelf(press.ask, seconds=60)
    assert kept.get("a", lambda: None) is None
    assert kept.get("a", press.render) is not None


def test_the_longest_unread_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "CAPACITY", 20)
    press = Press()
    kept = Shelf(press.ask, seconds=60)
    for key in "abcabda":
        kept.get(key, press.render)
    # 6 bytes a page: a, b, c fit; d puts out c, which was asked for longest ago
    assert press.rendered == 4
    kept.get("c", press.render)
    assert press.rendered == 5


def test_a_page_rendered_while_something_new_came_is_not_kept() -> None:
    press = Press()
    kept = Shelf(press.ask, seconds=0)

    def render_late() -> str:
        press.stamp += 1
        kept.get("b", press.render)
        return "old news"

    kept.get("a", render_late)
    page = kept.get("a", press.render)
    assert page is not None
    assert page.body != b"old news"
