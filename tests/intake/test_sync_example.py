"""The example device against a running server: offline, lost replies, a restored server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scripts.example_device import Device, jwk
from survey.app import create_app
from survey.db import make_engine, reading, writing
from survey.devices.enrol import enrol, make_code
from survey.devices.fleet import create_device
from survey.devices.keys import Key, key_text
from survey.intake.accept import now_milliseconds
from survey.ledger.tables import response
from survey.settings import ROOT, Settings
from survey.tally.recount import differences
from tests.fixtures.city import register_of
from tests.fixtures.devices import SECRET, points_in_force

SCRIPT = ROOT / "scripts" / "example_device.py"


class Line:
    """The way to the server: loses every reply of which it is told, after the server gave it."""

    def __init__(self, application: Any) -> None:
        self.application, self.losses = application, 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not (self.losses and environ["REQUEST_METHOD"] == "POST"):
            return self.application(environ, start)  # type: ignore[no-any-return]
        self.losses -= 1
        list(self.application(environ, lambda *_: None))
        start("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"lost"]


@pytest.fixture
def line(hcmc: Engine) -> Line:
    url = hcmc.url.render_as_string(hide_password=False)
    return Line(create_app(Settings(database_url=url, secret_key=SECRET, dossier_key="y" * 32)))


def code(engine: Engine) -> str:
    register, at = register_of(engine), now_milliseconds()
    with writing(engine) as connection:
        point = points_in_force(engine)[0]
        new = create_device(connection, register, kind="kiosk", point=point, name="Hall", at=at)
        return make_code(connection, SECRET, new, at=at)


def run(file: Path, *arguments: str) -> str:
    command = [sys.executable, str(SCRIPT), "--file", str(file), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        assert differences(connection) == []
        found = connection.execute(sa.select(sa.func.count()).select_from(response))
        return int(found.scalar_one())


def test_the_example_enrols_rates_and_sends(hcmc, line, serve, tmp_path):
    address, file = serve(line), tmp_path / "device.json"
    assert "citizen" in run(file, "enrol", address, code(hcmc))
    assert file.stat().st_mode & 0o077 == 0
    assert run(file, "rate", "5", "HTICH") == "Kept under counter 1.\n"
    example = register_of(hcmc).city.dossier_example
    run(file, "rate", "1", "HTICH", "--comment", "Chờ lâu", "--dossier", example)
    assert run(file, "send").split() == ["1", "accepted", "2", "accepted"]
    assert run(file, "send") == ""
    assert count(hcmc) == 2


def test_lost_replies_and_days_offline_lose_and_double_nothing(hcmc, line, serve, tmp_path):
    device = Device(tmp_path / "device.json")
    address, one_time = serve(line), code(hcmc)
    line.losses = 1
    with pytest.raises(OSError, match="502"):
        device.enrol(address, one_time)
    device.enrol(address, one_time)  # the same code and key: the reply was lost
    now = int(time.time())
    for hour in range(130):
        device.rate(1 + hour % 5, "HTICH", now - 72 * 3600 + hour * 1800)
    line.losses = 2
    statuses = []
    while device.kept["queue"]:
        device = Device(device.file)  # the power was off
        try:
            statuses += [each["status"] for each in device.send(int(time.time() * 1000))]
        except OSError:
            continue
    assert statuses.count("accepted") + statuses.count("already") == 130
    assert statuses.count("already") == 100
    assert count(hcmc) == 130


def test_what_a_restored_server_lost_is_sent_again(hcmc, databases, line, serve, tmp_path):
    device = Device(tmp_path / "device.json")
    address, one_time = serve(line), code(hcmc)
    with pytest.raises(OSError, match="refused"):
        device.enrol("http://127.0.0.1:9", one_time)  # nobody is there, but the key is made
    with writing(hcmc) as connection:
        key = key_text(Key(**jwk(device.key)))
        enrol(connection, SECRET, one_time, key, at=now_milliseconds())
    hcmc.dispose()
    url = databases.copy(hcmc.url.render_as_string(hide_password=False))
    device.enrol(address, one_time)
    for _ in range(5):
        device.rate(5, "HTICH", int(time.time()))
    device.send(int(time.time() * 1000))
    assert device.kept["queue"] == []
    restored = create_app(Settings(database_url=url, secret_key=SECRET, dossier_key="y" * 32))
    device.kept["server"] = serve(restored)
    device.send(int(time.time() * 1000))
    assert len(device.kept["queue"]) == 5
    device.send(int(time.time() * 1000))
    assert device.kept["queue"] == []
    engine = make_engine(url)
    assert count(engine) == count(hcmc) == 5
    engine.dispose()
