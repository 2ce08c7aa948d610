"""A city with ratings, comments and cases of this very month, and officers who may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading
from survey.intake.accept import Rating, now_milliseconds
from survey.intake.deliver import deliver
from survey.ledger.book import comment_commitment
from survey.register.snapshot import Register
from survey.settings import Settings
from survey.staff.roles import Role
from survey.staff.tables import deed
from tests.fixtures.builders import WARD, WARD_B, rating, statuses
from tests.fixtures.city import register_of
from tests.staff.signing import csrf_token, sign_in

SALT = b"s" * 16
PUBLIC_URL = "https://hailong.example"
ADMIN, AGENCY, INSPECTOR, ANALYST = (
    Role.ADMINISTRATOR,
    Role.AGENCY,
    Role.INSPECTOR,
    Role.ANALYST,
)


@dataclass
class Office:
    """A database with the application on it."""

    engine: Engine
    register: Register
    app: Flask

    def bring(self, *items: Rating, at: int = 0) -> list[str]:
        """Deliver items now, or at a time."""
        found = deliver(self.engine, self.register, items, received_at=at or now_milliseconds())
        return statuses(found)

    def rating(
        self, value: int = 5, text: str = "", days_ago: int = 0, **changes: object
    ) -> Rating:
        """Return a phone rating of a ward some days ago, with or without a comment."""
        at = now_milliseconds() // 1000 - days_ago * 86_400
        values = {"answered_at": at, **changes}
        if "unit" in values:
            unit = values.pop("unit")
            values |= {"receiving_unit": unit, "resolving_unit": unit}
        if not text:
            return rating(self.register, value, **values)
        sealed = comment_commitment(SALT, text)
        return Rating(rating(self.register, value, comment=sealed, **values).body, text, SALT)

    def sign_in(self, role: Role, unit: str | None = None, name: str = "") -> FlaskClient:
        """Return a signed-in client."""
        return sign_in(self.app, self.engine, role, unit, name)

    def send(self, client: FlaskClient, path: str, **data: str):
        """Post a form with its token."""
        return client.post(path, data={"csrf_token": csrf_token(client), **data})

    def deeds(self, name: str) -> list[sa.Row]:
        """Return the log of a kind of deed."""
        with reading(self.engine) as connection:
            query = sa.select(deed).where(deed.c.deed == name).order_by(deed.c.id)
            return list(connection.execute(query))

    def one(self, table: sa.Table, **where: object) -> sa.Row | None:
        """Return a row of a table."""
        query = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
        with reading(self.engine) as connection:
            return connection.execute(query).first()

    def today(self) -> dt.date:
        """Return the city's day."""
        return dt.datetime.now(self.register.city.zone).date()


def application(engine: Engine, public_url: str = PUBLIC_URL) -> Flask:
    """Return the whole application on a database."""
    url = engine.url.render_as_string(hide_password=False)
    keys = {"secret_key": "x" * 32, "dossier_key": "y" * 32}
    return create_app(Settings(database_url=url, public_url=public_url, testing=True, **keys))


@pytest.fixture
def office(hcmc: Engine) -> Office:
    """The city with no rating yet."""
    return Office(hcmc, register_of(hcmc), application(hcmc))


@pytest.fixture
def busy(office: Office) -> Office:
    """The same with two wards' ratings: comments, a marked one, one set aside, one proposed."""
    alert = office.register.questionnaire_by_id("one-stop/2")
    assert alert is not None
    reason = next(each for each in alert.questionnaire.questions if each.role == "reason")
    grave = next(option.value for option in reason.scale.options if option.alert)
    answers = {"one-stop.overall/1": (1,), reason.id: (grave,)}
    found = office.bring(
        office.rating(5, "Nhanh, hướng dẫn rõ ràng", unit=WARD),
        office.rating(2, "Phải chờ lâu", unit=WARD, days_ago=3),
        office.rating(4, "Riêng của phường B", unit=WARD_B),
        office.rating(1, "Bị đòi tiền", unit=WARD, answers=answers),
        office.rating(5, unit=WARD, days_ago=40),
        office.rating(3, unit=WARD_B, days_ago=100),
    )
    assert set(found) == {"accepted"}
    aside = office.bring(
        office.rating(1, "Chữ của mục để riêng", unit=WARD, questionnaire="0" * 64),
        office.rating(1, "Của phường B", unit=WARD_B, questionnaire="0" * 64),
    )
    assert set(aside) == {"set_aside:questionnaire_unknown"}
    return office
