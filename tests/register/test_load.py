"""A load adds dated rows; the same folder again changes nothing."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import reading, writing
from survey.register import tables
from survey.register.create import CityExistsError, create
from survey.register.load import LoadReport, RegisterError, load_folder
from survey.register.snapshot import RegisterCache, load
from survey.terms.name import name_key
from tests.register.conftest import HO_CHI_MINH, LONDON, NOW, OWN_TABLES

TODAY = dt.date(2026, 2, 1)


def contents(connection: Connection) -> dict[str, list[Any]]:
    """Every row of the register's tables."""
    return {
        table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in OWN_TABLES
    }


def replace(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def add(folder: Path, name: str, text: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def own_london(tmp_path: Path) -> Path:
    """A copy of London that the test may change."""
    return Path(shutil.copytree(LONDON, tmp_path / "london"))


@pytest.fixture
def created(engine: Engine) -> Engine:
    """A database that holds London."""
    with writing(engine) as connection:
        create(connection, LONDON, "real", now=NOW)
    return engine


def load_again(engine: Engine, folder: Path) -> LoadReport:
    with writing(engine) as connection:
        return load_folder(connection, folder, today=TODAY)


def test_loading_again_changes_nothing(engine: Engine, folder: Path) -> None:
    with writing(engine) as connection:
        first = create(connection, folder, "sample", now=NOW)
        before = contents(connection)
    assert first.version == 1
    assert first.added["unit"] == {"ho-chi-minh": 789, "london": 6}[folder.name]
    again = load_again(engine, folder)
    assert again == LoadReport(version=1)
    assert again.is_empty
    with reading(engine) as connection:
        assert contents(connection) == before


def test_every_row_of_the_folder_is_there(engine: Engine, folder: Path) -> None:
    with writing(engine) as connection:
        report = create(connection, folder, "sample", now=NOW)
        counts = {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for table in OWN_TABLES
        }
        note = connection.execute(sa.select(tables.register_load)).one()
    assert {name: n for name, n in counts.items() if n} == {
        **report.added,
        "city": 1,
        "register_load": 1,
    }
    assert (note.id, note.loaded_on, note.summary["added"]) == (1, NOW.date(), report.added)


def test_a_database_has_one_city_for_ever(created: Engine) -> None:
    with reading(created) as connection:
        before = contents(connection)
    with pytest.raises(CityExistsError, match="real"), writing(created) as connection:
        create(connection, HO_CHI_MINH, "sample", now=NOW)
    with reading(created) as connection:
        assert contents(connection) == before


def test_without_a_city_nothing_is_loaded(engine: Engine) -> None:
    with pytest.raises(LookupError, match="no city"):
        load_again(engine, LONDON)
    with reading(engine) as connection, pytest.raises(LookupError, match="no city"):
        load(connection)


def test_a_unit_ends_and_another_follows(created: Engine, own_london: Path) -> None:
    replace(
        own_london,
        "units.csv",
        "GP-GOOD,The Good Practice,practice,,2023-01-01,,",
        "GP-GOOD,The Good Practice,practice,,2023-01-01,2026-03-31,GP-BETTER",
    )
    add(own_london, "units.csv", "GP-BETTER,The Better Practice,practice,,2026-04-01,,\n")
    replace(
        own_london,
        "points.csv",
        "Reception,2023-01-01,,\nGP06",
        "Reception,2023-01-01,2026-03-31,GP99\nGP06",
    )
    add(own_london, "points.csv", "GP99,GP-BETTER,Reception,2026-04-01,,\n")
    report = load_again(created, own_london)
    assert report == LoadReport(
        version=2,
        added={"unit": 1, "succession": 1, "unit_field": 1, "reception_point": 1},
        ended={"unit": 1, "unit_field": 1, "reception_point": 1},
    )
    with reading(created) as connection:
        register = load(connection)
    last, next_day = dt.date(2026, 3, 31), dt.date(2026, 4, 1)
    assert register.version == 2
    assert register.unit_on("GP-GOOD", last) is not None
    assert register.unit_on("GP-GOOD", next_day) is None
    assert register.handled("GP-GOOD", last) == ("gp.consultation",)
    assert register.handled("GP-GOOD", next_day) == ()
    assert register.handled("GP-BETTER", next_day) == ("gp.consultation",)
    (became,) = register.successors("GP-GOOD")
    assert (became.successor, became.kind, became.happened_on) == ("GP-BETTER", "merge", next_day)
    assert register.predecessors("GP-BETTER") == (became,)
    assert register.points["GP05"].successor == "GP99"
    assert load_again(created, own_london).is_empty


def test_a_new_version_of_a_questionnaire_and_a_new_rule(created: Engine, own_london: Path) -> None:
    replace(
        own_london,
        "questionnaires/fft-1.toml",
        "valid_from = 2023-01-01",
        "valid_from = 2023-01-01\nvalid_to = 2026-06-30",
    )
    text = (LONDON / "questionnaires" / "fft-1.toml").read_text(encoding="utf-8")
    text = text.replace("fft/1", "fft/2").replace("tell us why", "say why")
    (own_london / "questionnaires" / "fft-2.toml").write_text(
        text.replace("2023-01-01", "2026-07-01"), encoding="utf-8"
    )
    replace(
        own_london,
        "targets.toml",
        "valid_from = 2023-01-01",
        "valid_from = 2023-01-01\nvalid_to = 2026-06-30",
    )
    report = load_again(created, own_london)
    assert report.added == {"questionnaire": 1}
    assert report.ended == {"questionnaire": 1, "target": 1}
    with reading(created) as connection:
        register = load(connection)
    old, new = register.questionnaires_with("fft.recommend/1")
    assert (old.questionnaire.id, new.questionnaire.id) == ("fft/1", "fft/2")
    assert register.questionnaire_in_force("fft", dt.date(2026, 6, 30)) is old
    assert register.questionnaire_in_force("fft", dt.date(2026, 7, 1)) is new
    assert [target.valid_to for target in register.targets].count(dt.date(2026, 6, 30)) == 1


def test_facts_of_the_city_may_be_put_right(created: Engine, own_london: Path) -> None:
    replace(own_london, "city.toml", 'names.en = "London"', 'names.en = "Greater London"')
    assert load_again(created, own_london) == LoadReport(version=2, city=("names",))
    with reading(created) as connection:
        register = load(connection)
    assert register.city.names == {"en": "Greater London"}
    assert register.kind == "real"


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "detail"),
    [
        ("city.toml", '"london"', '"paris"', "city.toml", "code was london, now paris"),
        ("city.toml", "Europe/London", "Europe/Paris", "city.toml", "time_zone was Europe/London"),
        ("units.csv", "The Good", "The Best", "units.csv:6", "now The Best Practice"),
        ("units.csv", "practice,,2023-01-01", "practice,,2022-01-01", "units.csv:2", "2022-01-01"),
        ("fields.csv", "GP consultation", "GP visit", "fields.csv:2", "GP visit"),
        ("points.csv", "GP13,GP-EARLS", "GP13,GP-GOOD", "points.csv:8", "GP-GOOD"),
        ("points.csv", "GP13,GP-EARLS", "GP14,GP-EARLS", "reception_point", "GP13"),
        ("scales.toml", "Extremely likely", "Very likely", "fft-1.toml", "definition was"),
        ("questionnaires/fft-1.toml", "tell us why", "say why", "fft-1.toml", "sha256 was"),
        ("targets.toml", "0.91", "0.90", "targets.toml [[target]] 1", "document was"),
        ("measure_rules.toml", "false", "true", "measure_rules.toml [[rule]] 1", "document was"),
        ("publishers.csv", "GP-EARLS", "GP-GOOD", "obliged_publisher", "GP-EARLS 2023-01-01"),
        ("publishers.csv", "rule for tests", "rule", "publishers.csv:2", "basis was"),
    ],
)
def test_what_was_loaded_stays(
    created: Engine, own_london: Path, name: str, old: str, new: str, where: str, detail: str
) -> None:
    with reading(created) as connection:
        before = contents(connection)
    replace(own_london, name, old, new)
    with pytest.raises(RegisterError) as caught:
        load_again(created, own_london)
    assert [
        problem
        for problem in caught.value.problems
        if problem.code in ("changed", "removed")
        and where in problem.where
        and detail in problem.detail
    ]
    with reading(created) as connection:
        assert contents(connection) == before


def test_what_differs_in_a_long_document_is_shown(created: Engine, own_london: Path) -> None:
    replace(own_london, "scales.toml", "satisfied_set = [", "satisfied_set = [3, ")
    with pytest.raises(RegisterError) as caught:
        load_again(created, own_london)
    shown = str(caught.value)
    assert '"satisfied_set":[4' in shown
    assert '"satisfied_set":[3,4' in shown


def test_an_end_is_not_moved(created: Engine, own_london: Path) -> None:
    replace(
        own_london, "publishers.csv", "GP-EARLS,2023-01-01,,", "GP-EARLS,2023-01-01,2026-01-31,"
    )
    assert load_again(created, own_london).ended == {"obliged_publisher": 1}
    for end in ("2026-02-28", ""):
        replace(
            own_london,
            "publishers.csv",
            "GP-EARLS,2023-01-01,2026-01-31,",
            f"GP-EARLS,2023-01-01,{end},",
        )
        with pytest.raises(RegisterError, match="valid_to was 2026-01-31"):
            load_again(created, own_london)
        replace(
            own_london,
            "publishers.csv",
            f"GP-EARLS,2023-01-01,{end},",
            "GP-EARLS,2023-01-01,2026-01-31,",
        )


def test_the_cache_reads_again_only_after_a_load(created: Engine, own_london: Path) -> None:
    cache = RegisterCache()
    with reading(created) as connection:
        first = cache.get(connection)
        assert cache.get(connection) is first
    load_again(created, own_london)
    with reading(created) as connection:
        assert cache.get(connection) is first
    add(own_london, "points.csv", "GP14,GP-EARLS,Second floor,2026-01-01,,\n")
    load_again(created, own_london)
    with reading(created) as connection:
        second = cache.get(connection)
    assert (first.version, second.version) == (1, 2)
    assert "GP14" not in first.points
    assert second.points["GP14"].unit == "GP-EARLS"


def test_a_byte_order_mark_and_other_line_ends_are_no_difference(
    created: Engine, own_london: Path
) -> None:
    for path in own_london.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_again(created, own_london).is_empty


def test_what_is_sealed_is_what_is_stored(engine: Engine, folder: Path) -> None:
    with writing(engine) as connection:
        create(connection, folder, "sample", now=NOW)
        register = load(connection)
        rows = connection.execute(sa.select(tables.questionnaire)).all()
        keys = dict(connection.execute(sa.select(tables.unit.c.name, tables.unit.c.name_key)).all())
    assert {row.sha256: row.id for row in rows} == {
        each.questionnaire.sha256: each.questionnaire.id
        for each in register.questionnaires.values()
    }
    assert all(json.loads(row.document)["id"] == row.id for row in rows)
    assert all(key == name_key(name) for name, key in keys.items())
