"""A person at a device: what the tests of the screens touch, press and read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.engine import Engine

from tests.kiosk.client import ROWS, application, new_code

POINT = "N81A4"
DOSSIER = "000.00.01.H29-260310-0420"
TALL, WIDE, TABLET, PHONE = (1080, 1920), (1920, 1080), (1024, 768), (360, 740)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
    "resultTypes": ["violations"],  # of the others one element each, not all of them
}


class Person:
    """Somebody in front of an enrolled device."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def on(self, screen: str) -> Person:
        """Wait for a screen."""
        expect(self.page.locator(f"main [data-screen={screen}]")).to_be_visible()
        return self

    def press(self, text: str) -> Person:
        """Touch the button of that name."""
        self.page.get_by_role("button", name=text, exact=True).click()
        return self

    def start(self, language: str = "vi") -> Person:
        """From the first screen to the question."""
        self.on("attract").page.locator(f".start[lang={language}]").click()
        self.on("fields").page.locator("[data-field]").first.click()
        return self.on("question")

    def answer(self, number: int = 0) -> Person:
        """Touch an answer, counted from the first."""
        self.page.locator(".answers .answer").nth(number).click()
        return self.on("several")

    def to_part(self, screen: str) -> Person:
        """Say more until a screen is there."""
        for _ in range(4):
            if self.page.locator(f"main [data-screen={screen}]").count():
                break
            before = self.page.locator("main [data-screen]").element_handle()
            self.press("Nói thêm")
            self.page.wait_for_function("(before) => !before.isConnected", arg=before)
        return self.on(screen)

    def scan(self, text: str) -> Person:
        """Type a text and Enter as a scanner does: 5 ms a key, however slow the machine is."""
        keyboard = self.page.context.new_cdp_session(self.page)
        start = time.time()
        for place, key in enumerate([*text, "Enter"]):
            told = {"key": key, "text": "\r" if key == "Enter" else key}
            for kind in ("keyDown", "keyUp"):
                sent = told if kind == "keyDown" else {"key": key}
                keyboard.send(
                    "Input.dispatchKeyEvent",
                    {"type": kind, "timestamp": start + place * 0.005, **sent},
                )
        keyboard.detach()
        return self

    def send(self) -> Person:
        """Finish the rating."""
        self.page.locator(".steps .main").click()
        return self.on("thanks")

    def done(self) -> Person:
        """Close thanks and wait until the rating is sealed."""
        self.press("Xong").on("attract")
        return self.sealed()

    def sealed(self) -> Person:
        """Wait until no draft is open."""
        self.page.wait_for_function("app.device.status().then(({drafts}) => drafts === 0)")
        return self

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return what the device keeps in a store."""
        found: list[dict[str, Any]] = self.page.evaluate(ROWS, name)
        return found

    def items(self) -> list[dict[str, Any]]:
        """Return the sealed items by counter, sent or not."""
        kept = self.rows("queue") + [row["item"] for row in self.rows("sent")]
        return sorted(kept, key=lambda item: item["counter"])

    def place(self, changes: dict[str, Any]) -> None:
        """Change the papers that the device holds, as the server's next answer would."""
        self.page.evaluate(
            """async (changes) => {
              const { device } = app;
              const { standing, point, questionnaire } = device;
              const place = { standing, point, questionnaire };
              for (const [name, change] of Object.entries(changes)) {
                Object.assign(place[name], change);
              }
              await device.store.keepPlace(place);
              await device.set({});
            }""",
            changes,
        )


QUIET = """async () => {
  const { device } = app;
  device.sender.stop();
  await device.sendNow();
}"""
"""Nothing is sent by itself any more, so that no answer of the server changes what a test set."""

Stand = Callable[..., Person]


def stand_at(engine: Engine, serve: Any, open_page: Any) -> Stand:
    """Return what makes a person at a newly enrolled device of a kind and size."""
    url = serve(application(engine))

    def stand(
        size: tuple[int, int] = TALL, kind: str = "kiosk", clock: bool = False, **context: Any
    ) -> Person:
        page = open_page(*size, timezone_id="America/New_York", **context)
        if clock:
            page.clock.install()
        page.goto(f"{url}/kiosk/")
        person = Person(page, url).on("enrol")
        page.evaluate("(code) => app.device.enrol(code)", new_code(engine, kind, POINT))
        page.evaluate(QUIET)
        return person.on("attract")

    return stand


def violations(page: Page) -> list[str]:
    """Return what axe finds on the screen that is shown, with 7:1 for every text."""
    results = Axe().run(page, options=RULES).response
    assert results["passes"], "axe looked at nothing"
    name = page.locator("main [data-screen]").get_attribute("data-screen")
    return [
        f"{name}: {each['id']} {each['nodes'][0]['html'][:160]}" for each in results["violations"]
    ]
