"""Languages: the first has plain addresses, every other one a prefix such as ``/en``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from babel import Locale
from flask import has_request_context, request
from werkzeug.utils import redirect

from survey.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LANGUAGE = "hailong.language"
ROOT = "hailong.root"
SITE = "hailong.site"
FIRST = "vi"
"""The language of the texts in code and templates."""

_language: ContextVar[str] = ContextVar("language", default=FIRST)


class LanguageMiddleware:
    """Moves the language prefix from the path to SCRIPT_NAME, so that ``url_for`` keeps it."""

    def __init__(self, app: WSGIApplication, site: Callable[[], Site]) -> None:
        self._app, self._site = app, site

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Set the language and the address without it, then call the application."""
        site = self._site()
        path, root = environ.get("PATH_INFO", ""), environ.get("SCRIPT_NAME", "")
        environ[SITE], environ[ROOT] = site, root
        language = site.languages[0]
        prefix = path[1:].partition("/")[0]
        if prefix in site.languages[1:]:
            language, rest = prefix, path[len(prefix) + 1 :]
            if not rest:
                return redirect(f"{root}/{prefix}/", code=308)(environ, start)
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"{root}/{prefix}", rest
        environ[LANGUAGE] = language
        token = _language.set(language)
        try:
            return self._app(environ, start)
        finally:
            _language.reset(token)


def current_language() -> str:
    """Return the code of the language that this page is in; outside a request the first one."""
    return _language.get()


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Write what is written meanwhile in a language, whatever the address says."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def current_locale() -> str:
    """Return the locale for Flask-Babel."""
    return current_language().replace("-", "_")


def current_site() -> Site:
    """Return the site that this request is answered for."""
    site: Site = request.environ.get(SITE, Site()) if has_request_context() else Site()
    return site


@dataclass(frozen=True)
class Alternate:
    """The same page in one of the city's languages; ``path`` begins with a slash."""

    language: str
    name: str
    path: str
    is_current: bool


def alternates(with_query: bool = False) -> list[Alternate]:
    """Return this page in every language of the city, the first language first.

    What stands behind ``?`` is left out unless the page depends on it: a page that is kept for
    everybody must not carry one person's query.
    """
    site, current = current_site(), current_language()
    query = quote(request.query_string, safe="%/:@!$&'()*+,;=~-._?[]")
    tail = quoted_path() + (f"?{query}" if query and with_query else "")
    root = request.environ.get(ROOT, "")
    return [
        Alternate(
            code,
            language_name(code),
            root + (f"/{code}" if code != site.languages[0] else "") + tail,
            code == current,
        )
        for code in site.languages
    ]


def quoted_path() -> str:
    """Return the path of the request without its language, quoted for an address."""
    return quote(request.path, safe="/:@!$&'()*+,;=~-._")


def address(path: str) -> str:
    """Return a path of this site in the current language: ``/cach-tinh`` or ``/en/cach-tinh``."""
    return f"{request.environ.get('SCRIPT_NAME', '')}{path}"


@lru_cache(maxsize=64)
def language_name(code: str) -> str:
    """Return a language's name in itself.

    >>> language_name("vi"), language_name("en")
    ('Tiếng Việt', 'English')
    """
    name = Locale.parse(code, sep="-").get_display_name() or code
    return name[:1].upper() + name[1:]
