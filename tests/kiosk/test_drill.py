"""Three days without a network in a real browser: every rating arrives, once.

Short by default; ``make drill-kiosk`` sets DRILL_RATINGS and prints the figures. Hours are of the
device's clock, which the browser is told; the seed is printed.
"""

import datetime as dt
import os
import random
import time

import pytest
import sqlalchemy as sa

from survey.db import make_engine, reading, writing
from survey.devices.fleet import change
from survey.devices.tables import device_placement
from survey.intake.accept import now_milliseconds
from survey.ledger.tables import response
from survey.tally.recount import differences
from tests.kiosk.client import Client, application, counters, new_device, until
from tests.kiosk.gateway import Gateway

RATINGS = int(os.environ.get("DRILL_RATINGS", "48"))
SEED = int(os.environ.get("DRILL_SEED", "7"))
HOURS = 72
STEPS = 24
BACKUP, FIRST_CONTACT = 15, 12


class Drill:
    """A profile that is killed, reloaded and doubled while it rates."""

    def __init__(self, profile, address, start):
        self.profile, self.address, self.at = profile, address, start
        self.ids, self.kills, self.reloads, self.tabs = [], 0, 0, 0
        self.client = None

    def start(self):
        page = self.profile.start()
        page.context.clock.install(time=self.at)
        self.client = Client(page, self.address).open().cached()

    def pass_time(self, hours):
        self.at += dt.timedelta(hours=hours)
        self.client.page.clock.fast_forward(int(hours * 3_600_000))

    def rate(self, number, chance):
        last = self.client.rate(chance.choice([1, 2, 3, 4, 5]), number=number)
        self.ids.append(last["id"])

    def trouble(self, chance):
        kind = chance.choice(["kill", "reload", "tab", "none"])
        if kind == "kill":
            self.client.rate(2, end="")  # the power goes while somebody rates
            self.profile.kill()
            self.kills += 1
            self.start()
            return 1
        if kind == "reload":
            self.client.reload()
            self.reloads += 1
        if kind == "tab":
            other = Client(self.profile.context.new_page(), self.address).open()
            other.rate(4)
            other.page.close()
            self.tabs += 1
            return 1
        return 0


@pytest.mark.usefixtures("bare_client")
def test_three_days_without_a_network(hcmc, databases, serve, new_profile):
    chance, began = random.Random(SEED), time.perf_counter()  # noqa: S311 (a drill)
    gateway = Gateway(application(hcmc))
    start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=HOURS)
    drill = Drill(new_profile(), serve(gateway), start)
    drill.start()
    device, code = new_device(hcmc)
    assert drill.client.enrol(code) == ""
    before = now_milliseconds() - (HOURS + 1) * 3_600_000
    with writing(hcmc) as connection:
        change(connection, device, enrolled_at=before)
    rated = 0
    url = None
    for step in range(STEPS):
        gateway.is_down = step not in (FIRST_CONTACT, BACKUP)
        share = RATINGS // STEPS
        drill.rate(share, chance)
        rated += share + drill.trouble(chance)
        drill.pass_time(HOURS / STEPS)
        if step == FIRST_CONTACT:
            gateway.loses_replies = True
            drill.client.send()
            gateway.loses_replies = False
            assert drill.client.send() == ""
            hcmc.dispose()
            url = databases.copy(hcmc.url.render_as_string(hide_password=False))
        if step == BACKUP:
            assert drill.client.send() == ""
    restored = make_engine(url)
    gateway.app, gateway.is_down = application(restored), False
    settle(drill.client)
    repeat_in_disorder(gateway, chance)
    settle(drill.client)
    known = counters(restored)
    with reading(restored) as connection:
        ids = set(connection.execute(sa.select(response.c.id)).scalars())
        assert differences(connection) == []
        assert connection.execute(sa.select(sa.func.count(device_placement.c.device))).scalar() == 1
    assert [counter for counter, _ in known] == list(range(1, rated + 1))
    assert {status for _, status in known} <= {"accepted"}
    assert len(ids) == rated
    assert set(drill.ids) <= {str(each) for each in ids}
    print(
        f"\n{databases.kind}: seed {SEED}, {HOURS} simulated hours, {rated} ratings, "
        f"{drill.kills} kills, {drill.reloads} reloads, {drill.tabs} second tabs, "
        f"{len(gateway.batches)} batches, one restored server: {len(ids)} distinct responses, "
        f"counters 1 to {rated} without a gap, tally equal, "
        f"{time.perf_counter() - began:.0f} s"
    )
    restored.dispose()
    databases.drop(url)


def settle(client):
    """Send until the queue is empty, whatever the back-off says."""
    until(
        client.page,
        "app.device.sendNow().then(() => app.device.status()).then((now) => now.queue === 0)",
    )


def repeat_in_disorder(gateway, chance):
    """Send every batch that ever arrived once more, in another order, as the net may do."""
    client = gateway.app.test_client()
    again = list(gateway.batches)
    chance.shuffle(again)
    for path, body, signature in again:
        assert gateway.repeat(client, path, body, signature).status_code == 200
