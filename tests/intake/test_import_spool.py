"""What is put down between checking and writing comes back whole and in order."""

from __future__ import annotations

import datetime as dt

import pytest

from survey.intake.imports.spool import Record, Spool

FOUND = ("one-stop/2", dt.date(2026, 7, 1), "2026-07", "27004C", True)


def record(place: int) -> Record:
    """Return one of many records, most of which begin with one of two bytes."""
    first = place % 2 if place % 10 else place % 256
    name = bytes([first]) + (place * 7919 % 1009).to_bytes(15)
    return name, place, b'{"place":%d}' % place, "Ổn" * (place % 3), FOUND if place % 2 else None


@pytest.mark.parametrize("n_records", [0, 1, 999, 1000, 3001])
@pytest.mark.parametrize("size", [1, 500, 1000])
def test_records_come_back_by_id_and_row_in_chunks(n_records: int, size: int) -> None:
    put_down = [record(place) for place in range(n_records)]
    with Spool() as spool:
        for each in put_down:
            spool.add(each)
        assert spool.n_records == n_records
        ordered = sorted(put_down, key=lambda each: each[:2])
        assert list(spool.records()) == ordered
        chunks = list(spool.chunks(size))
    assert [each for chunk in chunks for each in chunk] == ordered
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks[-1:])
