"""Samples drawn from a list by a seed: whoever has the list and the seed draws the same sample.

No random number generator of a library takes part, for theirs may change. The chance number of an
entry is the SHA-256 hash of the seed and the entry's own label, so a draw depends neither on the
order of the list, nor on the machine, nor on the year, and anyone can check it in any language::

    text = JSON of [seed, purpose, stratum, label], no spaces, letters as they are (UTF-8, NFC)
    number = the first 8 bytes of SHA-256(text), big-endian, over 2^64
"""

import json
import unicodedata
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from survey.stats.coding import level_place, without_missing
from survey.stats.counts import FloatArray, IntArray, counts, one_row
from survey.stats.version import VERSION

ONE = 2**64
LARGEST_TOTAL = 2**63
ALL = ""  # the stratum of a list that is not stratified


Drawn: TypeAlias = tuple[int, float, Hashable]  # row, chance, stratum
Part: TypeAlias = tuple[Hashable, list[int], int]  # stratum, its rows, how many to draw


@dataclass(frozen=True, eq=False)
class Draw:
    """A sample.

    Attributes
    ----------
    rows : numpy.ndarray of int64
        Places in the list of those drawn, ascending.
    probabilities : numpy.ndarray of float64
        Chance of each of them to be drawn.
    weights : numpy.ndarray of float64
        One over the chance.
    certain : numpy.ndarray of bool
        Drawn for sure.
    strata : tuple
        The stratum of each of them, '' where the list is not stratified.
    n : int
    seed : str
    method : str
        'simple' or 'pps_systematic'.
    version : str
    """

    rows: IntArray
    probabilities: FloatArray
    weights: FloatArray
    certain: NDArray[np.bool_]
    strata: tuple[Hashable, ...]
    n: int
    seed: str
    method: str
    version: str = VERSION


def draw_simple(
    labels: object, n: int | Mapping[Hashable, int], *, seed: str, strata: object = None
) -> Draw:
    """Draw without replacement, each entry with the same chance within its stratum.

    Parameters
    ----------
    labels : array-like of str or int
        What each entry of the list is called for good; no two alike.
    n : int, or mapping of stratum to int
        How many to draw; with `strata`, how many from each.
    seed : str
        Any text; published with the sample, and fixed before the list is known.
    strata : array-like, optional
        The stratum of each entry.

    Returns
    -------
    Draw
        Those with the smallest chance numbers of their stratum. A later, longer list keeps most
        of them, which is meant.

    Raises
    ------
    ValueError
        When a label is missing, occurs twice or is a float; when more are wanted than there are;
        when a stratum of the list is not in `n`, or the reverse.

    References
    ----------
    E. Ohlsson (1995), in Business Survey Methods (Wiley), chapter 9 (permanent random numbers).
    W. G. Cochran (1977), Sampling Techniques, sections 2.1 and 5.3.

    Examples
    --------
    >>> found = draw_simple(["Sài Gòn", "Bến Thành", "Chợ Lớn", "Thủ Đức"], 2, seed="wave 1")
    >>> found.rows.tolist(), found.weights.tolist()
    ([1, 2], [2.0, 2.0])
    """
    names = _names(labels)
    drawn: list[Drawn] = []
    for stratum, members, wanted in _parts(names, n, strata):
        own = [names[row] for row in members]
        numbers = _numbers(seed, "simple", stratum, own)
        numbered = sorted(zip(numbers, own, members, strict=True))
        chance = wanted / len(members)
        drawn += [(row, chance, stratum) for _, _, row in numbered[:wanted]]
    return _draw(drawn, seed, "simple")


def draw_pps(
    labels: object,
    measure: object,
    n: int | Mapping[Hashable, int],
    *,
    seed: str,
    strata: object = None,
    order: object = None,
) -> Draw:
    """Draw systematically with chances in proportion to a measure of size.

    Parameters
    ----------
    labels : array-like of str or int
        What each entry of the list is called for good; no two alike.
    measure : array-like of int
        The size of each entry, a whole number; entries of size 0 are never drawn.
    n : int, or mapping of stratum to int
        How many to draw; with `strata`, how many from each.
    seed : str
        Any text; published with the sample.
    strata : array-like, optional
        The stratum of each entry.
    order : array-like, optional
        What the list is walked by, for instance a geographic code, so that the sample spreads
        over it (implicit stratification); ties, and the whole list when not given, are walked by
        chance number.

    Returns
    -------
    Draw
        Entries whose chance would reach 1 are drawn for sure and the rest is drawn from the
        others.

    Raises
    ------
    ValueError
        As for `draw_simple`; when fewer entries have a size above 0 than are wanted.

    Notes
    -----
    All sums are of whole numbers, so no rounding can move a draw. A systematic sample has no
    unbiased estimate of its own variance; it is analysed as drawn with replacement.

    References
    ----------
    W. G. Madow (1949), Ann. Math. Statist. 20:333-354. W. G. Cochran (1977), Sampling
    Techniques, section 9A.10.

    Examples
    --------
    >>> found = draw_pps(["a", "b", "c", "d"], [10, 200, 30, 60], 2, seed="wave 1")
    >>> found.rows.tolist(), found.probabilities.round(2).tolist(), found.certain.tolist()
    ([1, 3], [1.0, 0.6], [True, False])
    """
    names = _names(labels)
    sizes = one_row("measure", measure)
    if sizes.size != len(names):
        raise ValueError(f"measure must have {len(names)} rows, got {sizes.size}")
    if sum(sizes.tolist()) >= LARGEST_TOTAL:
        raise ValueError("measure must add up to less than 2**63")
    ranks = _ranks(order, len(names))
    drawn: list[Drawn] = []
    for stratum, members, wanted in _parts(names, n, strata):
        own = [names[row] for row in members]
        numbers = _numbers(seed, "order", stratum, own)
        walk = sorted(zip(ranks[members].tolist(), numbers, own, members, strict=True))
        [start] = _numbers(seed, "start", stratum, [ALL])
        found = _systematic([row for *_, row in walk], sizes.tolist(), wanted, start)
        drawn += [(row, chance, stratum) for row, chance in found]
    return _draw(drawn, seed, "pps_systematic")


def _systematic(
    walk: list[int], sizes: list[int], wanted: int, start: int
) -> list[tuple[int, float]]:
    rest = [row for row in walk if sizes[row] > 0]
    if wanted > len(rest):
        raise ValueError(f"n must not exceed the {len(rest)} entries of measure above 0, "
                         f"got {wanted}")  # fmt: skip
    certain: list[int] = []
    while True:  # taking one for sure shortens the step, which can make others sure
        left, total = wanted - len(certain), sum(sizes[row] for row in rest)
        sure = [row for row in rest if left * sizes[row] >= total] if left else []
        if not sure:
            break
        certain += sure
        taken = set(sure)
        rest = [row for row in rest if row not in taken]
    upper = np.cumsum([sizes[row] for row in rest], dtype=np.int64)
    # Point j lies at (start + j) steps of total / left; its floor decides, exactly.
    points = [(start + j * ONE) * total // (left * ONE) for j in range(left)]
    places = np.searchsorted(upper, np.array(points, np.int64), side="right")
    drawn = [(rest[place], left * sizes[rest[place]] / total) for place in places]
    return [(row, 1.0) for row in certain] + drawn


def _parts(names: list[str], n: int | Mapping[Hashable, int], strata: object) -> list[Part]:
    """The strata with the places of their entries and how many to draw from them."""
    if strata is None:
        if isinstance(n, Mapping):
            raise ValueError("strata must be given where n is a mapping")
        return [(ALL, list(range(len(names))), _wanted(n, len(names), ALL))]
    if not isinstance(n, Mapping):
        raise ValueError("n must map each stratum to a number where strata are given")
    coded = without_missing("strata", strata, len(names))
    for stratum in n:
        level_place("n", stratum, coded.levels)
    parts: list[Part] = []
    for place, stratum in enumerate(coded.levels):
        if stratum not in n:
            raise ValueError(f"n must say how many to draw from stratum {stratum!r}")
        members = np.flatnonzero(coded.codes == place).tolist()
        parts.append((stratum, members, _wanted(n[stratum], len(members), stratum)))
    return parts


def _wanted(n: object, available: int, stratum: Hashable) -> int:
    wanted = int(counts("n", n))
    if wanted > available:
        where = f" of stratum {stratum!r}" if stratum != ALL else ""
        raise ValueError(f"n must not exceed the {available} entries{where}, got {wanted}")
    return wanted


def _names(labels: object) -> list[str]:
    given = np.asarray(labels)
    if given.ndim != 1 or not given.size:
        raise ValueError(f"labels must be a list of names, got shape {given.shape}")
    names = [_name("labels", label) for label in given.tolist()]
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"labels must not occur twice, but {twice!r} does")
    return names


def _name(argument: str, label: object) -> str:
    if not isinstance(label, str | int) or isinstance(label, bool):
        raise ValueError(f"{argument} must be texts or whole numbers, got {label!r}")
    return unicodedata.normalize("NFC", str(label))


def _ranks(order: object, rows: int) -> IntArray:
    if order is None:
        return np.zeros(rows, np.int64)
    return without_missing("order", order, rows).codes


def _numbers(seed: str, purpose: str, stratum: Hashable, labels: list[str]) -> list[int]:
    """The chance numbers of labels; the JSON text is the one that the module describes."""
    parts = [_name("seed", seed), purpose, _name("strata", stratum)]
    begun = sha256((_json(parts)[:-1] + ",").encode())
    numbers = []
    for label in labels:
        text = begun.copy()
        text.update((_json(label) + "]").encode())
        numbers.append(int.from_bytes(text.digest()[:8], "big"))
    return numbers


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _draw(drawn: list[Drawn], seed: str, method: str) -> Draw:
    drawn = sorted(drawn, key=lambda one: one[0])
    rows = np.array([row for row, _, _ in drawn], np.int64)
    chances = np.array([chance for _, chance, _ in drawn], np.float64)
    strata = tuple(stratum for _, _, stratum in drawn)
    return Draw(rows, chances, 1 / chances, chances >= 1, strata, len(drawn), str(seed), method)
