import math

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from survey.stats.design import survey_design
from survey.stats.independence import independence_test
from survey.stats.survey_proportion import survey_proportion
from survey.stats.tabulation import crosstab
from tests.stats.reference import cases, close
from tests.stats.survey_data import design_of

CASES = [c for c in cases("survey_design") if c["inputs"]["stat"] == "crosstab_rao_scott"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reference_numbers(case):
    design, data = design_of(case)
    want, row, column = case["expected"], *(data[case["inputs"][key]] for key in ("row", "col"))
    found = {
        method: independence_test(design, row, column, method=method)
        for method in ("rao_scott", "rao_scott_first", "wald", "wald_adjusted")
    }
    second = found["rao_scott"]
    got = {
        "pearson_X2": second.pearson,
        "F": second.statistic,
        "ndf": second.df1,
        "ddf": second.df2,
        "p_F": second.p_value,
        "p_chisq_first_order": found["rao_scott_first"].p_value,
        "wald_F": found["wald"].statistic,
        "wald_p": found["wald"].p_value,
        "adjwald_F": found["wald_adjusted"].statistic,
        "adjwald_p": found["wald_adjusted"].p_value,
    }
    for key, value in got.items():
        assert close(value, want[key], case["tolerance"]), key
    assert [f"{level:g}" if isinstance(level, float) else level for level in second.rows] == want[
        "rows"
    ]
    for one, other in zip(second.table.flat, np.array(want["table"]).flat, strict=True):
        assert close(one, other, case["tolerance"])


def simple(seed=0, n=600):
    rng = np.random.default_rng(seed)
    rows = rng.choice(["a", "b", "c"], n)
    columns = np.where(rng.random(n) < np.where(rows == "a", 0.8, 0.6), "yes", "no")
    return rows, columns


def test_a_simple_random_sample_gives_nearly_pearson():
    rows, columns = simple()
    found = independence_test(survey_design(weights=np.full(600, 7.0)), rows, columns)
    table = np.array([[((rows == r) & (columns == c)).sum() for c in ("no", "yes")] for r in "abc"])
    plain = chi2_contingency(table, correction=False)
    assert found.pearson == pytest.approx(plain.statistic)
    assert found.deff == pytest.approx(1, abs=0.02)
    assert found.p_value == pytest.approx(plain.pvalue, rel=0.25)


def test_levels_without_anybody_are_dropped_and_named():
    rows, columns = simple()
    rows = np.append(rows, ["ghost", "a"])
    columns = np.append(columns, ["yes", "never"])
    weights = np.append(np.full(600, 7.0), [0.0, 0.0])
    design = survey_design(weights=weights)
    for found in (independence_test(design, rows, columns), crosstab(design, rows, columns)):
        assert found.rows == ("a", "b", "c")
        assert found.dropped == (("ghost",), ("never",))


def test_empty_cell_inside_is_no_trouble():
    rows = ["a"] * 20 + ["b"] * 20 + ["c"] * 20
    columns = ["x", "y"] * 20 + ["x"] * 20
    found = independence_test(survey_design(weights=[3] * 60), rows, columns)
    assert found.p_value < 0.01


def test_wald_without_enough_clusters_does_not_exist():
    rows, columns = simple(n=60)
    design = survey_design(weights=[2] * 60, stages=np.arange(60) // 30)
    found = independence_test(design, rows, columns, method="wald_adjusted")
    assert math.isnan(found.statistic)
    assert math.isnan(found.p_value)


def test_table_agrees_with_its_parts_and_adds_up():
    rows, columns = simple()
    rng = np.random.default_rng(1)
    design = survey_design(weights=rng.uniform(1, 9, 600), stages=np.arange(600) // 12)
    inside = rng.random(600) < 0.8
    found = crosstab(design, rows, columns, subset=inside)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert found.totals.sum() == pytest.approx(design.weights[inside].sum())
    assert found.n.sum() == inside.sum()
    one = survey_proportion(design, columns == "yes", subset=inside & (rows == "b"))
    assert found.shares[1, 1] == pytest.approx(one.estimate)
    assert found.se[1, 1] == pytest.approx(one.se)
    assert found.low[1, 1] == pytest.approx(one.low)
    assert found.df[1] == one.df


def test_order_and_names_do_not_matter():
    rows, columns = simple()
    rng = np.random.default_rng(5)
    weights, stages = rng.uniform(1, 9, 600), np.arange(600) // 10
    first = independence_test(survey_design(weights=weights, stages=stages), rows, columns)
    order = rng.permutation(600)
    renamed = np.array([{"a": "z", "b": "y", "c": "x"}[row] for row in rows])
    design = survey_design(weights=weights[order], stages=-stages[order])
    second = independence_test(design, columns[order], renamed[order])
    assert second.statistic == pytest.approx(first.statistic)
    assert second.p_value == pytest.approx(first.p_value)


@pytest.mark.parametrize(
    ("rows", "columns", "method", "message"),
    [
        (["a", "a"], ["x", "y"], "rao_scott", "rows must have two levels"),
        (["a", "b"], ["x", None], "rao_scott", "rows must have two levels"),
        ([None, "b"], ["x", None], "rao_scott", "rows and columns must both be known"),
        (["a", "b", "c"], ["x", "y"], "rao_scott", "rows must have 2 rows, got 3"),
        (["a", "b"], ["x", "y"], "fisher", "method must be one of 'rao_scott'"),
    ],
)
def test_errors_name_the_argument(rows, columns, method, message):
    with pytest.raises(ValueError, match=message):
        independence_test(survey_design(weights=[1, 1]), rows, columns, method=method)
