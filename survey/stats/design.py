"""A sample design: who was drawn how, coded once and used by every estimate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from survey.stats.calibrated import Calibration
from survey.stats.coding import Categories, sums
from survey.stats.counts import FloatArray, choice
from survey.stats.stages import Stage, drawn_stages

LONELY = ("fail", "adjust", "certainty", "remove", "average")
LONELY_DOMAINS = ("leave", "adjust")


@dataclass(frozen=True, eq=False)
class Design:
    """A sample with its weights and the way in which it was drawn.

    Made by `survey_design`; weighting functions return a new one.

    Attributes
    ----------
    weights : numpy.ndarray of float64
        One for each row, not negative.
    stages : tuple of Stage
        The stages that add to the variance; the first one always.
    lonely, lonely_domains : str
        The policies for single PSUs.
    calibration : Calibration or None
        What the weights were fitted to, if they were.
    """

    weights: FloatArray
    stages: tuple[Stage, ...]
    lonely: str
    lonely_domains: str
    calibration: Calibration | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.weights.size

    @property
    def psus(self) -> int:
        """Number of primary clusters."""
        return self.stages[0].parents.size

    @property
    def strata(self) -> int:
        """Number of first-stage strata."""
        return self.stages[0].sizes.size

    @property
    def df(self) -> int:
        """Degrees of freedom of the whole sample: PSUs minus strata."""
        return self.psus - self.strata

    def reweighted(self, weights: object) -> "Design":
        """The same sample with other weights, taken as given (no calibration).

        Examples
        --------
        >>> design = survey_design(weights=[1.0, 2.0])
        >>> design.reweighted([2.0, 2.0]).weights.tolist()
        [2.0, 2.0]
        """
        given = positive_weights(weights)
        if given.size != self.n:
            raise ValueError(f"weights must have {self.n} rows, got {given.size}")
        return replace(self, weights=given, calibration=None)


def survey_design(
    *,
    weights: object = None,
    strata: object = None,
    stages: object = None,
    fpc: object = None,
    nest: bool = False,
    lonely: str = "fail",
    lonely_domains: str = "leave",
) -> Design:
    """Describe how a probability sample was drawn.

    Parameters
    ----------
    weights : array-like of float, optional
        One for each row, finite and not negative. When not given, each row weighs the product
        over stages of existing over drawn clusters, and `fpc` must be given for every stage.
    strata : array-like or list of array-like, optional
        The first-stage stratum of each row; or a list with one entry for each stage (None: not
        stratified at that stage).
    stages : array-like or list of array-like, optional
        The cluster of each row at each stage, the first stage first. When not given, each row
        was drawn by itself. Labels of later stages count within their cluster above.
    fpc : array-like of float or list of array-like, optional
        For each stage, how many clusters existed in the row's parent (stratum, or cluster of the
        stage before); infinity stands for drawing with replacement. One array for each stage,
        or none: then the first stage alone is analysed, as drawn with replacement (the
        ultimate-cluster method).
    nest : bool
        Labels of primary clusters start anew in each stratum. When False, a label that occurs in
        two strata is an error.
    lonely : {'fail', 'adjust', 'certainty', 'remove', 'average'}
        A parent of which one single cluster was drawn and others were left: refuse the design;
        centre it at the mean of all clusters of its stage; count it, or leave it out, as adding
        nothing (the two are the same number); or give it the mean of the other parents.
    lonely_domains : {'leave', 'adjust'}
        A domain that lies in one single PSU of a stratum that has more: leave its contribution
        as it is, or do not centre it (larger).

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        The message names the argument: NaN, negative or all-zero weights; missing labels; a PSU
        in two strata; an `fpc` that varies within its parent or is below the number drawn; a
        stratum without any positive weight; a single PSU under 'fail'.

    Notes
    -----
    Fewer rows must never be handed in to look at a part of the sample: the estimates take `by`
    and `subset`, which keep the PSUs in which nobody belongs to the part.

    References
    ----------
    W. G. Cochran (1977), Sampling Techniques, chapters 5, 9-11. T. Lumley (2010), Complex
    Surveys, sections 2.2 and 3.2 and R package survey (policies for single PSUs).

    Examples
    --------
    Two strata of three and two PSUs out of 30 and 20:

    >>> design = survey_design(
    ...     weights=[10, 10, 10, 10, 10, 10],
    ...     strata=["north", "north", "north", "north", "south", "south"],
    ...     stages=[1, 1, 2, 3, 4, 5],
    ...     fpc=[30, 30, 30, 30, 20, 20],
    ... )
    >>> design.psus, design.strata, design.df
    (5, 2, 3)
    """
    choice("lonely", lonely, LONELY)
    choice("lonely_domains", lonely_domains, LONELY_DOMAINS)
    populations = [_population(column) for column in columns(fpc)]
    given = None if weights is None else positive_weights(weights)
    rows = _rows(given, populations)
    drawn = drawn_stages(rows, columns(strata), columns(stages), populations, nest)
    heavy = _weights_of(drawn, rows) if given is None else given
    _refuse_empty_strata(drawn[0], heavy)
    used = tuple(stage for stage in drawn if (stage.scales > 0).any() or stage is drawn[0])
    _refuse_lonely(used, lonely)
    return Design(heavy, used, lonely, lonely_domains)


def positive_weights(weights: object, *, name: str = "weights") -> FloatArray:
    """Read weights: one row, finite, none negative, not all of them 0.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> positive_weights([1, float("nan")])
    Traceback (most recent call last):
    ...
    ValueError: weights must be finite and not negative, got nan in row 1
    """
    array = np.array(weights, np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name} must be one number for each row, got shape {array.shape}")
    wrong = ~((array >= 0) & np.isfinite(array))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{name} must be finite and not negative, got {array[row]} in row {row}")
    if not array.any():
        raise ValueError(f"{name} must not all be 0")
    array.flags.writeable = False
    return array


def columns(value: object) -> list[Any]:
    """One column, or a list of them, or None, as a list of columns."""
    if value is None or (isinstance(value, list | tuple) and not value):
        return []
    if isinstance(value, list | tuple) and any(_is_column(entry) for entry in value):
        return list(value)
    return [value]


def _is_column(entry: object) -> bool:
    if isinstance(entry, Categories):
        return True
    return not isinstance(entry, str) and np.ndim(np.asarray(entry)) > 0


def _population(column: object) -> FloatArray:
    array = np.asarray(column, np.float64)
    if array.ndim != 1 or not (array >= 1).all():
        raise ValueError("fpc must be counts of at least 1 (infinity: with replacement)")
    return array


def _rows(weights: FloatArray | None, populations: Sequence[FloatArray]) -> int:
    if weights is not None:
        return weights.size
    if not populations:
        raise ValueError("weights must be given where fpc is not")
    return populations[0].size


def _weights_of(drawn: Sequence[Stage], rows: int) -> FloatArray:
    weights = np.ones(rows)
    for stage in drawn:
        if not (stage.fractions > 0).all():
            raise ValueError("weights must be given where fpc is infinite")
        weights /= stage.fractions[stage.parents[stage.codes]]
    return weights


def _refuse_empty_strata(first: Stage, weights: FloatArray) -> None:
    if weights.all():
        return
    of_clusters = sums(first.codes, weights, first.parents.size)
    totals = sums(first.parents, of_clusters, first.sizes.size)
    empty = int((totals == 0).sum())
    if empty:
        raise ValueError(
            f"weights must not be 0 in a whole stratum, but are in {empty} of {totals.size} strata"
        )


def _refuse_lonely(used: Sequence[Stage], lonely: str) -> None:
    for place, stage in enumerate(used):
        alone = int(stage.lonely.sum())
        if alone and lonely == "fail":
            where = "strata" if place == 0 else f"clusters at stage {place + 1}"
            raise ValueError(
                f"stages: {alone} of {stage.sizes.size} {where} have a single cluster out of "
                "several; merge them, or choose lonely='adjust', 'certainty', 'remove' or 'average'"
            )
        if alone == stage.sizes.size and lonely == "average":
            raise ValueError("lonely='average' needs a stratum with more than one PSU")
