"""How templates write: texts in the page's language, each looked up once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import current_app
from jinja2 import Environment
from markupsafe import Markup

from survey.web.language import current_language, current_site
from survey.web.texts import find, find_plural


def init_templates(environment: Environment) -> None:
    """Let an environment's templates look texts up directly, and write no line for a tag alone."""
    environment.trim_blocks = environment.lstrip_blocks = True
    speaking: Any = environment
    speaking.install_gettext_callables(find, find_plural, newstyle=True)
    speaking.globals.update(_=text, gettext=text)


def render(template: str, /, **values: object) -> str:
    """Return the text of a template that shows nobody's session, form or message."""
    found = current_app.jinja_env.get_template(template)
    return found.render(values, language=current_language(), site=current_site())


def text(found: str, /, **values: object) -> Markup:
    """Return a text in the language of the page, which is HTML; the values are made safe."""
    return Markup(find(found)) % values if values else _whole(found, current_language())  # noqa: S704


@lru_cache(maxsize=8192)
def _whole(found: str, _language: str) -> Markup:
    return Markup(find(found) % {})  # noqa: S704 (our own texts)
