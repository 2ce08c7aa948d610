"""The engine against the written-out formula, over designs of one to three stages."""

import numpy as np
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from survey.stats.design import survey_design
from survey.stats.domains import domains
from survey.stats.estimation import (
    domain_contrast,
    domain_difference,
    survey_mean,
    survey_ratio,
    survey_total,
)
from survey.stats.linearisation import covariance, linearised, one_per_row
from survey.stats.survey_index import survey_index
from survey.stats.survey_proportion import survey_proportion
from tests.stats import naive_variance


class Sample:
    """A random sample: columns, and the same rows for the written-out formula."""

    def __init__(self, seed, depth, lonely="remove", lonely_domains="leave", replaced=False):
        rng = np.random.default_rng(seed)
        self.depth, self.lonely, self.replaced = depth, lonely, replaced
        self.lonely_domains = lonely_domains
        self.strata, self.stages, self.fpc = self.drawn(rng, depth)
        self.rows = len(self.strata)
        self.weights = rng.uniform(0.5, 20, self.rows)
        self.y = rng.normal(3, 2, self.rows)
        self.by = rng.integers(0, 4, self.rows)

    @staticmethod
    def drawn(rng, depth):
        strata, labels, populations = [], [], []

        def grow(stratum, path, sizes, stage):
            if stage == depth:
                strata.append(stratum)
                labels.append(path)
                populations.append(sizes)
                return
            drawn = int(rng.integers(1, 5))
            existing = drawn + int(rng.integers(0, 6))
            for label in range(drawn):
                grow(stratum, (*path, label), (*sizes, existing), stage + 1)

        for stratum in range(3):
            grow(stratum, (), (), 0)
        return np.array(strata), np.array(labels).reshape(-1, depth), np.array(populations)

    def design(self, order=slice(None), rename=lambda labels: labels):
        return survey_design(
            weights=self.weights[order],
            strata=rename(self.strata[order]),
            stages=[rename(column) for column in self.stages[order].T],
            fpc=None if self.replaced else list(self.fpc[order].T.astype(float)),
            nest=True,
            lonely=self.lonely,
            lonely_domains=self.lonely_domains,
        )

    def naive(self, influence, inside):
        rows = [
            {
                "z": self.weights[row] * influence[row] if inside[row] else 0.0,
                "inside": inside[row],
                "labels": tuple(self.stages[row]),
                "strata": (self.strata[row],) + (0,) * (self.depth - 1),
                "fpc": tuple(self.fpc[row]),
            }
            for row in range(self.rows)
        ]
        return naive_variance.variance(
            rows, self.depth, self.lonely, self.lonely_domains, self.replaced
        )


@st.composite
def samples(draw):
    sample = Sample(
        draw(st.integers(0, 10_000)),
        draw(st.integers(1, 3)),
        draw(st.sampled_from(("remove", "certainty", "adjust", "average"))),
        draw(st.sampled_from(("leave", "adjust"))),
        draw(st.booleans()),
    )
    if sample.lonely == "average":
        try:
            sample.design()
        except ValueError:  # a stage of single clusters only has nothing to take the average of
            reject()
    return sample


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@given(samples())
def test_totals_of_domains(sample):
    found = survey_total(sample.design(), sample.y, by=sample.by)
    for place, level in enumerate(found.levels):
        inside = sample.by == level
        assert found.estimate[place] == near((sample.weights * sample.y)[inside].sum())
        assert found.se[place] ** 2 == near(sample.naive(sample.y, inside))


@given(samples())
def test_means_of_domains(sample):
    found = survey_mean(sample.design(), sample.y, by=sample.by)
    for place, level in enumerate(found.levels):
        inside = sample.by == level
        mean = np.average(sample.y[inside], weights=sample.weights[inside])
        influence = (sample.y - mean) / sample.weights[inside].sum()
        assert found.estimate[place] == near(mean)
        assert found.se[place] ** 2 == near(sample.naive(influence, inside))


@given(samples())
def test_variances_are_the_diagonal_of_the_covariances(sample):
    design, codes = sample.design(), sample.by
    between = covariance(design, one_per_row(sample.y, codes, 4))
    np.testing.assert_allclose(
        np.diag(between), linearised(design, sample.y, codes, 4).variance, rtol=1e-9, atol=1e-9
    )


@given(samples())
def test_totals_of_domains_add_up(sample):
    design = sample.design()
    parts = survey_total(design, sample.y, by=sample.by)
    whole = survey_total(design, sample.y)
    assert parts.estimate.sum() == near(whole.estimate)
    assert parts.n.sum() == whole.n == sample.rows
    if sample.lonely_domains == "leave":
        between = covariance(design, one_per_row(sample.y, sample.by, 4))
        assert between.sum() == near(whole.se**2)


@given(samples(), st.integers(0, 1000))
def test_order_of_rows_and_names_do_not_matter(sample, seed):
    order = np.random.default_rng(seed).permutation(sample.rows)
    plain = survey_mean(sample.design(), sample.y, by=sample.by)
    renamed = sample.design(order, lambda labels: np.array([f"n{9 - one}" for one in labels]))
    other = survey_mean(renamed, sample.y[order], by=sample.by[order])
    for name in ("estimate", "se", "df", "n", "low", "high"):
        np.testing.assert_allclose(
            getattr(other, name), getattr(plain, name), rtol=1e-9, atol=1e-9, err_msg=name
        )


@given(samples())
def test_one_domain_is_the_same_as_a_subset_and_as_missing_answers(sample):
    design, inside = sample.design(), sample.by == 1
    assume(inside.any())
    together = survey_mean(design, sample.y, by=sample.by)
    place = together.levels.index(1)
    subset = survey_mean(design, sample.y, subset=inside)
    missing = survey_mean(design, np.where(inside, sample.y, np.nan))
    for one in (subset, missing):
        assert one.estimate == near(together.estimate[place])
        assert one.se == near(together.se[place])
        assert one.df == together.df[place]
        assert one.n == together.n[place] == inside.sum()


@given(samples())
def test_difference_is_the_difference(sample):
    design = sample.design()
    assume({0, 1} <= set(sample.by.tolist()))
    means = survey_mean(design, sample.y, by=sample.by, with_covariance=True)
    found = domain_difference(design, sample.y, sample.by, 0, 1)
    a, b = means.levels.index(0), means.levels.index(1)
    assert found.estimate == near(means.estimate[a] - means.estimate[b])
    between = means.covariance
    assert found.se**2 == near(between[a, a] + between[b, b] - 2 * between[a, b])
    back = domain_contrast(design, sample.y, sample.by, {1: 2.0, 0: -2.0})
    assert back.estimate == near(-2 * found.estimate)
    assert back.se == near(2 * found.se)


@given(samples())
def test_degrees_of_freedom_count_what_holds_the_domain(sample):
    found = survey_mean(sample.design(), sample.y, by=sample.by)
    for place, level in enumerate(found.levels):
        inside = np.flatnonzero(sample.by == level)
        psus = {(sample.strata[row], sample.stages[row, 0]) for row in inside}
        assert found.df[place] == len(psus) - len({stratum for stratum, _ in psus})


@given(samples())
def test_ratio_to_ones_is_the_mean(sample):
    design = sample.design()
    mean = survey_mean(design, sample.y, by=sample.by)
    ratio = survey_ratio(design, sample.y, np.ones(sample.rows), by=sample.by)
    np.testing.assert_allclose(ratio.estimate, mean.estimate)
    np.testing.assert_allclose(ratio.se, mean.se, atol=1e-12)


@given(samples())
def test_index_of_one_item_is_its_mean_and_of_two_is_their_middle(sample):
    design = sample.design()
    other = np.where(sample.by == 3, np.nan, sample.y**2)
    mean = survey_mean(design, sample.y)
    one = survey_index(design, [sample.y])
    assert (one.estimate, one.se, one.df) == (near(mean.estimate), near(mean.se), mean.df)
    weighted = survey_index(design, [sample.y, other], weights=[3, 1])
    second = survey_mean(design, other)
    assert weighted.estimate == near(0.75 * mean.estimate + 0.25 * second.estimate)
    factors = np.array([0.75, 0.25])
    if sample.lonely_domains == "leave":
        assert weighted.se**2 == near(factors @ weighted.covariance @ factors)


@given(samples())
def test_index_within_domains_is_the_index_of_the_subset(sample):
    design = sample.design()
    items = [sample.y, np.where(sample.y > 5, np.nan, sample.y**2)]
    together = survey_index(design, items, by=sample.by)
    for place, level in enumerate(together.levels):
        one = survey_index(design, items, subset=sample.by == level)
        np.testing.assert_allclose(together.items[place], one.items)
        np.testing.assert_allclose(together.se[place], one.se, atol=1e-12)


def test_many_sparse_domains_take_the_other_path():
    """So many labels that tables over all pairs would not fit are sorted instead."""
    rng = np.random.default_rng(8)
    rows, labels = 3000, 2500
    by = rng.integers(0, labels, rows)
    design = survey_design(weights=np.full(rows, 4.0), stages=rng.integers(0, 300, rows))
    found = survey_mean(design, by % 7 + rng.random(rows), by=by)
    few = found.levels[5]
    y = np.where(by == few, 1.0, 0.0)
    assert survey_total(design, y).se == pytest.approx(
        survey_total(design, np.ones(rows), by=by).se[5]
    )


@given(samples(), st.sampled_from(["standard", "logit", "beta", "wilson", "asin"]))
def test_intervals_of_shares_stay_inside_and_hold_the_share(sample, method):
    found = survey_proportion(sample.design(), sample.y > 1, by=sample.by, method=method)
    defined = ~np.isnan(found.low)
    assert (found.low[defined] >= 0).all()
    assert (found.high[defined] <= 1).all()
    assert (found.low[defined] <= found.estimate[defined] + 1e-12).all()
    assert (found.high[defined] >= found.estimate[defined] - 1e-12).all()
    narrow = survey_proportion(
        sample.design(), sample.y > 1, by=sample.by, method=method, level=0.9
    )
    assert (narrow.high - narrow.low <= found.high - found.low + 1e-9)[defined].all()


@given(samples())
def test_shares_and_their_complements_mirror(sample):
    yes = survey_proportion(sample.design(), sample.y > 1, by=sample.by)
    no = survey_proportion(sample.design(), sample.y <= 1, by=sample.by)
    np.testing.assert_allclose(no.estimate, 1 - yes.estimate, atol=1e-12)
    np.testing.assert_allclose(no.low, 1 - yes.high, rtol=1e-6, atol=1e-9)


def test_empty_domain_keeps_its_place():
    design = survey_design(weights=[1, 1, 1])
    found = survey_mean(design, [1, np.nan, 2], by=["a", "b", "a"])
    assert found.levels == ("a", "b")
    assert found.n.tolist() == [2, 0]
    assert np.isnan([found.estimate[1], found.se[1], found.low[1]]).all()
    assert domains(design, ["a", None, "a"], None).codes.tolist() == [0, -1, 0]
