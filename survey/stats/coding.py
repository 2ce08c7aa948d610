"""Labels as whole numbers: whatever names rows are grouped by, coded 0..k-1 once."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey.stats.counts import FloatArray, IntArray

# A table over all possible keys is faster than sorting them while it stays of the data's size.
TABLE_PER_ROW = 4
SMALL_TABLE = 65_536


@dataclass(frozen=True, eq=False)
class Categories:
    """Labels of rows, coded.

    Attributes
    ----------
    codes : numpy.ndarray of int64
        One for each row: the place of its label in `levels`, -1 where the label is missing.
    levels : tuple
        The labels that occur, sorted: numbers by value, texts by code point.
    """

    codes: IntArray
    levels: tuple[Hashable, ...]


def categories(labels: object, *, name: str = "labels") -> Categories:
    """Code labels 0..k-1; what is coded once can be handed in wherever labels are asked for.

    Parameters
    ----------
    labels : array-like or Categories
        One label a row: integers, texts, booleans or floats. None and NaN are missing.
    name : str
        What the argument is called where the caller sees it; errors say so.

    Returns
    -------
    Categories

    Raises
    ------
    ValueError
        When the labels are not one row, or of a kind that cannot be a label.

    Examples
    --------
    >>> found = categories(["web", "paper", None, "web"])
    >>> found.codes.tolist(), found.levels
    ([1, 0, -1, 1], ('paper', 'web'))
    """
    if isinstance(labels, Categories):
        return labels
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one label for each row, got shape {array.shape}")
    if array.dtype.kind in "iub":
        return _whole_numbers(array)
    if array.dtype.kind == "f":
        return _floats(array)
    if array.dtype.kind in "UO":
        return _texts(array, name)
    raise ValueError(f"{name} must be integers, texts or booleans, got {array.dtype}")


def _whole_numbers(array: NDArray[Any]) -> Categories:
    if array.dtype == np.bool_:
        codes, levels = compress(array.astype(np.int64), 2)
        return Categories(codes, tuple(bool(level) for level in levels))
    if not array.size:
        return Categories(np.empty(0, np.int64), ())
    low, high = int(array.min()), int(array.max())
    if _fits_table(high - low + 1, array.size):
        codes, levels = compress(np.subtract(array, low, dtype=np.int64), high - low + 1)
        return Categories(codes, tuple((levels + low).tolist()))
    values, codes = np.unique(array, return_inverse=True)
    return Categories(codes.astype(np.int64, copy=False), tuple(values.tolist()))


def _floats(array: NDArray[Any]) -> Categories:
    known = ~np.isnan(array)
    values, inverse = np.unique(array[known], return_inverse=True)
    codes = np.full(array.size, -1, np.int64)
    codes[known] = inverse
    return Categories(codes, tuple(values.tolist()))


def _texts(array: NDArray[Any], name: str) -> Categories:
    # A dictionary is several times faster than numpy's sort of a million texts.
    places: dict[Any, int] = {}
    try:
        codes = np.fromiter(
            (places.setdefault(label, len(places)) for label in array.tolist()),
            np.int64,
            array.size,
        )
    except TypeError:
        raise ValueError(f"{name} holds a value that cannot be a label") from None
    # The only value that differs from itself is NaN.
    known = [label for label in places if label is not None and label == label]
    rank = np.full(len(places), -1, np.int64)
    levels = _sorted(known)
    for place, label in enumerate(levels):
        rank[places[label]] = place
    return Categories(rank[codes] if codes.size else codes, tuple(levels))


def _sorted(labels: list[Any]) -> list[Any]:
    try:
        return sorted(labels)
    except TypeError:  # numbers and texts side by side
        return sorted(labels, key=str)


def compress(keys: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Code keys in 0..size-1 by the rank of those that occur.

    Parameters
    ----------
    keys : numpy.ndarray of int64
        One dimension.
    size : int
        One more than the largest key that could occur.

    Returns
    -------
    codes, found : numpy.ndarray of int64
        The rank of each key, and the keys that occur, ascending: ``found[codes]`` is `keys`.

    Examples
    --------
    >>> codes, found = compress(np.array([7, 3, 7]), 8)
    >>> codes.tolist(), found.tolist()
    ([1, 0, 1], [3, 7])
    """
    if not _fits_table(size, keys.size):
        found, codes = np.unique(keys, return_inverse=True)
        return codes.astype(np.int64, copy=False), found
    occurs = np.zeros(size, bool)
    occurs[keys] = True
    found = np.flatnonzero(occurs)
    if found.size == size:
        return keys, found
    places = np.empty(size, np.int64)  # written, and read, only where a key occurs
    places[found] = np.arange(found.size)
    return places[keys], found


def _fits_table(size: int, rows: int) -> bool:
    return size <= max(TABLE_PER_ROW * rows, SMALL_TABLE)


def sums(codes: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Sum of the values that each of the codes 0..size-1 has.

    Examples
    --------
    >>> sums(np.array([1, 1, 0]), np.array([0.5, 2.0, 3.0]), 3).tolist()
    [3.0, 2.5, 0.0]
    """
    return np.asarray(np.bincount(codes, values, size), np.float64)


def pair_sums(keys: IntArray, size: int, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """The keys that occur, ascending, and the sum of the values that each of them has.

    Examples
    --------
    >>> found, totals = pair_sums(np.array([7, 3, 7]), 8, np.array([1.0, 2.0, 3.0]))
    >>> found.tolist(), totals.tolist()
    ([3, 7], [2.0, 4.0])
    """
    if _fits_table(size, keys.size):
        found = np.flatnonzero(np.bincount(keys, minlength=size))
        return found, sums(keys, values, size)[found]
    found, codes = np.unique(keys, return_inverse=True)
    return found, sums(codes, values, found.size)


def without_missing(name: str, labels: object, rows: int) -> Categories:
    """Labels of which each row must have one.

    Raises
    ------
    ValueError
        When a label is missing, or there are not `rows` of them.

    Examples
    --------
    >>> without_missing("strata", ["a", None], 2)
    Traceback (most recent call last):
    ...
    ValueError: strata must not be missing, but 1 of 2 rows has none
    """
    found = of_length(name, labels, rows)
    missing = int((found.codes < 0).sum())
    if missing:
        raise ValueError(f"{name} must not be missing, but {missing} of {rows} rows has none")
    return found


def of_length(name: str, labels: object, rows: int) -> Categories:
    """Labels, missing ones allowed, one for each of `rows` rows.

    Raises
    ------
    ValueError
        When there are not `rows` of them.

    Examples
    --------
    >>> of_length("by", ["a", None], 2).codes.tolist()
    [0, -1]
    """
    found = categories(labels, name=name)
    if found.codes.size != rows:
        raise ValueError(f"{name} must have {rows} rows, got {found.codes.size}")
    return found


def level_place(name: str, level: Hashable, levels: Sequence[Hashable]) -> int:
    """The place of a label among the levels.

    Raises
    ------
    ValueError
        When no row has it; the message lists the first levels that exist.

    Examples
    --------
    >>> level_place("a", "web", ("paper", "web"))
    1
    """
    try:
        return list(levels).index(level)
    except ValueError:
        shown = ", ".join(repr(known) for known in levels[:10])
        raise ValueError(f"{name} must be one of {shown}, got {level!r}") from None
