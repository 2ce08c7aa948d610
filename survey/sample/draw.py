"""Chance that is the same every time: numbers and ids drawn from what they are for."""

from __future__ import annotations

import hashlib
import uuid
from functools import cache

import numpy as np
from numpy.typing import NDArray

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://hai-long.invalid/sample")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def sample_id(*parts: object) -> uuid.UUID:
    """Return the UUIDv5 of something in the sample data."""
    return uuid.uuid5(NAMESPACE, "/".join(map(str, parts)))


def generator(*parts: object) -> np.random.Generator:
    """Return the generator that belongs to a purpose; equal parts draw equal numbers."""
    digest = hashlib.sha256("/".join(("sample", *map(str, parts))).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


@cache
def share(*parts: object) -> float:
    """Return one number from 0 up to 1 that belongs to a purpose."""
    digest = hashlib.sha256("/".join(("share", *map(str, parts))).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def logit(probability: float) -> float:
    """Return the log odds of a probability."""
    return float(np.log(probability / (1 - probability)))


def probability(log_odds: Floats) -> Floats:
    """Return the probabilities of log odds."""
    return np.asarray(1 / (1 + np.exp(-log_odds)), dtype=np.float64)
