"""One run over an uploaded file, in a process of its own: ``python -m survey.office.uploads_run``.

The request that starts it does not wait: a large file takes minutes, and a server's worker that
is stopped meanwhile would take the run with it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import Busy, make_engine, reading
from survey.intake.imports.context import ImportOptions
from survey.intake.imports.delivery import import_file
from survey.intake.imports.report import Report
from survey.office.uploads_store import About, State, Upload
from survey.register.snapshot import load
from survey.settings import ROOT, Settings, from_environment
from survey.staff.deeds import now_milliseconds, record

TOLD_EVERY = 0.3
"""Seconds between two notes of how far a run is."""


def start(upload: Upload, settings: Settings, *, commit: bool, by: str) -> bool:
    """Start a run over an upload; False where one is running already.

    Keys go through the environment: a command line can be read by everybody on the machine.
    """
    with upload.locked() as lock:
        if lock is None:
            return False
        upload.forget_report()
        upload.keep_state(State(commit=commit, by=by))
        words = [sys.executable, "-m", "survey.office.uploads_run", str(upload.folder)]
        child = subprocess.Popen(  # noqa: S603 (our own module, a folder that we named)
            words,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            pass_fds=(lock,),  # the run holds the lock for as long as it lives
            start_new_session=True,
        )
    threading.Thread(target=child.wait, daemon=True).start()  # so that nothing of it stays behind
    return True


def _environment(settings: Settings) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "DOSSIER_KEY": settings.dossier_key,
        "IMPORT_BYTES": str(settings.import_bytes),
    }


def run(upload: Upload, settings: Settings) -> None:
    """Look at an upload, or take it in; the outcome is kept beside it.

    One run at a time: the others wait. Raises whatever nobody foresaw, after noting it.
    """
    about, state = upload.about, upload.state or State()
    with (upload.folder.parent / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            report = _import(upload, about, state, settings)
        except (Busy, sa.exc.OperationalError):
            upload.keep_state(State(commit=state.commit, stage="done", failure="busy"))
            return
        except BaseException:
            upload.keep_state(State(commit=state.commit, stage="done", failure="failed"))
            raise
    upload.keep_report(report)
    upload.keep_state(State(commit=state.commit, stage="done"))
    if report.status == "committed":
        upload.data.unlink()


def _import(upload: Upload, about: About, state: State, settings: Settings) -> Report:
    engine = make_engine(settings.database_url)
    with reading(engine) as connection:
        register = load(connection)
    options = ImportOptions(
        received_at=now_milliseconds(),
        dossier_key=settings.dossier_key,
        secret_key=settings.secret_key,
        max_bytes=settings.import_bytes,
        file_name=about.file_name,
        commit=state.commit,
        set_aside=about.set_aside,
    )
    told = _Told(upload, state)

    def note(connection: Connection, report: Report) -> None:
        record(
            connection,
            by=state.by,
            deed="import.commit",
            subject=report.batch,
            detail=f"{about.kind} {report.n_accepted} sha256:{report.sha256} {report.file}",
            at=now_milliseconds(),
        )

    try:
        return import_file(
            engine, register, about.kind, upload.data, about.map_text, options, told.show, note
        )
    finally:
        engine.dispose()


class _Told:
    """Notes how far a run is, a few times a second at most."""

    def __init__(self, upload: Upload, state: State) -> None:
        self._upload, self._state, self._told = upload, state, 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        """Note it, unless it was noted just now."""
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            state = State(stage, done, total, commit=self._state.commit, by=self._state.by)
            self._upload.keep_state(state)


if __name__ == "__main__":
    os.umask(0o077)
    run(Upload(Path(sys.argv[1])), from_environment(os.environ))
