"""A device in a real browser: enrolled at a real server on a test's database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading, writing
from survey.devices.enrol import make_code
from survey.devices.fleet import create_device
from survey.devices.tables import device_item
from survey.intake.accept import now_milliseconds
from survey.ledger.tables import response
from survey.settings import Settings
from tests.fixtures.builders import OVERALL
from tests.fixtures.city import register_of
from tests.fixtures.devices import SECRET, points_in_force

OPEN = """async (now) => {
  const at = document.documentElement.dataset;
  const { open } = await import(at.base + "device.js");
  globalThis.own = await open({ version: at.version });
}"""
RATE = """async ([value, parts, end]) => {
  const { own } = globalThis;
  const first = { field: "HTICH", language: "vi", question: "%s", values: [value] };
  const draft = await own.begin(first);
  if (parts) await draft.add(parts);
  if (end) await draft[end]();
  return { id: draft.id, counter: draft.counter, receipt: draft.receipt };
}""" % OVERALL  # noqa: UP031 (braces)


def application(engine: Engine) -> Any:
    """Return the application on a database."""
    url = engine.url.render_as_string(hide_password=False)
    return create_app(Settings(database_url=url, secret_key=SECRET, dossier_key="y" * 32))


def new_code(engine: Engine, kind: str = "kiosk", point: str = "") -> str:
    """Make a device and return its one-time code."""
    register, at = register_of(engine), now_milliseconds()
    where = point or points_in_force(engine)[0]
    with writing(engine) as connection:
        made = create_device(connection, register, kind=kind, point=where, name="Test", at=at)
        return make_code(connection, SECRET, made, at=at)


class Client:
    """A page with a device of its own, beside whatever the screens have opened."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self) -> Client:
        """Load the page and open the device."""
        self.page.goto(f"{self.url}/kiosk/")
        self.page.wait_for_function("globalThis.document.documentElement.dataset.base")
        self.page.evaluate(OPEN)
        return self

    def enrol(self, code: str) -> Client:
        """Exchange the code."""
        self.page.evaluate("(code) => own.enrol(code)", code)
        return self

    def rate(self, value: int = 5, parts: Any = None, end: str = "seal") -> dict[str, Any]:
        """Give a rating; ``end`` is ``seal``, ``undo`` or "" to leave it open."""
        said: dict[str, Any] = self.page.evaluate(RATE, [value, parts, end])
        return said

    def send(self) -> str:
        """Send what is sealed; return the problem's code, "" where all went well."""
        code: str = self.page.evaluate("own.sendNow().then(() => '', (error) => error.code)")
        return code

    def status(self) -> dict[str, Any]:
        """Return how the device is."""
        said: dict[str, Any] = self.page.evaluate("own.status()")
        return said


def cached(page: Page) -> None:
    """Wait until the page opens without a network."""
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def stored(engine: Engine) -> dict[str, tuple[int, ...]]:
    """Return what is in the ledger: id → answers to the main question."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(response.c.id, response.c.body))
        return {str(row.id): row.body for row in rows}


def counters(engine: Engine) -> list[tuple[int, str]]:
    """Return what the server knows of the devices' counters: counter and outcome."""
    rows = device_item.c
    with reading(engine) as connection:
        found = connection.execute(sa.select(rows.counter, rows.status).order_by(rows.counter))
        return [(row.counter, row.status) for row in found]


Serve = Callable[[Any], str]
OpenPage = Callable[..., Page]
