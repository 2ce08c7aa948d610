"""The table of rooms, its twin in the import contract, and the folders that are there."""

import re
import tomllib
from pathlib import Path

import grimp
import pytest

from scripts.check.rooms import BASE, is_own, parse, wrong_imports

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LINTER = SETTINGS["importlinter"]
LINES = LINTER["contracts"][0]["rooms"]
DOCUMENT = (ROOT / "docs" / "rooms.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w/.]+)` \| .+? \| (.+?) \| .+ \|$", DOCUMENT, re.MULTILINE)
TO_COME = set(re.findall(r"`((?:survey|kiosk)[\w/.]*)`", DOCUMENT.partition("## Rooms to come")[2]))


def module(path: str) -> str:
    return path.removesuffix("/").removesuffix(".py").replace("/", ".")


def test_table_and_contract_have_the_same_rooms_in_the_same_order():
    assert [module(path) for path, _ in ROWS] == [room.name for room in parse(LINES)]


def test_table_grants_what_the_contract_grants():
    rooms = parse(LINES)
    for (path, column), room, line in zip(ROWS, rooms, LINES, strict=True):
        granted = {name for name in room.may_import if is_own(name)} - set(BASE)
        if column.startswith("everything above"):
            assert "*" in line.split(), path
            assert re.findall(r"but `(\w+)`", column) == re.findall(r"!survey\.(\w+)", line), path
        else:
            assert {f"survey.{name}" for name in re.findall(r"`(\w+)`", column)} == granted, path


def test_each_folder_is_a_room_and_each_room_is_there_or_to_come():
    there = {
        f"survey/{path.name}{'/' if path.is_dir() else ''}"
        for path in (ROOT / "survey").iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or any(path.glob("*.py")))
    }
    there |= {"kiosk/"} if (ROOT / "kiosk").exists() else set()
    named = {path for path, _ in ROWS}
    assert there <= named
    assert named - there == TO_COME & named
    assert [package for package in ("survey", "kiosk") if (ROOT / package).exists()] == LINTER[
        "root_packages"
    ]


def test_contract_refuses_a_way_back():
    with pytest.raises(ValueError, match=r"survey\.a may not import upwards: survey\.b"):
        parse(["survey.a -> survey.b", "survey.b -> "])


def test_contract_finds_imports_that_no_line_grants():
    rooms = parse(["survey.low -> msgspec", "survey.other -> ", "survey.high -> survey.low"])
    graph = grimp.ImportGraph()
    for importer, imported in [
        ("survey.low.a", "survey.low.b"),
        ("survey.low.a", "msgspec"),
        ("survey.low.a", "datetime"),
        ("survey.high", "survey.low.b"),
        ("survey.low.b", "survey.high"),
        ("survey.high", "survey.other"),
        ("survey.other", "flask"),
        ("survey.stray", "survey.low"),
    ]:
        graph.add_import(importer=importer, imported=imported, line_number=7, line_contents="")
    assert [tuple(wrong) for wrong in wrong_imports(graph, rooms)] == [
        ("survey.high", "survey.other", 7),
        ("survey.low.b", "survey.high", 7),
        ("survey.other", "flask", 7),
        ("survey.stray", "survey.low", 7),
    ]


def test_everything_below_means_all_earlier_rooms_but_those_taken_out():
    low, mid, top = parse(["survey.low -> ", "survey.mid -> ", "survey.top -> * !survey.mid flask"])
    assert (low.may_import, mid.may_import) == (frozenset(), frozenset())
    assert top.may_import == {"survey.low", "flask"}
