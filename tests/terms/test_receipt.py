"""Receipt codes: the first 65 bits of a hash, forgiving to type."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.receipt import LENGTH, normal_receipt, receipt_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(st.uuids())
def test_code_is_the_first_65_bits(response_id: uuid.UUID) -> None:
    code = receipt_code(response_id)
    number = 0
    for char in code:
        number = number * 32 + ALPHABET.index(char)
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(response_id.bytes).digest())
    assert len(code) == LENGTH == 13
    assert f"{number:065b}" == bits[:65]


@given(st.uuids(), st.integers(1, 12), st.sampled_from(["-", " ", "--", "\u00a0"]))
def test_a_typed_code_is_forgiven_its_spelling(response_id: uuid.UUID, cut: int, gap: str) -> None:
    code = receipt_code(response_id)
    typed = code.replace("0", "o").replace("1", "L")
    assert normal_receipt(typed[:cut].lower() + gap + typed[cut:]) == code


@given(st.text(max_size=20))
def test_normal_form_is_stable(typed: str) -> None:
    code = normal_receipt(typed)
    assert code is None or normal_receipt(code) == code


@pytest.mark.parametrize(
    "typed", ["", "0" * 12, "0" * 14, "U" * 13, "0" * 12 + "é", "0" * 12 + "٣"]
)
def test_no_code(typed: str) -> None:
    assert normal_receipt(typed) is None
