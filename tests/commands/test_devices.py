"""``flask device …``: enrol, list, move, revoke, hours."""

from __future__ import annotations

import re

import sqlalchemy as sa

from survey.db import reading
from survey.staff.tables import deed
from tests.fixtures.devices import TestDevice, client_of, points_in_force


def run(client, *arguments):
    return client.application.test_cli_runner().invoke(args=["device", *arguments])


def test_a_device_is_made_enrolled_listed_moved_and_revoked(hcmc):
    client = client_of(hcmc)
    here, there = points_in_force(hcmc)[:2]
    said = run(client, "enrol", here, "--kind", "tablet", "--name", "Desk 3").output
    name, code = re.fullmatch(r"Device (\S+): code (\d{8}), once, .*\n", said).groups()
    assert "not_enrolled" in run(client, "list").output
    again = run(client, "enrol", here, "--device", name).output
    code = re.search(r"code (\d{8})", again)[1]
    device = TestDevice(hcmc, client)
    device.id, device.code = name, code
    assert device.enrol().json["device"]["holder"] == "staff"
    assert run(client, "enrol", here, "--device", name).exit_code == 1
    assert device.outcomes([device.item(), device.item(counter=5)]) == ["accepted"] * 2
    (line,) = [each for each in run(client, "list").output.splitlines() if name in each]
    assert "tablet at " + here in line
    assert "ratings 2" in line
    assert "missing counters 2-4" in line
    assert "FLAGS gap" in line
    assert run(client, "move", name, there).exit_code == 0
    assert f"tablet at {there}" in run(client, "list").output
    assert "There is no reception point" in run(client, "move", name, "NOWHERE").output
    assert run(client, "revoke", name).exit_code == 0
    assert "revoked already" in run(client, "revoke", name).output
    with reading(hcmc) as connection:
        deeds = list(connection.execute(sa.select(deed.c.deed).order_by(deed.c.id)).scalars())
    assert deeds == ["device.add", "device.code", "device.code", "device.move", "device.revoke"]


def test_the_hours_of_a_point_are_set_shown_and_taken_back(hcmc):
    client, point = client_of(hcmc), points_in_force(hcmc)[0]
    assert "No hours are set" in run(client, "hours", point).output
    said = run(client, "hours", point, "1-5=07:30-11:30,13:00-17:00", "7=08:00-09:00")
    (line,) = said.output.splitlines()
    halves = '[["07:30","11:30"],["13:00","17:00"]]'
    assert line.endswith(": [" + ",".join([halves] * 5) + ',[],[["08:00","09:00"]]]')
    told = client.get(f"/api/v1/points/{point}").json["hours"]
    assert told[4] == [["07:30", "11:30"], ["13:00", "17:00"]]
    assert told[5] == []
    assert run(client, "hours", point, "--clear").output.endswith(": null\n")
    assert client.get(f"/api/v1/points/{point}").json["hours"] is None
    for wrong in ("1=17:00-07:30", "8=07:30-17:00", "1=7-8", "1"):
        assert run(client, "hours", point, wrong).exit_code == 1, wrong
    assert run(client, "hours", point, "1=07:30-17:00", "--from", "2020-01-01").exit_code == 1
    assert run(client, "hours", "NOWHERE", "1=07:30-17:00").exit_code == 1
    with reading(hcmc) as connection:
        rows = connection.execute(sa.select(deed.c.detail).where(deed.c.deed == "point.hours"))
        assert len(rows.all()) == 2
