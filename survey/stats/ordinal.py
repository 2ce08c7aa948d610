"""What a scale of ordered answers says: the distribution, the top-box share, the mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey.stats.counts import FloatArray, counts, one_row
from survey.stats.proportion import Interval, interval
from survey.stats.version import VERSION


@dataclass(frozen=True)
class OrdinalSummary:
    """What ordered answers say, the distribution first.

    Attributes
    ----------
    answered : int
    shares : numpy.ndarray of float64
        The distribution, in the order given; NaN when nothing was answered.
    top : Interval
        Interval of the share in the satisfied set.
    top_share : float
    mean, se_mean : float
        Mean score and its standard error (n - 1); secondary, and NaN where not defined.
    version : str
    """

    answered: int
    shares: FloatArray
    top: Interval[float]
    top_share: float
    mean: float
    se_mean: float
    version: str = VERSION


def ordinal_summary(
    frequencies: object,
    scores: Sequence[float],
    top: Sequence[int],
    *,
    method: str = "wilson",
    level: float = 0.95,
) -> OrdinalSummary:
    """Distribution, top-box share and mean of ordered answers.

    Parameters
    ----------
    frequencies : array-like of int
        How often each answer was given, one dimension.
    scores : sequence of float
        The score of each answer, for example 1 to 5.
    top : sequence of int
        Positions of the answers in the satisfied set.
    method, level
        For the interval of the top-box share, as `survey.stats.interval`.

    Returns
    -------
    OrdinalSummary

    Raises
    ------
    ValueError
        For bad counts, scores that are not finite or not one for each answer, positions out of
        reach, an unknown method or a bad level.

    Notes
    -----
    The mean treats steps of the scale as equal; on three answers it says little and has no place
    on a front page.

    Examples
    --------
    >>> found = ordinal_summary([3, 7, 40, 250, 200], [1, 2, 3, 4, 5], top=[3, 4])
    >>> found.top_share, found.mean, round(found.se_mean, 4)
    (0.9, 4.274, 0.0321)
    """
    k = one_row("frequencies", frequencies)
    x = np.asarray(scores, np.float64)
    if x.shape != k.shape or not np.isfinite(x).all():
        raise ValueError(f"scores must be finite, one for each of the {k.size} answers")
    chosen = np.unique(counts("top", list(top)))
    if chosen.size and chosen.max() >= k.size:
        raise ValueError(f"top must hold positions below {k.size}, got {chosen.max()}")
    n = int(k.sum())
    satisfied = int(k[chosen].sum())
    nan = float("nan")
    mean = float(k @ x) / n if n else nan
    squares = float(k @ (x - mean) ** 2) if n else nan
    return OrdinalSummary(
        answered=n,
        shares=k / n if n else np.full(k.size, nan),
        top=interval(satisfied, n, method=method, level=level),
        top_share=satisfied / n if n else nan,
        mean=mean,
        se_mean=float(np.sqrt(squares / (n - 1) / n)) if n > 1 else nan,
    )
