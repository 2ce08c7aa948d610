import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stats import interval
from survey.stats.presentation import Action, korn_graubard, presentation
from tests.stats.reference import cases, close

ESTIMATES = [case for case in cases("presentation_suppression") if "deff" in case["inputs"]]
NUMBERS = {
    "n_eff_size": "effective",
    "n_eff_ci": "effective_interval",
    "width": "width",
    "rel_width": "relative_width",
    "rel_width_complement": "relative_width_complement",
}


def test_every_case_of_an_estimate_is_there():
    assert len(ESTIMATES) == 7


@pytest.mark.parametrize("case", ESTIMATES, ids=lambda case: case["id"])
def test_reference_numbers(case):
    given_, want, tolerance = case["inputs"], case["expected"], case["tolerance"]
    found = presentation(given_["p"], given_["n"], given_["deff"], given_["df"])
    for key, name in NUMBERS.items():
        assert close(getattr(found, name), want[key], tolerance)
    assert close(found.low, want["kg"][0], tolerance)
    assert close(found.high, want["kg"][1], tolerance)
    assert found.action == want["action"]
    assert list(found.flags) == want["flags"]


@given(answered=st.integers(2, 5000), share=st.fractions(0, 1))
def test_without_a_design_the_interval_is_clopper_pearsons(answered, share):
    satisfied = int(answered * share)
    plain = interval(satisfied, answered, method="clopper_pearson")
    found = presentation(satisfied / answered, answered, 1.0, answered - 1)
    assert found.low == pytest.approx(plain.low, abs=1e-9)
    assert found.high == pytest.approx(plain.high, abs=1e-9)


@given(
    rate=st.floats(0, 1),
    answered=st.integers(2, 5000),
    deff=st.floats(0.3, 10),
    df=st.integers(1, 200),
)
def test_effective_sizes_are_capped_and_only_shown_estimates_carry_flags(rate, answered, deff, df):
    found = presentation(rate, answered, deff, df)
    assert found.effective <= answered
    assert found.effective_interval <= answered
    assert found.action is Action.PRESENT or not found.flags
    assert 0 <= found.low <= found.high <= 1
    if found.action is Action.PRESENT:
        assert found.effective >= 30
        assert found.width < 0.3


def test_a_small_effective_sample_is_suppressed_whatever_the_sample():
    assert presentation(0.5, 500, 20.0, 30).action is Action.SUPPRESS_SAMPLE_SIZE


def test_nobody_or_everybody_is_flagged():
    assert presentation(0.0, 400, 1.0, 40).flags == ("review_0_or_100",)
    assert korn_graubard(0.0, 50.0, 0.95)[0] == 0.0
    assert korn_graubard(1.0, 50.0, 0.95)[1] == 1.0


def test_bad_arguments_are_named():
    for rate in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="rate must lie in 0 to 1"):
            presentation(rate, 50, 1, 10)
    with pytest.raises(ValueError, match="answered must be at least 2"):
        presentation(0.5, 1, 1, 10)
    with pytest.raises(ValueError, match="answered must be whole numbers"):
        presentation(0.5, 40.5, 1, 10)
    for deff in (0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="deff must be positive"):
            presentation(0.5, 50, deff, 10)
    with pytest.raises(ValueError, match="df must be positive"):
        presentation(0.5, 50, 1, 0)
    with pytest.raises(ValueError, match="level must"):
        presentation(0.5, 50, 1, 10, level=95)
