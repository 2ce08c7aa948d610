"""Batches of one-time links of the sample: one that is being used, one that was called back.

Their dossiers are hashes of nothing, and nobody has their tokens: whoever wants to use a link makes
a batch at the desk.
"""

from __future__ import annotations

import datetime as dt
import uuid
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.intake.accept import Rating
from survey.intake.link_batches import (
    DAY,
    DAYS,
    NewBatch,
    Wanted,
    find_batch,
    last_moment,
    make_batch,
    withdraw,
)
from survey.intake.links import Link, sealed_body, take
from survey.register.snapshot import Point, Published, Register
from survey.sample.draw import sample_id, share
from survey.sample.signins import NAMES
from survey.staff.roles import Role
from survey.tally.tables import tally

FILE_NAME = "ho-so-tra-ket-qua (dữ liệu mẫu).csv"
USED, CALLED_BACK = (sample_id("links", name) for name in ("used", "called back"))
N_LINKS, AGE_DAYS = 24, 20
_SPENT, _SATISFIED = 0.4, 0.85
_HOUR = 3600 * 1000


def sample_links(connection: Connection, register: Register, *, at: int) -> int:
    """Make the sample's batches, once; return how many links they have.

    ``at`` is the present in UTC milliseconds. A real database gets none, nor does a city without a
    point or a questionnaire then.
    """
    if register.kind != "sample" or find_batch(connection, USED) is not None:
        return 0
    made_at = at - AGE_DAYS * DAY
    day = dt.datetime.fromtimestamp(made_at / 1000, register.city.zone).date()
    point = _point(connection, register, day)
    published = register.questionnaire_in_force(register.city.phone_questionnaire, day)
    if point is None or published is None:
        return 0
    for place, link in enumerate(_batch(connection, register, USED, point, made_at, day)):
        if share("link", place) < _SPENT:
            _rate(connection, register, link, published, place, made_at)
    called_back = _batch(connection, register, CALLED_BACK, point, made_at - 5 * DAY, day)
    who = NAMES[Role.ADMINISTRATOR]
    withdraw(connection, CALLED_BACK, by=who, reason="In nhầm điểm (dữ liệu mẫu)", at=made_at)
    return N_LINKS + len(called_back)


def _batch(
    connection: Connection,
    register: Register,
    batch: uuid.UUID,
    point: Point,
    made_at: int,
    day: dt.date,
) -> list[Link]:
    fields = register.handled(point.unit, day)
    ends_at = last_moment(made_at, DAYS, register.city.zone)
    who = NAMES[Role.ADMINISTRATOR]
    wanted = [
        Wanted(
            dossier=sha256(f"{batch} {place}".encode()).hexdigest(),
            occasion="return",
            field=fields[place % len(fields)],
            receiving_unit=point.unit,
            resolving_unit=point.unit,
            service_on=day.isoformat(),
        )
        for place in range(N_LINKS)
    ]
    return make_batch(
        connection, NewBatch(batch, point.code, FILE_NAME, made_at, who, ends_at), wanted
    )


def _rate(
    connection: Connection,
    register: Register,
    link: Link,
    published: Published,
    place: int,
    made_at: int,
) -> None:
    """Let a citizen use a link, some hours after it was made."""
    received_at = made_at + int(_HOUR + share("link hour", place) * (AGE_DAYS - 1) * DAY)
    is_satisfied = share("link answer", place) < _SATISFIED
    answers: dict[str, tuple[int, ...]] = {
        question.id: (question.scale.options[0 if is_satisfied else -1].value,)
        for question in published.questionnaire.questions
        if question.required
    }
    body = sealed_body(
        link,
        id=sample_id("links", "rating", place),
        questionnaire=published.sha256,
        language=register.city.languages[0],
        answered_at=received_at // 1000,
        answers=answers,
    )
    take(connection, register, link, Rating(body), received_at)


def _point(connection: Connection, register: Register, day: dt.date) -> Point | None:
    """Return the point where most people rate, None where no point handles anything."""
    answers = sa.func.sum(tally.c.counting)
    query = sa.select(tally.c.unit, answers).where(tally.c.unit_role == "receiving")
    used = {row[0]: row[1] for row in connection.execute(query.group_by(tally.c.unit))}
    points = [
        point
        for point in register.points.values()
        if point.in_force(day) and register.handled(point.unit, day)
    ]
    return max(points, key=lambda point: (used.get(point.unit, 0), point.code), default=None)
