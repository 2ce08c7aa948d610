"""Parts of a dossier total are compared, never repaired."""

from __future__ import annotations

import uuid

import pytest

from survey.terms.counts import DossierBody, parts_missing


def body(**parts: int | None) -> DossierBody:
    return DossierBody(uuid.UUID(int=1), "u", "f", "2022-12", "one_stop", **parts)


def test_published_parts_that_do_not_add_up() -> None:
    """A real portal's figures of 2022: 9,612 dossiers are in no part."""
    given = body(resolved=257_141, early=124_907, on_time=102_770, late=19_852)
    assert parts_missing(given) == 9_612
    assert given.resolved == 257_141


@pytest.mark.parametrize("part", ["resolved", "early", "on_time", "late"])
def test_an_unknown_part_makes_the_rest_unknown(part: str) -> None:
    known: dict[str, int | None] = {"resolved": 6, "early": 1, "on_time": 2, "late": 3}
    assert parts_missing(body(**known)) == 0
    assert parts_missing(body(**{**known, part: None})) is None
