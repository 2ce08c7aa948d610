"""Names: the spellings of one name meet, other names stay apart."""

from __future__ import annotations

import csv
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.name import name_key, search_key

UNITS = Path(__file__).parents[2] / "cities" / "ho-chi-minh" / "units.csv"
names = st.text(
    alphabet=st.sampled_from("PhườngXãQuậnĐakaoÔnỷHòa 0123456789-–'.") | st.characters()
)


@given(names)
def test_composed_and_decomposed_are_one_name(name: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert name_key(composed) == name_key(decomposed) == name_key(name)
    assert search_key(composed) == search_key(decomposed)


@given(names)
def test_space_around_does_not_matter(name: str) -> None:
    assert name_key(f"  {name}\n") == name_key(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phường 05", "Phường 5"),
        ("phường  5", "PHƯỜNG 5"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa–Vũng Tàu"),
        ("Phường Bình Hưng Hòa A", "Phường Bình Hưng Hoà A"),
        ("Thủy", "Thuỷ"),
        ("Xã Tân Thông Hội", "Xã\u00a0Tân Thông Hội"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Phường 5", "Phường 50"),
        ("Phường 10", "Phường 1"),
        ("Phường 5", "Xã 5"),
        ("Tân Tạo", "Tân Tạo A"),
        ("Phường Bến Thành", "Phường Bên Thành"),
        ("Phường Tân Phú", "Phường Tân Phu"),
    ],
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_no_two_spellings_in_the_register_are_confused() -> None:
    """Units that share a key share their name, but for a number's zero and a tone's place."""
    spellings: dict[str, set[str]] = defaultdict(set)
    with UNITS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            spellings[name_key(row["name_vi"])].add(search_key(row["name_vi"]).replace(" 0", " "))
    assert len(spellings) > 400
    assert all(len(found) == 1 for found in spellings.values())


@pytest.mark.parametrize(
    ("text", "key"),
    [("Đất đai", "dat dai"), ("HỘ TỊCH", "ho tich"), ("  Nuôi   con nuôi ", "nuoi con nuoi")],
)
def test_search_key_has_no_diacritics(text: str, key: str) -> None:
    assert search_key(text) == key
