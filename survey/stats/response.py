"""Response rates of a survey from the outcomes of its cases."""

from dataclasses import dataclass

from survey.stats.counts import Count, counts
from survey.stats.version import VERSION


@dataclass(frozen=True)
class ResponseRates:
    """Response rates of a survey by outcome of its cases.

    Attributes
    ----------
    rr1, rr3 : float
        Minimum response rate, and the rate that counts only the estimated eligible part of the
        cases of unknown eligibility; 0 to 1, NaN without cases.
    eligible_share : float
        The share of the unknown cases taken as eligible (e).
    version : str
    """

    rr1: float
    rr3: float
    eligible_share: float
    method: str = "aapor"
    version: str = VERSION


def response_rates(
    *,
    complete: Count,
    partial: Count = 0,
    refusal: Count = 0,
    non_contact: Count = 0,
    other: Count = 0,
    unknown_household: Count = 0,
    unknown_other: Count = 0,
    not_eligible: Count = 0,
    eligible_share: float | None = None,
) -> ResponseRates:
    """Response rates RR1 and RR3 of the American Association for Public Opinion Research.

    Parameters
    ----------
    complete, partial : int
        Complete and partial interviews (I, P).
    refusal, non_contact, other : int
        Eligible cases without an interview (R, NC, O).
    unknown_household, unknown_other : int
        Cases of unknown eligibility (UH, UO).
    not_eligible : int
        Cases found not eligible; they only serve to estimate `eligible_share`.
    eligible_share : float, optional
        Share of the unknown cases taken as eligible, in [0, 1]. When not given, the share among
        the cases whose eligibility is known (the proportional allocation of CASRO).

    Returns
    -------
    ResponseRates
        RR1 is I over all cases that are or may be eligible; RR3 is the same with the unknown
        ones weighted by `eligible_share`.

    Raises
    ------
    ValueError
        For bad counts (the argument is named) or an `eligible_share` outside [0, 1].

    References
    ----------
    AAPOR (2023), Standard Definitions, 10th edition, "Response rates".

    Examples
    --------
    >>> found = response_rates(complete=600, refusal=200, unknown_household=200, not_eligible=200)
    >>> found.rr1, found.eligible_share, round(found.rr3, 4)
    (0.6, 0.8, 0.625)
    """
    unknown = _one("unknown_household", unknown_household) + _one("unknown_other", unknown_other)
    interviews = _one("complete", complete)
    eligible = interviews + _one("partial", partial) + _one("refusal", refusal)
    eligible += _one("non_contact", non_contact) + _one("other", other)
    known = eligible + _one("not_eligible", not_eligible)
    if eligible_share is None:
        eligible_share = eligible / known if known else float("nan")
    elif not 0 <= eligible_share <= 1:
        raise ValueError(f"eligible_share must lie in 0 to 1, got {eligible_share}")
    return ResponseRates(
        rr1=_ratio(interviews, eligible + unknown),
        rr3=_ratio(interviews, eligible + eligible_share * unknown if unknown else eligible),
        eligible_share=float(eligible_share),
    )


def _one(name: str, value: Count) -> int:
    array = counts(name, value)
    if array.ndim:
        raise ValueError(f"{name} must be one whole number")
    return int(array)


def _ratio(part: int, whole: float) -> float:
    return part / whole if whole else float("nan")
