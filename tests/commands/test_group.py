"""All commands together: which there are, what one loads, and what it says without a database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from survey.app import create_app
from survey.settings import ROOT, Settings

_TELLS_WHAT_IS_LOADED = """
import atexit, sys, flask.cli
atexit.register(lambda: print("loaded", *sys.modules))
flask.cli.main()
"""


@pytest.mark.parametrize(
    ("place", "reason"),
    [("no/folder/x.sqlite", "unable to open"), ("empty.sqlite", "no such table")],
)
def test_a_command_says_where_it_looked_for_the_database(
    tmp_path: Path, place: str, reason: str
) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / place}"))
    told = app.test_cli_runner().invoke(args=["tally", "check"])
    assert told.exit_code == 1
    assert reason in told.output
    assert "flask database create" in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"DATABASE_URL": "mysql://hailong@/hailong"}, "must begin with sqlite: or postgresql"),
        ({"DATABASE_URL": "postgresql+psycopg:///x", "SECRET_KEY": "short"}, "SECRET_KEY must be"),
        ({"FORM_HOURS": "three"}, "FORM_HOURS must be a number, not 'three'"),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_one_line(settings: dict[str, str], told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "tally", "check"],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_command_loads_what_it_needs_and_no_page() -> None:
    words = ["ratings", "import", "--help"]
    done = subprocess.run(
        [sys.executable, "-c", _TELLS_WHAT_IS_LOADED, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.partition("loaded ")[2].split())
    assert "survey.intake.imports.delivery" in loaded
    assert not loaded & {"survey.app", "survey.publish", "scipy", "numpy", "openpyxl"}


def test_flask_names_every_command_and_an_unknown_one() -> None:
    run = create_app(Settings(database_url="sqlite://")).test_cli_runner().invoke
    listed = run(args=["--help"]).output
    for name in ("backup", "database", "device", "dossiers", "links", "ratings", "register"):
        assert f"\n  {name} " in listed
    for name in ("release", "restore", "staff", "tally", "void"):
        assert f"\n  {name} " in listed
    assert "No such command" in run(args=["rating"]).output
