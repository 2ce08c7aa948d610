"""PostgreSQL: its own programs pg_dump and pg_restore, in the custom format."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg import pq
from sqlalchemy.engine import Engine

from survey.backup.parcel import BackupError, Content, Progress, new_file

_SECONDS = 0.2
"""How often the size of what was written is told."""

_PLAIN = ("--no-owner", "--no-privileges")


def save(engine: Engine, file: Path, progress: Progress) -> None:
    """Write a database to a new file while others write to the database: one snapshot.

    Raises BackupError where pg_dump is not there or says no.
    """
    program = _program("pg_dump")
    with new_file(file) as part:
        words = [program, "--format=custom", "--no-password", *_PLAIN, f"--file={part}"]
        _run(words, engine, part, progress, "save")


def bring(engine: Engine, file: Path, progress: Progress) -> None:
    """Write a backup to a database without tables, all of it or nothing.

    Raises BackupError where there are tables, or pg_restore is not there or says no.
    """
    program = _program("pg_restore")
    if not is_free(engine):
        raise BackupError("The database holds tables already; a backup is restored into none.")
    words = [program, "--exit-on-error", "--single-transaction", "--no-password", *_PLAIN]
    words += [f"--dbname={engine.url.database}", str(file)]
    _run(words, engine, None, progress, "restore")
    with engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))


def is_free(engine: Engine) -> bool:
    """Tell whether a database holds no table. Raises BackupError where there is none."""
    try:
        return not sa.inspect(engine).get_table_names()
    except sa.exc.OperationalError as error:
        raise BackupError(
            f"The database cannot be reached; an empty one must be there (createdb). {error.orig}"
        ) from error


def look(file: Path) -> Content:
    """Return what a backup says of itself. Raises BackupError where it does not."""
    revision = _first_row(file, "alembic_version").get("version_num")
    kind = _first_row(file, "city").get("kind")
    if revision is None or kind is None:
        raise BackupError(f"{file} is no backup of this application, or holds no city.")
    return Content(revision, kind)


def environment(engine: Engine) -> dict[str, str]:
    """Return the environment that leads libpq to the engine's database, its password included.

    A command line can be read by everybody on the machine; an environment cannot.
    """
    _, wanted = engine.dialect.create_connect_args(engine.url)
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    given = {names[key]: str(value) for key, value in wanted.items() if key in names}
    return {**os.environ, **given, "LC_ALL": "C"}


def _first_row(file: Path, table: str) -> dict[str, str]:
    """Read the first row of a table from a backup, without a database."""
    words = [_program("pg_restore"), "--data-only", f"--table={table}", "--file=-", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{file} cannot be read: {_last_words(done.stderr)}")
    found = iter(done.stdout.splitlines())
    for line in found:
        if line.startswith(f"COPY public.{table} ("):
            columns = line[line.index("(") + 1 : line.index(")")].split(", ")
            return dict(zip(columns, next(found, "").split("\t"), strict=False))
    return {}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is not installed. It comes with PostgreSQL's client programs"
            " (Debian and Ubuntu: apt install postgresql-client), in the server's own version."
        )
    return found


def _run(
    words: list[str], engine: Engine, part: Path | None, progress: Progress, stage: str
) -> None:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said}
        with subprocess.Popen(words, env=environment(engine), **options) as child:  # noqa: S603
            try:
                while not _ended(child):
                    progress(stage, part.stat().st_size if part else 0, 0)
            except BaseException:
                child.terminate()
                raise
        said.seek(0)
        text = said.read()
    if child.returncode:
        raise BackupError(f"{Path(words[0]).name} failed: {_last_words(text)}")


def _ended(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _last_words(text: str) -> str:
    return " ".join(text.split()[-80:])
