"""The commands of an application without pages, on a database of the test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.engine import Engine

from survey.commands.every import EveryCommand
from survey.register.snapshot import RegisterCache
from survey.settings import Settings

Run = Callable[..., Result]


def runner(engine: Engine) -> Run:
    """Return what runs ``flask …`` with words, and with what a person types."""
    app = Flask("test")
    app.cli = EveryCommand(engine, RegisterCache(), Settings(database_url=""))

    def run(*words: object, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=[str(word) for word in words], input=typed)

    return run


@pytest.fixture
def run(hcmc: Engine) -> Run:
    """Runs commands on Ho Chi Minh City's database."""
    return runner(hcmc)
