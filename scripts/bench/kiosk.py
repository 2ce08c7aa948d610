"""The kiosk in real Chromium, its CPU throttled 4×: tap to next screen, shell, taps and seconds."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from scripts.bench.rating import SECRET, UNIT, server
from scripts.browser import launch
from scripts.serving import ROOT
from survey.db import make_engine, reading, writing
from survey.devices.enrol import make_code
from survey.devices.fleet import create_device
from survey.register.create import create
from survey.register.snapshot import load as load_register
from survey.schema import upgrade

RATINGS, THROTTLE = 100, 4
TAP_MS, SHELL_BYTES, UP_MS = 100, 100_000, 1000

WATCH = """
globalThis.taps = [];
globalThis.nTouches = 0;
let pressed = 0;
addEventListener("pointerdown", () => { nTouches += 1; }, true);
addEventListener("pointerup", (event) => { pressed = event.timeStamp; }, true);
new MutationObserver(() => {
  if (!pressed) return;
  const from = pressed;
  pressed = 0;
  // the frame after the one that paints it
  requestAnimationFrame(() => requestAnimationFrame((at) => {
    taps.push([document.body.dataset.screen, at - from]);
  }));
}).observe(document.getElementById("main"), { childList: true });
"""
UP = """() => new Promise((resolve) => {
  const look = () => document.querySelector("main .attract")
    ? resolve(performance.now()) : requestAnimationFrame(look);
  look();
})"""


def new_code(database_url: str) -> str:
    """Make the city's database and a kiosk in it; return the kiosk's one-time code."""
    engine = make_engine(database_url)
    with writing(engine) as connection:
        upgrade(connection)
        create(connection, ROOT / "cities" / "ho-chi-minh", "real", now=dt.datetime.now(dt.UTC))
    with reading(engine) as connection:
        register = load_register(connection)
    today = dt.datetime.now(register.city.zone).date()
    point = next(
        each.code for each in register.points.values() if each.unit == UNIT and each.in_force(today)
    )
    at = int(time.time() * 1000)
    with writing(engine) as connection:
        made = create_device(connection, register, kind="kiosk", point=point, name="Bench", at=at)
        return make_code(connection, SECRET, made, at=at)


def shell_bytes(address: str) -> tuple[int, int]:
    """Return the bytes of all that a device fetches to open offline, compressed, and how many."""
    said = _get(f"{address}/kiosk/service-worker.js")
    told = json.loads(said.split(b"\n", 1)[0].removeprefix(b"self.SHELL = ").rstrip(b";"))
    files = [_get(f"{address}{told['base']}{name}") for name in told["files"]]
    return sum(min(len(body), len(gzip.compress(body))) for body in (*files, said)), len(files) + 1


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 (ours)
        body: bytes = answer.read()
    return body


def enrolled(context: BrowserContext, address: str, code: str) -> Page:
    """Return a page with an enrolled, throttled device, ready to work without a network."""
    page = context.new_page()
    page.goto(f"{address}/kiosk/")
    page.wait_for_selector(".enrol")
    page.evaluate("(code) => app.device.enrol(code)", code)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    return page


def rate(page: Page, answer: int, is_long: bool) -> tuple[int, float]:
    """Rate from the first screen to thanks; return touches and seconds of the machine alone."""
    before, at = page.evaluate("[nTouches, performance.now()]")
    page.locator(".start").first.click()
    page.locator("[data-field]").first.click()
    page.locator(".answers .answer").nth(answer).click()
    page.wait_for_selector(".several")
    if is_long:
        page.locator("label.answer").first.click()
        page.get_by_role("button", name="Nói thêm").click()
        page.locator("label.answer").first.click()
        page.get_by_role("button", name="Nói thêm").click()
        for key in page.evaluate("app.device.point.dossier_example"):
            page.get_by_role("button", name=key, exact=True).click()
    page.locator(".steps .main").click()
    page.wait_for_selector(".thanks")
    after, done = page.evaluate("[nTouches, performance.now()]")
    page.locator(".steps .main").click()
    page.wait_for_selector(".attract")
    return after - before, (done - at) / 1000


def start_ups(page: Page, number: int = 10) -> list[float]:
    """Load the page so often without a network; return milliseconds to the first screen."""
    found = []
    for _ in range(number):
        page.reload()
        found.append(page.evaluate(UP))
    return found


def measure(address: str, code: str) -> bool:
    """Print the figures; tell whether each is as good as was asked."""
    total, n_files = shell_bytes(address)
    print(f"shell with font: {total / 1000:.1f} kB compressed, {n_files} files (asked < 100 kB)")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": 1080, "height": 1920}, locale="vi-VN")
        page = enrolled(context, address, code)
        context.set_offline(True)
        ups = start_ups(page)
        page.evaluate(WATCH)
        paths = _paths(page)
        for number in range(RATINGS):
            rate(page, number % 5, is_long=False)
        said: list[tuple[str, float]] = page.evaluate("taps")
        browser.close()
    taps = [milliseconds for _, milliseconds in said]
    worst = quantiles(taps, n=100)[98]
    print(
        f"shell up, no network, CPU {THROTTLE}×: median {median(ups):.0f} ms,"
        f" worst {max(ups):.0f} ms of {len(ups)} (asked < {UP_MS} ms)"
    )
    print(
        f"tap to next screen, CPU {THROTTLE}×: median {median(taps):.0f} ms, p99 {worst:.0f} ms"
        f" of {len(taps)} (asked < {TAP_MS} ms)"
    )
    for screen in sorted({name for name, _ in said}):
        own = [milliseconds for name, milliseconds in said if name == screen]
        print(f"  to {screen}: median {median(own):.0f} ms, worst {max(own):.0f} ms of {len(own)}")
    is_equal = len({path["touches"] for path in paths if not path["is_long"]}) == 1
    is_equal &= len({path["touches"] for path in paths if path["is_long"]}) == 1
    return total < SHELL_BYTES and worst < TAP_MS and median(ups) < UP_MS and is_equal


def _paths(page: Page) -> list[dict[str, Any]]:
    found = []
    for is_long in (False, True):
        for answer, name in ((0, "best"), (4, "worst")):
            touches, seconds = rate(page, answer, is_long)
            found.append({"touches": touches, "is_long": is_long})
            path = "longest (reason, respondent, dossier code)" if is_long else "shortest"
            print(
                f"{path}, {name} answer: {touches} touches, {seconds:.1f} s of the machine"
                f" driven by program; at one touch a second {touches + seconds:.0f} s"
            )
    return found


def main() -> None:
    """Measure a new kiosk of a new city; end with 1 where a figure falls short."""
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        url = f"sqlite:///{Path(folder)}/kiosk.sqlite"
        code = new_code(url)
        with server("wsgi:app", url) as address:
            sys.exit(0 if measure(address, code) else 1)


if __name__ == "__main__":
    main()
