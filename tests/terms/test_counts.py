"""Parts of a dossier total are compared, never repaired."""

from __future__ import annotations

import pytest

from survey.terms.counts import parts_missing


def test_published_parts_that_do_not_add_up() -> None:
    """A real portal's figures of 2022: 9,612 dossiers are in no part."""
    assert parts_missing(257_141, early=124_907, on_time=102_770, late=19_852) == 9_612


@pytest.mark.parametrize("part", ["resolved", "early", "on_time", "late"])
def test_an_unknown_part_makes_the_rest_unknown(part: str) -> None:
    known: dict[str, int | None] = {"resolved": 6, "early": 1, "on_time": 2, "late": 3}
    assert parts_missing(**known) == 0
    assert parts_missing(**{**known, part: None}) is None


def test_known_parts_may_be_too_many_alone() -> None:
    assert parts_missing(100, early=None, on_time=None, late=109) == -9
    assert parts_missing(100, early=None, on_time=98, late=2) is None
