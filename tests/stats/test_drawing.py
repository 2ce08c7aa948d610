import hashlib
import unicodedata
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.drawing import draw_pps, draw_simple

NAMES = [f"phường {place:03d}" for place in range(40)]
SIZES = [(place * 37) % 101 + 5 for place in range(40)]
STRATA = ["trung tâm" if place < 15 else "ngoại thành" for place in range(40)]
WANTED = {"trung tâm": 4, "ngoại thành": 3}
SIMPLE = [1, 7, 13, 22, 32]
STRATIFIED = [3, 6, 9, 11, 23, 32, 36]
PPS = [6, 9, 21, 28, 35, 38]
ORDERED = [7, 13, 19, 27, 32, 38]
STRATIFIED_PPS = [2, 4, 13, 14, 33, 38, 39]


def test_the_same_sample_for_ever():
    """These rows were drawn once. A change here breaks every draw that was published."""
    assert draw_simple(NAMES, 5, seed="2026").rows.tolist() == SIMPLE
    assert draw_simple(NAMES, WANTED, seed="2026", strata=STRATA).rows.tolist() == STRATIFIED
    assert draw_pps(NAMES, SIZES, 6, seed="2026").rows.tolist() == PPS
    assert draw_pps(NAMES, SIZES, 6, seed="2026", order=NAMES).rows.tolist() == ORDERED
    found = draw_pps(NAMES, SIZES, WANTED, seed="2026", strata=STRATA)
    assert found.rows.tolist() == STRATIFIED_PPS


def test_the_recipe_is_the_one_that_is_published():
    """Written out from the description alone, as somebody else would check a draw."""

    def number(label):
        text = f'["2026","simple","","{label}"]'
        return int(hashlib.sha256(text.encode("utf-8")).hexdigest()[:16], 16)

    first = sorted(range(40), key=lambda row: number(NAMES[row]))[:5]
    assert sorted(first) == SIMPLE


@given(st.permutations(range(40)), st.text(max_size=5))
def test_the_order_of_the_list_does_not_matter(order, seed):
    names = [NAMES[row] for row in order]
    sizes = [SIZES[row] for row in order]
    strata = [STRATA[row] for row in order]
    for shuffled, plain in (
        (draw_simple(names, 7, seed=seed), draw_simple(NAMES, 7, seed=seed)),
        (
            draw_pps(names, sizes, WANTED, seed=seed, strata=strata),
            draw_pps(NAMES, SIZES, WANTED, seed=seed, strata=STRATA),
        ),
    ):
        drawn = {
            names[row]: chance for row, chance in zip(shuffled.rows, shuffled.weights, strict=True)
        }
        assert drawn == {
            NAMES[row]: one for row, one in zip(plain.rows, plain.weights, strict=True)
        }


def test_other_seed_other_sample():
    samples = {tuple(draw_simple(NAMES, 10, seed=f"{seed}").rows) for seed in range(50)}
    assert len(samples) == 50


def test_one_letter_however_it_is_typed():
    composed = [unicodedata.normalize("NFC", name) for name in NAMES]
    decomposed = [unicodedata.normalize("NFD", name) for name in NAMES]
    assert composed != decomposed
    first, second = (draw_simple(one, 9, seed="Đợt 1") for one in (composed, decomposed))
    assert first.rows.tolist() == second.rows.tolist()


def test_longer_list_keeps_most_of_the_sample():
    before = draw_simple(NAMES, 10, seed="x").rows
    after = draw_simple([*NAMES, "phường mới"], 10, seed="x").rows
    assert len(set(before) & set(after)) >= 9


@given(
    st.lists(st.integers(0, 50), min_size=3, max_size=15),
    st.integers(1, 3),
    st.integers(0, 1000),
)
def test_chances_are_in_proportion_and_add_up(sizes, wanted, seed):
    positive = sum(size > 0 for size in sizes)
    if positive < wanted:
        with pytest.raises(ValueError, match="n must not exceed"):
            draw_pps(range(len(sizes)), sizes, wanted, seed=str(seed))
        return
    found = draw_pps(range(len(sizes)), sizes, wanted, seed=str(seed))
    assert found.n == wanted == len(set(found.rows.tolist()))
    assert all(sizes[row] > 0 for row in found.rows)
    for row, chance, sure in zip(found.rows, found.probabilities, found.certain, strict=True):
        want = chance_of(sizes, wanted)[row]
        assert chance == pytest.approx(float(want))
        assert sure == (want == 1)
    assert sum(chance_of(sizes, wanted)) == wanted


def chance_of(sizes, wanted):
    """Exact chances, those that would be above 1 set to 1 until none is."""
    sure = set()
    while True:
        total = sum(size for row, size in enumerate(sizes) if row not in sure)
        left = wanted - len(sure)
        new = {
            row
            for row, size in enumerate(sizes)
            if row not in sure and left and size and left * size >= total
        }
        if not new:
            break
        sure |= new
    return [
        Fraction(1) if row in sure else Fraction(left * size, total) if left else Fraction(0)
        for row, size in enumerate(sizes)
    ]


@pytest.mark.simulation
@pytest.mark.parametrize("ordered", [False, True])
def test_entries_are_drawn_as_often_as_their_chance_says(ordered):
    sizes, runs = [5, 1, 9, 3, 2, 10, 6, 4], 3000
    hits = np.zeros(8)
    for run in range(runs):
        order = range(8) if ordered else None
        hits[draw_pps(range(8), sizes, 3, seed=f"run {run}", order=order).rows] += 1
    chances = np.array([float(one) for one in chance_of(sizes, 3)])
    spread = np.sqrt(chances * (1 - chances) / runs)
    assert (np.abs(hits / runs - chances) <= 4 * spread + 1e-12).all()


@pytest.mark.simulation
def test_simple_draws_take_each_entry_equally_often():
    hits = np.zeros(8)
    for run in range(3000):
        hits[draw_simple(range(8), 3, seed=f"run {run}").rows] += 1
    assert np.abs(hits / 3000 - 3 / 8).max() <= 4 * np.sqrt(3 / 8 * 5 / 8 / 3000)


def test_walking_in_order_spreads_over_it():
    found = draw_pps(range(100), [1] * 100, 10, seed="s", order=range(100))
    assert (np.diff(found.rows) == 10).all()


def test_weights_stand_for_the_list():
    found = draw_simple(NAMES, WANTED, seed="s", strata=STRATA)
    for stratum, wanted in WANTED.items():
        own = [
            weight for weight, of in zip(found.weights, found.strata, strict=True) if of == stratum
        ]
        assert len(own) == wanted
        assert sum(own) == pytest.approx(STRATA.count(stratum))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_simple(["a", "a"], 1, seed="s"), "labels must not occur twice, but 'a'"),
        (lambda: draw_simple([0.5, 1.5], 1, seed="s"), "labels must be texts or whole numbers"),
        (lambda: draw_simple(["a", None], 1, seed="s"), "labels must be texts or whole numbers"),
        (lambda: draw_simple([], 1, seed="s"), "labels must be a list"),
        (lambda: draw_simple(["a", "b"], 3, seed="s"), "n must not exceed the 2 entries, got 3"),
        (lambda: draw_simple(["a", "b"], {"x": 1}, seed="s"), "strata must be given"),
        (lambda: draw_simple(["a", "b"], 1, seed="s", strata=["x", "y"]), "n must map"),
        (
            lambda: draw_simple(["a", "b"], {"x": 1}, seed="s", strata=["x", "y"]),
            "n must say how many to draw from stratum 'y'",
        ),
        (
            lambda: draw_simple(["a", "b"], {"x": 1, "z": 1}, seed="s", strata=["x", "x"]),
            "n must be one of 'x', got 'z'",
        ),
        (
            lambda: draw_simple(["a", "b"], {"x": 2, "y": 0}, seed="s", strata=["x", "y"]),
            "n must not exceed the 1 entries of stratum 'x'",
        ),
        (lambda: draw_simple(["a", "b"], 1, seed=0.5), "seed must be texts or whole numbers"),
        (lambda: draw_pps(["a", "b"], [1, -1], 1, seed="s"), "measure must not be negative"),
        (lambda: draw_pps(["a", "b"], [1, 0.5], 1, seed="s"), "measure must be whole numbers"),
        (lambda: draw_pps(["a", "b"], [1], 1, seed="s"), "measure must have 2 rows, got 1"),
        (lambda: draw_pps(["a", "b"], [2**62, 2**62], 1, seed="s"), "measure must add up"),
        (lambda: draw_pps(["a", "b"], [1, 1], 1, seed="s", order=[1]), "order must have 2 rows"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
