"""Links against a model: whatever is opened, sent, repeated, called back: one rating each."""

from __future__ import annotations

import threading
import uuid

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from survey.app import create_app
from survey.db import reading, writing
from survey.intake.accept import now_milliseconds
from survey.intake.link_batches import DAY, LinkError, NewBatch, make_once, withdraw
from survey.intake.tables import link, link_batch, link_spent
from survey.ledger.tables import answer, response, set_aside
from survey.tally.recount import differences
from tests.fixtures.builders import OVERALL
from tests.intake.link_case import CODE, POINT, handed_out, opened, settings_of, wanted

N_LINKS = 3
LINKS, FORMS = st.integers(0, N_LINKS - 1), st.integers(0, 3)
STEPS = st.lists(
    st.tuples(st.just("open"), LINKS)
    | st.tuples(st.just("send"), FORMS, st.integers(1, 5))
    | st.tuples(st.just("look"), FORMS)
    | st.tuples(st.just("withdraw"), LINKS),
    max_size=14,
)


class Model:
    """What must be: by link the form that spent it with its first answer, and what is dead."""

    def __init__(self) -> None:
        self.forms: list[tuple[int, str]] = []
        self.spent: dict[int, tuple[str, int]] = {}
        self.withdrawn: set[int] = set()

    def send(self, place: int, value: int) -> int:
        """Return the status that sending a form must get."""
        number, address = self.forms[place]
        if number in self.spent:
            return 303 if self.spent[number][0] == address else 200
        if number in self.withdrawn:
            return 200
        self.spent[number] = (address, value)
        return 303

    def look(self, place: int) -> int:
        """Return the status that a form's address must get."""
        number, address = self.forms[place]
        if number in self.spent:
            return 200 if self.spent[number][0] == address else 404
        return 404 if number in self.withdrawn else 200

    def is_live(self, number: int) -> bool:
        return number not in self.spent and number not in self.withdrawn


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_each_link_makes_one_rating_whatever_is_done_with_it(hcmc, steps):
    client, model = create_app(settings_of(hcmc)).test_client(), Model()
    start = uuid.uuid4().int % 10**6
    made = [handed_out(hcmc, wanted(f"{CODE[:-4]}{start + n:07d}")) for n in range(N_LINKS)]
    tokens = [token for _, [(_, token)] in made]
    for deed, place, *rest in steps:
        if deed == "open":
            answered = client.get(f"/m/{tokens[place]}")
            assert answered.status_code == (302 if model.is_live(place) else 404)
            if answered.status_code == 302:
                model.forms.append((place, answered.headers["Location"]))
        elif deed == "withdraw":
            if place not in model.withdrawn:
                model.withdrawn.add(place)
                with writing(hcmc) as connection:
                    withdraw(connection, made[place][0], by="an", reason="x", at=1)
        elif place < len(model.forms):
            address = model.forms[place][1]
            if deed == "look":
                assert client.get(address).status_code == model.look(place)
            else:
                expected = model.send(place, rest[0])
                assert client.post(address, data={"q0": str(rest[0])}).status_code == expected
    ids = [token[:10] for token in tokens]
    query = (
        sa.select(link_spent.c.link, answer.c.value)
        .join(answer, answer.c.response == link_spent.c.response)
        .where(link_spent.c.link.in_(ids), answer.c.question == OVERALL)
    )
    with reading(hcmc) as connection:
        counted = {row.link: row.value for row in connection.execute(query)}
        assert counted == {ids[n]: value for n, (_, value) in model.spent.items()}
        n_responses = sa.select(sa.func.count()).select_from(response)
        n_spent = sa.select(sa.func.count()).select_from(link_spent)
        assert (
            connection.execute(n_responses).scalar_one() == connection.execute(n_spent).scalar_one()
        )
        assert differences(connection) == []


def test_of_two_who_make_links_for_a_dossier_one_is_told(hcmc):
    gate, told = threading.Barrier(2), []

    def make(number: int) -> None:
        batch = NewBatch(uuid.uuid4(), POINT, "t.csv", now_milliseconds(), "an", 2**60)
        both = [wanted(CODE), wanted(f"{CODE}{number}")]
        gate.wait()
        try:
            with writing(hcmc) as connection:
                make_once(connection, batch, both)
        except LinkError as error:
            told.append(error.code)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["link_there"]
    with reading(hcmc) as connection:
        for table, expected in ((link_batch, 1), (link, 2)):
            count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            assert count == expected


def test_every_link_that_is_not_good_takes_the_same_steps(hcmc):
    app = create_app(settings_of(hcmc))
    client = app.test_client()
    _, [(_, used)] = handed_out(hcmc)
    client.post(opened(client, used), data={"q0": "5"})
    _, [(_, over)] = handed_out(hcmc, wanted(CODE + "1"), days=1, ago=2)
    batch, [(_, called_back)] = handed_out(hcmc, wanted(CODE + "2"))
    with writing(hcmc) as connection:
        withdraw(connection, batch, by="an", reason="In nhầm", at=1)
    statements: list[str] = []
    event.listen(sa.engine.Engine, "before_cursor_execute", note := _noting(statements))
    try:
        seen = []
        for token in (used, over, called_back, over[:-1] + "?", "0" * 20, used[:10] + "0" * 10):
            client.get(f"/m/{token}")
            statements.clear()
            assert client.get(f"/m/{token}").status_code == 404
            seen.append([text for text in statements if "FROM link" in text])
    finally:
        event.remove(sa.engine.Engine, "before_cursor_execute", note)
    assert len(seen[0]) == 1
    assert all(each == seen[0] for each in seen)


def _noting(statements: list[str]):
    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    return note


@pytest.mark.parametrize("days", [1, 90, 366])
def test_a_link_is_good_until_its_very_last_moment(hcmc, days):
    _, [(each, token)] = handed_out(hcmc, days=days)
    client = create_app(settings_of(hcmc)).test_client()
    with pytest.MonkeyPatch.context() as patch:
        for beyond, expected in ((0, 302), (1, 404)):
            at = each.expires_at + beyond
            patch.setattr("survey.intake.link_pages.now_milliseconds", lambda at=at: at)
            assert client.get(f"/m/{token}").status_code == expected
    assert each.expires_at >= now_milliseconds() + (days - 1) * DAY
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(set_aside.c.id)).first() is None
