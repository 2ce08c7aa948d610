"""The client's texts: none is missing, none is left over, each is there in every language."""

from __future__ import annotations

import re

from flask import Flask

from kiosk.shell import CLIENT
from kiosk.words import WORDS
from survey.web.language import in_language

SAID = re.compile(r'(?:\.t|said)\(\s*"([^"]+)"')
NEVER_TRANSLATED = {"Hài Lòng"}


def said() -> set[str]:
    """Return every Vietnamese text that the screens look up."""
    files = (CLIENT / "screens").glob("*.js")
    return {text for file in files for text in SAID.findall(file.read_text(encoding="utf-8"))}


def test_the_list_holds_exactly_what_the_screens_say() -> None:
    with Flask(__name__).test_request_context():
        assert {str(word) for word in WORDS} == said()


def test_each_has_an_english_text() -> None:
    with Flask(__name__).test_request_context(), in_language("en"):
        english = {str(word) for word in WORDS}
    assert english & said() <= NEVER_TRANSLATED


def test_screens_hold_no_vietnamese_text_of_their_own() -> None:
    accented = re.compile(r'"([^"]*[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ][^"]*)"')
    for file in (CLIENT / "screens").glob("*.js"):
        texts = set(accented.findall(file.read_text(encoding="utf-8")))
        assert texts <= said(), file.name
