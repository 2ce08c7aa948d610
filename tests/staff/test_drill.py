"""Generated input over every page and form of the desks; ``make drill-desks`` sends 10,000."""

from __future__ import annotations

import os

import pytest
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.intake.accept import Rating
from survey.ledger.book import comment_commitment
from survey.publish.release import make_release
from survey.register.snapshot import Register
from survey.settings import Settings
from survey.terms.period import parse_period
from survey.terms.response import Body
from tests.fixtures.builders import WARD, WARD_B, body, bring
from tests.fixtures.city import LOADED_AT, register_of
from tests.staff.drilling import Desks, Findings

REQUESTS = int(os.environ.get("DRILL_REQUESTS", "700"))
SEED = int(os.environ.get("DRILL_SEED", "4832"))
SECRETS = {WARD: "lời của phường nhà", WARD_B: "lời chỉ phường kia được đọc"}
SALT = b"s" * 16


def _said(register: Register, unit: str, value: int) -> Body:
    text = comment_commitment(SALT, f"{SECRETS[unit]} {value}")
    return body(register, value, receiving_unit=unit, resolving_unit=unit, comment=text)


@pytest.fixture
def desks(hcmc: Engine) -> Desks:
    register = register_of(hcmc)
    brought = [
        Rating(_said(register, unit, value), f"{SECRETS[unit]} {value}", SALT)
        for unit in (WARD, WARD_B)
        for value in (1, 3, 5)
    ]
    bring(hcmc, register, brought)
    make_release(hcmc, register, parse_period("2026-Q3"), now=LOADED_AT)
    url = hcmc.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=url, secret_key="x" * 32, dossier_key="y" * 32))
    known = [str(each.body.id) for each in brought]
    return Desks(app, hcmc, own=WARD, foreign=WARD_B, secrets=SECRETS, known=known, seed=SEED)


def test_no_input_breaks_a_desk_or_opens_a_foreign_one(desks: Desks) -> None:
    found: Findings = desks.run(REQUESTS)
    print(
        f"{len(desks.rules)} pages and forms, {found.n_combinations} with a role;"
        f" {found.statuses.total()} requests, seed {SEED}; answers {dict(found.statuses)}"
    )
    assert found.faults == []
    assert found.statuses[200] > REQUESTS / 20
    assert found.statuses[403] > REQUESTS / 20
