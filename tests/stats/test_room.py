"""What the package promises about itself: pure, and without the words of a city or a page."""

import ast
import re
import sys
from pathlib import Path

import pytest

import survey.stats

MODULES = sorted(Path(survey.stats.__file__).parent.glob("*.py"))
FOREIGN = re.compile(r"\b(units?|fields?|kiosks?|91)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_speaks_no_word_of_a_city(path):
    assert FOREIGN.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_needs_numpy_and_scipy_only(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    others = {name for name in found if not name.startswith("survey.stats")}
    assert {name.split(".")[0] for name in others} <= {"numpy", "scipy", *sys.stdlib_module_names}
