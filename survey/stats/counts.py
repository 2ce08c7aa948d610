"""Counts as they come in: whole numbers, never negative, never more successes than trials.

Every function of the package that takes counts reads them here, so that the same mistake gets
the same message everywhere.
"""

from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Count: TypeAlias = int | np.integer[Any]
CountArray: TypeAlias = NDArray[np.integer[Any]] | Sequence[int]
IntArray: TypeAlias = NDArray[np.int64]
FloatArray: TypeAlias = NDArray[np.float64]

# What a result holds: a plain number where every argument was a scalar, an array otherwise.
ScalarOrArray: TypeAlias = Any

LARGEST_EXACT_FLOAT = 2**53


def counts(name: str, value: object) -> IntArray:
    """Read one argument of counts.

    Parameters
    ----------
    name : str
        What the argument is called where the caller sees it; the error says so.
    value : int or array-like of int
        Any shape. Floats are taken only when each of them is a whole number.

    Returns
    -------
    numpy.ndarray of int64
        Same shape; a scalar becomes an array of dimension 0.

    Raises
    ------
    ValueError
        When a value is NaN, infinite, negative, not a whole number, or above 2**63 - 1.

    Examples
    --------
    >>> counts("answered", [3, 4]).tolist()
    [3, 4]
    >>> counts("answered", 2.5)
    Traceback (most recent call last):
    ...
    ValueError: answered must be whole numbers, got 2.5
    """
    array = np.asarray(value)
    if array.dtype.kind == "f":
        array = _whole(name, array)
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"{name} must be whole numbers below 2**63, got {array.flat[0]!r}")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must be whole numbers below 2**63, got {array.max()}")
    array = array.astype(np.int64, copy=False)
    if array.size and array.min() < 0:
        raise ValueError(f"{name} must not be negative, got {array.min()}")
    return array


def _whole(name: str, array: NDArray[Any]) -> IntArray:
    if np.isnan(array).any():
        raise ValueError(f"{name} must not be NaN")
    wrong = ~(np.abs(array) <= LARGEST_EXACT_FLOAT) | (array != np.floor(array))
    if wrong.any():
        raise ValueError(f"{name} must be whole numbers, got {array[wrong].flat[0]}")
    return array.astype(np.int64)


def successes_of(
    satisfied: object,
    answered: object,
    *,
    names: tuple[str, str] = ("satisfied", "answered"),
) -> tuple[IntArray, IntArray]:
    """Read a pair of counts, successes out of trials, and spread them to one shape.

    Parameters
    ----------
    satisfied, answered : int or array-like of int
        Shapes that broadcast.
    names : tuple of str
        What the two are called in errors.

    Returns
    -------
    tuple of numpy.ndarray of int64
        Both in the common shape.

    Raises
    ------
    ValueError
        As `counts`; when a success has no trial; when the shapes do not broadcast.

    Examples
    --------
    >>> s, n = successes_of([9, 8], 10)
    >>> n.tolist()
    [10, 10]
    >>> successes_of(11, 10)
    Traceback (most recent call last):
    ...
    ValueError: satisfied must not exceed answered, got 11 of 10
    """
    s, n = counts(names[0], satisfied), counts(names[1], answered)
    s, n = spread(**{names[0]: s, names[1]: n})
    over = s > n
    if over.any():
        first = int(np.argmax(over.reshape(-1)))
        shown = f"{s.reshape(-1)[first]} of {n.reshape(-1)[first]}"
        raise ValueError(f"{names[0]} must not exceed {names[1]}, got {shown}")
    return s, n


def spread(**named: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Spread arrays to one common shape.

    Raises
    ------
    ValueError
        When the shapes do not broadcast; the message names the arguments.

    Examples
    --------
    >>> [array.shape for array in spread(answered=np.ones(3), population=np.array(9))]
    [(3,), (3,)]
    """
    try:
        return tuple(np.broadcast_arrays(*named.values()))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in named.values())
        raise ValueError(f"{' and '.join(named)} must have one shape, got {shapes}") from None


def as_given(array: NDArray[Any]) -> ScalarOrArray:
    """A plain Python number for an array of dimension 0, any other array as it is.

    Examples
    --------
    >>> as_given(np.array(0.5))
    0.5
    """
    return array.item() if array.ndim == 0 else array


def one_row(name: str, value: object) -> IntArray:
    """Read one argument of counts that must be a list: one dimension, not empty.

    Raises
    ------
    ValueError
        As `counts`; when it is a scalar, empty, or has more than one dimension.

    Examples
    --------
    >>> one_row("answered", 3)
    Traceback (most recent call last):
    ...
    ValueError: answered must be a list of counts, got shape ()
    """
    row = counts(name, value)
    if row.ndim != 1 or not row.size:
        raise ValueError(f"{name} must be a list of counts, got shape {row.shape}")
    return row


def share(name: str, value: float) -> float:
    """Read a number strictly between 0 and 1, such as a confidence level.

    Raises
    ------
    ValueError
        When it is NaN, or not strictly between 0 and 1.

    Examples
    --------
    >>> share("level", 0.95)
    0.95
    >>> share("level", 95)
    Traceback (most recent call last):
    ...
    ValueError: level must lie strictly between 0 and 1, got 95
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, got {value}")
    return float(value)


def exact_share(name: str, value: object) -> Fraction:
    """Read an exact share in [0, 1]: a `fractions.Fraction` or an integer, never a float.

    Raises
    ------
    ValueError
        When it is a float or another inexact type, or outside [0, 1].

    Examples
    --------
    >>> exact_share("target", Fraction(9, 10))
    Fraction(9, 10)
    >>> exact_share("target", 0.9)
    Traceback (most recent call last):
    ...
    ValueError: target must be a Fraction (an exact share), got 0.9
    """
    if isinstance(value, bool) or not isinstance(value, Rational):
        raise ValueError(f"{name} must be a Fraction (an exact share), got {value!r}")
    exact = value if type(value) is Fraction else Fraction(value)
    if not 0 <= exact.numerator <= exact.denominator:
        raise ValueError(f"{name} must lie in 0 to 1, got {value}")
    return exact


def choice(name: str, value: str, valid: Sequence[str]) -> str:
    """Read one of a closed list of names.

    Raises
    ------
    ValueError
        When it is none of them; the message lists all that are valid.

    Examples
    --------
    >>> choice("method", "wald", ["wilson", "jeffreys"])
    Traceback (most recent call last):
    ...
    ValueError: method must be one of 'wilson', 'jeffreys', got 'wald'
    """
    if value not in valid:
        listed = ", ".join(repr(name_) for name_ in valid)
        raise ValueError(f"{name} must be one of {listed}, got {value!r}")
    return value
