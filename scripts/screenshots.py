"""Draw the pictures of docs/screenshots from sample data, in a real browser."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import sync_playwright

from scripts.browser import launch
from scripts.serving import ROOT, sample_server

FOLDER = ROOT / "docs" / "screenshots"


class Shot(NamedTuple):
    """One picture: docs/screenshots/<name>.png of a path, at a size in CSS pixels and a theme.

    ``is_whole`` draws the page to its end, else only what the first screen shows.
    """

    name: str
    path: str
    width: int = 1200
    height: int = 900
    theme: Literal["light", "dark"] = "light"
    is_whole: bool = False


UNIT, FIELD, POINT = "26740C", "DD", "N81A4"
"""Of Ho Chi Minh City's sample data: a ward, land, and the ward's reception point."""

SHOTS = (
    Shot("home", "/"),
    Shot("home-dark", "/", theme="dark"),
    Shot("home-phone", "/", width=360, height=740),
    Shot("unit", f"/don-vi/{UNIT}", is_whole=True),
    Shot("unit-phone", f"/don-vi/{UNIT}", width=360, height=740),
    Shot("unit-english", f"/en/don-vi/{UNIT}"),
    Shot("field", f"/linh-vuc/{FIELD}"),
    Shot("rating-fields", f"/danh-gia/{POINT}", width=360, height=740),
    # no token is valid that nobody was given: the form opens with a fresh one
    Shot("rating", f"/danh-gia/{POINT}/0/HTICH", width=360, height=740),
    Shot("rating-english-dark", f"/en/danh-gia/{POINT}/0/HTICH", 360, 740, "dark"),
)


def draw(address: str, shots: Iterable[Shot], folder: Path) -> list[Path]:
    """Draw each shot of the server at an address; return the files.

    Raises RuntimeError for a page that answers with an error, since its picture would mislead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for shot in shots:
            page = browser.new_page(
                viewport={"width": shot.width, "height": shot.height},
                color_scheme=shot.theme,
                locale="vi-VN",
                reduced_motion="reduce",
            )
            answer = page.goto(address + shot.path, wait_until="networkidle")
            if answer is None or not answer.ok:
                raise RuntimeError(f"{shot.path} answers {answer and answer.status}")
            target = folder / f"{shot.name}.png"
            page.screenshot(path=target, full_page=shot.is_whole, animations="disabled")
            page.close()
            drawn.append(target)
        browser.close()
    return drawn


def main() -> None:
    """Draw every picture, or those that are named, of a running or a new sample server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", default="cities/ho-chi-minh")
    parser.add_argument("--address", help="of a running server; without it, one is started")
    parser.add_argument("names", nargs="*", help="of pictures; without them, all")
    options = parser.parse_args()
    known = {shot.name: shot for shot in SHOTS}
    shots = [known[name] for name in options.names or known]
    if options.address:
        drawn = draw(options.address, shots, FOLDER)
    else:
        with sample_server(options.city) as address:
            drawn = draw(address, shots, FOLDER)
    for path in drawn:
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
