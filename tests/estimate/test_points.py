"""Points that the law counts, held against reference numbers and against published values."""

from __future__ import annotations

import doctest
import json
from fractions import Fraction

import pytest

from survey.estimate import points
from survey.estimate.points import decision_766, decree_61
from survey.settings import ROOT

FILE = ROOT / "tests" / "data" / "reference" / "nd61_18point.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_decree_61_reproduces_the_reference(case):
    found = decree_61(case["inputs"]["score_sums"], case["inputs"]["dossiers"])
    want = case["expected"]
    assert (None if found.total is None else str(found.total)) == want["total"]
    assert found.band == want["band"]


@pytest.mark.parametrize("third", ["0.9393", "0.9172"])
def test_decision_766_reproduces_what_was_published(third):
    found = decision_766(Fraction("0.9998"), Fraction("0.99"), Fraction(third))
    assert found.exact == Fraction("17.9388")
    assert (found.points, found.percent) == ("17.94", "99.66")


def test_points_fall_below_the_threshold():
    assert decision_766(Fraction(1), Fraction(1), Fraction(45, 100)).points == "15.00"


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="9 entries"):
        decree_61([1], [1])
    with pytest.raises(ValueError, match="2 a dossier"):
        decree_61([3] * 9, [1] * 9)


def test_the_examples_run():
    assert doctest.testmod(points).failed == 0
