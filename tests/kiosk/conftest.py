"""Devices in real Chromium: contexts that may lose their network, profiles that may be killed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kiosk import shell
from scripts.browser import find_chromium

STUB = "export function show(app) { globalThis.app = app; app.rest(); }\n"


@pytest.fixture(autouse=True)
def one_database(request: pytest.FixtureRequest) -> None:
    """Leave PostgreSQL to the long drill: what the server does with batches is tried elsewhere."""
    if "databases" not in request.fixturenames or os.environ.get("DRILL_RATINGS"):
        return
    if request.getfixturevalue("databases").kind != "sqlite":
        pytest.skip("a device sees the same server on either database")


@pytest.fixture
def bare_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The client without its screens, in a folder where a test may change it."""
    folder = tmp_path / "client"
    shutil.copytree(shell.CLIENT, folder)
    shutil.rmtree(folder / "screens")
    (folder / "screens").mkdir()
    (folder / "screens" / "screens.js").write_text(STUB, encoding="utf-8")
    monkeypatch.setattr(shell, "CLIENT", folder)
    return folder


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Makes contexts whose network may fail; only an uncaught exception fails the test."""
    made: list[BrowserContext] = []
    uncaught: list[str] = []

    def new() -> BrowserContext:
        context = browser.new_context(locale="vi-VN")
        context.on("weberror", lambda error: uncaught.append(str(error.error)))
        made.append(context)
        return context

    yield new
    for context in made:
        context.close()
    assert not uncaught, "\n".join(uncaught)


@pytest.fixture
def new_page(new_context: Callable[[], BrowserContext]) -> Callable[[], Page]:
    """Makes pages, each of a context of its own."""
    return lambda: new_context().new_page()


class Profile:
    """A browser with a profile in a folder, which can be killed."""

    def __init__(self, browser: Browser, folder: Path, args: tuple[str, ...] = ()) -> None:
        self._browser, self.folder = browser, folder
        self._args = ["--disable-gpu", "--disable-dev-shm-usage", *args]
        self.context: BrowserContext | None = None

    def start(self) -> Page:
        """Start the browser; return its page."""
        kind = self._browser.browser_type
        self.context = kind.launch_persistent_context(
            self.folder,
            executable_path=find_chromium(SimpleNamespace(chromium=kind)),  # type: ignore[arg-type]
            args=self._args,
            chromium_sandbox=False,
            locale="vi-VN",
        )
        return self.context.pages[0]

    def kill(self) -> None:
        """End every process of this profile, as a power cut does."""
        mark = f"--user-data-dir={self.folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            if _has(process, mark):
                os.kill(int(process.name), signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Close the browser, where it still runs."""
        if self.context is not None:
            try:
                self.context.close()
            except Exception:  # it was killed
                self.context = None
        self.context = None


def _has(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


@pytest.fixture
def new_profile(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Profile]]:
    """Makes browsers with profiles of their own; ``copy_of`` copies another's, closed before."""
    made: list[Profile] = []

    def new(copy_of: Profile | None = None, args: tuple[str, ...] = ()) -> Profile:
        folder = tmp_path / f"profile-{len(made)}"
        if copy_of is not None:
            ignored: Any = shutil.ignore_patterns("Singleton*")
            shutil.copytree(copy_of.folder, folder, ignore=ignored)
        made.append(Profile(browser, folder, args))
        return made[-1]

    yield new
    for profile in made:
        profile.close()
