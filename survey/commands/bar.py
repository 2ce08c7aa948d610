"""Progress of long work, on a terminal only."""

from __future__ import annotations

import sys
from typing import Any

import click


class Bar:
    """A progress bar for each stage; only what is done where no end is known."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: Any = None
        self._is_shown = sys.stderr.isatty()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def show(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage; without a ``total`` (0) ``done`` is told as megabytes."""
        if not self._is_shown:
            return
        if not total:
            click.echo(f"\r{stage} {done / 1e6:.1f} MB", nl=False, err=True)
            return
        if stage != self._stage:
            self._close()
            self._stage = stage
            self._bar = click.progressbar(length=total, label=stage, file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
