import math

import numpy as np
import pytest
from scipy.special import stdtrit

from survey.stats.coding import categories
from survey.stats.design import survey_design
from survey.stats.estimation import domain_difference, survey_mean, survey_ratio, survey_total
from survey.stats.presentation import presentation
from survey.stats.survey_index import survey_index
from survey.stats.survey_proportion import survey_proportion

FOUR = [1.0, 1.0, 1.0, 1.0]
AABB = ["a", "a", "b", "b"]
NAN = float("nan")


def design(**given):
    return survey_design(**{"weights": FOUR, **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": [1, NAN, 1, 1]}, "weights must be finite and not negative, got nan in row 1"),
        ({"weights": [1, 1, -2, 1]}, "weights must be finite and not negative, got -2.0 in row 2"),
        ({"weights": [1, np.inf, 1, 1]}, "weights must be finite"),
        ({"weights": [0, 0, 0, 0]}, "weights must not all be 0"),
        ({"weights": []}, "weights must be one number for each row"),
        ({"weights": None}, "weights must be given where fpc is not"),
        ({"weights": None, "fpc": [np.inf] * 4}, "weights must be given where fpc is infinite"),
        ({"strata": ["a", None, "b", "b"]}, "strata must not be missing, but 1 of 4"),
        ({"strata": [1.0, NAN, 2.0, 2.0]}, "strata must not be missing, but 1 of 4"),
        ({"strata": ["a"]}, "strata must have 4 rows, got 1"),
        ({"strata": [AABB, AABB]}, "strata must be one for each of 1 stages, got 2"),
        ({"weights": [1, 1, 0, 0], "strata": AABB}, "weights must not be 0 in a whole stratum"),
        ({"stages": [1, 2, None, 4]}, "stages must not be missing"),
        ({"stages": [1, 2, 3]}, "stages must have 4 rows, got 3"),
        ({"strata": AABB, "stages": [1, 2, 2, 3]}, "stages must not have a PSU in two .* 2 is"),
        ({"strata": ["a", "b", "b", "b"]}, "1 of 2 strata have a single cluster"),
        ({"strata": ["a", "b", "c", "d"], "lonely": "average"}, "lonely='average' needs"),
        ({"strata": AABB, "lonely": "ignore"}, "lonely must be one of 'fail', 'adjust'"),
        ({"strata": AABB, "lonely_domains": "drop"}, "lonely_domains must be one of"),
        ({"fpc": [10, 10, 10, 11]}, "fpc must be the same in all rows of a stratum"),
        ({"fpc": [3, 3, 3, 3]}, "fpc must not be below the number drawn, got 3 for 4 clusters"),
        ({"fpc": [10, 10, NAN, 10]}, "fpc must be counts of at least 1"),
        ({"fpc": [0.5, 0.5, 0.5, 0.5]}, "fpc must be counts of at least 1"),
        ({"fpc": [10, 10]}, "fpc must have 4 rows, got 2"),
        (
            {"stages": [[1, 1, 2, 2], [1, 2, 3, 4]], "fpc": [10, 10, 10, 10]},
            "fpc must be one for each of 2 stages, got 1",
        ),
        (
            {
                "stages": [[1, 1, 2, 3], [1, 2, 3, 4]],
                "fpc": [[10, 10, 10, 10], [5, 5, 5, 5]],
            },
            "2 of 3 clusters at stage 2 have a single cluster",
        ),
    ],
)
def test_wrong_designs_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        design(**given)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: survey_mean(d, [1, 2]), "y must be one number for each of 4 rows"),
        (lambda d: survey_mean(d, [1, 2, 3, np.inf]), "y must not be infinite"),
        (lambda d: survey_mean(d, FOUR, by=["a"]), "by must have 4 rows, got 1"),
        (lambda d: survey_mean(d, FOUR, by=[None] * 4), "by must have a label in at least one"),
        (lambda d: survey_mean(d, FOUR, subset=[1, 1, 0, 0]), "subset must be 4 booleans"),
        (lambda d: survey_mean(d, FOUR, level=95), "level must lie strictly between"),
        (lambda d: survey_ratio(d, FOUR, [1]), "denominator must be one number"),
        (lambda d: survey_proportion(d, [0, 1, 2, 0]), "satisfied must be 0 or 1"),
        (
            lambda d: survey_proportion(d, FOUR, method="wald"),
            "method must be one of 'standard', 'logit', 'beta', 'wilson', 't', 'asin'",
        ),
        (lambda d: domain_difference(d, FOUR, AABB, "a", "z"), "must be one of 'a', 'b', got 'z'"),
        (lambda d: domain_difference(d, FOUR, AABB, "a", "a"), "a and b must be two domains"),
        (lambda d: survey_index(d, []), "items must hold at least one item"),
        (lambda d: survey_index(d, [FOUR], weights=[-1]), "weights must be 1 numbers"),
        (lambda d: d.reweighted([1, 2]), "weights must have 4 rows, got 2"),
    ],
)
def test_wrong_questions_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(design())


def test_one_stratum_of_which_all_was_drawn_is_not_lonely():
    found = design(strata=["a", "b", "b", "b"], fpc=[1, 9, 9, 9])
    assert survey_total(found, [5, 1, 2, 3]).se == pytest.approx(math.sqrt(3 * (1 - 3 / 9)))


def test_weights_follow_from_the_counts():
    found = survey_design(stages=[[1, 1, 2, 2], [1, 2, 3, 4]], fpc=[[6, 6, 6, 6], [2, 2, 10, 10]])
    assert found.weights.tolist() == [3.0, 3.0, 15.0, 15.0]


def test_labels_that_start_anew_are_other_clusters():
    found = design(strata=AABB, stages=[1, 2, 1, 2], nest=True)
    assert (found.psus, found.strata, found.df) == (4, 2, 2)


def test_later_stages_may_be_stratified():
    stages = [[1] * 4 + [2] * 4, list(range(8))]
    fpc = [[10] * 8, [20] * 8]
    y = [1, 1, 5, 5, 2, 2, 6, 6]
    plain = survey_design(weights=[1] * 8, stages=stages, fpc=fpc)
    apart = survey_design(
        weights=[1] * 8, stages=stages, fpc=fpc, strata=[None, ["s", "s", "t", "t"] * 2]
    )
    between = (16 - 12) ** 2 / 2 * 2 * (1 - 0.2)
    assert survey_total(apart, y).se == pytest.approx(math.sqrt(between))
    assert survey_total(plain, y).se > survey_total(apart, y).se


def test_rows_without_weight_stay_in_the_design_and_count_for_nothing():
    found = survey_mean(survey_design(weights=[1, 1, 1, 0], stages=[1, 2, 3, 4]), [1, 0, 1, 0])
    assert (found.n, found.df) == (3, 2)
    whole = survey_mean(survey_design(weights=[1, 1, 1], stages=[1, 2, 3]), [1, 0, 1])
    assert found.se == pytest.approx(whole.se * math.sqrt(4 / 3 / (3 / 2)))


def test_a_share_of_all_or_none_has_the_beta_interval_on_the_common_design_effect():
    rng = np.random.default_rng(0)
    stages, group = np.repeat(np.arange(50), 10), np.tile(["x", "y"], 250)
    y = np.where(group == "x", 1, (rng.random(50)[stages] < 0.7) & (rng.random(500) < 0.9))
    sample = survey_design(weights=np.ones(500), stages=stages)
    found = survey_proportion(sample, y, by=group, method="logit")
    assert found.used.tolist() == ["beta", "logit"]
    assert (found.estimate[0], found.high[0]) == (1.0, 1.0)
    whole = survey_proportion(sample, y, method="beta", cap=False)
    deff = 500 * whole.se**2 / (whole.estimate * (1 - whole.estimate))
    freedom = (stdtrit(249, 0.975) / stdtrit(49, 0.975)) ** 2
    assert found.n_effective[0] == pytest.approx(250 / deff * freedom)
    alone = survey_proportion(sample, np.ones(500))
    assert (alone.estimate, alone.used) == (1.0, "beta")
    assert 0.98 < alone.low < 1


def test_standard_chooses_by_the_share_and_the_effective_size():
    sample = survey_design(weights=np.ones(1000))
    used = [
        survey_proportion(sample, np.arange(1000) < successes).used
        for successes in (10, 29, 31, 500, 969, 971)
    ]
    assert used == ["beta", "beta", "logit", "logit", "logit", "beta"]
    assert survey_proportion(survey_design(weights=np.ones(80)), np.arange(80) < 40).used == "beta"


def test_effective_size_is_capped_unless_told_otherwise():
    strata = np.repeat([0, 1], 100)
    y = np.where(np.arange(200) < 100, np.arange(200) % 10 > 0, np.arange(200) % 10 == 0)
    sample = survey_design(weights=np.ones(200), strata=strata)
    capped = survey_proportion(sample, y, method="beta")
    free = survey_proportion(sample, y, method="beta", cap=False)
    assert (capped.n_effective, capped.capped) == (200, True)
    assert free.n_effective > 200
    assert not free.capped
    assert capped.high - capped.low > free.high - free.low


def test_the_rule_of_presentation_takes_the_same_interval():
    rng = np.random.default_rng(6)
    stages = np.repeat(np.arange(40), 12)
    y = (rng.random(40)[stages] < 0.8) & (rng.random(480) < 0.95)
    sample = survey_design(weights=rng.uniform(1, 4, 480), stages=stages)
    found = survey_proportion(sample, y, method="beta")
    shown = presentation(found.estimate, found.n, found.deff, found.df)
    assert (shown.low, shown.high) == pytest.approx((found.low, found.high))
    assert shown.effective_interval == pytest.approx(found.n_effective)


def test_one_cluster_says_nothing_of_spread():
    sample = survey_design(weights=FOUR, strata=AABB, stages=[1, 1, 2, 2], lonely="remove")
    found = survey_proportion(sample, [1, 0, 1, 1])
    assert found.df == 0
    assert math.isnan(found.low)
    assert math.isnan(survey_mean(sample, [1, 0, 1, 1]).high)


def test_labels_may_be_coded_once():
    coded = categories(AABB)
    assert survey_mean(design(strata=coded), FOUR, by=coded).levels == ("a", "b")


@pytest.mark.parametrize(
    ("labels", "codes", "levels"),
    [
        ([10**15, 5, 10**15], [1, 0, 1], (5, 10**15)),
        ([True, False], [1, 0], (False, True)),
        ([True, True], [0, 0], (True,)),
        ([2.0, NAN, 1.0], [1, -1, 0], (1.0, 2.0)),
        (["b", None, "a", NAN], [1, -1, 0, -1], ("a", "b")),
        ([1, "a"], [0, 1], ("1", "a")),
        (np.array([1, "a"], object), [0, 1], (1, "a")),
        ([], [], ()),
    ],
)
def test_coding_of_labels(labels, codes, levels):
    found = categories(labels)
    assert found.codes.tolist() == codes
    assert found.levels == levels


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[1, 2]], "labels must be one label for each row"),
        (np.array(["2026-01-01"], "M8[D]"), "labels must be integers, texts or booleans"),
        (np.array([{}, {}], object), "labels holds a value that cannot be a label"),
    ],
)
def test_what_cannot_be_a_label(labels, message):
    with pytest.raises(ValueError, match=message):
        categories(labels)
