"""A server whose disk is really full: a clear answer, nothing acknowledged, recovery by itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from survey.settings import ROOT
from tests.intake.full_disk import ITEMS

MEBIBYTES = {"sqlite": 12, "postgresql": 96}
"""Of the small file system: the city's register fits, with room for some ratings."""
MOUNT = """
mount -t tmpfs -o size="$1"m,mode=777 none "$2" || exit 77
shift 2
exec "$@"
"""
IN_ITS_OWN = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child")
# PostgreSQL refuses to be root, which only the mount needs
AS_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder with a short name: the path of a socket may have 107 characters."""
    folder = Path(tempfile.mkdtemp(prefix="full-"))
    yield folder
    shutil.rmtree(folder)


def run(*command: str) -> tuple[dict[str, Any], str]:
    """Run the program; return what it tells and what it logged.

    Skips the test where nothing can be mounted.
    """
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed, so no small file system can be mounted")
    if done.returncode and ("unshare:" in done.stderr or done.returncode == 77):
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def program(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.intake.full_disk", *map(str, arguments)]


def assert_nothing_was_lost_or_promised(command: Sequence[str], cause: str) -> None:
    said, log = run(*command)
    assert cause in log
    assert said == {
        "before": ["accepted"],
        "full": [503, "unavailable", True],
        "page": 200,
        "kept": [1, 1],
        "after": ["accepted"],
        "outages": ["unavailable"],
        "series": {"own/kiosk/citizen/open": 1 + ITEMS},
    }


def test_a_full_file_system_acknowledges_nothing_and_recovers(databases, hcmc_template, home):
    small = home / "small"
    small.mkdir()
    mount = [*IN_ITS_OWN, "sh", "-c", MOUNT, "mount", str(MEBIBYTES[databases.kind]), str(small)]
    if databases.kind == "sqlite":
        command, cause = program("sqlite", small, hcmc_template), "database or disk is full"
    else:
        command = [*AS_SOMEBODY, *program("postgresql", small, home)]
        cause = "No space left on device"
    assert_nothing_was_lost_or_promised([*mount, *command], cause)


def test_a_file_that_may_not_grow_acknowledges_nothing_and_recovers(databases, hcmc_template):
    if databases.kind != "sqlite":
        pytest.skip("a limit of PostgreSQL's files would stop its log, and with it the server")
    copy = databases.copy(hcmc_template)
    assert_nothing_was_lost_or_promised(program("limit", copy), "disk I/O error")
    databases.drop(copy)
