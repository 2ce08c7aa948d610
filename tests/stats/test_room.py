"""What the package promises about itself: pure, and without the words of a city or a page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import survey.stats

MODULES = sorted(Path(survey.stats.__file__).parent.glob("*.py"))
FOREIGN = re.compile(r"\b(units?|fields?|kiosks?|91)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_speaks_no_word_of_a_city(path):
    assert FOREIGN.findall(path.read_text(encoding="utf-8")) == []


def test_needs_numpy_and_scipy_only():
    program = (
        "import sys, pkgutil, importlib, survey.stats as stats\n"
        "names = [m.name for m in pkgutil.iter_modules(stats.__path__, 'survey.stats.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(*sorted(set(sys.modules) & {'flask', 'sqlalchemy', 'pandas', 'statsmodels',"
        " 'survey.terms', 'survey.register', 'survey.settings', 'survey.db'}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(survey.stats.__file__).parents[2],
    )
    assert run.stdout.strip() == ""
