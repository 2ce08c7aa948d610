"""One-time links: which rating counts, and where; what a batch and its dossiers may be."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading, writing
from survey.estimate.rates import Edition, estimate
from survey.intake.accept import now_milliseconds
from survey.intake.link_batches import (
    DAY,
    LinkError,
    NewBatch,
    already_linked,
    find_batch,
    make_batch,
    newest_batches,
    withdraw,
)
from survey.intake.links import spend
from survey.intake.tables import link, link_spent
from survey.ledger.tables import response, set_aside
from survey.tally.tables import tally
from survey.terms.period import parse_period
from tests.fixtures.builders import OFFICIAL, OVERALL, bring, rating, statuses
from tests.fixtures.city import register_of
from tests.intake.link_case import (
    CODE,
    DOSSIER_KEY,
    POINT,
    RETIRED,
    UNIT,
    count,
    handed_out,
    one_token,
    opened,
    rows,
    same_tally,
    settings_of,
    wanted,
)


@pytest.fixture
def client(hcmc: Engine) -> FlaskClient:
    return create_app(settings_of(hcmc)).test_client()


def test_a_link_of_a_retired_point_or_a_unit_that_is_no_more_still_counts(client, hcmc):
    register = register_of(hcmc)
    retired = register.points[RETIRED]
    assert retired.valid_to is not None
    gone = next(unit for unit in register.units.values() if unit.valid_to is not None)
    links = (
        wanted(CODE),
        wanted(
            CODE + "1", receiving_unit=gone.code, resolving_unit=gone.code,
            service_on=gone.valid_to.isoformat(), field="unclassified",
        ),
    )  # fmt: skip
    _, made = handed_out(hcmc, *links, point=RETIRED)
    for _, token in made:
        address = opened(client, token)
        assert client.get(address).status_code == 200
        answer = client.post(address, data={"q0": "5"})
        assert answer.status_code == 303
        assert client.get(answer.headers["Location"]).status_code == 200
    assert count(hcmc, response) == 2
    assert count(hcmc, set_aside) == 0


def test_a_link_that_cannot_be_counted_is_spent_and_kept_for_staff(client, hcmc):
    token = one_token(hcmc, service_on="1999-01-01")
    address = opened(client, token)
    answer = client.post(address, data={"q0": "5"})
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200
    assert (count(hcmc, response), count(hcmc, set_aside)) == (0, 1)
    assert count(hcmc, link_spent) == 1
    assert client.get(f"/m/{token}").status_code == 404


def standing(engine: Engine) -> dict[str, tuple[int, int]]:
    """Return, by series, how many answers to the overall question count and are repeats."""
    query = (
        sa.select(tally.c.series, sa.func.sum(tally.c.counting), sa.func.sum(tally.c.repeats))
        .where(tally.c.unit_role == "receiving", tally.c.question == OVERALL)
        .group_by(tally.c.series)
    )
    with reading(engine) as connection:
        return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


@pytest.mark.parametrize("is_link_first", [True, False])
def test_of_one_dossier_the_link_counts_before_vouched_before_claimed(client, hcmc, is_link_first):
    register, code = register_of(hcmc), CODE
    token = one_token(hcmc, occasion="unknown")

    def by_link() -> None:
        assert client.post(opened(client, token), data={"q0": "1"}).status_code == 303

    def by_others() -> None:
        form = client.get(f"/danh-gia/{POINT}").headers["Location"] + "/HTICH"
        assert client.post(form, data={"q0": "5", "dossier": code}).status_code == 303
        vouched = rating(register, 5, **OFFICIAL, dossier=wanted(code).dossier, day="2026-11-20")
        done = bring(hcmc, register, [vouched], on="2026-11-24")
        assert statuses(done) == ["accepted"]

    for step in (by_link, by_others) if is_link_first else (by_others, by_link):
        step()
    assert standing(hcmc) == {
        "own/phone/citizen/token": (1, 0),
        "one_stop/desk/citizen/vouched": (0, 1),
        "own/phone/citizen/claimed": (0, 1),
    }
    assert same_tally(hcmc)


def test_the_answer_of_a_link_is_in_the_official_rate(client, hcmc):
    for number, value in enumerate(("5", "5", "1")):
        token = one_token(hcmc, code=f"{CODE}{number}")
        client.post(opened(client, token), data={"q0": value})
    edition = Edition(parse_period("2026-Q4"), 1, 0, "2027-01-15T02:00:00Z", False)
    with reading(hcmc) as connection:
        rates = estimate(connection, register_of(hcmc), edition)
    (rate,) = (
        each
        for each in rates
        if each.official
        and (each.unit, each.field, each.question) == (UNIT, "HTICH", OVERALL)
        and not each.with_children
    )
    assert (rate.satisfied, rate.answered, rate.unit_role) == (2, 3, "resolving")
    assert [each.assurance for each in rate.series] == ["token"]


def test_a_retired_code_in_print_explains_and_points_to_its_successor(client):
    for typed in (RETIRED, RETIRED.lower()):
        answer = client.get(f"/danh-gia/{typed}")
        assert answer.status_code == 410
        assert f'href="/danh-gia/{POINT}"' in answer.get_data(as_text=True)
    assert client.get(f"/danh-gia/{POINT.lower()}").status_code == 302


def test_a_rejected_rating_leaves_the_link_as_it_was(client, hcmc):
    _, [(each, token)] = handed_out(hcmc)
    register = register_of(hcmc)
    broken = rating(register, 5, answers={OVERALL: (9,)})
    outcome = spend(hcmc, register, each, broken, now_milliseconds())
    assert outcome is not None
    assert outcome.status == "rejected"
    assert count(hcmc, link_spent) == count(hcmc, response) == 0
    assert client.post(opened(client, token), data={"q0": "5"}).status_code == 303


def test_a_dossier_has_one_good_link_an_occasion(client, hcmc):
    turn = (wanted().dossier, "return")
    now = now_milliseconds()
    batch, [(_, token)] = handed_out(hcmc)
    handed_out(hcmc, wanted(CODE + "1"), days=1, ago=2)
    asked = [turn, (turn[0], "receipt"), (wanted(CODE + "1").dossier, "return")]
    with writing(hcmc) as connection:
        assert already_linked(connection, asked, now) == {turn}
        withdraw(connection, batch, by="an", reason="In nhầm", at=now)
        assert already_linked(connection, asked, now) == set()
        with pytest.raises(LinkError):
            withdraw(connection, batch, by="an", reason="In nhầm", at=now)
        with pytest.raises(LinkError):
            withdraw(connection, uuid.uuid4(), by="an", reason="In nhầm", at=now)
        found = find_batch(connection, batch)
        assert found is not None
        assert (found.n_links, found.withdrawn_by) == (1, "an")
    _, [(_, again)] = handed_out(hcmc)
    client.post(opened(client, again), data={"q0": "5"})
    assert client.get(f"/m/{token}").status_code == 404
    with reading(hcmc) as connection:
        assert already_linked(connection, asked, now) == {turn}  # spent or not
        assert already_linked(connection, asked, now + 400 * DAY) == set()
        assert len(newest_batches(connection, [POINT])) == 3
        assert newest_batches(connection, []) == []


def test_a_small_batch_does_not_tell_how_many_rated(client, hcmc):
    for n_links, expected in ((9, None), (10, 1)):
        links = [wanted(f"{CODE}{n_links}{n}") for n in range(n_links)]
        batch, made = handed_out(hcmc, *links)
        client.post(opened(client, made[0][1]), data={"q0": "5"})
        with reading(hcmc) as connection:
            found = find_batch(connection, batch)
        assert found is not None
        assert found.n_spent == expected


def test_of_two_links_of_a_dossier_after_one_another_the_first_rating_counts(client, hcmc):
    batch, [(_, first)] = handed_out(hcmc)
    client.post(opened(client, first), data={"q0": "1"})
    with writing(hcmc) as connection:
        withdraw(connection, batch, by="an", reason="In nhầm", at=now_milliseconds())
    client.post(opened(client, one_token(hcmc)), data={"q0": "5"})
    assert standing(hcmc) == {"own/phone/citizen/token": (1, 1)}
    assert same_tally(hcmc)


def test_a_batch_is_written_once(hcmc):
    batch = NewBatch(uuid.uuid4(), POINT, "t.csv", 1, "an", 2)
    with writing(hcmc) as connection:
        make_batch(connection, batch, [wanted()])
    with pytest.raises(sa.exc.IntegrityError), writing(hcmc) as connection:
        make_batch(connection, batch, [wanted(CODE + "1")])
    assert count(hcmc, link) == 1


def test_the_code_of_a_dossier_is_nowhere_in_the_database(hcmc):
    handed_out(hcmc)
    dump = str(rows(hcmc, link))
    assert "H29" not in dump
    assert DOSSIER_KEY not in dump
