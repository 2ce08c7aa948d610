"""Scores: sums of rounded means with bands, and points from shares, in exact arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from survey.stats.counts import exact_share, one_row
from survey.stats.printing import half_up
from survey.stats.version import VERSION

NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class ScoreSum:
    """A sum of rounded means with its band.

    Attributes
    ----------
    means : tuple of decimal.Decimal or None
        The rounded mean of each item; None where it has no data.
    total : decimal.Decimal or None
        Sum of the rounded means; None as soon as one item has no data.
    band : str
        The band of the total, or 'not_evaluated'.
    exact_total : fractions.Fraction or None
        Sum of the means before rounding, for intervals and for the order of progress.
    method, version : str
    """

    means: tuple[Decimal | None, ...]
    total: Decimal | None
    band: str
    exact_total: Fraction | None
    method: str = "rounded_means"
    version: str = VERSION


def score_sum(
    sums: object, cases: object, bands: Mapping[str, Decimal | int], *, places: int = 1
) -> ScoreSum:
    """Sum of item means, each rounded half up before the sum, in exact arithmetic.

    Parameters
    ----------
    sums : array-like of int
        For each item the sum of the scores of its cases; without cases it is not looked at.
    cases : array-like of int
        For each item how many cases were scored.
    bands : mapping of str to decimal.Decimal or int
        For each band the lowest total that still belongs to it; one of them must start at 0.
    places : int
        Decimal places of each rounded mean.

    Returns
    -------
    ScoreSum
        A total on a boundary belongs to the upper band. With an item without cases there is no
        total and the band is 'not_evaluated'.

    Raises
    ------
    ValueError
        For bad counts (the argument is named), lists of different length, inexact or negative
        band limits, or bands that do not start at 0.

    Notes
    -----
    Rounding before the sum makes the total differ from the rounded sum by up to half a step for
    every item; both are kept. Binary floats would send 1.65 and 1.25 the wrong way.

    Examples
    --------
    >>> bands = {"good": 4, "fair": 2, "poor": 0}
    >>> found = score_sum([33, 5, 2], [20, 4, 2], bands)
    >>> found.means, found.total, found.band
    ((Decimal('1.7'), Decimal('1.3'), Decimal('1.0')), Decimal('4.0'), 'good')
    >>> found.exact_total
    Fraction(39, 10)
    >>> score_sum([33, 0], [20, 0], bands).band
    'not_evaluated'
    """
    limits = _limits(bands)
    s, n = one_row("sums", sums), one_row("cases", cases)
    if s.size != n.size:
        raise ValueError(f"sums and cases must have one length, got {s.size} and {n.size}")
    exact = [Fraction(int(a), int(b)) if b else None for a, b in zip(s, n, strict=True)]
    means = tuple(None if mean is None else half_up(mean, places) for mean in exact)
    present = [mean for mean in means if mean is not None]
    if len(present) < len(means):
        return ScoreSum(means, None, NOT_EVALUATED, None)
    total = sum(present, Decimal(0))
    band = next(name for name, lowest in limits if total >= lowest)
    exact_total = sum((mean for mean in exact if mean is not None), Fraction())
    return ScoreSum(means, total, band, exact_total)


def _limits(bands: Mapping[str, Decimal | int]) -> list[tuple[str, Decimal]]:
    for name, lowest in bands.items():
        exact = isinstance(lowest, Decimal | int) and not isinstance(lowest, bool)
        if not exact or not lowest >= 0:
            raise ValueError(f"bands[{name!r}] must be a Decimal or int from 0, got {lowest!r}")
    limits = sorted(((name, Decimal(low)) for name, low in bands.items()), key=lambda b: -b[1])
    if not limits or limits[-1][1] != 0 or len({low for _, low in limits}) < len(limits):
        raise ValueError("bands must start at 0 and have different limits")
    return limits


def points_of_share(
    share: Fraction, maximum: Fraction | int, *, full_from: Fraction | int = 1
) -> Fraction:
    """Points for a share: all of them from a threshold on, in proportion below it.

    Parameters
    ----------
    share : fractions.Fraction
        An exact share in [0, 1].
    maximum : fractions.Fraction or int
        The points for a full score, not negative.
    full_from : fractions.Fraction or int
        The share from which all points are given, above 0.

    Returns
    -------
    fractions.Fraction
        ``maximum * min(1, share / full_from)``; add such points up and print the sum with
        `survey.stats.printing.half_up`.

    Raises
    ------
    ValueError
        When a number is inexact or out of range.

    Notes
    -----
    Proportion below the threshold is the plain reading; where a rule gives steps instead, do
    not use this function.

    Examples
    --------
    >>> points_of_share(Fraction(99, 100), 6)
    Fraction(297, 50)
    >>> points_of_share(Fraction(93, 100), 6, full_from=Fraction(9, 10))
    Fraction(6, 1)
    """
    reached, threshold = exact_share("share", share), exact_share("full_from", full_from)
    if not threshold:
        raise ValueError("full_from must be above 0")
    if isinstance(maximum, bool) or not isinstance(maximum, Fraction | int) or maximum < 0:
        raise ValueError(f"maximum must be an exact number from 0, got {maximum!r}")
    return maximum * min(Fraction(1), reached / threshold)
