"""What a command says of a database that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.app import create_app
from survey.settings import Settings


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
