"""What is sealed is RFC 8785, byte for byte."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.canonical import canonical_json, commitment, sha256_hex
from survey.terms.response import Body, seal
from tests.terms.bodies import bodies, text

keys = st.text(alphabet=st.characters(min_codepoint=1, max_codepoint=127), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(bodies)
def test_a_body_is_sealed_as_rfc_8785_says(body: Body) -> None:
    assert seal(body) == rfc8785.dumps(msgspec.to_builtins(body))


@given(values)
def test_any_value_without_floats_is_written_as_rfc_8785_says(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(bodies)
def test_a_sealed_body_reads_back_as_it_was(body: Body) -> None:
    assert msgspec.json.decode(seal(body), type=Body) == body


@given(bodies, bodies, st.sampled_from(Body.__struct_fields__))
def test_every_member_is_in_the_seal(one: Body, other: Body, member: str) -> None:
    changed = msgspec.structs.replace(one, **{member: getattr(other, member)})
    assert (seal(one) == seal(changed)) == (one == changed)


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=50))
def test_commitment_is_the_hash_of_salt_and_data(salt: bytes, data: bytes) -> None:
    assert commitment(salt, data) == hashlib.sha256(salt + data).digest()
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()
