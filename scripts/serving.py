"""Start the system on a free port with a sample database, for screenshots and figures."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from survey.settings import read_secrets

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".venv" / "bin"


class Server(NamedTuple):
    """A running server: its address, and the passwords of its sample sign-ins by name."""

    address: str
    passwords: dict[str, str]


@contextmanager
def sample_server(city: str) -> Iterator[Server]:
    """Yield a server with fresh sample data of a city folder, then stop it.

    Raises CalledProcessError where the database cannot be made, RuntimeError where the server
    does not come up within 30 s.
    """
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        address = f"http://127.0.0.1:{_free_port()}"
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/sample.sqlite",
            "PUBLIC_URL": address,
            "SECRET_KEY": secrets.token_hex(32),
            "DOSSIER_KEY": secrets.token_hex(32),
        }
        create = ["database", "create", "--kind", "sample", "--city", city]
        subprocess.run([PROGRAMS / "flask", *create], cwd=ROOT, env=environment, check=True)
        bind = ["--bind", address.removeprefix("http://"), "--log-level", "warning"]
        server = subprocess.Popen(
            [PROGRAMS / "gunicorn", *bind, "wsgi:app"], cwd=ROOT, env=environment
        )
        try:
            _wait(server, f"{address}/healthz")
            yield Server(address, read_secrets(Path(folder) / "sample.sqlite.sign-ins"))
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 (an address of ours)
        except OSError:  # refused, broken, or not within the time
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{address} does not answer")
