import math

import numpy as np
import pytest

from survey.stats.clustering import design_effect
from survey.stats.estimation import domain_difference, survey_mean, survey_ratio, survey_total
from survey.stats.survey_index import survey_index
from survey.stats.survey_proportion import survey_proportion
from tests.stats.reference import cases, close
from tests.stats.survey_data import design_of, indicator

ALL = cases("survey_design")


def of_kind(stat):
    return [case for case in ALL if case["inputs"]["stat"] == stat]


def named(case):
    return case["id"]


def agree(case, got, want):
    got, want = np.atleast_1d(got), np.atleast_1d(want)
    assert got.shape == want.shape
    for one, other in zip(got.flat, want.flat, strict=True):
        assert close(float(one), float(other), case["tolerance"]), (one, other)


@pytest.mark.parametrize("case", of_kind("mean") + of_kind("total"), ids=named)
def test_means_and_totals(case):
    design, data = design_of(case)
    given, want = case["inputs"], case["expected"]
    function = {"mean": survey_mean, "total": survey_total}[given["stat"]]
    found = function(design, data[given["var"]])
    agree(case, [found.estimate, found.se], [want["estimate"], want["se"]])
    if "df" in want:
        # R counts the PSUs of the whole sample, we those in which somebody answered: two PSUs
        # of apiclus2 have no enrolment at all.
        assert design.df == want["df"]
        assert found.df == want["df"] - (2 if case["id"] == "mean_clus2_enroll" else 0)
        whole = function(design, data[given["var"]], df=design.df)
        agree(case, [whole.low, whole.high], want["ci95_t"])
        normal = function(design, data[given["var"]], df=math.inf)
        agree(case, [normal.low, normal.high], want["ci95_normal"])
    if "deff" in want:
        agree(case, design_effect(design, data[given["var"]]), want["deff"])
    if "total" in want:
        total = survey_total(design, data[given["total_var"]])
        agree(case, [total.estimate, total.se], [want["total"], want["total_se"]])


@pytest.mark.parametrize("case", of_kind("proportion"), ids=named)
@pytest.mark.parametrize(
    ("method", "key"),
    [("logit", "logit"), ("logit", "xlogit"), ("beta", "beta"), ("asin", "asin"), ("t", "mean")],
)
def test_proportions(case, method, key):
    design, data = design_of(case)
    given, want = case["inputs"], case["expected"]
    answers = indicator(data[given["var"]], given["success"])
    # The reference leaves the effective size uncapped; the default is to cap it.
    found = survey_proportion(design, answers, method=method, level=given["level"], cap=False)
    agree(case, [found.estimate, found.se, found.df], [want["estimate"], want["se"], want["df"]])
    agree(case, [found.low, found.high], want[key])


@pytest.mark.parametrize("case", of_kind("domain_mean"), ids=named)
def test_domains(case):
    design, data = design_of(case)
    given, want = case["inputs"], case["expected"]
    values = data[given["var"]]
    if given.get("success") is not None:
        values = indicator(values, given["success"])
    for with_covariance in (False, True):
        found = survey_mean(design, values, by=data[given["by"]], with_covariance=with_covariance)
        assert list(found.levels) == want["level"]
        agree(case, found.estimate, want["estimate"])
        agree(case, found.se, want["se"])
        if "n" in want:
            assert found.n.tolist() == want["n"]


@pytest.mark.parametrize("case", of_kind("ratio"), ids=named)
def test_ratios(case):
    design, data = design_of(case)
    found = survey_ratio(design, data[case["inputs"]["num"]], data[case["inputs"]["den"]])
    want = case["expected"]
    agree(case, [found.estimate, found.se], [want["estimate"], want["se"]])


@pytest.mark.parametrize("case", of_kind("domain_difference"), ids=named)
def test_differences_of_domains(case):
    design, data = design_of(case)
    given, want = case["inputs"], case["expected"]
    found = domain_difference(design, data[given["var"]], data[given["by"]], given["a"], given["b"])
    agree(case, [found.estimate, found.se], [want["estimate"], want["se"]])


@pytest.mark.parametrize("case", of_kind("index_mean_of_item_shares"), ids=named)
def test_index(case):
    design, data = design_of(case)
    want = case["expected"]
    found = survey_index(design, [data[item] for item in case["inputs"]["items"]])
    agree(case, [found.estimate, found.se], [want["estimate"], want["se"]])
    agree(case, found.covariance, want["cov"])
