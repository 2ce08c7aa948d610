"""Every ``flask …`` command, and the application that has nothing else."""

from __future__ import annotations

from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.engine import Engine

from survey.db import make_engine
from survey.register.snapshot import RegisterCache
from survey.settings import Settings

_MODULES = {
    "database": "database",
    "register": "database",
    "ratings": "imports",
    "dossiers": "imports",
    "release": "releases",
    "tally": "tallies",
    "device": "devices",
    "links": "links",
    "staff": "people",
    "void": "people",
    "backup": "backup",
    "restore": "backup",
}
"""In which module of this room a command is made."""


class EveryCommand(AppGroup):
    """Loads a command's module when the command is called: all rooms together take a second."""

    def __init__(self, engine: Engine, registers: RegisterCache, settings: Settings) -> None:
        super().__init__("survey")
        self._parts = engine, registers, settings

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *_MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None where there is none."""
        if cmd_name in _MODULES and cmd_name not in self.commands:
            module = import_module(f"survey.commands.{_MODULES[cmd_name]}")
            for command in module.make_commands(*self._parts):
                self.add_command(command)
        return super().get_command(ctx, cmd_name)


def create_app(settings: Settings) -> Flask:
    """Return an application of commands without pages."""
    app = Flask("survey", static_folder=None)
    app.cli = EveryCommand(make_engine(settings.database_url), RegisterCache(), settings)
    return app
