"""``flask …``: what each command does, says and refuses."""

from __future__ import annotations

import shutil
import uuid

import pytest
import sqlalchemy as sa

from survey.db import make_engine, metadata, reading, writing
from survey.ledger.book import append_batch
from survey.register.snapshot import load
from survey.staff.deeds import Wanted, newest
from tests.commands.conftest import runner
from tests.fixtures.builders import (
    OFFICIAL,
    OVERALL,
    WARD,
    WARD_B,
    batch_row,
    bring,
    rating,
    ratings,
)
from tests.fixtures.city import HCMC, LONDON, register_of

pytestmark = pytest.mark.usefixtures("quick_passwords")

PASSWORD = "mười hai ký tự"


@pytest.fixture
def empty(fresh_database_url):
    engine = make_engine(fresh_database_url)
    yield engine
    engine.dispose()


def test_a_database_is_made_once_and_keeps_its_city(empty):
    run = runner(empty)
    made = run("database", "create", "--kind", "real", "--city", LONDON)
    assert made.exit_code == 0, made.output
    assert "unit 6, field 2" in made.output
    with reading(empty) as connection:
        assert load(connection).kind == "real"
    again = run("database", "create", "--kind", "real", "--city", HCMC)
    assert again.exit_code == 1
    assert "already holds a city" in again.output
    kept = run("database", "create", "--kind", "sample", "--city", LONDON, "--if-missing")
    assert kept.exit_code == 0
    with reading(empty) as connection:
        register = load(connection)
        assert (register.kind, register.city.code) == ("real", "london")


def test_a_broken_folder_makes_nothing_and_names_each_row(empty, tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(LONDON, folder)
    units = folder / "units.csv"
    text = units.read_text(encoding="utf-8").replace("GP-EARLS,", ",").replace("2023-01-01", "x", 1)
    units.write_text(text, encoding="utf-8")
    run = runner(empty)
    result = run("database", "create", "--kind", "real", "--city", folder)
    assert result.exit_code == 1
    assert "Nothing was changed." in result.output
    assert result.output.count("units.csv") >= 2
    assert run("database", "create", "--kind", "real", "--city", LONDON).exit_code == 0


def test_loading_the_same_folder_changes_nothing(run):
    result = run("register", "load", HCMC)
    assert result.exit_code == 0
    assert result.output == "Added: nothing. Ended: nothing.\n"


def test_a_release_is_made_verified_and_refused(run, hcmc):
    bring(hcmc, register_of(hcmc), ratings(register_of(hcmc), {5: 12}, **OFFICIAL))
    assert run("release", "verify").exit_code == 1
    made = run("release", "make", "--period", "2026-Q3")
    assert made.output == "Released 2026-Q3, edition 1, at head 12.\n"
    again = run("release", "make", "--period", "2026-Q3")
    assert again.exit_code == 1
    assert "--reason" in again.output
    assert run("release", "make", "--period", "2026-Q5").exit_code == 2
    held = run("release", "verify", "2026-Q3")
    assert held.exit_code == 0, held.output
    assert "Every row up to head 12 matches its seal." in held.output
    assert "2026-Q3 edition 1: holds (head 12)." in held.output
    assert run("release", "verify", "2026-Q2").exit_code == 1


def test_verify_names_a_row_that_was_changed_within_its_cell(run, hcmc):
    item = rating(register_of(hcmc), 5, **OFFICIAL)
    bring(hcmc, register_of(hcmc), [item, *ratings(register_of(hcmc), {5: 12}, **OFFICIAL)])
    run("release", "make", "--period", "2026-Q3")
    answer = metadata.tables["answer"]
    with writing(hcmc) as connection:
        name = "answer_no_update" if hcmc.dialect.name == "sqlite" else "answer_append_only"
        on = "" if hcmc.dialect.name == "sqlite" else " ON answer"
        connection.execute(sa.text(f"DROP TRIGGER {name}{on}"))
        of_item = answer.c.response == item.body.id
        connection.execute(sa.update(answer).where(of_item).values(value=4))
    result = run("release", "verify")
    assert result.exit_code == 1
    assert f"(response {item.body.id}): the row was changed" in result.output
    assert "2026-Q3 edition 1: holds" in result.output


def test_the_tally_is_checked_and_put_right(run, hcmc):
    bring(hcmc, register_of(hcmc), ratings(register_of(hcmc), {5: 3}, **OFFICIAL))
    assert run("tally", "check").output == "Tally and ledger agree.\n"
    tally = metadata.tables["tally"]
    with writing(hcmc) as connection:
        connection.execute(sa.update(tally).values(counting=9))
    wrong = run("tally", "check")
    assert wrong.exit_code == 1
    assert "2 counts differ" in wrong.output
    assert OVERALL in wrong.output
    assert run("tally", "rebuild").output == "The tally has 2 rows.\n"
    assert run("tally", "check").exit_code == 0


def test_a_void_takes_two_accounts_and_their_passwords(run, hcmc):
    item = rating(register_of(hcmc), 5, **OFFICIAL)
    bring(hcmc, register_of(hcmc), [item])
    typed = f"{PASSWORD}\n"
    for name, unit in (("an", ()), ("em", ()), ("binh", ("--unit", "26740C"))):
        add = ("staff", "add", name, "--role", "administrator", *unit)
        added = run(*add, typed=typed * 2)
        assert added.exit_code == 0, added.output
    propose = ("void", "propose", "--response", item.body.id, "--reason", "Trùng", "--account")
    assert run(*propose, "an", typed="wrong password\n").exit_code == 1
    assert run(*propose, "chi", typed=typed).exit_code == 1
    proposed = run(*propose, "an", typed=typed)
    assert proposed.exit_code == 0
    proposal = proposed.output.split("Proposal ")[1].split(":")[0]
    confirm = ("void", "confirm", uuid.UUID(proposal), "--account")
    own = run(*confirm, "an", typed=typed)
    assert own.exit_code == 1
    assert "another account" in own.output
    assert "another unit" in run(*confirm, "em", typed=typed).output
    assert run(*confirm, "binh", typed="wrong password\n").exit_code == 1
    done = run(*confirm, "binh", typed=typed)
    assert done.exit_code == 0, done.output
    again = run(*confirm, "binh", typed=typed)
    assert again.exit_code == 1
    assert "voided already" in again.output
    assert run("tally", "check").exit_code == 0
    assert PASSWORD not in done.output + proposed.output


def test_a_void_asks_for_the_rights_of_the_pages_and_stands_in_their_log(run, hcmc):
    register, batch = register_of(hcmc), uuid.uuid4()
    mine, foreign = rating(register, 5), rating(register, 5, receiving_unit=WARD_B)
    with writing(hcmc) as connection:
        append_batch(connection, batch_row(batch))
    bring(hcmc, register, [mine, foreign])
    for name, role, unit in (
        ("soi", "inspector", ()),
        ("phan", "analyst", ()),
        ("phuong", "agency", ("--unit", WARD)),
        ("quan", "administrator", ()),
    ):
        run("staff", "add", name, "--role", role, *unit, typed=f"{PASSWORD}\n" * 2)

    def propose(name, *target):
        words = ("void", "propose", *target, "--reason", "Trùng", "--account", name)
        return run(*words, typed=f"{PASSWORD}\n").output

    def confirm(name, proposal):
        words = ("void", "confirm", proposal, "--account", name)
        return run(*words, typed=f"{PASSWORD}\n").output

    assert "soi may not do that" in propose("soi", "--response", mine.body.id)
    assert "phan may not do that" in propose("phan", "--response", mine.body.id)
    assert "own unit only" in propose("phuong", "--response", foreign.body.id)
    assert "own unit only" in propose("phuong", "--batch", batch)
    made = propose("phuong", "--response", mine.body.id)
    proposal = uuid.UUID(made.split("Proposal ")[1].split(":")[0])
    assert "soi may not do that" in confirm("soi", proposal)
    assert "Voided." in confirm("quan", proposal)
    with reading(hcmc) as connection:
        found = [each for each in newest(connection, Wanted()) if each.deed.startswith("void")]
    subject = f"response {mine.body.id}"
    assert [(each.deed, each.account, each.unit, each.subject) for each in found] == [
        ("void.confirm", "quan", WARD, subject),
        ("void.propose", "phuong", WARD, subject),
    ]


def test_a_void_names_a_response_or_an_import(run):
    both = ("--response", uuid.UUID(int=1), "--batch", uuid.UUID(int=2))
    for words in ((), both):
        result = run(
            "void", "propose", "--reason", "x", "--account", "an", *words, typed=f"{PASSWORD}\n"
        )
        assert result.exit_code == 2


def test_staff_belong_to_a_unit_that_there_is(run):
    add, typed = ("staff", "add", "an", "--role", "agency"), f"{PASSWORD}\n" * 2
    result = run(*add, "--unit", "nowhere", typed=typed)
    assert result.exit_code == 1
    assert "no unit nowhere" in result.output
    assert "works for a unit" in run(*add, typed=typed).output
    assert run(*add, "--unit", "26740C", typed=typed).exit_code == 0
