import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats.design import survey_design
from survey.stats.estimation import survey_mean, survey_total
from survey.stats.nonresponse import adjust_for_nonresponse
from survey.stats.raking import raked_weights
from survey.stats.trimming import trim_weights, weight_limit, weight_report
from survey.stats.weighting import calibrate, poststratify, rake, rake_and_trim
from tests.stats.reference import cases, close
from tests.stats.survey_data import design_of

CASES = {case["id"]: case for case in cases("weighting")}


def check(case, key, got):
    tolerance = dict(case["tolerance"])
    if key.endswith("se") and "se_rel" in tolerance:
        tolerance["rel"] = tolerance["se_rel"]
    for one, want in zip(np.atleast_1d(got), np.atleast_1d(case["expected"][key]), strict=True):
        assert close(float(one), float(want), tolerance), (key, one, want)


def margins_of(case, data):
    listed = case["inputs"].get("margins") or [case["inputs"]["margin"]]
    return [
        (data[margin["var"]], dict(zip(margin["levels"], margin["counts"], strict=True)))
        for margin in listed
    ]


def check_weighted(case, design, data):
    given_, want = case["inputs"], case["expected"]
    check(
        case, f"mean_{given_['mean_var']}", survey_mean(design, data[given_["mean_var"]]).estimate
    )
    check(case, f"mean_{given_['mean_var']}_se", survey_mean(design, data[given_["mean_var"]]).se)
    if "total_var" in given_:
        found = survey_total(design, data[given_["total_var"]])
        check(case, f"total_{given_['total_var']}", found.estimate)
        check(case, f"total_{given_['total_var']}_se", found.se)
    facts = {
        "weights_first10": design.weights[:10],
        "sum_w": design.weights.sum(),
        "min_w": design.weights.min(),
        "max_w": design.weights.max(),
    }
    for key in facts.keys() & want.keys():
        check(case, key, facts[key])


@pytest.mark.parametrize("name", ["poststrat_clus1", "poststrat_clus2"])
def test_poststratification(name):
    design, data = design_of(CASES[name])
    [(labels, totals)] = margins_of(CASES[name], data)
    check_weighted(CASES[name], poststratify(design, labels, totals), data)


def test_raking():
    case = CASES["rake_clus1"]
    design, data = design_of(case)
    raked = rake(design, margins_of(case, data))
    check_weighted(case, raked, data)
    by_distance = calibrate(design, margins=margins_of(case, data), method="raking")
    check_weighted(case, by_distance, data)
    np.testing.assert_allclose(by_distance.weights, raked.weights, rtol=1e-8)


def test_generalised_regression():
    case = CASES["greg_linear_synth_b"]
    design, data = design_of(case)
    check_weighted(case, calibrate(design, margins=margins_of(case, data)), data)


def test_trimming():
    case = CASES["trim_synth_b"]
    design, data = design_of(case)
    trimmed = trim_weights(design.weights, case["inputs"]["upper"])
    assert trimmed.n_above == case["expected"]["n_above"]
    for key, got in {
        "sum_w": trimmed.weights.sum(),
        "max_w": trimmed.weights.max(),
        "weights_first10": trimmed.weights[:10],
    }.items():
        check(case, key, got)
    found = survey_mean(design.reweighted(trimmed.weights), data[case["inputs"]["mean_var"]])
    check(case, "mean_satisfied", found.estimate)
    check(case, "se", found.se)


def test_every_case_is_checked():
    assert set(CASES) == {
        "poststrat_clus1",
        "poststrat_clus2",
        "rake_clus1",
        "greg_linear_synth_b",
        "trim_synth_b",
    }


@st.composite
def samples(draw):
    """Base weights with two crossed margins, every combination held, and reachable totals."""
    rows = draw(st.integers(12, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    base = rng.uniform(0.5, 20, rows)
    first, second = np.arange(rows) % 3, (np.arange(rows) // 3) % 2
    target = base * rng.uniform(0.5, 2, rows)
    margins = [
        (labels, {int(level): float(target[labels == level].sum()) for level in np.unique(labels)})
        for labels in (first, second)
    ]
    return base, margins


@given(samples())
def test_raking_meets_its_margins_and_keeps_odds_ratios(sample):
    base, margins = sample
    found = raked_weights(base, margins).weights
    for labels, totals in margins:
        for level, total in totals.items():
            assert found[labels == level].sum() == pytest.approx(total, rel=1e-9)
    cells = np.zeros((2, 3, 2))
    for place, weights in enumerate((base, found)):
        np.add.at(cells[place], (margins[0][0], margins[1][0]), weights)
    odds = cells[:, 0, 0] * cells[:, 1, 1] / cells[:, 0, 1] / cells[:, 1, 0]
    factors = found / base
    same = (margins[0][0] == 0) & (margins[1][0] == 0)
    assert odds[1] == pytest.approx(odds[0], rel=1e-8)
    assert factors[same].max() == pytest.approx(factors[same].min(), rel=1e-12)


@given(samples(), st.randoms(use_true_random=False))
def test_raking_does_not_ask_for_the_order_of_rows_or_names(sample, random):
    base, margins = sample
    order = list(range(base.size))
    random.shuffle(order)
    renamed = [
        (
            np.array([f"x{9 - label}" for label in labels])[order],
            {f"x{9 - level}": total for level, total in totals.items()},
        )
        for labels, totals in margins
    ]
    np.testing.assert_allclose(
        raked_weights(base[order], renamed).weights,
        raked_weights(base, margins).weights[order],
        rtol=1e-9,
    )


@given(samples())
def test_bounds_hold(sample):
    base, margins = sample
    design = survey_design(weights=base)
    for found in (
        rake(design, margins, bounds=(0.1, 4)),
        calibrate(design, margins=margins, method="linear", bounds=(0.1, 4)),
    ):
        factors = found.weights / base
        assert factors.min() >= 0.1
        assert factors.max() <= 4
        for labels, totals in margins:
            for level, total in totals.items():
                assert found.weights[labels == level].sum() == pytest.approx(total, rel=1e-9)


@given(samples())
def test_a_total_that_was_fitted_has_no_error_left(sample):
    base, margins = sample
    labels, totals = margins[0]
    raked = rake(survey_design(weights=base), margins)
    found = survey_total(raked, (labels == 1).astype(float))
    assert found.estimate == pytest.approx(totals[1])
    assert found.se == pytest.approx(0, abs=1e-6 * totals[1])


def test_calibrated_domains_agree_with_one_at_a_time():
    case = CASES["greg_linear_synth_b"]
    design, data = design_of(case)
    fitted = calibrate(design, margins=margins_of(case, data))
    together = survey_mean(fitted, data["satisfied"], by=data["field"])
    for place, level in enumerate(together.levels):
        one = survey_mean(fitted, data["satisfied"], subset=data["field"] == level)
        assert one.se == pytest.approx(together.se[place], rel=1e-10)
        assert one.df == together.df[place]


def test_quantities_are_met():
    rng = np.random.default_rng(4)
    size = rng.gamma(2, 50, 80)
    design = survey_design(weights=np.full(80, 12.5))
    for method, bounds in (("linear", None), ("raking", None), ("logit", (0.5, 2))):
        found = calibrate(
            design,
            quantities=[(np.ones(80), 1000), (size, 105_000)],
            method=method,
            bounds=bounds,
        )
        assert found.weights.sum() == pytest.approx(1000)
        assert found.weights @ size == pytest.approx(105_000)
        assert survey_total(found, size).se == pytest.approx(0, abs=1e-3)


@given(samples(), st.floats(1.05, 3))
def test_trimming_keeps_the_sum_and_the_limit(sample, times):
    base, _ = sample
    found = trim_weights(base, times * base.mean())
    assert found.weights.max() <= found.upper * (1 + 1e-12)
    assert found.weights.sum() == pytest.approx(base.sum())
    assert (found.weights[~found.trimmed] >= base[~found.trimmed]).all()


def test_raking_and_trimming():
    rng = np.random.default_rng(3)
    base = rng.lognormal(2, 0.8, 400)
    labels = rng.integers(0, 4, 400)
    margins = [(labels, {0: 900, 1: 1500, 2: 800, 3: 800})]
    design = survey_design(weights=base)
    plain = rake(design, margins)
    found = rake_and_trim(design, margins)
    assert found.upper == weight_limit(plain.weights)
    assert found.loops <= 5
    assert found.trimmed.sum() >= (plain.weights > found.upper).sum() > 0
    assert found.design.weights.max() < plain.weights.max()
    held = np.bincount(labels, found.design.weights)
    np.testing.assert_allclose(held, [900, 1500, 800, 800], rtol=1e-9)
    before = weight_report(plain.weights)
    after = weight_report(found.design.weights, trimmed=found.trimmed)
    assert after.deff < before.deff
    assert after.trimmed_share == found.trimmed.mean()


def test_report_is_kish():
    weights = np.array([0.0, 1.0, 2.0, 5.0])
    found = weight_report(weights)
    assert found.n == 3
    assert found.deff == pytest.approx(3 * (weights**2).sum() / weights.sum() ** 2)
    assert found.n_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert (found.smallest, found.largest, found.total) == (1.0, 5.0, 8.0)


def test_nonresponse_keeps_the_weight_of_each_class():
    rng = np.random.default_rng(2)
    weights, classes = rng.uniform(1, 9, 200), rng.integers(0, 3, 200)
    answered = rng.random(200) < 0.7
    found = adjust_for_nonresponse(weights, answered, classes)
    np.testing.assert_allclose(np.bincount(classes, found.weights), np.bincount(classes, weights))
    assert not found.weights[~answered].any()


FOUR = [1.0, 1.0, 1.0, 1.0]
AABB = ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: raked_weights([1, np.nan], [([1, 2], {1: 1, 2: 1})]), "weights must be finite"),
        (lambda: raked_weights([1, -1], [([1, 2], {1: 1, 2: 1})]), "weights must be finite"),
        (lambda: raked_weights(FOUR, []), "margins must hold"),
        (lambda: raked_weights(FOUR, [(AABB, {"a": 4})]), r"margins\[0\].*total.*'b'"),
        (
            lambda: raked_weights(FOUR, [(AABB, {"a": 4, "b": 4, "c": 4})]),
            r"margins\[0\] has a total for 'c', but no row",
        ),
        (lambda: raked_weights(FOUR, [(AABB, {"a": 4, "b": 0})]), r"margins\[0\].*above 0.*'b'"),
        (
            lambda: raked_weights(FOUR, [(AABB, {"a": 4, "b": np.nan})]),
            r"margins\[0\].*above 0.*'b'",
        ),
        (
            lambda: raked_weights([1, 1, 0, 0], [(AABB, {"a": 4, "b": 2})]),
            r"margins\[0\] must have a row with weight.*'b'",
        ),
        (
            lambda: raked_weights(FOUR, [(AABB, {"a": 4, "b": 2}), ([1, 2, 1, 2], {1: 4, 2: 3})]),
            r"margins must add up to one total.*6 .*margins\[1\] to 7",
        ),
        (
            lambda: raked_weights(FOUR, [(AABB, {"a": 4, "b": 2}), (AABB, {"a": 3, "b": 3})]),
            "margins cannot be met together",
        ),
        (
            lambda: raked_weights(FOUR, [(["a", None, "b", "b"], {"a": 4, "b": 2})]),
            r"margins\[0\] must not be missing",
        ),
        (
            lambda: rake(survey_design(weights=FOUR), [(AABB, {"a": 9, "b": 1})], bounds=(0.9, 2)),
            "totals cannot be met within the bounds 0.9 and 2",
        ),
        (
            lambda: rake(survey_design(weights=FOUR), [(AABB, {"a": 9, "b": 1})], bounds=(2, 3)),
            "bounds must be",
        ),
        (
            lambda: calibrate(
                survey_design(weights=FOUR), quantities=[(FOUR, 4), ([1, 2, 3, 4], 17)]
            ),
            "bounds must be given: without them",
        ),
        (
            lambda: calibrate(survey_design(weights=FOUR), quantities=[([1, 2, 3, np.nan], 9)]),
            r"quantities\[0\] must be 4 finite",
        ),
        (
            lambda: calibrate(
                survey_design(weights=FOUR), margins=[(AABB, {"a": 4, "b": 2})], method="cubic"
            ),
            "method must be one of 'linear', 'raking', 'logit'",
        ),
        (
            lambda: poststratify(survey_design(weights=FOUR), AABB, {"a": 4}),
            "by must give a total for each level, but not for 'b'",
        ),
        (lambda: trim_weights(FOUR, 1), "upper must be above the mean weight 1"),
        (lambda: weight_limit(FOUR, rule="sd"), "rule must be one of"),
        (
            lambda: adjust_for_nonresponse(FOUR, [True, True, True, False], AABB, fewest=2),
            "classes must have 2 answers.*'b'",
        ),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
