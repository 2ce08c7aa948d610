"""The account of the methods names functions that exist, and every rate's method has an entry."""

import importlib
import re
from pathlib import Path

import pytest

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"
TEXT = METHODS.read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"^`([a-z_]+\.[a-z_]+)|, `([a-z_]+\.[a-z_]+)", TEXT, re.MULTILINE)))
PLACES = sorted({place for pair in NAMED for place in pair if place})


def test_the_account_names_functions():
    assert len(PLACES) > 20


@pytest.mark.parametrize("place", PLACES)
def test_what_is_named_exists(place):
    module, function = place.split(".")
    assert callable(getattr(importlib.import_module(f"survey.stats.{module}"), function))


SECTIONS = (
    "Rates",
    "Comparison and change",
    "Coverage and the silent",
    "Many at once",
    "Pages that refresh",
    "Scores and scales",
)


@pytest.mark.parametrize("section", SECTIONS)
def test_each_entry_says_what_it_answers_when_not_to_use_it_and_where_it_is_used(section):
    sections = dict(part.split("\n", 1) for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:])
    entries = re.split(r"^### ", sections[section], flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        for word in ("**Answers**", "ot for**", "**Used**"):
            assert word in entry, f"{entry.splitlines()[0]}: {word} is missing"
