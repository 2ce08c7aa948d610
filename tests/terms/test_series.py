"""Series: four words, patterns over them, and precedence within a dossier."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.problem import InvalidTermError
from survey.terms.series import (
    ASSURANCES,
    CHANNELS,
    HOLDERS,
    SOURCES,
    Series,
    check_pattern,
    matches,
    parse_series,
    precedence,
)

WORDS = (SOURCES, CHANNELS, HOLDERS, ASSURANCES)
series = st.builds(Series, *(st.sampled_from(words) for words in WORDS))


@given(series)
def test_text_and_series_are_one_to_one(value: Series) -> None:
    assert parse_series(str(value)) == value


@given(series, st.tuples(*[st.booleans()] * 4), series)
def test_a_pattern_takes_exactly_what_agrees_with_its_words(
    value: Series, stars: tuple[bool, ...], like: Series
) -> None:
    words = str(like).split("/")
    pattern = "/".join("*" if star else word for star, word in zip(stars, words, strict=True))
    agrees = all(
        star or word == own
        for star, word, own in zip(stars, words, str(value).split("/"), strict=True)
    )
    assert matches(value, check_pattern(pattern)) == agrees


@pytest.mark.parametrize("text", ["", "own", "own/phone/citizen", "own/phone/citizen/open/x"])
def test_a_series_has_four_words(text: str) -> None:
    with pytest.raises(InvalidTermError, match="series"):
        parse_series(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("they/phone/citizen/open", "source"),
        ("own/fax/citizen/open", "channel"),
        ("own/phone/clerk/open", "holder"),
        ("own/phone/citizen/sure", "assurance"),
        ("own/phone/citizen/*", "assurance"),
    ],
)
def test_an_unknown_word_is_named(text: str, code: str) -> None:
    with pytest.raises(InvalidTermError) as caught:
        parse_series(text)
    assert caught.value.problem.code == code


@pytest.mark.parametrize("pattern", ["", "*", "*/*/*", "own/*/*/sure", "*/*/*/*/*", "Own/*/*/*"])
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidTermError, match="series_pattern"):
        check_pattern(pattern)


def test_token_before_vouched_before_claimed_and_citizen_before_staff() -> None:
    in_order = [
        Series("own", "phone", "citizen", "token"),
        Series("own", "desk", "staff", "token"),
        Series("one_stop", "desk", "citizen", "vouched"),
        Series("one_stop", "desk", "staff", "vouched"),
        Series("own", "phone", "citizen", "claimed"),
        Series("own", "tablet", "staff", "claimed"),
        Series("own", "kiosk", "citizen", "open"),
    ]
    assert sorted(reversed(in_order), key=precedence) == in_order
