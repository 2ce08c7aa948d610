"""Texts in the language of the page: the same catalogues as Flask-Babel, looked up faster.

A page asks for some hundred texts; the language is known once.
"""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations

from babel.support import Translations
from markupsafe import escape

from survey.settings import ROOT
from survey.web.language import current_language


@lru_cache(maxsize=64)
def catalogue(language: str) -> NullTranslations:
    """Return the texts of a language; where there are none, each text stands for itself."""
    return Translations.load(ROOT / "translations", [language.replace("-", "_")])


def find(text: str) -> str:
    """Return a text in the language of the page, its placeholders as they are."""
    return _find(text, current_language())


@lru_cache(maxsize=8192)
def _find(text: str, language: str) -> str:
    return catalogue(language).gettext(text)


def find_plural(singular: str, plural: str, number: int) -> str:
    """Return the form of a text that goes with a number, its placeholders as they are."""
    return catalogue(current_language()).ngettext(singular, plural, number)


def gettext(text: str, **values: object) -> str:
    """Return a text in the language of the page; with values its placeholders are filled in."""
    found = find(text)
    return found % values if values else found


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """Return the form of a text that goes with a number, its placeholders filled in."""
    return find_plural(singular, plural, num) % {"num": num, **values}


class Lazy:
    """A text that is looked up when it is written, for tables made before any page."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return gettext(self._text)

    def __html__(self) -> str:
        return str(escape(str(self)))


def lazy_gettext(text: str) -> Lazy:
    """Mark a text for translation now and look it up later."""
    return Lazy(text)
