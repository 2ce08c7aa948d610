"""Generated response bodies."""

from __future__ import annotations

from hypothesis import strategies as st

from survey.terms.response import Body
from survey.terms.series import ASSURANCES, CHANNELS, HOLDERS, OCCASIONS, SOURCES

text = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=20)
question_ids = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?/[1-9]", fullmatch=True)
values = st.sets(st.integers(0, 999), min_size=1, max_size=5).map(
    lambda found: tuple(sorted(found))
)
answers = st.dictionaries(question_ids, values, max_size=5)

bodies = st.builds(
    Body,
    id=st.uuids(),
    questionnaire=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    receiving_unit=text,
    resolving_unit=text,
    field=text,
    point=text,
    source=st.sampled_from(SOURCES),
    channel=st.sampled_from(CHANNELS),
    holder=st.sampled_from(HOLDERS),
    assurance=st.sampled_from(ASSURANCES),
    occasion=st.sampled_from(OCCASIONS),
    language=st.sampled_from(["vi", "en"]),
    answered_at=st.integers(0, 2**53 - 1),
    service_on=st.dates().map(str) | st.just(""),
    dossier=st.from_regex(r"([0-9a-f]{64})?", fullmatch=True),
    answers=answers,
    comment=st.from_regex(r"([0-9a-f]{64})?", fullmatch=True),
)
