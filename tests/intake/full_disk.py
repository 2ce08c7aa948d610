"""A server whose disk is really full: run as a program of its own, tells as JSON what came of it.

    python -m tests.intake.full_disk limit ADDRESS     # no file may grow
    python -m tests.intake.full_disk sqlite FOLDER ADDRESS
    python -m tests.intake.full_disk postgresql FOLDER HOME

FOLDER is a small file system. The database is there: a copy of the SQLite one at ADDRESS, or a
tablespace of a PostgreSQL server that is made in HOME.
"""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import Engine, make_url

from survey.db import make_engine, writing
from survey.devices.tables import device_item, device_outage
from survey.ledger.tables import response
from survey.register.create import create
from survey.schema import upgrade
from tests.fixtures.city import HCMC, LOADED_AT
from tests.fixtures.devices import enrolled
from tests.fixtures.postgres import CLUSTER, OPTIONS, programs_folder
from tests.intake.sync_case import rows, series

ITEMS = 100


def told(engine: Engine, fill: Callable[[], None], empty: Callable[[], None]) -> dict[str, Any]:
    """Send a batch before, while and after the disk is full; return what was answered and kept."""
    device = enrolled(engine)
    said: dict[str, Any] = {"before": device.outcomes([device.item()])}
    items = [device.item() for _ in range(ITEMS)]
    fill()
    answer = device.send(items)
    said["full"] = [answer.status_code, answer.json["code"], "Retry-After" in answer.headers]
    said["page"] = device.client.get(f"/api/v1/points/{device.point}").status_code
    said["kept"] = [len(rows(engine, table)) for table in (response, device_item)]
    empty()
    outage = {"since": 0, "times": 1, "code": answer.json["code"]}
    said["after"] = sorted(set(device.outcomes(items, outage=outage)))
    said["outages"] = [row.code for row in rows(engine, device_outage)]
    said["series"] = series(engine)
    return said


def on_a_limit(address: str) -> dict[str, Any]:
    """No file may grow: what a quota does, and a file system that takes no larger ones."""
    log = Path(f"{make_url(address).database}-wal")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, most))

    def empty() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return told(make_engine(address), fill, empty)


def on_sqlite(folder: Path, address: str) -> dict[str, Any]:
    """Nothing is left of the file system that the database's files are on."""
    copy = shutil.copy(make_url(address).database or "", folder)
    return _on_full(folder, make_engine(f"sqlite:///{copy}"))


def on_postgresql(folder: Path, home: Path) -> dict[str, Any]:
    """Nothing is left of the file system that holds the tables; the server's log is elsewhere."""
    with _server(home) as address:
        with psycopg.connect(address, autocommit=True) as connection:
            space = folder / "space"
            space.mkdir()
            connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
            connection.execute("CREATE DATABASE full_disk TABLESPACE small")
        engine = make_engine(f"postgresql+psycopg://postgres@/full_disk?host={home}")
        with writing(engine) as connection:
            upgrade(connection)
            create(connection, HCMC, "real", now=LOADED_AT)
        said = _on_full(folder, engine)
        engine.dispose()
    return said


def _on_full(folder: Path, engine: Engine) -> dict[str, Any]:
    filler = folder / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                while True:
                    try:
                        file.write(b"\0" * size)
                    except OSError:
                        break

    return told(engine, fill, filler.unlink)


@contextmanager
def _server(home: Path) -> Iterator[str]:
    """Run a PostgreSQL server; yields libpq's address of its first database."""
    programs, data = programs_folder(), home / "data"
    subprocess.run([programs / "initdb", "-D", data, *CLUSTER], check=True, capture_output=True)
    settings = [part for option in OPTIONS for part in ("-c", option)]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", home, *settings], stdout=log, stderr=log
        )
    address = f"host={home} user=postgres dbname=postgres"
    try:
        _wait(address)
        yield address
    finally:
        server.send_signal(signal.SIGINT)  # does not wait for whoever is still connected
        server.wait()


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start.")


if __name__ == "__main__":
    ways = {"limit": on_a_limit, "sqlite": on_sqlite, "postgresql": on_postgresql}
    arguments = [Path(each) if each.startswith("/") else each for each in sys.argv[2:]]
    print(json.dumps(ways[sys.argv[1]](*arguments)))  # type: ignore[operator]
