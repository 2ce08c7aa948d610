"""A device in a real browser: enrolled at a real server on a test's database."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading, writing
from survey.devices.enrol import make_code
from survey.devices.fleet import create_device
from survey.devices.tables import device_item, device_mark
from survey.intake.accept import now_milliseconds
from survey.ledger.tables import response
from survey.settings import Settings
from tests.fixtures.builders import OVERALL
from tests.fixtures.city import register_of
from tests.fixtures.devices import SECRET, points_in_force

RATE = """async ([number, question, value, parts, end]) => {
  let said;
  for (let left = number; left > 0; left -= 1) {
    const first = { field: "HTICH", language: "vi", question, values: [value] };
    const draft = await app.device.begin(first);
    if (parts) await draft.add(parts);
    if (end) await draft[end]();
    said = { id: draft.id, counter: draft.counter, receipt: draft.receipt };
  }
  return said;
}"""
ROWS = """async (name) => {
  const { store } = app.device;
  const read = () => new Promise((resolve, reject) => {
    const request = store.database.transaction(name).objectStore(name).getAll();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return await read();
}"""


def application(engine: Engine) -> Flask:
    """Return the application on this very engine, so that a test can let go of the database."""
    url = engine.url.render_as_string(hide_password=False)
    with patch("survey.app.make_engine", return_value=engine):
        return create_app(Settings(database_url=url, secret_key=SECRET, dossier_key="y" * 32))


def new_device(engine: Engine, kind: str = "kiosk", point: str = "") -> tuple[uuid.UUID, str]:
    """Make a device; return its id and its one-time code."""
    register, at = register_of(engine), now_milliseconds()
    where = point or points_in_force(engine)[0]
    with writing(engine) as connection:
        made = create_device(connection, register, kind=kind, point=where, name="Test", at=at)
        return made, make_code(connection, SECRET, made, at=at)


def new_code(engine: Engine, kind: str = "kiosk", point: str = "") -> str:
    """Make a device and return its one-time code."""
    return new_device(engine, kind, point)[1]


class Client:
    """A page that holds a device."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self) -> Client:
        """Load the page."""
        self.page.goto(f"{self.url}/kiosk/")
        return self.wait()

    def reload(self) -> Client:
        """Load it again."""
        self.page.reload()
        return self.wait()

    def wait(self) -> Client:
        """Wait until the device is open."""
        until(self.page, "globalThis.app !== undefined")
        return self

    def cached(self) -> Client:
        """Wait until the page opens without a network."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        until(self.page, "navigator.serviceWorker.controller !== null")
        return self

    def enrol(self, code: str) -> str:
        """Exchange the code; return the problem's code, "" where all went well."""
        return self._code(f"app.device.enrol('{code}')")

    def rate(
        self, value: int = 5, parts: Any = None, end: str = "seal", number: int = 1
    ) -> dict[str, Any]:
        """Rate; ``end`` is ``seal``, ``undo`` or "" to leave it open. Return the last one."""
        said: dict[str, Any] = self.page.evaluate(RATE, [number, OVERALL, value, parts, end])
        return said

    def send(self) -> str:
        """Send what is sealed; return the problem's code, "" where all went well."""
        return self._code("app.device.sendNow()")

    def status(self) -> dict[str, Any]:
        """Return how the device is."""
        said: dict[str, Any] = self.page.evaluate("app.device.status()")
        return said

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return what is in one of the device's stores."""
        said: list[dict[str, Any]] = self.page.evaluate(ROWS, name)
        return said

    def _code(self, call: str) -> str:
        code: str = self.page.evaluate(
            f"{call}.then(() => '', (error) => error.code ?? '' + error)"
        )
        return code


def until(page: Page, condition: str) -> None:
    """Wait until an expression, or its promise, is true; the page's policy forbids ``eval``."""
    for _ in range(400):
        if page.evaluate(f"Promise.resolve({condition})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {condition}")


def counters(engine: Engine) -> list[tuple[int, str]]:
    """Return what the server knows of the devices' counters: counter, and outcome with its code."""
    rows = device_item.c
    query = sa.select(rows.counter, rows.status, rows.code).order_by(rows.counter, rows.received_at)
    with reading(engine) as connection:
        return [
            (row.counter, f"{row.status}:{row.code}" if row.code else row.status)
            for row in connection.execute(query)
        ]


def accepted(*numbers: int) -> list[tuple[int, str]]:
    """Return those counters as accepted."""
    return [(number, "accepted") for number in numbers]


def n_responses(engine: Engine) -> int:
    """Return how many ratings the ledger holds."""
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(response)).scalar_one()


def marks(engine: Engine) -> set[str]:
    """Return what is odd about the ratings."""
    with reading(engine) as connection:
        return set(connection.execute(sa.select(device_mark.c.code)).scalars())
