"""Is there a trend in a series of rates?"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from survey.stats.counts import one_row, successes_of
from survey.stats.version import VERSION


@dataclass(frozen=True)
class TrendTest:
    """A test for a linear trend of proportions, with the test that they are all equal.

    Attributes
    ----------
    slope : float
        Change of the share for one step of the score (least squares weighted by the answers).
    chi2, p_value : float
        Cochran-Armitage statistic (1 degree of freedom) and its two-sided p-value.
    homogeneity_chi2, homogeneity_p_value : float
        Pearson's test that all rates are equal.
    homogeneity_df : int
    method : str
    version : str
    """

    slope: float
    chi2: float
    p_value: float
    homogeneity_chi2: float
    homogeneity_p_value: float
    homogeneity_df: int
    method: str = "cochran_armitage"
    version: str = VERSION


def trend_test(satisfied: object, answered: object, scores: object = None) -> TrendTest:
    """Cochran-Armitage test for a linear trend over ordered periods.

    Parameters
    ----------
    satisfied, answered : array-like of int
        Counts a period, one dimension. Periods without answers are left out.
    scores : array-like of float, optional
        The position of each period; 1, 2, 3, ... when not given.

    Returns
    -------
    TrendTest
        All numbers are NaN where they are not defined: fewer than two periods with answers, one
        score only, or nobody, or everybody, satisfied.

    Raises
    ------
    ValueError
        For bad counts, or scores that are not finite or not one for each period.

    References
    ----------
    W. G. Cochran (1954), Biometrics 10:417-451. P. Armitage (1955), Biometrics 11:375-386.

    Examples
    --------
    >>> found = trend_test([450, 460, 480, 500], [500, 505, 520, 540])
    >>> round(found.chi2, 4), round(found.p_value, 4)
    (2.6798, 0.1016)
    """
    s, n = successes_of(one_row("satisfied", satisfied), one_row("answered", answered))
    x = np.arange(1.0, s.size + 1) if scores is None else np.asarray(scores, np.float64)
    if x.shape != s.shape or not np.isfinite(x).all():
        raise ValueError(f"scores must be finite, one for each of the {s.size} periods")
    s, n, x = s[n > 0], n[n > 0], x[n > 0]
    total = n.sum()
    rate = s.sum() / max(total, 1)
    chance = rate * (1 - rate)
    df = max(s.size - 1, 0)
    if df == 0 or chance == 0:
        nan = float("nan")
        return TrendTest(nan, nan, nan, nan, nan, df)
    centred = x - (n @ x) / total
    squares, product = n @ centred**2, s @ centred
    chi2 = product**2 / (chance * squares) if squares > 0 else np.nan
    slope = product / squares if squares > 0 else np.nan
    unequal = float((((s - n * rate) ** 2) / n).sum() / chance)
    return TrendTest(
        slope=float(slope),
        chi2=float(chi2),
        p_value=float(chdtrc(1, chi2)),
        homogeneity_chi2=unequal,
        homogeneity_p_value=float(chdtrc(df, unequal)),
        homogeneity_df=df,
    )
