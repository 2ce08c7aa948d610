"""Each fault is named on the device, and costs no other rating."""

import datetime as dt
import json

import pytest

from survey.db import reading, writing
from survey.devices import log
from survey.devices.fleet import change
from survey.devices.outages import last_ended
from survey.devices.watch import seen
from survey.intake.accept import now_milliseconds
from survey.register.snapshot import load
from tests.kiosk.client import Client, accepted, application, counters, marks, new_code, new_device
from tests.kiosk.gateway import Gateway

pytestmark = pytest.mark.usefixtures("bare_client")

TAMPER = """async () => {
  const { store } = app.device;
  await store.run("readwrite", ["queue"], ({ queue }) => new Promise((resolve) => {
    queue.get(2).onsuccess = ({ target }) => {
      const item = target.result;
      item.body.answers = { "one-stop.overall/1": [1] };
      queue.put(item).onsuccess = resolve;
    };
  }));
}"""

LOSE = """async () => {
  const { store } = app.device;
  await store.run("readwrite", ["queue"], ({ queue }) => new Promise((resolve) => {
    queue.clear().onsuccess = resolve;
  }));
}"""


@pytest.fixture
def gateway(hcmc):
    return Gateway(application(hcmc))


@pytest.fixture
def address(gateway, serve):
    return serve(gateway)


def offline(gateway, client, number):
    gateway.is_down = True
    client.rate(number=number)
    client.send()


def test_a_poison_item_is_put_apart_and_holds_up_no_other(hcmc, gateway, address, new_page):
    client = Client(new_page(), address).open()
    device, code = new_device(hcmc)
    client.enrol(code)
    offline(gateway, client, 3)
    client.page.evaluate(TAMPER)
    gateway.is_down = False
    assert client.send() == ""
    status = client.status()
    assert status["quarantine"] == [{"counter": 2, "code": "signature"}]
    assert status["troubles"] == ["quarantine"]
    assert counters(hcmc) == accepted(1, 3)
    with reading(hcmc) as connection:
        assert [row.code for row in log.open_rejected(connection, device)] == ["signature"]
    client.reload()
    assert client.send() == ""
    assert client.status()["queue"] == 0  # it does not go round for ever


@pytest.mark.parametrize("status", ["413 too large", "400 malformed"])
def test_a_batch_that_cannot_be_read_is_cut_to_the_one_item(
    hcmc, gateway, address, new_page, status
):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    offline(gateway, client, 9)
    gateway.is_down = False

    def poisoned(app):
        def answer(environ, start):
            start(status, [("Content-Type", "application/problem+json")])
            return [json.dumps({"code": "malformed"}).encode()]

        def inner(environ, start):
            body = (
                environ["wsgi.input"].getvalue() if environ["REQUEST_METHOD"] == "POST" else b"{}"
            )
            items = json.loads(body).get("items", [])
            is_poisoned = any(item["counter"] == 4 for item in items)
            return answer(environ, start) if is_poisoned else app(environ, start)

        return inner

    gateway.app = poisoned(gateway.app)
    assert client.send() == ""
    assert client.status()["quarantine"] == [{"counter": 4, "code": "malformed"}]
    assert counters(hcmc) == accepted(1, 2, 3, 5, 6, 7, 8, 9)


@pytest.mark.parametrize("days", [-366, 366])
def test_a_clock_a_year_off_loses_nothing_and_is_named(hcmc, address, new_context, days):
    context = new_context()
    context.clock.install(time=dt.datetime.now(dt.UTC) + dt.timedelta(days=days))
    client = Client(context.new_page(), address).open()
    client.enrol(new_code(hcmc))
    client.rate(number=2)
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2)
    status = client.status()
    assert status["troubles"] == ["clock_off"]
    assert abs(status["clockOffset"] + days * 86_400_000) < 600_000
    assert "clock_off" in marks(hcmc)
    assert len(client.rows("sent")) == 2
    with reading(hcmc) as connection:
        assert "clock_off" in seen_flags(connection)


def seen_flags(connection):
    zone = load(connection).city.zone
    return next(iter(seen(connection, zone, at=now_milliseconds()))).flags


def test_a_copied_profile_is_named_to_the_device_and_to_staff(hcmc, gateway, address, new_profile):
    first = new_profile()
    client = Client(first.start(), address).open()
    client.enrol(new_code(hcmc))
    client.rate()
    assert client.send() == ""
    first.close()
    second = new_profile(copy_of=first)
    client = Client(first.start(), address).open()
    client.rate(number=2)
    assert client.send() == ""
    first.close()
    copy = Client(second.start(), address).open()
    assert copy.send() == ""
    assert copy.status()["troubles"] == ["counter_twice"]
    copy.rate(1)
    assert copy.send() == ""
    assert counters(hcmc) == [
        (1, "accepted"),
        (2, "accepted"),
        (2, "set_aside:counter_twice"),
        (3, "accepted"),
    ]
    with reading(hcmc) as connection:
        assert "counter_twice" in seen_flags(connection)


def test_a_full_disk_is_said_before_and_records_nothing_after(hcmc, address, new_page):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    client.rate()
    assert client.send() == ""
    # the browser's own estimate knows nothing of the quota below, so it is told here
    client.page.evaluate(
        "() => { navigator.storage.estimate = async () => ({ usage: 9e6, quota: 1e7 }); }"
    )
    assert client.send() == ""
    assert "storage_tight" in client.status()["troubles"]
    with reading(hcmc) as connection:
        assert "storage" in seen_flags(connection)
    refused = client.page.evaluate(
        """async () => {
          const { add } = IDBObjectStore.prototype;
          const full = () => { throw new DOMException("", "QuotaExceededError"); };
          IDBObjectStore.prototype.add = full;
          const question = "one-stop.overall/1";
          const first = { field: "HTICH", language: "vi", question, values: [1] };
          const code = await app.device.begin(first).catch((error) => error.code);
          IDBObjectStore.prototype.add = add;
          return code;
        }"""
    )
    assert refused == "storage"
    assert client.rate()["counter"] == 2  # the counter was not taken either
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2)


def test_says_that_it_needs_https(gateway, address, new_profile):
    port = address.rpartition(":")[2]
    profile = new_profile(args=("--host-resolver-rules=MAP kiosk.test 127.0.0.1",))
    client = Client(profile.start(), f"http://kiosk.test:{port}").open()
    assert client.page.evaluate("[app.device, app.problem.code]") == [None, "insecure"]


def test_the_file_for_staff_holds_what_is_unsent(hcmc, gateway, address, new_page):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    client.rate()
    assert client.send() == ""
    offline(gateway, client, 2)
    said = json.loads(client.page.evaluate("app.device.exportQueue().then((file) => file.text())"))
    assert [item["counter"] for item in said["items"]] == [2, 3]
    assert said["device"] == client.page.evaluate("app.device.standing.id")
    assert said["quarantine"] == []


def test_counters_that_are_lost_are_named_and_those_on_their_way_are_not(
    hcmc, gateway, address, new_page
):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    client.rate(number=3)
    assert client.send() == ""
    offline(gateway, client, 3)
    client.page.evaluate(LOSE)
    client.rate(number=1)
    client.rate(end="")  # a rating that somebody is giving has its counter and is not sent yet
    client.page.evaluate("() => { app.device.draft = null; }")  # a second tab gives another one
    client.rate()
    gateway.is_down = False
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2, 3, 7, 9)
    assert client.status()["missing"] == [[4, 6]]
    assert client.status()["troubles"] == ["counter_missing"]
    with reading(hcmc) as connection:
        assert seen_flags(connection) == ("gap",)


def test_a_server_down_for_hours_costs_nothing_and_both_sides_are_told(
    hcmc, gateway, address, new_context
):
    context = new_context()
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=9)
    context.clock.install(time=start)
    client = Client(context.new_page(), address).open()
    device, code = new_device(hcmc)
    client.enrol(code)
    with writing(hcmc) as connection:
        change(connection, device, enrolled_at=int(start.timestamp() * 1000) - 60_000)
    assert client.send() == ""
    gateway.is_down = True
    client.rate(number=3)
    assert client.send() == "offline"
    context.clock.run_for(3 * 3_600_000)
    gateway.answer = lambda _path, _body: ("503 full", [("Retry-After", "30")])
    gateway.is_down = False
    assert client.send() == "unavailable"
    client.reload()  # a restart forgets nothing of it
    client.rate(number=2)
    gateway.is_down = True
    assert client.send() == "offline"
    outage = client.status()["outage"]
    assert outage["code"] == "503"  # what the server said is not covered by its silence
    assert outage["times"] >= 3
    assert abs(outage["since"] - start.timestamp() * 1000) < 600_000
    gateway.answer, gateway.is_down = None, False
    assert client.send() == ""
    assert client.status()["outage"] is None
    assert counters(hcmc) == accepted(1, 2, 3, 4, 5)
    with reading(hcmc) as connection:
        (told,) = last_ended(connection, device)
        assert (told.code, told.times) == (outage["code"], outage["times"])
        assert told.ended_at - told.began_at >= 3 * 3_600_000
        assert "turned_away" in seen_flags(connection)
