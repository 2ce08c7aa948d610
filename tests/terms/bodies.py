"""Generated response bodies."""

from __future__ import annotations

from hypothesis import strategies as st

from survey.terms.response import Body
from survey.terms.series import ASSURANCES, CHANNELS, HOLDERS, OCCASIONS, SOURCES

text = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=20)
digits = st.integers(1, 9)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
question_ids = st.builds("{}{}/{}".format, words, st.just("") | words.map(".{}".format), digits)
# One draw of 32 bytes is many times as fast as one of 64 letters.
sha256s = st.binary(min_size=32, max_size=32).map(bytes.hex)
values = st.sets(st.integers(0, 999), min_size=1, max_size=5).map(
    lambda found: tuple(sorted(found))
)
answers = st.dictionaries(question_ids, values, max_size=5)

bodies = st.builds(
    Body,
    id=st.uuids(),
    questionnaire=sha256s,
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
    dossier=st.just("") | sha256s,
    answers=answers,
    comment=st.just("") | sha256s,
)
