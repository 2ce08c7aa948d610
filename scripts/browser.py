"""Find the Chromium that tests and screenshots drive; install it where apt may do so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "No Chromium was found, and the tests that need a browser will fail. Install one with "
    "'sudo apt-get install chromium' or '.venv/bin/playwright install --with-deps chromium', name "
    "one in CHROMIUM, or set TEST_WITHOUT_BROWSER=1 to leave those tests out."
)


def find_chromium(playwright: Playwright) -> str | None:
    """Return the program to launch: CHROMIUM, one on the path, or Playwright's own; else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium without a window; RuntimeError with advice where there is none."""
    program = find_chromium(playwright)
    if program is None:
        raise RuntimeError(ADVICE)
    # No sandbox: containers and root cannot have one, and only our own pages are opened.
    return playwright.chromium.launch(
        executable_path=program,
        args=["--disable-gpu", "--disable-dev-shm-usage"],
        chromium_sandbox=False,
    )


def install() -> None:
    """Install Chromium with apt where this is root's machine and apt's; else print advice."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *command], env=quiet, check=False)


def main() -> None:
    """Make sure that there is a browser, or say how to get one."""
    if os.environ.get("TEST_WITHOUT_BROWSER"):
        return
    with sync_playwright() as playwright:
        if find_chromium(playwright) is None:
            install()
        if find_chromium(playwright) is None:
            print(ADVICE, flush=True)


if __name__ == "__main__":
    main()
