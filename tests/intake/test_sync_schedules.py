"""Any order of sending, losing, repeating, reordering and power cuts, against a model.

``make drill-schedules`` runs 10,000 on SQLite and 2,000 on PostgreSQL.
"""

from __future__ import annotations

import os
import random
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from survey.db import make_engine, reading
from survey.devices.tables import device_item
from survey.ledger.tables import response
from survey.register.snapshot import Register
from survey.tally.recount import differences
from tests.fixtures.city import register_of
from tests.fixtures.databases import Databases
from tests.fixtures.devices import TestDevice, client_of

STEPS, AT_ONCE = 20, 50
SCHEDULES = {
    "sqlite": int(os.environ.get("DRILL_SCHEDULES_SQLITE", "12")),
    "postgresql": int(os.environ.get("DRILL_SCHEDULES_POSTGRESQL", "12")),
}
SEED = int(os.environ.get("DRILL_SEED", "0")) or random.SystemRandom().randrange(1, 2**32)


class PowerCut:
    """Lets the next commit of something written fail, as if the server had died just before it.

    Looking things up commits too, now and then; those look-ups are left alone.
    """

    def __init__(self) -> None:
        self.is_armed = self.has_written = False

    def execute(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        self.has_written |= statement.startswith(("INSERT", "UPDATE"))

    def commit(self, _connection: Connection) -> None:
        is_due, self.has_written = self.is_armed and self.has_written, False
        if is_due:
            self.is_armed = False
            raise sa.exc.OperationalError("COMMIT", None, Exception("power cut"))


class Schedule(RuleBasedStateMachine):
    """One device and one server; the model is ``stored``: the counters that reached the server."""

    def __init__(self, engine: Engine, client: Any, register: Register, power: PowerCut) -> None:
        super().__init__()
        self.engine, self.client, self.register, self.power = engine, client, register, power
        self.queue: dict[int, dict[str, Any]] = {}
        self.sealed: list[dict[str, Any]] = []
        self.requests: list[bytes] = []
        self.stored: set[int] = set()
        self.acknowledged: set[int] = set()

    @initialize()
    def enrol(self) -> None:
        self.device = TestDevice(self.engine, self.client, register=self.register)
        assert self.device.enrol().status_code == 201

    @rule(value=st.integers(1, 5), times=st.integers(1, 4))
    def rate(self, value: int, times: int) -> None:
        for _ in range(times):
            self.seal(self.device.item(self.device.body(value)))

    @rule()
    def take_back(self) -> None:
        self.seal(self.device.undone())

    def seal(self, item: dict[str, Any]) -> None:
        self.sealed.append(item)
        self.queue[item["counter"]] = item

    @precondition(lambda self: self.queue)
    @rule(data=st.data(), is_lost=st.booleans())
    def send(self, data: st.DataObject, is_lost: bool) -> None:
        items = data.draw(st.lists(st.sampled_from(list(self.queue.values())), max_size=6))
        self.answered(self.device.envelope(items), items, is_lost)

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def repeat_an_old_request(self, data: st.DataObject) -> None:
        answer = self.post(data.draw(st.sampled_from(self.requests)))
        assert answer.status_code == 200
        assert {each["status"] for each in answer.json["outcomes"]} <= {"already"}

    @precondition(lambda self: self.queue)
    @rule()
    def power_cut(self) -> None:
        items = list(self.queue.values())
        self.power.is_armed = True
        answer = self.post(self.device.envelope(items))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]

    @rule(data=st.data())
    def send_again_what_was_acknowledged(self, data: st.DataObject) -> None:
        known = [item for item in self.sealed if item["counter"] in self.acknowledged]
        items = data.draw(st.lists(st.sampled_from(known), max_size=4)) if known else []
        assert set(self.device.outcomes(items)) <= {"already"}

    def answered(self, request: bytes, items: list[dict[str, Any]], is_lost: bool) -> None:
        before = set(self.stored)
        answer = self.post(request)
        assert answer.status_code == 200
        self.requests.append(request)
        for item, outcome in zip(items, answer.json["outcomes"], strict=True):
            expected = "already" if item["counter"] in before else "accepted"
            assert outcome["status"] == expected
            before.add(item["counter"])
        self.stored = before
        if not is_lost:
            for item in items:
                self.acknowledged.add(item["counter"])
                self.queue.pop(item["counter"], None)

    def post(self, request: bytes) -> Any:
        return self.device.post(f"/api/v1/devices/{self.device.id}/batches", request)

    @invariant()
    def the_server_holds_what_reached_it_once(self) -> None:
        if not hasattr(self, "device"):
            return
        assert self.acknowledged <= self.stored
        with reading(self.engine) as connection:
            known = sa.select(device_item.c.counter).where(device_item.c.device == self.device.id)
            assert sorted(connection.execute(known).scalars()) == sorted(self.stored)

    def teardown(self) -> None:
        if not hasattr(self, "device"):
            return
        self.answered(
            self.device.envelope(list(self.queue.values())), list(self.queue.values()), False
        )
        counters = self.device.send([]).json["counters"]
        assert counters == {"through": len(self.sealed), "highest": len(self.sealed), "missing": []}
        rated = {item["body"]["id"] for item in self.sealed if "body" in item}
        with reading(self.engine) as connection:
            found = {str(name) for name in connection.execute(sa.select(response.c.id)).scalars()}
            assert rated <= found
            total = (
                sa.select(sa.func.count())
                .select_from(device_item)
                .where(device_item.c.corrected_at.is_not(None))
            )
            assert connection.execute(total).scalar() == len(found)
            assert differences(connection) == []


def _run(engine: Engine, schedules: int, from_seed: int) -> None:
    """Run schedules against one database, all of them from one seed."""
    client, register, power = client_of(engine), register_of(engine), PowerCut()

    def machine() -> Schedule:
        return Schedule(engine, client, register, power)

    listeners = (("before_cursor_execute", power.execute), ("commit", power.commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            seed(from_seed)(machine),
            settings=settings(
                max_examples=schedules,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def test_any_schedule_stores_each_rating_once(databases: Databases, hcmc_template: str) -> None:
    schedules = SCHEDULES[databases.kind]
    print(f"{databases.kind}: {schedules} schedules of up to {STEPS} steps, seed {SEED}")
    # the whole database is counted after each, so it must not grow for ever
    for number, start in enumerate(range(0, schedules, AT_ONCE)):
        url = databases.copy(hcmc_template)
        engine = make_engine(url)
        try:
            _run(engine, min(AT_ONCE, schedules - start), SEED + number)
        finally:
            engine.dispose()
            databases.drop(url)
