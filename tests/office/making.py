"""An application with a folder for uploads of its own, and what a person does on its pages."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.db import reading
from survey.settings import Settings
from survey.staff.tables import deed
from tests.staff.signing import csrf_token

IMPORTS = Path(__file__).parents[1] / "data" / "imports"
MAPS = Path(__file__).parents[2] / "cities" / "ho-chi-minh" / "maps"
RATINGS = (IMPORTS / "one-stop-ratings.csv").read_bytes()
RATINGS_MAP = (MAPS / "one-stop-ratings.toml").read_text(encoding="utf-8")
LIST = "/quan-tri/nhap"


def application(engine: Engine, folder: Path, **changes: int) -> Flask:
    """Return the whole application on a database, with its uploads in a folder."""
    url = engine.url.render_as_string(hide_password=False)
    return create_app(
        Settings(
            database_url=url,
            secret_key="x" * 32,
            dossier_key="y" * 32,
            upload_folder=str(folder / "uploads"),
            testing=True,
            **changes,
        )
    )


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    """Send a form with its token."""
    return client.post(path, data={"csrf_token": csrf_token(client), **data})


def send(
    client: FlaskClient, content: bytes = RATINGS, map_text: str = RATINGS_MAP, **data: object
) -> TestResponse:
    """Send a file; by default the example of ratings with its map."""
    name = data.pop("name", "tháng 7.csv")
    values: dict[str, object] = {"loai": "ratings", "ban_do": map_text, **data}
    return post(client, LIST, tep=(io.BytesIO(content), name), **values)


def ended(client: FlaskClient, path: str) -> str:
    """Wait until the run of an upload is over; return its page."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = client.get(path).text
        if "data-running" not in page:
            return page
        time.sleep(0.1)
    raise AssertionError(f"{path} runs and runs")


def seen(page: str) -> str:
    """Return what a page's form says was seen."""
    found = re.search(r'name="da_xem" value="([^"]+)"', page)
    assert found is not None, page
    return found.group(1)


def deeds(engine: Engine) -> list[sa.Row[tuple[object, ...]]]:
    """Return the log, the oldest first."""
    with reading(engine) as connection:
        return list(connection.execute(sa.select(deed).order_by(deed.c.id)))
