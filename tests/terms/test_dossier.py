"""Dossier codes: shape, normal form, and a hash that needs the key."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.dossier import dossier_hash, has_shape, normal_code

PATTERN = r"\d{2,3}(?:\.\d{2,3}){1,3}\.H29-\d{6}-\d{4,8}"


@pytest.mark.parametrize("code", ["000.00.01.H29-260310-0420", "38.98.H29-210519-0003"])
def test_published_examples_have_the_shape(code: str) -> None:
    assert has_shape(normal_code(f" {code.lower()}\n"), PATTERN)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "H29",
        "000.00.01.H29-260310-042",
        "000.00.01.H29-260310-0420;",
        "٠٠٠.00.01.H29-260310-0420",
    ],
)
def test_other_shapes(code: str) -> None:
    assert not has_shape(normal_code(code), PATTERN)


def test_no_code_is_longer_than_64_characters() -> None:
    assert has_shape(normal_code("7" * 64), ".+")
    assert not has_shape(normal_code("7" * 65), ".+")
    assert len(normal_code("7" * 1_000_000)) < 100


@given(st.text(max_size=80))
def test_normal_form_is_stable(text: str) -> None:
    code = normal_code(text)
    assert normal_code(unicodedata.normalize("NFD", code)) == normal_code(code)
    assert not any(char.isspace() for char in code)


@given(st.text(max_size=30), st.binary(min_size=1, max_size=40))
def test_hash_is_keyed(code: str, key: bytes) -> None:
    expected = hmac.new(key, code.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    assert dossier_hash(code, key) == expected
    assert dossier_hash(code, key) != dossier_hash(code, key + b"x")
