"""An application of the desks on a city's database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.settings import Settings


@pytest.fixture
def app(hcmc: Engine) -> Flask:
    """The whole application on Ho Chi Minh City's database, without a rating."""
    url = hcmc.url.render_as_string(hide_password=False)
    return create_app(Settings(database_url=url, secret_key="x" * 32, dossier_key="y" * 32))
