"""A confidence sequence for a finite population that answers one by one."""

import numpy as np
from scipy.special import betaln

from survey.stats.counts import FloatArray, IntArray, counts, share, spread, successes_of
from survey.stats.finite_population import FiniteInterval, count_interval
from survey.stats.sequence import beta_prior

# A number whose evidence equals 1 / alpha exactly must not stay because of rounding.
ROUNDING = 1e-10


def finite_confidence_sequence(
    satisfied: object,
    answered: object,
    population: object,
    *,
    level: float = 0.95,
    prior: tuple[float, float] = (1.0, 1.0),
) -> FiniteInterval:
    """Confidence sequence for a finite population that answers one by one, none of them twice.

    Parameters
    ----------
    satisfied, answered, population : int or array-like of int
        Counts so far and how many there are in all; shapes that broadcast.
    level : float
        With this probability the true number lies in all the intervals of the history at once.
    prior : tuple of float
        The two positive parameters of the beta-binomial prior on the number of satisfied.

    Returns
    -------
    FiniteInterval
        Method 'prior_posterior': whole numbers of satisfied members, and shares of the
        population. A single number once everybody has answered.

    Raises
    ------
    ValueError
        For bad counts, a bad level or prior. More answers than members is no error but a finding:
        `consistent` is False there and both ends are NaN.

    Notes
    -----
    Assumes that those who have answered are a random sample so far. A number M stays in the set
    while prior(M) / posterior(M) < 1 / alpha.

    References
    ----------
    I. Waudby-Smith and A. Ramdas (2020), Advances in Neural Information Processing Systems 33.

    Examples
    --------
    >>> found = finite_confidence_sequence(9, 10, 20)
    >>> found.low_count, found.high_count, found.low, found.high
    (12, 19, 0.6, 0.95)
    """
    level = share("level", level)
    a, b = beta_prior(prior)
    s, n = successes_of(satisfied, answered)
    s, n, members = spread(satisfied=s, answered=n, population=counts("population", population))
    consistent = np.asarray(n <= members)
    defined = consistent & (n > 0)
    low, high = np.full(s.shape, -1), np.full(s.shape, -1)
    kept = s[defined], n[defined], members[defined]
    allowed = (
        betaln(a, b) - betaln(a + kept[0], b + kept[1] - kept[0]) - np.log(1 - level) - ROUNDING
    )
    low[defined] = _last_inside(*kept, allowed, kept[0] - 1)
    high[defined] = _last_inside(*kept, allowed, kept[2] - kept[1] + kept[0] + 1)
    return count_interval(low, high, members, consistent, "prior_posterior", level)


def _last_inside(
    s: IntArray, n: IntArray, members: IntArray, allowed: FloatArray, impossible: IntArray
) -> IntArray:
    """The last number in the set, from the most likely one towards one that is impossible."""
    likely = np.floor((members + 1) * (s / n)).astype(np.int64)
    inside, outside = np.clip(likely, s, members - n + s), impossible
    while (searching := np.abs(outside - inside) > 1).any():
        middle = np.clip((inside + outside) // 2, s, members - n + s)
        held = _log_choose(members, middle) - _log_choose(members - n, middle - s) < allowed
        inside = np.where(searching & held, middle, inside)
        outside = np.where(searching & ~held, middle, outside)
    return inside


def _log_choose(n: IntArray, k: IntArray) -> FloatArray:
    return np.asarray(-betaln(k + 1, n - k + 1) - np.log1p(n))
