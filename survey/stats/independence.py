"""Whether two answers have to do with each other, in a sample that is not a simple one."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from survey.stats.counts import FloatArray, choice
from survey.stats.design import Design
from survey.stats.linearisation import all_per_row, covariance, degrees_of_freedom
from survey.stats.tabulation import Crossed, cross
from survey.stats.version import VERSION

METHODS = ("rao_scott", "rao_scott_first", "wald", "wald_adjusted")


@dataclass(frozen=True, eq=False)
class IndependenceTest:
    """A test that rows and columns of a table are independent in the population.

    Attributes
    ----------
    statistic : float
        F, or chi-square for 'rao_scott_first'. NaN where it does not exist (too few PSUs).
    df1, df2 : float
        Degrees of freedom; `df2` is infinite for chi-square.
    p_value : float
    pearson : float
        Pearson's chi-square of the weighted shares, times the rows of data: what the tests of
        Rao and Scott correct.
    deff : float
        Mean design effect by which it is too large.
    table : numpy.ndarray of float64
        Estimated numbers in the population.
    rows, columns, dropped : tuple
        The levels, and those left out (see `survey.stats.tabulation.Crossed`).
    n : int
        Rows of data with both answers.
    method, version : str
    """

    statistic: float
    df1: float
    df2: float
    p_value: float
    pearson: float
    deff: float
    table: FloatArray
    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    dropped: tuple[tuple[Hashable, ...], tuple[Hashable, ...]]
    n: int
    method: str
    version: str = VERSION


def independence_test(
    design: Design,
    rows: object,
    columns: object,
    *,
    subset: object = None,
    method: str = "rao_scott",
) -> IndependenceTest:
    """Test two answers for independence.

    Parameters
    ----------
    design, rows, columns, subset
        As for `crosstab`.
    method : {'rao_scott', 'rao_scott_first', 'wald', 'wald_adjusted'}
        'rao_scott': second-order correction of Pearson's statistic, compared with F; the one to
        use. 'rao_scott_first': divided by the mean design effect, compared with chi-square.
        'wald': on the differences from independence, compared with F; too often significant
        with few PSUs, which 'wald_adjusted' corrects.

    Returns
    -------
    IndependenceTest

    Raises
    ------
    ValueError
        As for `crosstab`; when rows or columns have a single level; for an unknown method.

    Notes
    -----
    A level that nobody has is left out and named in `dropped`; an empty cell inside is no
    trouble, except that Wald's statistic may then not exist.

    References
    ----------
    J. N. K. Rao and A. J. Scott (1984), Ann. Statist. 12:46-60. D. R. Thomas and J. N. K. Rao
    (1987), J. Am. Stat. Assoc. 82:630-636. Conventions as in R's survey, `svychisq`.

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> stages = [place // 4 for place in range(48)]
    >>> answers = [place % 3 == 0 or place % 8 == 1 for place in range(48)]
    >>> groups = ["a" if place % 8 < 3 else "b" for place in range(48)]
    >>> design = survey_design(weights=[1] * 48, stages=stages)
    >>> found = independence_test(design, groups, answers)
    >>> round(found.pearson, 4), round(found.statistic, 4), round(found.p_value, 3)
    (2.2857, 9.5238, 0.01)
    """
    choice("method", method, METHODS)
    crossed = cross(design, rows, columns, subset)
    for name, levels in (("rows", crossed.rows), ("columns", crossed.columns)):
        if len(levels) < 2:
            raise ValueError(f"{name} must have two levels that occur, got {levels!r}")
    table = crossed.totals(design.weights)
    n = int(crossed.inside.sum())
    pearson = _pearson(table) * n
    nu = int(degrees_of_freedom(design, np.where(crossed.inside, 0, -1), 1)[0])
    effects = _design_effects(design, crossed, table, n)
    if method.startswith("rao_scott"):
        statistic, df1, df2 = _rao_scott(pearson, effects, nu, method)
    else:
        statistic, df1, df2 = _wald(design, crossed, table, nu, method)
    p_value, deff = _tail(statistic, df1, df2), float(effects.trace()) / len(effects)
    return IndependenceTest(
        statistic, df1, df2, p_value, pearson, deff, table, crossed.rows, crossed.columns,
        crossed.dropped, n, method,
    )  # fmt: skip


def _pearson(table: FloatArray) -> float:
    shares = table / table.sum()
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return float(((shares - expected) ** 2 / expected).sum())


def _design_effects(design: Design, crossed: Crossed, table: FloatArray, n: int) -> FloatArray:
    """The design-effect matrix of the interaction contrasts of the log shares."""
    shares = (table / table.sum()).reshape(-1)
    cells = _cell_indicators(crossed)
    between = covariance(design, all_per_row((cells - shares) / table.sum(), crossed.inside))
    contrasts = np.kron(_contrasts(len(crossed.rows)), _contrasts(len(crossed.columns)))
    with np.errstate(divide="ignore"):
        slopes = np.where(shares > 0, 1 / shares, 0.0)[:, None] * contrasts
    simple = contrasts.T @ slopes / n
    # Several empty cells can leave a contrast without any information: a general inverse.
    return np.asarray(np.linalg.pinv(simple, hermitian=True) @ (slopes.T @ between @ slopes))


def _cell_indicators(crossed: Crossed) -> FloatArray:
    cells = crossed.row_codes * len(crossed.columns) + crossed.column_codes
    count = crossed.shape[0] * crossed.shape[1]
    return np.asarray(cells[:, None] == np.arange(count), np.float64)


def _contrasts(levels: int) -> FloatArray:
    return np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])


def _rao_scott(
    pearson: float, effects: FloatArray, nu: int, method: str
) -> tuple[float, float, float]:
    trace = float(effects.trace())
    if method == "rao_scott_first":
        return pearson * len(effects) / trace, float(len(effects)), float("inf")
    ndf = trace**2 / float((effects @ effects).trace())
    return pearson / trace, ndf, ndf * nu


def _wald(
    design: Design, crossed: Crossed, table: FloatArray, nu: int, method: str
) -> tuple[float, float, float]:
    whole, down, across = table.sum(), table.sum(axis=1), table.sum(axis=0)
    excess = (table - np.outer(down, across) / whole)[:-1, :-1].reshape(-1)
    rows = (crossed.row_codes[:, None] == np.arange(len(down) - 1)).astype(np.float64)[:, :, None]
    columns = (crossed.column_codes[:, None] == np.arange(len(across) - 1)).astype(np.float64)
    columns = columns[:, None, :]
    influence = rows * columns - (rows * across[:-1] + down[:-1, None] * columns) / whole
    influence += np.outer(down[:-1], across[:-1]) / whole**2
    k = excess.size
    columns_of = all_per_row(influence.reshape(-1, k), crossed.inside)
    between = covariance(design, columns_of)
    freedom = nu if method == "wald" else nu - k + 1
    if freedom <= 0 or np.linalg.matrix_rank(between, hermitian=True) < k:
        return float("nan"), float(k), float(freedom)
    wald = float(excess @ np.linalg.solve(between, excess))
    return wald / k if method == "wald" else wald * freedom / (k * nu), float(k), float(freedom)


def _tail(statistic: float, df1: float, df2: float) -> float:
    if np.isnan(statistic) or df2 <= 0:
        return float("nan")
    if np.isinf(df2):
        return float(chdtrc(df1, statistic))
    return float(fdtrc(df1, df2, statistic))
