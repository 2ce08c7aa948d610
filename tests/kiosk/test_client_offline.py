"""Without a network, with a lost answer, with another server: nothing lost, nothing twice."""

import uuid

import pytest

from survey.db import make_engine, writing
from survey.devices.fleet import move, revoke
from survey.intake.accept import now_milliseconds
from tests.fixtures.builders import OVERALL
from tests.fixtures.city import register_of
from tests.fixtures.devices import points_in_force
from tests.kiosk.client import (
    Client,
    accepted,
    application,
    counters,
    n_responses,
    new_code,
    new_device,
    until,
)
from tests.kiosk.gateway import Gateway

pytestmark = pytest.mark.usefixtures("bare_client")

HOLD = """() => new Promise((held) => {
  navigator.locks.request("hai-long-sending", () => new Promise(() => held()));
})"""


@pytest.fixture
def gateway(hcmc):
    return Gateway(application(hcmc))


@pytest.fixture
def client(hcmc, gateway, serve, new_page):
    made = Client(new_page(), serve(gateway)).open()
    assert made.enrol(new_code(hcmc)) == ""
    return made


def test_rates_without_a_network_and_opens_again(hcmc, gateway, client):
    client.cached()
    gateway.is_down = True
    client.rate(5)
    client.rate(2, number=2)
    client.reload()
    client.rate(3)
    assert client.send() == "offline"
    assert client.status()["queue"] == 4
    assert client.status()["isOffline"]
    assert counters(hcmc) == []
    gateway.is_down = False
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2, 3, 4)
    status = client.status()
    assert (status["queue"], status["sent"], status["isOffline"]) == (0, 4, False)


def test_sends_by_itself_once_there_is_something(hcmc, client):
    client.rate(5)
    until(client.page, "app.device.status().then((status) => status.sent === 1)")
    assert counters(hcmc) == accepted(1)


@pytest.mark.parametrize("end", ["seal", "undo"])
def test_an_answer_lost_after_the_commit_is_not_counted_twice(hcmc, gateway, client, end):
    gateway.loses_replies = True  # before the device sends by itself
    client.rate(5, end=end)
    assert client.send() == "offline"
    assert client.status()["queue"] == 1
    gateway.loses_replies = False
    assert client.send() == ""
    assert [counter for counter, _ in counters(hcmc)] == [1]
    assert n_responses(hcmc) == (end == "seal")
    assert client.status()["queue"] == 0


def test_a_lost_answer_to_the_enrolment_may_be_repeated(hcmc, gateway, serve, new_page):
    client, code = Client(new_page(), serve(gateway)).open(), new_code(hcmc)
    gateway.loses_replies = True
    assert client.enrol(code) == "offline"
    gateway.loses_replies = False
    client.reload()
    assert client.enrol(code) == ""
    assert client.enrol(code) == "enrolled"
    client.rate()
    assert client.send() == ""
    assert counters(hcmc) == accepted(1)


@pytest.mark.parametrize("code", ["00000000", "x"])
def test_a_wrong_code_is_said_to_be_one(gateway, serve, new_page, code):
    client = Client(new_page(), serve(gateway)).open()
    assert client.enrol(code) == "code"
    assert client.page.evaluate("app.device.standing") is None


def test_papers_that_did_not_come_with_the_enrolment_come_later(hcmc, serve, new_page):
    app = application(hcmc)

    def lame(environ, start):
        if lame.is_lame and environ["PATH_INFO"].startswith("/api/v1/points"):
            start("503 unavailable", [("Content-Length", "0")])
            return []
        return app(environ, start)

    lame.is_lame = True
    client = Client(new_page(), serve(lame)).open()
    assert client.enrol(new_code(hcmc)) == "papers"
    assert client.status()["troubles"] == ["papers_missing"]
    assert client.page.evaluate("app.device.isReady") is False
    lame.is_lame = False
    assert client.send() == ""
    assert client.page.evaluate("app.device.isReady") is True
    assert client.status()["troubles"] == []


def test_what_a_restored_server_lost_is_sent_again(hcmc, databases, gateway, client):
    client.rate(5, number=2)
    assert client.send() == ""
    hcmc.dispose()
    url = databases.copy(hcmc.url.render_as_string(hide_password=False))
    client.rate(4, {"comment": "Cảm ơn"})
    client.rate(1, end="undo")
    assert client.send() == ""
    assert n_responses(hcmc) == 3
    engine = make_engine(url)
    gateway.app = application(engine)
    client.reload()
    assert client.send() == ""
    assert [counter for counter, _ in counters(engine)] == [1, 2, 3, 4]
    assert n_responses(engine) == 3
    assert client.status()["queue"] == 0
    engine.dispose()
    databases.drop(url)


def test_what_was_acknowledged_is_kept_for_seven_days_of_the_server(client):
    client.rate(5, number=2)
    assert client.send() == ""
    client.page.evaluate(
        """async () => {
          const { store } = app.device;
          await store.run("readwrite", ["sent"], ({ sent }) => new Promise((resolve) => {
            sent.get(1).onsuccess = ({ target }) => {
              const old = { ...target.result, at: target.result.at - 7 * 24 * 3600000 - 1 };
              sent.put(old).onsuccess = resolve;
            };
          }));
        }"""
    )
    client.rate(5)
    assert client.send() == ""
    assert [row["counter"] for row in client.rows("sent")] == [2, 3]


def test_a_moved_device_takes_its_new_place_over_as_a_whole(hcmc, gateway, client):
    old, new = points_in_force(hcmc)[:2]
    device = client.page.evaluate("app.device.standing.id")
    register = register_of(hcmc)
    client.page.evaluate(
        """(question) => app.device.begin({ field: "HTICH", language: "vi", question, values: [5] })
          .then((draft) => { globalThis.draft = draft; })""",
        OVERALL,
    )
    with writing(hcmc) as connection:
        move(connection, register, uuid.UUID(device), new, at=now_milliseconds())
    assert client.send() == ""
    assert client.page.evaluate("[app.device.standing.point, app.device.point.point]") == [new, new]
    client.page.evaluate("draft.seal()")
    client.rate()
    assert client.send() == ""
    bodies = {row["counter"]: row["item"]["body"] for row in client.rows("sent")}
    units = {code: register.points[code].unit for code in (old, new)}
    assert [bodies[n]["point"] for n in (1, 2)] == [old, new]
    assert [bodies[n]["receiving_unit"] for n in (1, 2)] == [units[old], units[new]]
    assert counters(hcmc) == accepted(1, 2)


def test_a_revoked_device_says_so_and_rates_no_more(hcmc, serve, new_page, gateway):
    client = Client(new_page(), serve(gateway)).open()
    device, code = new_device(hcmc)
    assert client.enrol(code) == ""
    client.rate()
    with writing(hcmc) as connection:
        revoke(connection, device, at=now_milliseconds() - 8 * 24 * 3_600_000)
    assert client.send() == "revoked"
    status = client.status()
    assert (status["queue"], status["troubles"]) == (1, ["revoked"])
    begun = "app.device.begin({field: 'HTICH', language: 'vi', question: 'q', values: [1]})"
    assert client.page.evaluate(f"{begun}.catch((error) => error.code)") == "revoked"


def test_a_net_with_a_page_of_its_own_is_no_server(hcmc, gateway, client):
    client.rate()
    gateway.answer = lambda _path, _body: ("200 OK", [("Content-Type", "text/html")])
    assert client.send() == "offline"
    assert client.status()["queue"] == 1
    gateway.answer = None
    assert client.send() == ""
    assert counters(hcmc) == accepted(1)


def test_waits_as_long_as_the_server_says(gateway, client):
    gateway.answer = lambda _path, _body: ("503 busy", [("Retry-After", "7")])
    arrived = len(gateway.batches)
    client.rate()
    assert client.send() == "unavailable"
    wait, failures = client.page.evaluate(
        "[app.device.sender.dueAt - performance.now(), app.device.sender.failures]"
    )
    assert failures >= 1
    assert 7_000 < wait <= 7_000 + 5_000 * 2 ** (failures - 1)
    assert len(gateway.batches) == arrived


def test_a_turn_that_another_tab_has_is_no_success(hcmc, gateway, serve, new_page):
    page = new_page()
    page.clock.install()
    client = Client(page, serve(gateway)).open()
    client.enrol(new_code(hcmc))
    gateway.answer = lambda _path, _body: ("503 busy", [])
    client.rate()
    assert client.send() == "unavailable"
    page.evaluate(HOLD)
    failures = page.evaluate("app.device.sender.failures")
    page.clock.run_for(10_000)
    left = "app.device.sender.dueAt - performance.now()"
    until(page, f"{left} > 60_000 && {left} < Infinity")  # it has had its turn
    assert page.evaluate("app.device.sender.failures") == failures
