"""Disclosure control: how long suppression and its audit take, how both grow, and what they hide.

The tables are a made-up release, skewed as real ones are: rows by columns by quarters, with all
totals and with years. Memory is what Python and numpy hold at once; the solver's own memory is
in the last line, the most that the whole process held. With the argument ``whole`` the proof
runs over every hidden cell of a whole year as well (some minutes more).
"""

import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from survey.stats.audit import audit
from survey.stats.margins import crossed, with_totals
from survey.stats.protection import protect
from survey.stats.suppression import suppress, unprotected

MOST_SUPPRESS, MOST_AUDIT = 5.0, 60.0
PER_CELL_AND_QUARTER = 28
SAMPLE, SEED = 40, 7
LONGEST_TRACED = 15.0
T = TypeVar("T")


@dataclass(frozen=True)
class Release:
    """Counts of all cells of a release, and what adds up to what."""

    counts: NDArray[np.int64]
    margins: sp.csr_array


def release(n_rows: int, n_columns: int, n_quarters: int, per_cell: float) -> Release:
    """Rows and columns of very different size, four quarters to a year."""
    rng = np.random.default_rng(1)
    size = rng.lognormal(0, 1.5, (n_rows, 1)) * rng.lognormal(0, 1.5, (1, n_columns))
    size = size * rng.lognormal(0, 0.7, (n_rows, n_columns))
    mean = per_cell * size.size * size / size.sum()
    n_years = max(n_quarters // 4, 1)
    shape = (n_rows, n_columns, n_years, n_quarters // n_years)
    counts = with_totals(rng.poisson(mean[:, :, None, None], shape))
    # A sum of the first quarters of all years is nobody's table.
    is_left_out = np.zeros(counts.shape, dtype=np.bool_)
    is_left_out[:, :, n_years, :] = True
    margins = crossed(shape)
    kept = (abs(margins) @ is_left_out.ravel().astype(int)) == 0
    return Release(counts[~is_left_out], sp.csr_array(margins[kept][:, ~is_left_out.ravel()]))


def measured(call: Callable[[], T]) -> tuple[T, float, float]:
    """Result, seconds, and megabytes traced in a second run (nan where that would take long)."""
    start = time.perf_counter()
    result = call()
    seconds = time.perf_counter() - start
    if seconds > LONGEST_TRACED:
        return result, seconds, float("nan")
    tracemalloc.start()
    call()
    megabytes = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return result, seconds, megabytes


def suppression_grows() -> bool:
    """Suppression over two orders of magnitude; whether the largest is within the bar."""
    print("suppression: table, cells, relations | hidden under 10, hidden besides | s, MB")
    seconds = 0.0
    for n_rows, n_columns in ((36, 6), (114, 19), (360, 60)):
        made = release(n_rows, n_columns, 16, PER_CELL_AND_QUARTER)
        hidden, seconds, megabytes = measured(partial(suppress, made.counts, made.margins))
        if unprotected(made.counts, made.margins, hidden).size:
            sys.exit("suppression left a relation unprotected")
        small = int((made.counts < 10).sum())
        print(
            f"  {n_rows} x {n_columns} x 16: {made.counts.size:,} cells, "
            f"{made.margins.shape[0]:,} relations | {small:,} + {hidden.sum() - small:,} | "
            f"{seconds:.2f} s, {megabytes:.0f} MB"
        )
    print(f"  bar: the last under {MOST_SUPPRESS:.0f} s")
    return seconds < MOST_SUPPRESS


def audit_grows() -> bool:
    """The exact audit at growing numbers of linked hidden cells; whether it is within the bar."""
    print("exact audit: linked hidden cells, programmes, exposed | s, MB")
    is_within = True
    for n_rows, n_columns, per_cell in ((10, 5, 20), (20, 10, 15), (40, 17, 7), (60, 30, 9)):
        made = release(n_rows, n_columns, 4, per_cell)
        hidden = suppress(made.counts, made.margins)
        found, seconds, megabytes = measured(partial(audit, made.counts, made.margins, hidden))
        print(
            f"  {found.n_hidden:,} cells, {found.programmes} programmes, "
            f"{found.exposed.size} exposed | {seconds:.1f} s, {megabytes:.0f} MB"
        )
        is_within &= seconds < MOST_AUDIT or found.n_hidden > 2_500
    print(f"  bar: about 2,000 cells under {MOST_AUDIT:.0f} s")
    return is_within


def sample_of_a_whole_release() -> None:
    """The audit on a seeded sample of the hidden cells of four years."""
    made = release(360, 60, 16, PER_CELL_AND_QUARTER)
    hidden = suppress(made.counts, made.margins)
    start = time.perf_counter()
    found = audit(made.counts, made.margins, hidden, sample=SAMPLE, seed=SEED)
    print(
        f"whole release, sample of {SAMPLE} (seed {SEED}) of {found.n_hidden:,} hidden cells: "
        f"{found.programmes} programmes, {found.exposed.size} exposed, narrowest "
        f"{(found.high - found.low).min():.0f} wide, {time.perf_counter() - start:.0f} s"
    )


def protection_grows(is_whole: bool) -> None:
    """The proof that every hidden count keeps an interval 3 wide."""
    print("protection: hidden cells, rounds, programmes | hidden besides, still exposed | s")
    tables = [(20, 10, 15), (40, 17, 7), (90, 60, 18)] + [(360, 60, 28)] * is_whole
    for n_rows, n_columns, per_cell in tables:
        made = release(n_rows, n_columns, 4, per_cell)
        start = time.perf_counter()
        found = protect(made.counts, made.margins)
        print(
            f"  {found.hidden.sum():,} cells, {found.rounds} rounds, {found.programmes:,} "
            f"programmes | {found.added.size}, {found.exposed.size} | "
            f"{time.perf_counter() - start:.1f} s",
            flush=True,
        )


def main() -> None:
    """Print all, and fail where a bar is missed."""
    is_within = suppression_grows()
    is_within &= audit_grows()
    sample_of_a_whole_release()
    protection_grows("whole" in sys.argv[1:])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"most memory of the whole process: {most:.0f} MB")
    if not is_within:
        sys.exit("slower than the bar")


if __name__ == "__main__":
    main()
