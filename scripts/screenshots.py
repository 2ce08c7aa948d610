"""Draw the pictures of docs/screenshots from sample data, in a real browser."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import FilePayload, Page, sync_playwright

from scripts.browser import launch
from scripts.serving import ROOT, Server, sample_server
from survey.sample.signins import NAMES
from survey.settings import read_secrets
from survey.staff.roles import Role

FOLDER = ROOT / "docs" / "screenshots"


class Shot(NamedTuple):
    """One picture: docs/screenshots/<name>.png of a path, at a size in CSS pixels and a theme.

    ``is_whole`` draws the page to its end, else only what the first screen shows. ``sign_in`` is
    the sample account that sees it, where not everybody may. ``device`` is the kind of a device
    that is made and enrolled for the picture, ``touches`` what is touched on it, one by one.
    ``links``: at the desk of links a batch is made, and its slips or its first link are drawn.
    """

    name: str
    path: str
    width: int = 1200
    height: int = 900
    theme: Literal["light", "dark"] = "light"
    is_whole: bool = False
    sign_in: str = ""
    device: Literal["", "kiosk", "tablet"] = ""
    touches: tuple[str, ...] = ()
    links: Literal["", "slips", "first"] = ""


UNIT, FIELD, POINT = "26740C", "DD", "N81A4"
"""Of Ho Chi Minh City's sample data: a ward, land, and the ward's reception point."""

LINKS = "/quan-tri/lien-ket"
DOSSIERS = {"slips": 1000, "first": 2000}
"""The last digits of the first dossier code for whose links a picture is drawn."""

AGENCY, ANALYST = NAMES[Role.AGENCY], NAMES[Role.ANALYST]
ADMINISTRATOR = NAMES[Role.ADMINISTRATOR]

TO_QUESTION = (".start[lang=vi]", "[data-field]")
TO_REASONS = (*TO_QUESTION, ".answers .answer:nth-child(4)")
TO_THANKS = (*TO_REASONS, ".several .steps .main")

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
    Shot("embed", f"/nhung/{UNIT}", is_whole=True),
    Shot("poster", f"/nhung/{UNIT}/ap-phich", 900, 1280),
    Shot("office", "/quan-tri/", 1366, 768, sign_in=AGENCY),
    Shot("office-phone", "/quan-tri/", 360, 740, sign_in=AGENCY),
    Shot("devices", "/quan-tri/thiet-bi", 1366, 768, sign_in=ADMINISTRATOR),
    Shot("links", LINKS, 1366, 768, sign_in=ADMINISTRATOR),
    Shot("links-phone", LINKS, 360, 740, sign_in=ADMINISTRATOR),
    Shot("links-slips", LINKS, 1000, 900, sign_in=ADMINISTRATOR, links="slips"),
    Shot("links-rating", LINKS, 360, 740, sign_in=ADMINISTRATOR, links="first"),
    Shot("kiosk-portrait", "/kiosk/", 1080, 1920, device="kiosk", touches=TO_QUESTION),
    Shot("kiosk-reasons", "/kiosk/", 1080, 1920, device="kiosk", touches=TO_REASONS),
    Shot("kiosk-landscape", "/kiosk/", 1920, 1080, device="kiosk", touches=TO_QUESTION),
    Shot("tablet", "/kiosk/", 1024, 768, device="tablet", touches=TO_THANKS),
    Shot("analyse", "/phan-tich/", 1366, 768, sign_in=ANALYST),
    Shot("analyse-dark", f"/phan-tich/?don_vi={UNIT}", 1366, 768, "dark", sign_in=ANALYST),
)


def draw(server: Server, shots: Iterable[Shot], folder: Path) -> list[Path]:
    """Draw each shot of a server; return the files.

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
            if shot.sign_in:
                _sign_in(page, server, shot.sign_in)
            code = _new_code(page, server, shot.device) if shot.device else ""
            answer = page.goto(server.address + shot.path, wait_until="networkidle")
            if answer is None or not answer.ok:
                raise RuntimeError(f"{shot.path} answers {answer and answer.status}")
            if code:
                page.evaluate("(code) => app.device.enrol(code)", code)
            if shot.links:
                _hand_out(page, server, shot.links)
            for touched in shot.touches:
                before = page.locator(touched).first.element_handle()
                before.click()
                page.wait_for_function("(before) => !before.isConnected", arg=before)
            target = folder / f"{shot.name}.png"
            page.screenshot(path=target, full_page=shot.is_whole, animations="disabled")
            page.close()
            drawn.append(target)
        browser.close()
    return drawn


def _sign_in(page: Page, server: Server, name: str) -> None:
    page.goto(f"{server.address}/dang-nhap")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", server.passwords[name])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "dang-nhap" not in address)


def _new_code(page: Page, server: Server, kind: str) -> str:
    _sign_in(page, server, ADMINISTRATOR)
    page.goto(f"{server.address}/quan-tri/thiet-bi/moi")
    page.check(f"input[name=kind][value={kind}]")
    page.select_option("select[name=point]", POINT)
    page.fill("input[name=name]", "Sảnh tầng trệt")
    page.click("form .actions .button")
    return page.locator(".code.enrolment").inner_text().replace(" ", "")


def _hand_out(page: Page, server: Server, shown: str) -> None:
    example = page.request.get(f"{server.address}{LINKS}/mau.csv?diem={POINT}").text()
    head, row = example.splitlines()
    code, _, rest = row.partition(",")
    first = DOSSIERS[shown]  # a dossier has one link, so no picture takes another's
    rows = [f"{code[:-4]}{number},{rest}" for number in range(first, first + 8)]
    page.fill("#diem", POINT)
    content = "\n".join([head, *rows]).encode()
    file = FilePayload(name="ho-so.csv", mimeType="text/csv", buffer=content)
    page.set_input_files("#tep", files=[file])
    page.click("form[enctype] .button")
    page.click(f"form[action='{LINKS}/tao'] .button")
    slips = page.locator("[aria-labelledby=slips] .button").first
    slips.evaluate("(button) => button.removeAttribute('formtarget')")  # no window of their own
    slips.click()
    token = page.locator(".slip .token").first.inner_text()
    if shown == "first":
        page.goto(f"{server.address}/m/{token}", wait_until="networkidle")


def main() -> None:
    """Draw every picture, or those that are named, of a running or a new sample server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", default="cities/ho-chi-minh")
    parser.add_argument("--address", help="of a running server; without it, one is started")
    parser.add_argument("--sign-ins", type=Path, help="file of that server's sample sign-ins")
    parser.add_argument("names", nargs="*", help="of pictures; without them, all")
    options = parser.parse_args()
    known = {shot.name: shot for shot in SHOTS}
    shots = [known[name] for name in options.names or known]
    if options.address:
        passwords = read_secrets(options.sign_ins) if options.sign_ins else {}
        drawn = draw(Server(options.address, passwords), shots, FOLDER)
    else:
        with sample_server(options.city) as server:
            drawn = draw(server, shots, FOLDER)
    for path in drawn:
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
