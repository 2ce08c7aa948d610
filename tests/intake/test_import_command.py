"""The commands: dry run first, a report for people and machines, and who waits for whom."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import Busy, make_engine, writing
from survey.settings import ROOT, Settings
from tests.fixtures.builders import bring, rating
from tests.fixtures.city import HCMC, register_of
from tests.intake.import_case import (
    GOOD,
    HEADER,
    MAP,
    bring_file,
    counted,
    csv_bytes,
    row,
    table_sizes,
    tallied,
)

RATINGS = ROOT / "tests" / "data" / "imports" / "one-stop-ratings.csv"
MAPS = HCMC / "maps"
KEY = "0123456789abcdef0123456789abcdef"


def flask(engine: Engine, *arguments: Any, **settings: Any) -> Result:
    """Run a command of the application on a database."""
    url = engine.url.render_as_string(hide_password=False)
    chosen = {"database_url": url, "secret_key": KEY, "dossier_key": KEY} | settings
    app = create_app(Settings(**chosen))
    return app.test_cli_runner().invoke(args=[str(each) for each in arguments])


def test_dry_run_then_commit(hcmc: Engine, tmp_path: Path) -> None:
    before = table_sizes(hcmc)
    command = ("ratings", "import", RATINGS, "--map", MAPS / "one-stop-ratings.toml")
    dry = flask(hcmc, *command)
    assert dry.exit_code == 0, dry.output
    assert "dry run: nothing was written" in dry.output
    assert "6 ratings would be accepted" in dry.output
    assert table_sizes(hcmc) == before
    report_file = tmp_path / "report.json"
    done = flask(hcmc, *command, "--commit", "--report", report_file)
    assert done.exit_code == 0, done.output
    assert "6 ratings accepted" in done.output
    report = json.loads(report_file.read_bytes())
    assert (report["status"], report["n_rows"], report["n_accepted"]) == ("committed", 6, 6)
    assert report["batch"] in done.output
    assert sum(counted(hcmc).values()) == 5  # two of the six are of one dossier
    assert flask(hcmc, "tally", "check").exit_code == 0
    again = flask(hcmc, *command, "--commit")
    assert (again.exit_code, "REFUSED file_known" in again.output) == (1, True)
    assert not re.search("0 rows|attempt", again.output)  # it was not even read


def test_many_columns_that_nobody_reads_are_told_in_short(hcmc: Engine, tmp_path: Path) -> None:
    file, map_file = tmp_path / "f.csv", tmp_path / "m.toml"
    more = tuple(f"c{number}" for number in range(300))
    file.write_bytes(csv_bytes([GOOD + more], HEADER + more))
    map_file.write_text(MAP, encoding="utf-8")
    done = flask(hcmc, "ratings", "import", file, "--map", map_file)
    assert (done.exit_code, "c18, c19 and 280 more\n" in done.output) == (0, True), done.output


def test_bad_rows_are_told_with_their_numbers(hcmc: Engine, tmp_path: Path) -> None:
    file, map_file, report_file = tmp_path / "f.csv", tmp_path / "m.toml", tmp_path / "r.json"
    file.write_bytes(csv_bytes([GOOD, row(unit="Phường X"), row(rating="Tạm", unit="Phường X")]))
    map_file.write_text(MAP, encoding="utf-8")
    command = ("ratings", "import", file, "--map", map_file, "--commit")
    done = flask(hcmc, *command, "--report", report_file)
    assert done.exit_code == 1
    assert "BAD ROW unit_unknown in column unit: 'Phường X'" in done.output
    assert "Rows 3, 4." in done.output
    assert "Nothing was written." in done.output
    findings = json.loads(report_file.read_bytes())["findings"]
    assert {
        "level": "row",
        "code": "unit_unknown",
        "column": "unit",
        "value": "Phường X",
        "detail": "",
        "n_rows": 2,
        "rows": [3, 4],
    } in findings
    done = flask(hcmc, *command, "--set-aside")
    assert done.exit_code == 0, done.output
    assert "1 ratings accepted, 2 rows set aside." in done.output


def test_totals_and_dossiers(hcmc: Engine) -> None:
    folder = ROOT / "tests" / "data" / "imports"
    done = flask(
        hcmc, "ratings", "import", folder / "national-portal-totals.csv",
        "--map", MAPS / "national-portal-totals.toml", "--counts", "--commit",
    )  # fmt: skip
    assert (done.exit_code, "4 totals accepted" in done.output) == (0, True), done.output
    done = flask(
        hcmc, "dossiers", "import", folder / "dossiers.csv",
        "--map", MAPS / "dossiers.toml", "--commit",
    )  # fmt: skip
    assert (done.exit_code, "4 counts of dossiers accepted" in done.output) == (0, True), (
        done.output
    )
    assert "note parts_do_not_add_up" in done.output


def test_the_largest_file_is_a_setting(hcmc: Engine) -> None:
    command = ("ratings", "import", RATINGS, "--map", MAPS / "one-stop-ratings.toml")
    done = flask(hcmc, *command, import_bytes=100)
    assert (done.exit_code, "REFUSED file_too_large" in done.output) == (1, True)


def test_a_map_that_is_no_text(hcmc: Engine, tmp_path: Path) -> None:
    map_file = tmp_path / "map.toml"
    map_file.write_bytes(b"\xff\xfe\x00garbage")
    done = flask(hcmc, "ratings", "import", RATINGS, "--map", map_file)
    assert (done.exit_code, "REFUSED map" in done.output) == (1, True)


def test_while_an_import_writes(hcmc: Engine, tmp_path: Path) -> None:
    """SQLite: another writer is told to try again. PostgreSQL: it writes, and waits for nobody."""
    is_writing, may_end = threading.Event(), threading.Event()

    def pause(stage: str, done: int, total: int) -> None:
        if stage == "write":
            is_writing.set()
            assert may_end.wait(60)

    reports = []
    content = csv_bytes([GOOD] * 3)
    importer = threading.Thread(
        target=lambda: reports.append(bring_file(hcmc, tmp_path, content, progress=pause))
    )
    other = make_engine(hcmc.url.render_as_string(hide_password=False))
    register = register_of(other)
    importer.start()
    try:
        assert is_writing.wait(60)
        if other.dialect.name == "sqlite":
            with pytest.raises(Busy):
                bring(other, register, [rating(register)])
        else:
            assert bring(other, register, [rating(register)])[0].status == "accepted"
    finally:
        may_end.set()
        importer.join()
        other.dispose()
    assert [report.n_accepted for report in reports] == [3]
    expected = 3 if hcmc.dialect.name == "sqlite" else 4
    assert sum(counted(hcmc).values()) == expected


def test_an_import_that_meets_a_writer_says_so(hcmc: Engine, tmp_path: Path) -> None:
    if hcmc.dialect.name != "sqlite":
        return
    command = ("ratings", "import", RATINGS, "--map", MAPS / "one-stop-ratings.toml", "--commit")
    with writing(hcmc):
        done = flask(hcmc, *command)
    assert done.exit_code == 1
    assert "Try again in a moment" in done.output
    assert tallied(hcmc) == {}


def test_nothing_stays_when_an_import_breaks_off(hcmc: Engine, tmp_path: Path) -> None:
    before = table_sizes(hcmc)

    def break_off(stage: str, done: int, total: int) -> None:
        if stage == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_file(hcmc, tmp_path, csv_bytes([GOOD] * 3), progress=break_off)
    assert table_sizes(hcmc) == before
    assert bring_file(hcmc, tmp_path, csv_bytes([GOOD] * 3)).n_accepted == 3


def test_rows_that_others_wrote_meanwhile(hcmc: Engine, tmp_path: Path) -> None:
    """The same rating arrives between the look and the transaction: nothing is half written."""
    map_text = 'external_id = { column = "id" }\n' + MAP
    first = csv_bytes([("P1", *GOOD)], ("id", "time", "unit", "field", "rating"))
    second = csv_bytes([("P1", *GOOD), ("P2", *GOOD)], ("id", "time", "unit", "field", "rating"))
    met = []

    def meet(stage: str, done: int, total: int) -> None:
        if stage == "read" and not met:
            met.append(bring_file(hcmc, tmp_path, first, map_text, name="other.csv"))

    report = bring_file(hcmc, tmp_path, second, map_text, progress=meet)
    assert [each.n_accepted for each in met] == [1]
    assert report.findings[0].code == "ledger_changed"
    assert sum(counted(hcmc).values()) == 1
    again = bring_file(hcmc, tmp_path, second, map_text)
    assert (again.n_accepted, again.n_already) == (1, 1)
