"""Setting up what every page shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from flask_babel import Babel

from survey.settings import ROOT
from survey.web import numbers
from survey.web.assets import asset
from survey.web.errors import Answer, init_errors
from survey.web.headers import init_headers
from survey.web.language import (
    FIRST,
    LanguageMiddleware,
    address,
    alternates,
    current_language,
    current_locale,
    current_site,
)
from survey.web.site import CurrentSite, Site
from survey.web.templates import init_templates


def init_web(
    app: Flask,
    *,
    site: Callable[[], Site],
    public_url: str,
    site_seconds: float = 2.0,
    answers: Mapping[type[Exception], Answer] | None = None,
) -> None:
    """Give an application its languages, number formats, error pages and headers.

    ``site`` is asked anew every ``site_seconds``; ``public_url`` is the own address without a
    slash at its end; ``answers`` are those to exceptions of other rooms.
    """
    outermost = LanguageMiddleware(app.wsgi_app, CurrentSite(site, site_seconds))
    app.wsgi_app = outermost  # type: ignore[method-assign, assignment]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = FIRST
    Babel(app, locale_selector=current_locale)
    init_templates(app.jinja_env)
    init_errors(app, answers)
    init_headers(app, public_url)
    app.jinja_env.filters.update(
        count=numbers.count,
        decimal=numbers.decimal,
        percent=numbers.percent,
        whole_percent=numbers.whole_percent,
        share=numbers.share,
        day=numbers.day,
        period=numbers.period_name,
    )
    app.jinja_env.globals.update(
        asset=asset, address=address, alternates=alternates, public_url=public_url
    )

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {"language": current_language(), "site": current_site()}
