"""The stages in which a sample was drawn, coded: strata, clusters in them, clusters in those."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.stats.coding import Categories, compress, without_missing
from survey.stats.counts import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of drawing; a parent is the group within which its clusters were drawn.

    Attributes
    ----------
    codes : numpy.ndarray of int64, one for each row
        The cluster of the row, 0..clusters-1, numbered parent by parent.
    parents : numpy.ndarray of int64, one for each cluster
        Its parent: a stratum at the first stage, later a cluster of the stage before (within its
        stratum there, if any).
    sizes : numpy.ndarray of int64, one for each parent
        How many of its clusters were drawn.
    fractions : numpy.ndarray of float64, one for each parent
        Drawn over existing clusters; 0 for drawing with replacement.
    scales : numpy.ndarray of float64, one for each parent
        What the sum of squares of the cluster totals about their mean is multiplied by.
    lonely : numpy.ndarray of bool, one for each parent
        A single cluster was drawn and others were left: no spread can be seen.
    """

    codes: IntArray
    parents: IntArray
    sizes: IntArray
    fractions: FloatArray
    scales: FloatArray
    lonely: NDArray[np.bool_]

    @property
    def starts(self) -> IntArray:
        """The first cluster of each parent."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes)


@dataclass(frozen=True, eq=False)
class Parents:
    """The groups within which the clusters of a stage were drawn.

    `codes` has one entry a row; `above` the cluster of the stage before, one a parent.
    """

    codes: IntArray
    above: IntArray


def drawn_stages(
    rows: int,
    strata: Sequence[object],
    labels: Sequence[object],
    populations: Sequence[object],
    nest: bool,
) -> list[Stage]:
    """Code the stages of a design; see `survey.stats.design.survey_design`.

    Examples
    --------
    >>> [stage] = drawn_stages(4, [["a", "a", "b", "b"]], [[1, 2, 3, 3]], [], False)
    >>> stage.codes.tolist(), stage.parents.tolist(), stage.lonely.tolist()
    ([0, 1, 2, 2], [0, 0, 1], [False, True])
    """
    depth = max(len(labels), 1)
    if len(strata) > depth:
        raise ValueError(f"strata must be one for each of {depth} stages, got {len(strata)}")
    if len(populations) not in (0, depth):
        raise ValueError(f"fpc must be one for each of {depth} stages, got {len(populations)}")
    above, factors = np.zeros(rows, np.int64), np.ones(1)
    drawn: list[Stage] = []
    # Without population counts the stages after the first add nothing to the variance.
    for step in range(depth if populations else 1):
        parents = _parents(above, factors.size, strata[step] if step < len(strata) else None)
        found = _clusters(parents, labels[step] if labels else None, nest or step > 0)
        existing = _existing(parents, populations[step] if populations else None)
        own = factors[parents.above]
        stage = _stage(*found, existing, own)
        drawn.append(stage)
        above, factors = stage.codes, (own * stage.fractions)[stage.parents]
    return drawn


def _parents(above: IntArray, count: int, strata: object) -> Parents:
    if strata is None:
        return Parents(above, np.arange(count))
    found = without_missing("strata", strata, above.size)
    width = len(found.levels)
    if count == 1:
        codes, keys = compress(found.codes, width)
    else:
        codes, keys = compress(above * width + found.codes, count * width)
    return Parents(codes, keys // width)


def _clusters(parents: Parents, labels: object, nest: bool) -> tuple[IntArray, IntArray]:
    """The cluster of each row, and the parent of each cluster."""
    count, rows = parents.above.size, parents.codes.size
    if labels is None:
        codes = np.empty(rows, np.int64)
        codes[np.argsort(parents.codes, kind="stable")] = np.arange(rows)
        return codes, np.repeat(np.arange(count), np.bincount(parents.codes, minlength=count))
    found = without_missing("stages", labels, rows)
    width = len(found.levels)
    codes, keys = compress(parents.codes * width + found.codes, count * width)
    of, label = np.divmod(keys, width)
    if not nest:
        _refuse_twice(found, label)
    return codes, of


def _refuse_twice(found: Categories, label: IntArray) -> None:
    strata = np.bincount(label)
    if strata.max() > 1:
        raise ValueError(
            f"stages must not have a PSU in two strata, but {found.levels[int(strata.argmax())]!r} "
            "is; where labels start anew in each stratum, set nest=True"
        )


def _existing(parents: Parents, population: object) -> FloatArray:
    """How many clusters each parent has in the population; infinity where that is not known."""
    existing = np.full(parents.above.size, np.inf)
    if population is None:
        return existing
    given = np.asarray(population, np.float64)
    if given.shape != parents.codes.shape:
        raise ValueError(f"fpc must have {parents.codes.size} rows, got {given.size}")
    existing[parents.codes] = given
    if (existing[parents.codes] != given).any():
        raise ValueError("fpc must be the same in all rows of a stratum, or of a cluster")
    return existing


def _stage(codes: IntArray, of: IntArray, existing: FloatArray, factors: FloatArray) -> Stage:
    sizes: Any = np.bincount(of, minlength=existing.size)
    if (existing < sizes).any():
        at = int(np.argmax(existing < sizes))
        raise ValueError(
            f"fpc must not be below the number drawn, got {existing[at]:g} for {sizes[at]} clusters"
        )
    fractions = sizes / existing
    spread = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    scales = factors * (1 - fractions) * spread
    return Stage(codes, of, sizes, fractions, scales, (sizes == 1) & (scales > 0))
