"""``flask backup`` while ratings arrive, and ``flask restore``."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey.backup import sqlite
from survey.backup.postgresql import environment
from survey.db import make_engine, metadata, reading, writing
from survey.ledger.tables import entry, response
from survey.publish.release import make_release
from survey.staff import sessions
from survey.staff.deeds import now_milliseconds
from survey.staff.roles import Role
from survey.staff.tables import staff_session
from survey.terms.period import parse_period
from tests.analyse.conftest import MADE_AT
from tests.commands.conftest import runner
from tests.fixtures.builders import OFFICIAL, bring, rating, ratings
from tests.fixtures.city import register_of
from tests.fixtures.postgres import programs_folder
from tests.staff.signing import LIMITS, make_account


@pytest.fixture(autouse=True)
def _programs(monkeypatch):
    """Put pg_dump and pg_restore where a shell finds them."""
    monkeypatch.setenv("PATH", f"{programs_folder()}:{os.environ['PATH']}")


@pytest.fixture
def commands():
    """Runs ``flask backup`` and ``flask restore`` on an engine."""

    return lambda engine, *words: runner(engine)(*words)


@pytest.fixture
def empty(fresh_database_url):
    engine = make_engine(fresh_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def released(hcmc):
    """A city with a released quarter."""
    register = register_of(hcmc)
    bring(hcmc, register, ratings(register, {5: 300, 4: 90, 1: 12}, **OFFICIAL))
    make_release(hcmc, register, parse_period("2026-Q3"), now=MADE_AT)
    return hcmc


class Arrivals:
    """A thread that brings a rating in, again and again, and notes which were acknowledged."""

    def __init__(self, engine):
        self._engine, self._register = engine, register_of(engine)
        self.acknowledged = []
        self._stop, self._some = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._bring)

    def __enter__(self):
        self._thread.start()
        assert self._some.wait(30)
        return self

    def __exit__(self, *_error):
        self._stop.set()
        self._thread.join()

    def _bring(self):
        while not self._stop.is_set():
            item = rating(self._register, 5, **OFFICIAL)
            assert bring(self._engine, self._register, [item])[0].status == "accepted"
            self.acknowledged.append(item.body.id)
            self._some.set()


def ids(engine):
    with reading(engine) as connection:
        return set(connection.execute(sa.select(response.c.id)).scalars())


def test_a_backup_taken_while_ratings_arrive_is_one_moment_and_holds(
    released, empty, commands, tmp_path, monkeypatch
):
    file = tmp_path / "city.backup"
    monkeypatch.setattr(sqlite, "PAGES", 16)  # so that many ratings arrive between two steps
    with Arrivals(released) as arrivals:
        before = list(arrivals.acknowledged)
        saved = commands(released, "backup", file)
        after = list(arrivals.acknowledged)
    assert saved.exit_code == 0, saved.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["city.backup"]

    restored = commands(empty, "restore", file, "--kind", "real")
    assert restored.exit_code == 0, restored.output
    assert "Tally and ledger agree." in restored.output
    assert "matches its seal" in restored.output
    kept = ids(empty)
    assert set(before) <= kept
    assert kept <= ids(released)
    # one moment: nothing is there that came after something that is not
    order = [each in kept for each in after]
    assert order == sorted(order, reverse=True)

    run = runner(empty)
    assert run("tally", "check").output == "Tally and ledger agree.\n"
    verified = run("release", "verify")
    assert verified.exit_code == 0, verified.output
    # and it lives on: a new edition is numbered and sealed after what was there
    bring(empty, register_of(empty), [rating(register_of(empty), 5, **OFFICIAL)])
    assert run("release", "make", "--period", "2026-Q3", "--reason", "x").exit_code == 0
    assert run("release", "verify").exit_code == 0


def test_ratings_go_on_while_pages_are_copied(released, tmp_path, monkeypatch, databases):
    if databases.kind != "sqlite":
        return  # pg_dump's snapshot is PostgreSQL's own matter
    monkeypatch.setattr(sqlite, "PAGES", 16)
    register, lengths = register_of(released), []

    def rate(_stage, done, total):
        lengths.append((done, total))
        assert bring(released, register, [rating(register, 5, **OFFICIAL)])[0].status == "accepted"

    file = tmp_path / "x"
    sqlite.save(Path(released.url.database), file, rate)
    assert len({total for _, total in lengths}) == 1
    assert [done for done, _ in lengths] == sorted({done for done, _ in lengths})
    assert len(lengths) > 3


def test_nothing_is_overwritten(released, commands, tmp_path):
    file = tmp_path / "city.backup"
    file.write_text("mine")
    refused = commands(released, "backup", file)
    assert refused.exit_code == 1
    assert "never overwrites" in refused.output
    assert file.read_text() == "mine"
    other = tmp_path / "other"
    part = tmp_path / "other.part"
    part.write_text("another's")
    refused = commands(released, "backup", other)
    assert (refused.exit_code, other.exists()) == (1, False)
    assert part.read_text() == "another's"
    assert commands(released, "backup", tmp_path / "nowhere" / "x").exit_code == 1
    part.unlink()
    assert commands(released, "backup", other).exit_code == 0
    held = commands(released, "restore", other)
    assert held.exit_code == 1
    assert "holds tables already" in held.output
    assert len(ids(released)) == 402


def test_what_is_no_backup_writes_nothing(released, empty, commands, tmp_path):
    file = tmp_path / "city.backup"
    assert commands(released, "backup", file).exit_code == 0
    text = tmp_path / "text"
    text.write_text("no backup at all")
    assert "is no backup" in commands(empty, "restore", text).output
    foreign = tmp_path / "foreign"
    sign = b"PGDMP" if empty.dialect.name == "sqlite" else b"SQLite format 3\0"
    foreign.write_bytes(sign + bytes(4096))
    assert "DATABASE_URL names" in commands(empty, "restore", foreign).output
    cut = tmp_path / "cut"
    cut.write_bytes(file.read_bytes()[:2000])
    assert commands(empty, "restore", cut).exit_code == 1
    sample = commands(empty, "restore", file, "--kind", "sample")
    assert "holds real data, not sample" in sample.output
    assert not sa.inspect(empty).get_table_names()


def test_a_newer_schema_is_refused(released, empty, commands, tmp_path):
    with writing(released) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    file = tmp_path / "city.backup"
    assert commands(released, "backup", file).exit_code == 0
    refused = commands(empty, "restore", file)
    assert refused.exit_code == 1
    assert "9999" in refused.output
    assert not sa.inspect(empty).get_table_names()


def test_restoring_says_what_does_not_hold_and_signs_everybody_out(
    released, empty, commands, tmp_path
):
    name = make_account(released, Role.INSPECTOR)
    tally = metadata.tables["tally"]
    with writing(released) as connection:
        sessions.begin(connection, name, at=now_milliseconds(), limits=LIMITS)
        connection.execute(sa.update(tally).values(counting=9))
        trigger = "entry_no_delete" if released.dialect.name == "sqlite" else "entry_append_only"
        on = "" if released.dialect.name == "sqlite" else " ON entry"
        connection.execute(sa.text(f"DROP TRIGGER {trigger}{on}"))
        connection.execute(sa.delete(entry).where(entry.c.number == 7))
    file = tmp_path / "city.backup"
    assert commands(released, "backup", file).exit_code == 0
    said = commands(empty, "restore", file)
    assert said.exit_code == 1
    assert "counts differ" in said.output
    assert "Entry 7 (unknown row): the entry is missing" in said.output
    with reading(empty) as connection:
        assert not connection.execute(sa.select(staff_session)).all()


def test_a_missing_program_is_named_and_a_password_stays_off_the_command_line(
    hcmc, commands, tmp_path, monkeypatch
):
    engine = make_engine("postgresql+psycopg://an:m%40t@db.example:5433/city?sslmode=require")
    given = environment(engine)
    assert (given["PGUSER"], given["PGPASSWORD"]) == ("an", "m@t")
    assert (given["PGHOST"], given["PGPORT"], given["PGDATABASE"]) == ("db.example", "5433", "city")
    assert given["PGSSLMODE"] == "require"
    if hcmc.dialect.name == "postgresql":
        monkeypatch.setenv("PATH", str(tmp_path))
        refused = commands(hcmc, "backup", tmp_path / "x")
        assert refused.exit_code == 1
        assert "apt install postgresql-client" in refused.output
        assert not list(tmp_path.iterdir())
