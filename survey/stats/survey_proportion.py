"""A share estimated from a probability sample, with intervals that stay inside 0 and 1."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.special import betaincinv, expit, logit

from survey.stats.counts import FloatArray, IntArray, ScalarOrArray, choice, share
from survey.stats.design import Design
from survey.stats.domains import Domains, answers_of, domains, t_quantile
from survey.stats.effective import wilson_ends
from survey.stats.estimation import mean_and_influence
from survey.stats.linearisation import linearised
from survey.stats.version import VERSION

# Where the logit interval is no longer trusted: a share this near 0 or 1, or so few answers' worth.
NEAR_END = 0.03
FEW_EFFECTIVE = 100


@dataclass(frozen=True, eq=False)
class ProportionEstimate:
    """A share of a probability sample.

    Attributes
    ----------
    estimate, se, low, high : float or numpy.ndarray of float64
        Arrays, one entry a domain, where `by` was given; NaN where nobody answered.
    df : float or numpy.ndarray
        Degrees of freedom.
    n : int or numpy.ndarray of int64
        Rows that answered.
    n_effective : float or numpy.ndarray of float64
        Size of the simple random sample with the same variance; for the beta interval adjusted
        for the degrees of freedom and capped.
    deff : float or numpy.ndarray of float64
        Design effect: `n` over the size of the simple random sample, drawn with replacement, that
        has the same variance; of all domains together where the share is 0 or 1. It is what
        `survey.stats.presentation` asks for.
    capped : bool or numpy.ndarray of bool
        The effective size was above `n` and was set to `n`.
    used : str or numpy.ndarray of str
        The interval that was computed: under 'standard', and at 0 and 1, it varies by domain.
    levels : tuple or None
        The labels of the domains.
    method : str
        The method that was asked for.
    level : float
    version : str
    """

    estimate: ScalarOrArray
    se: ScalarOrArray
    low: ScalarOrArray
    high: ScalarOrArray
    df: ScalarOrArray
    n: ScalarOrArray
    n_effective: ScalarOrArray
    deff: ScalarOrArray
    capped: ScalarOrArray
    used: ScalarOrArray
    levels: tuple[Hashable, ...] | None
    method: str
    level: float
    version: str = VERSION


@dataclass(frozen=True, eq=False)
class Facts:
    """What every interval is made from, one entry a domain."""

    p: FloatArray
    se: FloatArray
    n: IntArray
    effective: FloatArray
    t: FloatArray
    df_factor: FloatArray
    level: float
    cap: bool

    def sizes_for_beta(self) -> FloatArray:
        """Effective sizes, adjusted for the degrees of freedom; n at most where capped."""
        adjusted = self.effective * self.df_factor
        return np.minimum(adjusted, self.n) if self.cap else adjusted


Bounds: TypeAlias = tuple[Any, Any]


def survey_proportion(
    design: Design,
    satisfied: object,
    *,
    by: object = None,
    subset: object = None,
    method: str = "standard",
    level: float = 0.95,
    df: float | None = None,
    cap: bool = True,
) -> ProportionEstimate:
    """Estimated share of those who answered, with a design-based interval.

    Parameters
    ----------
    design : Design
    satisfied : array-like of bool or float
        One for each row: 1 or 0, NaN where not answered.
    by, subset, level, df
        As for `survey_total`.
    method : {'standard', 'logit', 'beta', 'wilson', 't', 'asin'}
        'logit': Student's t on the logit scale. 'beta': Korn and Graubard's Clopper-Pearson
        interval on the effective sample size. 'wilson': Wilson's on the effective size, with
        Student's t. 't': estimate plus or minus t se, which may leave [0, 1]. 'asin': t on the
        arcsine of the root. 'standard': logit, but beta where the share is below 0.03 or above
        0.97 or the effective size below 100.
    cap : bool
        Let no effective size exceed the number of answers (the rule of the U.S. National Center
        for Health Statistics); False gives the numbers of R's survey.

    Returns
    -------
    ProportionEstimate
        At 0 and at 1 no spread can be seen; the logit, arcsine and t intervals do not exist and
        the beta interval is given, on ``n / deff`` with the design effect of all domains together
        (of the weights alone, where that cannot be seen either).

    Raises
    ------
    ValueError
        As for `survey_total`; when a value is neither 0, 1 nor NaN; for an unknown method.

    References
    ----------
    E. L. Korn and B. I. Graubard (1998), Survey Methodology 24:193-201. N. Dean and M. Pagano
    (2015), J. Survey Statistics and Methodology 3:484-503. J. D. Parker et al. (2017), Vital
    Health Statistics 2(175). R's survey, `svyciprop` (its 'xlogit' is 'logit' to convergence).

    Examples
    --------
    >>> from survey.stats.design import survey_design
    >>> stages = [row // 4 for row in range(40)]
    >>> answers = [row % 20 > 5 for row in range(40)]
    >>> found = survey_proportion(survey_design(weights=[1] * 40, stages=stages), answers)
    >>> found.estimate, round(found.low, 4), round(found.high, 4), found.used, found.capped
    (0.7, 0.337, 0.9375, 'beta', False)
    """
    choice("method", method, ["standard", *INTERVALS])
    share("level", level)
    values = _zero_or_one(satisfied, design)
    where = domains(design, by, subset, values)
    point, influence = mean_and_influence(design, where, values)
    spread, rule = linearised(design, influence, where.codes, where.count)
    se = np.sqrt(np.where(np.isnan(point), np.nan, spread))
    freedom: Any = rule if df is None else np.full(where.count, float(df))
    rows = where.rows()
    effective = _effective(point, spread, rows)
    unseen = (rows > 0) & ((point == 0) | (point == 1))
    if unseen.any():
        effective[unseen] = rows[unseen] / _parent_deff(design, where, values)
    t = t_quantile(level, freedom)
    with np.errstate(invalid="ignore"):
        factor = (t_quantile(level, np.maximum(rows - 1, 0)) / t) ** 2
    facts = Facts(point, se, rows, effective, t, factor, level, cap)
    low, high, used = _bounds(facts, method, unseen)
    shown, capped = _shown(facts, used)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = rows / effective
    shaped = where.shaped
    return ProportionEstimate(
        shaped(point), shaped(se), shaped(low), shaped(high), shaped(freedom), shaped(rows),
        shaped(shown), shaped(deff), shaped(capped), shaped(used), where.levels, method, level,
    )  # fmt: skip


def _zero_or_one(satisfied: object, design: Design) -> FloatArray:
    values = answers_of("satisfied", satisfied, design)
    neither = ~((values == 0) | (values == 1))
    if neither.any() and not np.isnan(values[neither]).all():
        raise ValueError("satisfied must be 0 or 1, or NaN where not answered")
    return values


def _effective(p: FloatArray, spread: FloatArray, rows: IntArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = p * (1 - p) / spread
    return np.where(rows > 0, effective, np.nan)


def _parent_deff(design: Design, where: Domains, values: FloatArray) -> float:
    """Design effect of all domains together, or of the weights where that has no spread."""
    whole = Domains(np.minimum(where.codes, 0), 1, None, where.kept)
    point, influence = mean_and_influence(design, whole, values)
    spread, _ = linearised(design, influence, whole.codes, 1)
    rows = whole.rows()
    if 0 < point[0] < 1 and spread[0] > 0:
        return float(rows[0] / _effective(point, spread, rows)[0])
    weights = design.weights[where.kept]
    return float(rows[0] * (weights**2).sum() / weights.sum() ** 2)


def _bounds(facts: Facts, method: str, unseen: Any) -> tuple[FloatArray, FloatArray, Any]:
    used = np.full(facts.p.size, method, dtype="U8")
    if method == "standard":
        near = np.minimum(facts.p, 1 - facts.p) < NEAR_END
        used[:] = np.where(near | (facts.effective < FEW_EFFECTIVE), "beta", "logit")
    if method != "wilson":
        used[unseen] = "beta"
    low, high = np.full((2, facts.p.size), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in set(used.tolist()):
            own = used == name
            ends = INTERVALS[name](facts)
            low[own], high[own] = ends[0][own], ends[1][own]
    return low, high, used


def _shown(facts: Facts, used: Any) -> tuple[FloatArray, Any]:
    beta, wilson = used == "beta", used == "wilson"
    plain = np.where(beta, facts.effective * facts.df_factor, facts.effective)
    capped = (beta | wilson) & facts.cap & (plain > facts.n)
    return np.where(capped, facts.n, plain), capped


def _logit(facts: Facts) -> Bounds:
    half = facts.t * facts.se / (facts.p * (1 - facts.p))
    return expit(logit(facts.p) - half), expit(logit(facts.p) + half)


def _beta(facts: Facts) -> Bounds:
    size = facts.sizes_for_beta()
    yes, no = size * facts.p, size * (1 - facts.p)
    tail = (1 - facts.level) / 2
    low = np.where(facts.p == 0, 0.0, betaincinv(yes, no + 1, tail))
    high = np.where(facts.p == 1, 1.0, betaincinv(yes + 1, no, 1 - tail))
    known = np.isfinite(size)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _wilson(facts: Facts) -> Bounds:
    size = np.minimum(facts.effective, facts.n) if facts.cap else facts.effective
    known = np.isfinite(size) & ~np.isnan(facts.t)
    low, high = wilson_ends(facts.p, np.where(known, size, 1.0), facts.t)  # type: ignore[arg-type]
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _t(facts: Facts) -> Bounds:
    half = facts.t * facts.se
    return facts.p - half, facts.p + half


def _asin(facts: Facts) -> Bounds:
    centre = np.arcsin(np.sqrt(facts.p))
    half = facts.t * facts.se / (2 * np.sqrt(facts.p * (1 - facts.p)))
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


INTERVALS: dict[str, Callable[[Facts], Bounds]] = {
    "logit": _logit,
    "beta": _beta,
    "wilson": _wilson,
    "t": _t,
    "asin": _asin,
}
