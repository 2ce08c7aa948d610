"""The real ratings of six practices: the counts of their README, and the verdicts."""

from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy.engine import Engine

from survey.db import reading
from survey.estimate.rates import Edition, estimate
from survey.settings import ROOT
from survey.terms.period import parse_period
from tests.fixtures.builders import void
from tests.fixtures.city import LONDON, register_of
from tests.intake.import_case import bring_file, counted, found, table_sizes

FILE = ROOT / "tests" / "data" / "real" / "gp-feedback" / "ratings.csv"
MAP = (LONDON / "maps" / "gp-feedback.toml").read_text(encoding="utf-8")

README = {
    "GP-EARLS": (1193, 1258, 1270),
    "GP-EMPEROR": (143, 154, 154),
    "GP-SCARSDALE": (165, 192, 192),
    "GP-ABINGDON": (141, 149, 149),
    "GP-CHELSEA": (510, 538, 538),
    "GP-GOOD": (88, 96, 96),
}


def sums(engine: Engine) -> dict[str, tuple[int, int, int]]:
    """Return satisfied, denominator and rows of each unit."""
    found: dict[str, tuple[int, int, int]] = {}
    for (unit, _, value), count in counted(engine).items():
        satisfied, answered, rows = found.get(unit, (0, 0, 0))
        found[unit] = (
            satisfied + count * (value in (4, 5)),
            answered + count * (value > 0),
            rows + count,
        )
    return found


def test_counts_are_those_of_the_readme(london: Engine, tmp_path: Path) -> None:
    report = bring_file(london, tmp_path, FILE.read_bytes(), MAP)
    assert (report.status, report.n_rows, report.n_accepted, report.findings) == (
        "committed",
        2399,
        2399,  # 256 rows are exact twins of another: all count
        [],
    )
    assert report.months == ["2023-07", "2024-04"]
    assert sums(london) == README


def test_dry_run_says_the_same_and_writes_nothing(london: Engine, tmp_path: Path) -> None:
    before = table_sizes(london)
    report = bring_file(london, tmp_path, FILE.read_bytes(), MAP, commit=False)
    assert (report.status, report.n_accepted) == ("dry_run", 2399)
    assert table_sizes(london) == before


def test_the_same_file_is_refused_until_its_batch_is_voided(london: Engine, tmp_path: Path) -> None:
    first = bring_file(london, tmp_path, FILE.read_bytes(), MAP)
    again = bring_file(london, tmp_path, FILE.read_bytes(), MAP, name="another name.csv")
    assert found(again, "file") == {f"file_known:{first.batch}": []}
    void(london, "batch", uuid.UUID(first.batch))
    assert sums(london) == {}
    second = bring_file(london, tmp_path, FILE.read_bytes(), MAP, on="2026-10-03")
    assert (second.status, second.attempt, second.n_accepted) == ("committed", 2, 2399)
    assert sums(london) == README
    assert bring_file(london, tmp_path, FILE.read_bytes(), MAP).is_refused


def test_verdicts_at_91_percent(london: Engine, tmp_path: Path) -> None:
    bring_file(london, tmp_path, FILE.read_bytes(), MAP)
    period = parse_period("2023-07..2024-04")
    edition = Edition(period, 1, 0, "2026-10-15T02:00:00Z", sample=False)
    with reading(london) as connection:
        found = estimate(connection, register_of(london), edition)
    verdicts = {
        rate.unit: rate.verdict
        for rate in found
        if rate.official and rate.unit is not None and rate.field is None
    }
    assert verdicts == {
        "GP-EARLS": "met",
        "GP-CHELSEA": "met",
        "GP-SCARSDALE": "not_met",
        "GP-EMPEROR": "not_enough",
        "GP-ABINGDON": "not_enough",
        "GP-GOOD": "not_enough",
    }
