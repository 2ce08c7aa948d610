"""Links for tests: a batch of one or several, and the browser of whoever holds one."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.db import reading, writing
from survey.intake.accept import now_milliseconds
from survey.intake.link_batches import DAY, NewBatch, Wanted, make_batch
from survey.intake.links import Link, LinkTokens
from survey.ledger.tables import response
from survey.settings import Settings
from survey.tally.recount import differences
from survey.terms.dossier import dossier_hash

SECRET = "a secret for tests"  # not a secret
DOSSIER_KEY = "a key for tests"
POINT, RETIRED = "N81A4", "ZK9YT"
UNIT, OTHER_UNIT = "26740C", "26737C"
CODE = "000.00.01.H29-260310-0420"


def settings_of(engine: Engine) -> Settings:
    """Return settings for a test's database."""
    return Settings(
        database_url=engine.url.render_as_string(hide_password=False),
        public_url="https://hailong.example",
        secret_key=SECRET,
        dossier_key=DOSSIER_KEY,
        testing=True,
    )


def wanted(code: str = CODE, **changes: Any) -> Wanted:
    """Return a link that is wanted: a return of a result of a ward, today."""
    values: dict[str, Any] = {
        "dossier": dossier_hash(code, DOSSIER_KEY.encode()),
        "occasion": "return",
        "field": "HTICH",
        "receiving_unit": UNIT,
        "resolving_unit": UNIT,
        "service_on": "2026-11-20",
    }
    return Wanted(**values | changes)


def handed_out(
    engine: Engine, *links: Wanted, point: str = POINT, days: float = 90, ago: float = 0
) -> tuple[uuid.UUID, list[tuple[Link, str]]]:
    """Make a batch some days ago; return its id, and each link with its token."""
    made_at = now_milliseconds() - int(ago * DAY)
    batch = NewBatch(uuid.uuid4(), point, "t.csv", made_at, "an", made_at + int(days * DAY))
    with writing(engine) as connection:
        made = make_batch(connection, batch, links or [wanted()])
    tokens = LinkTokens(DOSSIER_KEY)
    return batch.id, [(each, tokens.make(each)) for each in made]


def one_token(engine: Engine, **changes: Any) -> str:
    """Return the token of a batch of one link."""
    return handed_out(engine, wanted(**changes))[1][0][1]


def opened(client: FlaskClient, token: str, prefix: str = "") -> str:
    """Follow a link to the address of its form."""
    answer = client.get(f"{prefix}/m/{token}")
    assert answer.status_code == 302, answer.status_code
    return str(answer.headers["Location"])


def count(engine: Engine, table: sa.Table) -> int:
    """Return how many rows a table has."""
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def rows(engine: Engine, table: sa.Table = response) -> list[sa.RowMapping]:
    """Return every row of a table."""
    with reading(engine) as connection:
        return list(connection.execute(sa.select(table)).mappings())


def same_tally(engine: Engine) -> bool:
    """Tell whether the tally equals the ledger."""
    with reading(engine) as connection:
        return differences(connection) == []
