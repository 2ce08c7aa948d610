from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.printing import half_up
from survey.stats.scores import points_of_share, score_sum
from tests.stats.reference import cases

# The bands of the eighteen points; a total on a boundary belongs to the upper band.
BANDS = {"xuat_sac": 15, "tot": 12, "kha": 9, "trung_binh": 6, "yeu": 0}


def as_text(value):
    return None if value is None else str(value)


@pytest.mark.parametrize("case", cases("nd61_18point"), ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want = case["inputs"], case["expected"]
    found = score_sum(given_["score_sums"], given_["dossiers"], BANDS)
    assert [as_text(mean) for mean in found.means] == want["index"]
    assert as_text(found.total) == want["total"]
    assert found.band == want["band"]
    if "unrounded_total" in want:
        assert float(found.exact_total) == want["unrounded_total"]
    else:
        assert found.exact_total is None


items = st.lists(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, 2 * n), st.just(n))),
    min_size=1,
    max_size=12,
)


@given(rows=items)
def test_rounding_moves_each_item_by_half_a_step_at_most(rows):
    sums, numbers = zip(*rows, strict=True)
    found = score_sum(sums, numbers, BANDS)
    assert abs(Fraction(found.total) - found.exact_total) <= Fraction(len(rows), 20)
    assert found.total == sum(found.means)
    assert found.total.as_tuple().exponent == -1


@given(rows=items, turn=st.integers(0, 11))
def test_order_of_items_does_not_matter(rows, turn):
    turned = rows[turn % len(rows) :] + rows[: turn % len(rows)]
    found, again = (score_sum(*zip(*some, strict=True), BANDS) for some in (rows, turned))
    assert (found.total, found.band, found.exact_total) == (
        again.total,
        again.band,
        again.exact_total,
    )


@pytest.mark.parametrize(
    ("total", "band"),
    [(180, "xuat_sac"), (150, "xuat_sac"), (149, "tot"), (120, "tot"), (119, "kha"), (59, "yeu")],
)
def test_bands_begin_at_their_limits(total, band):
    assert score_sum([total], [10], BANDS).band == band


@given(value=st.fractions(0, 10**30), places=st.integers(0, 6))
def test_half_up_is_exact(value, places):
    found = half_up(value, places)
    assert found.as_tuple().exponent == -places
    rest = Fraction(found) * 10**places - value * 10**places
    assert Fraction(-1, 2) < rest <= Fraction(1, 2)


def test_published_points_reproduce():
    # Two rates in proportion, six points each; the third gives all six from nine tenths on.
    total = (
        points_of_share(Fraction("0.9998"), 6)
        + points_of_share(Fraction("0.99"), 6)
        + points_of_share(Fraction("0.9393"), 6, full_from=Fraction(9, 10))
    )
    assert total == Fraction("17.9388")
    assert str(half_up(total, 2)) == "17.94"
    assert str(half_up(total / 18 * 100, 2)) == "99.66"


def test_points_are_in_proportion_below_the_threshold():
    assert points_of_share(Fraction(45, 100), 6, full_from=Fraction(9, 10)) == 3
    assert points_of_share(Fraction(0), 6) == 0
    assert points_of_share(Fraction(9, 10), 6, full_from=Fraction(9, 10)) == 6


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="sums and cases must have one length"):
        score_sum([1, 2], [1], BANDS)
    with pytest.raises(ValueError, match="cases must not be negative"):
        score_sum([1], [-1], BANDS)
    with pytest.raises(ValueError, match="sums must be whole numbers"):
        score_sum([1.5], [1], BANDS)
    with pytest.raises(ValueError, match="bands must start at 0"):
        score_sum([1], [1], {"good": 3})
    with pytest.raises(ValueError, match="bands must start at 0"):
        score_sum([1], [1], {})
    with pytest.raises(ValueError, match="bands must start at 0 and have different limits"):
        score_sum([1], [1], {"good": 3, "fair": Decimal(3), "poor": 0})
    with pytest.raises(ValueError, match=r"bands\['good'\] must be a Decimal or int from 0"):
        score_sum([1], [1], {"good": 1.5, "poor": 0})
    with pytest.raises(ValueError, match="value must be a Fraction"):
        half_up(1.65)
    with pytest.raises(ValueError, match="value must not be negative"):
        half_up(Fraction(-1, 2))
    with pytest.raises(ValueError, match="places must not be negative"):
        half_up(Fraction(1, 2), -1)
    with pytest.raises(ValueError, match="share must be a Fraction"):
        points_of_share(0.99, 6)
    with pytest.raises(ValueError, match="full_from must be above 0"):
        points_of_share(Fraction(1, 2), 6, full_from=0)
    with pytest.raises(ValueError, match="maximum must be an exact number from 0"):
        points_of_share(Fraction(1, 2), 6.0)
