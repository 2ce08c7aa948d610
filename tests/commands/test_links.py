"""``flask links …``: a dry run, a batch with its file, and calling it back."""

from __future__ import annotations

import csv
import stat

import sqlalchemy as sa

from survey.db import reading
from survey.intake.tables import link
from survey.staff.tables import deed
from tests.fixtures.devices import client_of

CODE = "000.00.01.H29-260310-04"
TEXT = "dossier,field,occasion\n" + "".join(f"{CODE}{n:02},HTICH,return\n" for n in range(10))


def count(engine) -> int:
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(link)).scalar_one()


def test_links_are_tried_made_listed_used_and_called_back(hcmc, tmp_path):
    client = client_of(hcmc)

    def run(*words):
        return client.application.test_cli_runner().invoke(args=["links", *map(str, words)])

    file, output = tmp_path / "a.csv", tmp_path / "links.csv"
    file.write_text(TEXT)
    tried = run("make", file, "--point", "N81A4")
    assert "10 links would be accepted" in tried.output
    assert count(hcmc) == 0
    done = run("make", file, "--point", "N81A4", "--days", "30", "--commit", output)
    assert done.exit_code == 0, done.output
    assert "10 links accepted" in done.output
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    lines = list(csv.DictReader(output.open(encoding="utf-8-sig")))
    assert [each["Mã hồ sơ"] for each in lines] == [f"{CODE}{n:02}" for n in range(10)]
    paths = [each["Liên kết"].partition("/m/")[2] for each in lines]
    form = client.get(f"/m/{paths[0]}").headers["Location"]
    assert client.post(form, data={"q0": "5"}).status_code == 303
    again = run("make", file, "--point", "N81A4", "--commit", tmp_path / "b.csv")
    assert again.exit_code == 1
    assert "link_there" in again.output
    assert not (tmp_path / "b.csv").exists()
    (line,) = run("list").output.splitlines()
    assert "1 of 10 spent" in line
    batch = line.partition(" ")[0]
    assert run("withdraw", batch, "--reason", "In nhầm").exit_code == 0
    assert "withdrawn before" in run("withdraw", batch, "--reason", "x").output
    assert "withdrawn" in run("list").output
    assert client.get(f"/m/{paths[1]}").status_code == 404
    with reading(hcmc) as connection:
        deeds = list(connection.execute(sa.select(deed.c.deed).order_by(deed.c.id)).scalars())
    assert deeds == ["link.make", "link.withdraw"]


def test_what_cannot_be_is_said_and_makes_nothing(hcmc, tmp_path):
    client = client_of(hcmc)

    def run(*words):
        return client.application.test_cli_runner().invoke(args=["links", *map(str, words)])

    file, output = tmp_path / "a.csv", tmp_path / "links.csv"
    file.write_text(TEXT + "x,HTICH,return\n")
    assert run("make", file, "--point", "N81A4", "--commit", output).exit_code == 1
    assert not output.exists()
    assert "NOWHERE" in run("make", file, "--point", "NOWHERE").output
    output.write_text("mine")
    said = run("make", file, "--point", "N81A4", "--skip-bad", "--commit", output)
    assert "is there already" in said.output
    assert output.read_text() == "mine"
    assert count(hcmc) == 0
