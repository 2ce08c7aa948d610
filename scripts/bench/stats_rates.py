"""Rates: Wilson intervals against a bare numpy pass and statsmodels, growth, and coverage.

Two parts. First speed, as ratios to a floor measured in the same run, with the memory each takes
beyond its arguments. Then what the intervals are worth: how often they miss, counted exactly
where that is possible and by a seeded simulation where it is not.
"""

import importlib
import sys
import time
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binom

from survey.stats import interval, percent, reached, verdict
from survey.stats.difference import difference
from survey.stats.proportion import METHODS
from survey.stats.sequence import confidence_sequence, log_evidence

TARGET = Fraction(91, 100)
SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 7
MOST_OVER_FLOOR = 1.5

Counts = tuple[NDArray[np.int64], NDArray[np.int64]]


def bare_pass(s: NDArray[np.int64], n: NDArray[np.int64]) -> tuple[Any, Any]:
    """Wilson's formula as one writes it in numpy: no checks, no exact ends, no n = 0."""
    z = float(ndtri(0.975))
    p = s / n
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    return centre - half, centre + half


def best_of(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Seconds of the fastest of several calls."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def side_by_side(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Best seconds of each call, taken in turns so that a noisy moment hits all alike."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(REPEATS):
        for name, call in calls.items():
            best[name] = min(best[name], best_of(call, 1))
    return best


def peak_megabytes(call: Callable[[], object]) -> float:
    """Most memory that a call holds at once."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def made_counts(size: int) -> Counts:
    """Counts as they come in: from 1 to 5,000 answers, about nine tenths satisfied."""
    rng = np.random.default_rng(2026)
    n = rng.integers(1, 5000, size)
    return rng.binomial(n, 0.9), n


def statsmodels_interval() -> Callable[..., Any] | None:
    """The peer's function, None where it is not installed."""
    try:
        module = importlib.import_module("statsmodels.stats.proportion")
    except ImportError:
        return None
    function: Callable[..., Any] = module.proportion_confint
    return function


def report_wilson() -> bool:
    """Compare with the floor and the peer at each size; return whether the bars are held."""
    peer = statsmodels_interval()
    if peer is None:
        print("statsmodels is not installed: its column is left out")
    print(f"\n{'Wilson':>10} {'floor s':>9} {'ours s':>9} {'ours/floor':>11} {'peer/ours':>10} MB")
    held = True
    for size in SIZES:
        s, n = made_counts(size)
        calls: dict[str, Callable[[], object]] = {
            "floor": partial(bare_pass, s, n),
            "ours": partial(interval, s, n),
        }
        if peer is not None:
            calls["peer"] = partial(peer, s, n, method="wilson")
        took = side_by_side(calls)
        ratio = took["ours"] / took["floor"]
        faster = f"{took['peer'] / took['ours']:.2f}" if "peer" in took else "-"
        memory = f"{peak_megabytes(calls['ours']):.0f} (floor {peak_megabytes(calls['floor']):.0f})"
        print(
            f"{size:>10,} {took['floor']:>9.5f} {took['ours']:>9.5f} {ratio:>11.2f} "
            f"{faster:>10} {memory}"
        )
        if size == SIZES[-1]:
            held = ratio <= MOST_OVER_FLOOR and took.get("peer", np.inf) > took["ours"]
    if peer is not None:
        s, n = made_counts(SIZES[-1])
        ours = interval(s, n)
        apart = max(
            float(np.abs(a - b).max())
            for a, b in zip((ours.low, ours.high), peer(s, n, method="wilson"), strict=True)
        )
        print(f"largest difference to statsmodels: {apart:.1e}")
    return held


def report_others() -> None:
    """Seconds of the other functions at each size, and how they grow."""
    print(f"\n{'seconds':>30} " + " ".join(f"{size:>10,}" for size in SIZES))
    for name, call in other_calls().items():
        took = [best_of(partial(call, *made_counts(size)), 1) for size in SIZES]
        cells = " ".join(f"{seconds:>10.4f}" for seconds in took)
        print(f"{name:>30} {cells}")


def other_calls() -> dict[str, Callable[..., object]]:
    """What is measured besides Wilson's interval."""
    calls: dict[str, Callable[..., object]] = {
        f"interval {method}": partial(interval, method=method) for method in METHODS
    }
    calls["verdict"] = lambda s, n: verdict(interval(s, n), TARGET, ">=")
    calls["reached"] = lambda s, n: reached(s, n, TARGET, ">=")
    calls["percent with target"] = lambda s, n: percent(s, n, target=TARGET)
    calls["difference newcombe"] = lambda s, n: difference(s, n, s[::-1], n[::-1])
    calls["confidence sequence"] = confidence_sequence
    return calls


def report_coverage() -> None:
    """Exact coverage of the intervals, and the two errors of the verdict at the target itself."""
    print("\nexact coverage of nominal 95 % intervals, mean (lowest) over true shares 0.85 to 0.99")
    shares = np.arange(0.85, 0.99, 0.001)
    print(f"{'n':>6} " + " ".join(f"{method:>22}" for method in METHODS))
    for n in (10, 30, 100, 400, 1500):
        s = np.arange(n + 1)
        chance = binom.pmf(s[:, np.newaxis], n, shares)
        cells = []
        for method in METHODS:
            found = interval(s, n, method=method)
            inside = (found.low[:, np.newaxis] <= shares) & (shares <= found.high[:, np.newaxis])
            covered = (chance * inside).sum(axis=0)
            cells.append(f"{covered.mean():>13.4f} ({covered.min():.4f})")
        print(f"{n:>6} " + " ".join(cells))
    print("\nverdict where the true share is the target: chance of 'met' and 'not met', largest")
    for first, last in ((10, 29), (30, 99), (100, 399), (400, 1500)):
        errors = [verdict_errors(n) for n in range(first, last + 1)]
        met, not_met = (max(column) for column in zip(*errors, strict=True))
        print(f"  n {first:>4} to {last:>4}: {met:.3f} met, {not_met:.3f} not met")


def verdict_errors(n: int) -> tuple[float, float]:
    """Chance that a true share equal to the target is called 'met', and 'not met'."""
    s = np.arange(n + 1)
    said = verdict(interval(s, n), TARGET, ">=")
    chance = binom.pmf(s, n, float(TARGET))
    return float(chance[said == "met"].sum()), float(chance[said == "not_met"].sum())


def report_peeking(streams: int = 4000, horizon: int = 2000) -> None:
    """How often an interval looked at after every answer misses the truth at least once."""
    rng = np.random.default_rng(9)
    p = float(TARGET)
    n = np.arange(1, horizon + 1)
    ever_outside = np.zeros(streams, dtype=bool)
    ever_missed = np.zeros(streams, dtype=bool)
    for stream in range(streams):
        s = np.cumsum(rng.random(horizon) < p, dtype=np.int64)
        ever_outside[stream] = (log_evidence(s, n, p) >= np.log(20)).any()
        found = interval(s[29:], n[29:])
        ever_missed[stream] = ((found.low > p) | (found.high < p)).any()
    print(f"\nlooked at after every answer up to {horizon:,}, {streams:,} streams, seed 9:")
    print(f"  confidence sequence misses in {ever_outside.mean():.3f} of them (bound 0.05)")
    print(f"  Wilson's interval from 30 on misses in {ever_missed.mean():.3f}")


def main() -> None:
    """Print the figures; end with 1 where a bar is not held."""
    held = report_wilson()
    report_others()
    report_coverage()
    report_peeking()
    if not held:
        sys.exit(f"\nWilson took more than {MOST_OVER_FLOOR} x the floor, or than statsmodels")


if __name__ == "__main__":
    main()
