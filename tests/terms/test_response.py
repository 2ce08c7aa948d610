"""The only validator of answers: it finds what is wrong, and nothing where nothing is."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
import zoneinfo
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.terms.questionnaire import Option, Question, Questionnaire, Scale
from survey.terms.response import Body, check_answers, check_body, clean_comment, local_day
from tests.terms.bodies import bodies

ZONE = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
LEVELS = Scale("level/1", tuple(Option(value, str(value)) for value in (5, 4, 3, 2, 1)), (4, 5))
CAUSES = Scale("cause/1", tuple(Option(value, str(value)) for value in (11, 12, 21)))
FORM = Questionnaire(
    id="form/1",
    language="vi",
    title="Phiếu",
    questions=(
        Question("form.overall/1", "Hài lòng?", LEVELS, required=True),
        Question("form.causes/1", "Vì sao?", CAUSES, choose="many", role="reason"),
    ),
)
OVERALL, CAUSE = "form.overall/1", "form.causes/1"
BODY = Body(
    id=uuid.UUID(int=1),
    questionnaire=FORM.sha256,
    receiving_unit="26740C",
    resolving_unit="unknown",
    field="DD",
    point="",
    source="own",
    channel="phone",
    holder="citizen",
    assurance="open",
    occasion="unknown",
    language="vi",
    answered_at=0,
    service_on="",
    dossier="",
    answers={OVERALL: (5,)},
)

valid = st.fixed_dictionaries(
    {OVERALL: st.sampled_from([1, 2, 3, 4, 5]).map(lambda value: (value,))},
    optional={
        CAUSE: st.sets(st.sampled_from([11, 12, 21])).map(lambda found: tuple(sorted(found)))
    },
)


@given(valid)
def test_valid_answers_have_no_problem(answers: dict[str, tuple[int, ...]]) -> None:
    assert check_answers(answers, FORM) == []


@given(
    st.dictionaries(
        st.sampled_from([OVERALL, CAUSE, "other/1"]),
        st.lists(st.sampled_from([1, 4, 11, 21, 99]), max_size=3).map(tuple),
    )
)
def test_no_problem_means_valid(answers: dict[str, tuple[int, ...]]) -> None:
    """What is let through answers what must be answered, with options of the scale, each once."""
    if check_answers(answers, FORM):
        return
    assert set(answers) <= {OVERALL, CAUSE}
    assert len(answers[OVERALL]) == 1
    assert answers[OVERALL][0] in LEVELS.values
    causes = answers.get(CAUSE, ())
    assert set(causes) <= CAUSES.values
    assert list(causes) == sorted(set(causes))


@pytest.mark.parametrize(
    ("answers", "code", "where"),
    [
        ({}, "answer_missing", OVERALL),
        ({OVERALL: ()}, "answer_missing", OVERALL),
        ({OVERALL: (4, 5)}, "answer_many", OVERALL),
        ({OVERALL: (0,)}, "answer_unknown", OVERALL),
        ({OVERALL: (5,), CAUSE: (5,)}, "answer_unknown", CAUSE),
        ({OVERALL: (5,), CAUSE: (12, 11)}, "answer_order", CAUSE),
        ({OVERALL: (5,), CAUSE: (11, 11)}, "answer_order", CAUSE),
        ({OVERALL: (5,), "form.overall/2": (5,)}, "question_unknown", "form.overall/2"),
    ],
)
def test_each_problem_is_named(answers: dict[str, tuple[int, ...]], code: str, where: str) -> None:
    assert [(problem.code, problem.where) for problem in check_answers(answers, FORM)] == [
        (code, where)
    ]


LONG = Questionnaire(
    id="long/1",
    language="vi",
    title="Phiếu",
    questions=(
        Question("long.about/1", "Ai?", CAUSES, role="about"),
        Question("long.main/1", "Hài lòng?", LEVELS, required=True),
        Question("long.next/1", "Nhanh?", LEVELS, required=True),
    ),
)


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"long.main/1": (5,)}, []),
        ({"long.main/1": (5,), "long.next/1": (1,)}, []),
        ({"long.next/1": (5,)}, ["long.main/1"]),
        ({"long.about/1": (11,)}, ["long.main/1"]),
        ({}, ["long.main/1"]),
    ],
)
def test_on_a_device_the_main_answer_is_enough(
    answers: dict[str, tuple[int, ...]], missing: list[str]
) -> None:
    for channel in ("kiosk", "tablet"):
        body = msgspec.structs.replace(BODY, channel=channel, answers=answers)
        assert [problem.where for problem in check_body(body, LONG)] == missing
    elsewhere = [{"channel": "phone"}, {"channel": "kiosk", "source": "agency_survey"}]
    for changes in elsewhere:
        body = msgspec.structs.replace(BODY, answers=answers, **changes)
        left_out = {"long.main/1", "long.next/1"} - answers.keys()
        assert {problem.where for problem in check_body(body, LONG)} == left_out


@given(bodies)
def test_a_body_of_known_words_has_only_problems_of_its_answers(body: Body) -> None:
    assert check_body(body, FORM) == check_answers(body.answers, FORM)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": "they"}, "source"),
        ({"channel": "fax"}, "channel"),
        ({"holder": "clerk"}, "holder"),
        ({"assurance": "sure"}, "assurance"),
        ({"occasion": ""}, "occasion"),
        ({"service_on": "2025-02-30"}, "service_on"),
        ({"service_on": "20250203"}, "service_on"),
        ({"service_on": "2025-W06-1"}, "service_on"),
    ],
)
def test_an_unknown_word_is_named(changes: dict[str, Any], code: str) -> None:
    wrong = msgspec.structs.replace(BODY, **changes)
    assert [problem.code for problem in check_body(wrong, FORM)] == [code]


def test_a_sound_body_has_no_problem() -> None:
    assert check_body(BODY, FORM) == []
    assert check_body(msgspec.structs.replace(BODY, service_on="2024-02-29"), FORM) == []


@given(st.text())
def test_a_cleaned_comment_is_composed_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_comment(text)
    assert clean_comment(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert not any(unicodedata.category(char) == "Cc" for char in cleaned if char != "\n")
    cleaned.encode()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  rất tốt \r\nlần sau\rnữa ", "rất tốt \nlần sau\nnữa"),
        ("a\x00b", "ab"),
        ("a\x00\u0301", "á"),
        ("một\thai", "một hai"),
        (unicodedata.normalize("NFD", "Phường"), "Phường"),
        ("👩‍👩‍👧 tốt 👍🏽", "👩‍👩‍👧 tốt 👍🏽"),
        ("\ud800x", "x"),
        ("a\uffff\ufdd0\U0010ffff\ue000", "a"),
        # a character of Unicode 16, and one that has none yet: a device may be ahead of us
        ("\U0001fae9\U000e0080", "\U0001fae9\U000e0080"),
    ],
)
def test_comments(text: str, cleaned: str) -> None:
    assert clean_comment(text) == cleaned


def test_the_service_day_is_the_one_given_else_the_local_day() -> None:
    instant = dt.datetime(2025, 6, 30, 17, 30, tzinfo=dt.UTC)
    late = msgspec.structs.replace(BODY, answered_at=int(instant.timestamp()))
    assert local_day(late, ZONE) == dt.date(2025, 7, 1)
    given_day = msgspec.structs.replace(late, service_on="2025-06-28")
    assert local_day(given_day, ZONE) == dt.date(2025, 6, 28)
