"""Tampering with the ledger, the tally or what was published is found, and named."""

from __future__ import annotations

import datetime as dt
import os
import uuid

import msgspec
import pytest
import sqlalchemy as sa

from survey.db import metadata, reading, writing
from survey.intake.accept import Rating
from survey.ledger.audit import first_broken_seal
from survey.ledger.book import comment_commitment
from survey.ledger.sequencer import sequence
from survey.ledger.tables import entry
from survey.publish.editions import releases
from survey.publish.release import make_release
from survey.publish.verify import verify_release
from survey.tally.recount import differences
from survey.terms.canonical import sha256_hex
from survey.terms.period import parse_period
from tests.fixtures.builders import (
    OFFICIAL,
    OVERALL,
    PHONE,
    body,
    bring,
    dossier_of,
    dossiers,
    number_id,
    rating,
    ratings,
    totals,
    void,
)
from tests.fixtures.city import register_of

NOW = dt.datetime(2026, 10, 15, 2, tzinfo=dt.UTC)
TEXT = "Xin cảm ơn"


@pytest.fixture
def released(hcmc):
    """A database with every kind of row and a release; row 1 is the response with number_id(1)."""
    register = register_of(hcmc)
    bring(hcmc, register, [rating(register, 5, id=number_id(1), dossier=dossier_of(1), **OFFICIAL)])
    salt = os.urandom(16)
    sealed = body(register, 4, comment=comment_commitment(salt, TEXT), id=number_id(2))
    items = ratings(register, {5: 20, 1: 4}, **OFFICIAL)
    many = rating(register, 2, answers={OVERALL: (2,), "one-stop.reasons/1": (11, 12)}, **PHONE)
    bring(hcmc, register, [*items, many, Rating(sealed, TEXT, salt)], at=10)
    more = [totals({5: 30}, month="2026-08", source="national_portal"), dossiers(resolved=99)]
    bring(hcmc, register, more, at=20)
    void(hcmc, "response", items[0].body.id)
    make_release(hcmc, register, parse_period("2026-Q3"), now=NOW)
    return hcmc


def tamper(engine, *statements):
    """What the owner of the database can do: take the refusals off and change rows."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET session_replication_role = replica"))
        else:
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for row in connection.execute(sa.text(query)).all():
                connection.execute(sa.text(f"DROP TRIGGER {row.name}"))
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            assert connection.execute(statement).rowcount != 0
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET session_replication_role = DEFAULT"))


def seal_of(engine, head=None, told=None):
    register = register_of(engine)
    hashes = {p.questionnaire.id: p.sha256 for p in register.questionnaires.values()}
    with reading(engine) as connection:
        head = head or connection.execute(sa.select(sa.func.max(entry.c.number))).scalar()
        report = (told if told is not None else []).append
        return first_broken_seal(connection, hashes, head, progress=report)


def verdicts(engine):
    register = register_of(engine)
    with reading(engine) as connection:
        return [verify_release(connection, register, each) for each in releases(connection)]


def table(name):
    return metadata.tables[name]


def of_first(name):
    return table(name).c["response" if name == "answer" else "id"] == number_id(1)


CHANGES = {
    "response": {
        "field": "DD",
        "resolving_unit": "26737C",
        "series": "own/phone/citizen/token",
        "questionnaire": "one-stop/1",
        "occasion": "return",
        "language": "en",
        "answered_at": 1,
        "service_on": "2026-07-01",
        "dossier": b"\1" * 32,
        "comment": b"\1" * 32,
        "point": "x",
        "salt": b"\2" * 16,
        "commitment": b"\2" * 32,
        "version": 2,
    },
    "answer": {"value": 4},
}


def test_untouched_everything_holds(released):
    told = []
    assert seal_of(released, told=told) is None
    assert sum(told) == 30
    assert verdicts(released) == [None]
    with reading(released) as connection:
        assert differences(connection) == []


def test_every_change_of_a_response_is_named(released):
    for name, columns in CHANGES.items():
        for column, value in columns.items():
            target = table(name)
            with reading(released) as connection:
                query = sa.select(target.c[column]).where(of_first(name))
                before = connection.execute(query).scalar_one()
            tamper(released, sa.update(target).where(of_first(name)).values({column: value}))
            found = seal_of(released)
            assert found is not None, (name, column)
            assert found.startswith(f"Entry 1 (response {number_id(1)}): the row was changed")
            tamper(released, sa.update(target).where(of_first(name)).values({column: before}))
    assert seal_of(released) is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("counted", {"counts": '{"5":31}'}),
        ("counted", {"counts": "nothing"}),
        ("dossier_count", {"resolved": 100}),
        ("dossier_count", {"late": 0}),
        ("void", {"reason": "Another"}),
        ("void", {"confirmed_by": "chi"}),
    ],
)
def test_a_changed_total_dossier_count_or_void_is_named(released, name, values):
    tamper(released, sa.update(table(name)).values(values))
    found = seal_of(released)
    assert found is not None
    assert f"({name} " in found
    assert "the row was changed" in found


def test_a_missing_row_entry_or_answer_is_named(released):
    tamper(released, sa.delete(table("answer")).where(of_first("answer")))
    assert "Entry 1 " in (seal_of(released) or "")
    tamper(released, sa.delete(table("response")).where(of_first("response")))
    assert seal_of(released) == f"Entry 1 (response {number_id(1)}): the row is missing"
    tamper(released, sa.delete(table("entry")).where(entry.c.number == 1))
    assert seal_of(released) == "Entry 1 (unknown row): the entry is missing"


def test_an_added_answer_is_named(released):
    row = {"response": number_id(1), "question": "one-stop.reasons/1", "value": 11}
    tamper(released, sa.insert(table("answer")).values(row))
    assert "Entry 1 " in (seal_of(released) or "")


def test_a_changed_comment_is_named_and_an_erased_one_is_not(released):
    comment = table("comment")
    tamper(released, sa.update(comment).values(text="Tệ"))
    found = seal_of(released)
    assert found is not None
    assert str(number_id(2)) in found
    assert "the comment was changed" in found
    tamper(released, sa.delete(comment))
    assert seal_of(released) is None


def test_rows_after_the_head_are_not_its_matter(released):
    register = register_of(released)
    late = rating(register, 1, **OFFICIAL)
    bring(released, register, [late], on="2026-11-01")
    assert sequence(released) == 31
    tamper(released, sa.delete(table("answer")).where(table("answer").c.response == late.body.id))
    assert seal_of(released, head=30) is None
    assert "Entry 31 " in (seal_of(released) or "")


def test_late_arrivals_and_voids_leave_a_release_true(released):
    register = register_of(released)
    bring(released, register, ratings(register, {1: 9}, **OFFICIAL), on="2026-11-01")
    void(released, "response", number_id(1), on="2026-11-02")
    bring(released, register, [dossiers(resolved=1)], on="2026-11-03")
    assert verdicts(released) == [None]
    make_release(released, register, parse_period("2026-Q3"), now=NOW, reason="Phiếu đến muộn")
    assert verdicts(released) == [None, None]
    assert seal_of(released) is None


def test_a_changed_answer_shows_in_the_release(released):
    answer = table("answer")
    tamper(
        released,
        sa.update(answer).where(answer.c.question == OVERALL, answer.c.value == 1).values(value=5),
    )
    (found,) = verdicts(released)
    assert found is not None
    assert found.startswith("2026-Q3 edition 1: field_ratings of the city, all fields: satisfied ")


def test_a_response_moved_to_another_month_shows_in_the_release(released):
    tamper(released, sa.update(table("response")).values(counted_on=dt.date(2026, 5, 1)))
    assert verdicts(released) != [None]


def test_a_row_inserted_before_the_head_shows(released):
    with reading(released) as connection:
        query = sa.select(table("response")).where(of_first("response"))
        row = dict(connection.execute(query).mappings().one())
    forged = row | {"id": uuid.uuid4(), "dossier": None}
    tamper(
        released,
        sa.insert(table("response")).values(forged),
        sa.insert(table("answer")).values(response=forged["id"], question=OVERALL, value=5),
        sa.update(entry).where(entry.c.number == 30).values(id=forged["id"], kind="response"),
    )
    assert "Entry 30 " in (seal_of(released) or "")
    assert verdicts(released) != [None]


def test_changed_publications_are_named(released):
    rate, release = table("published_rate"), table("release")
    with reading(released) as connection:
        query = sa.select(rate.c.document).where(rate.c.place == 0)
        before = connection.execute(query).scalar_one()
    document = msgspec.json.encode(msgspec.json.decode(before) | {"satisfied": 1}).decode()
    tamper(released, sa.update(rate).where(rate.c.place == 0).values(document=document))
    difference = (
        "field_ratings of the city, all fields: satisfied published as 1 but recounted as 50"
    )
    assert verdicts(released) == [
        f"2026-Q3 edition 1: the published documents were changed: {difference}"
    ]
    with reading(released) as connection:
        documents = []
        for name in ("published_rate", "published_timeliness"):
            query = sa.select(table(name).c.document).order_by(table(name).c.place)
            documents += connection.execute(query).scalars()
    forged = sha256_hex("\n".join(documents).encode())
    tamper(released, sa.update(release).values(document_sha256=forged))
    assert verdicts(released) == [f"2026-Q3 edition 1: {difference}"]
    tamper(released, sa.update(rate).where(rate.c.place == 0).values(document="nothing"))
    (found,) = verdicts(released)
    assert found is not None
    assert "documents were changed: published nothing but recounted {" in found
    tamper(released, sa.delete(rate).where(rate.c.place == 0))
    (found,) = verdicts(released)
    assert found is not None
    assert "documents were changed: field_ratings of the city, all fields: " in found


def test_a_changed_hash_of_what_was_published_is_named(released):
    tamper(released, sa.update(table("release")).values(document_sha256="0" * 64))
    assert verdicts(released) == ["2026-Q3 edition 1: the published documents were changed"]


def test_what_cannot_be_read_is_named_in_later_editions_too(released):
    make_release(
        released, register_of(released), parse_period("2026-Q3"), now=NOW, reason="Đính chính"
    )
    rate = table("published_rate")
    tamper(released, sa.update(rate).where(rate.c.release == 1).values(document="nothing"))
    assert "2026-Q3 edition 2: what was published before it cannot be read" in verdicts(released)


def test_a_changed_tally_is_named(released):
    tally = table("tally")
    where = (tally.c.unit_role == "resolving", tally.c.series == "one_stop/desk/citizen/vouched")
    tamper(released, sa.update(tally).where(*where, tally.c.value == 5).values(counting=1000))
    with reading(released) as connection:
        ((key, have, want),) = differences(connection)
    assert (key[0], key[7], have[0], want[0]) == ("resolving", 5, 1000, 20)
