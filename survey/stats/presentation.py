"""Whether an estimate from a survey is precise enough to be shown."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import betainccinv, betaincinv, stdtrit

from survey.stats.counts import counts, share
from survey.stats.version import VERSION

SMALLEST_SAMPLE = 30
WIDE, NARROW = 0.30, 0.05
WIDEST_RELATIVE = 1.30
FEWEST_DF = 8


class Action(StrEnum):
    """What the rule says of an estimate, the first reason that applies."""

    SUPPRESS_SAMPLE_SIZE = "suppress_sample_size"
    SUPPRESS_ABS_WIDTH = "suppress_abs_width"
    SUPPRESS_REL_WIDTH = "suppress_rel_width"
    PRESENT = "present"


@dataclass(frozen=True)
class Presentation:
    """Whether to show an estimate, and the numbers that decide it.

    Attributes
    ----------
    action : Action
    flags : tuple of str
        Reasons to look again before showing: 'review_df', 'review_0_or_100',
        'review_complement'. Empty when the estimate is suppressed anyway.
    low, high : float
        Korn-Graubard interval, shares.
    width : float
    relative_width, relative_width_complement : float
        Width over the share, and over one minus the share; NaN where that is 0.
    effective : float
        Sample size over design effect, at most the sample size: decides on size.
    effective_interval : float
        The same adjusted for the degrees of freedom: makes the interval.
    level : float
    method, version : str
    """

    action: Action
    flags: tuple[str, ...]
    low: float
    high: float
    width: float
    relative_width: float
    relative_width_complement: float
    effective: float
    effective_interval: float
    level: float
    method: str = "nchs_2017"
    version: str = VERSION


def presentation(
    rate: float, answered: int, deff: float, df: float, *, level: float = 0.95
) -> Presentation:
    """Decide whether an estimated proportion may be shown.

    Parameters
    ----------
    rate : float
        The estimated share, in [0, 1].
    answered : int
        Unweighted number of answers behind it, at least 2.
    deff : float
        Design effect, positive.
    df : float
        Degrees of freedom of the design (primary sampling groups less strata), positive.
    level : float
        Confidence level; the cut-offs belong to 0.95.

    Returns
    -------
    Presentation
        In this order: suppressed for a sample, or an effective sample, under 30; for a width of
        0.30 or more; shown for a width of 0.05 or less; suppressed for a width above 130 % of
        the share; else shown. Shares near 1 are binding through their complement, which is
        flagged and not suppressed.

    Raises
    ------
    ValueError
        For a share outside [0, 1], too few answers, or a design effect or degrees of freedom not
        positive; NaN is none of these.

    References
    ----------
    J. D. Parker et al. (2017), National Center for Health Statistics, Vital and Health Statistics
    series 2, no. 175. E. L. Korn and B. I. Graubard (1998), Survey Methodology 24:193-201.

    Examples
    --------
    >>> found = presentation(0.96, 150, 1.0, 40)
    >>> found.action, found.flags
    (<Action.PRESENT: 'present'>, ('review_complement',))
    """
    level = share("level", level)
    n = _checked(rate, answered, deff, df)
    effective = min(n, n / deff)
    ratio = stdtrit(n - 1, (1 - level) / 2) / stdtrit(df, (1 - level) / 2)
    for_interval = min(n, n / deff * float(ratio) ** 2)
    low, high = korn_graubard(rate, for_interval, level)
    width = high - low
    relative = width / rate if rate > 0 else float("nan")
    complement = width / (1 - rate) if rate < 1 else float("nan")
    action = _action(n, effective, width, relative)
    return Presentation(
        action=action,
        flags=_flags(rate, df, width, complement) if action is Action.PRESENT else (),
        low=low,
        high=high,
        width=width,
        relative_width=relative,
        relative_width_complement=complement,
        effective=effective,
        effective_interval=for_interval,
        level=level,
    )


def _checked(rate: float, answered: int, deff: float, df: float) -> int:
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie in 0 to 1, got {rate}")
    n = int(counts("answered", answered))
    if n < 2:
        raise ValueError(f"answered must be at least 2, got {n}")
    for name, value in (("deff", deff), ("df", df)):
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be positive, got {value}")
    return n


def korn_graubard(rate: float, effective: float, level: float) -> tuple[float, float]:
    """Clopper-Pearson interval on an effective sample size, exact at 0 and 1.

    Parameters
    ----------
    rate : float
        Share in [0, 1].
    effective : float
        Effective number of answers, positive, need not be whole.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float

    References
    ----------
    E. L. Korn and B. I. Graubard (1998), Survey Methodology 24:193-201.

    Examples
    --------
    >>> low, high = korn_graubard(0.9, 146.0436, 0.95)
    >>> round(low, 4), round(high, 4)
    (0.8395, 0.9434)
    """
    tail = (1 - level) / 2
    hits, misses = rate * effective, (1 - rate) * effective
    low = 0.0 if rate == 0 else float(betaincinv(hits, misses + 1, tail))
    high = 1.0 if rate == 1 else float(betainccinv(hits + 1, misses, tail))
    return low, high


def _action(n: int, effective: float, width: float, relative: float) -> Action:
    if n < SMALLEST_SAMPLE or effective < SMALLEST_SAMPLE:
        return Action.SUPPRESS_SAMPLE_SIZE
    if width >= WIDE:
        return Action.SUPPRESS_ABS_WIDTH
    if width > NARROW and relative > WIDEST_RELATIVE:
        return Action.SUPPRESS_REL_WIDTH
    return Action.PRESENT


def _flags(rate: float, df: float, width: float, complement: float) -> tuple[str, ...]:
    raised = {
        "review_df": df < FEWEST_DF,
        "review_0_or_100": rate in (0, 1),
        "review_complement": NARROW < width < WIDE and complement > WIDEST_RELATIVE,
    }
    return tuple(name for name, applies in raised.items() if applies)
