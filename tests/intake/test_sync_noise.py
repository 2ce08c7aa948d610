"""Whatever comes in, signed or not, alone or at once: a clear answer and nothing twice."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.devices.tables import device_item
from survey.ledger.tables import response
from survey.tally.recount import differences
from tests.fixtures.crowd import together
from tests.fixtures.devices import TestDevice, client_of, enrolled

NUMBERS = (-1, 2**31, 2**53, 2**63, 2**64, 10**400, 0.5)
TEXTS = ("", "\0", "\ud800", "😀", "Đ" * 500, "00000000-0000-0000-0000-000000000000")
ODD: Any = st.sampled_from([None, True, *NUMBERS, *TEXTS, [], {}, [1], {"a": 1}, [[]] * 3])
LENIENT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a document with another value at a path."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def paths(document: Any, start: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to every value of a document."""
    found = [start] if start else []
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in pairs:
        is_inner = isinstance(value, dict | list)
        found += paths(value, (*start, key)) if is_inner else [(*start, key)]
    return found


@LENIENT
@given(data=st.data())
def test_no_signed_message_is_a_fault(hcmc: Engine, data: st.DataObject) -> None:
    device = enrolled_once(hcmc)
    good = json.loads(device.envelope([device.item(), device.undone()]))
    path = data.draw(st.sampled_from(paths(good)))
    value = data.draw(ODD)
    bent = put(good, path, value)
    for item in bent["items"] if isinstance(bent["items"], list) else []:
        if data.draw(st.booleans()) and isinstance(item, dict):
            sign_again(device, item)
    answer = device.post(f"/api/v1/devices/{device.id}/batches", json.dumps(bent).encode())
    assert answer.status_code in (200, 400), (path, value, answer.data)
    assert answer.json


def sign_again(device: TestDevice, item: dict[str, Any]) -> None:
    """Sign a bent item, as far as there is anything to sign."""
    try:
        item["signature"] = device.item(item.get("body"), **item)["signature"]
    except (KeyError, UnicodeEncodeError, TypeError):
        return


_DEVICES: dict[Engine, TestDevice] = {}


def enrolled_once(engine: Engine) -> TestDevice:
    """Return one device for all examples of a test."""
    if engine not in _DEVICES:
        _DEVICES.clear()
        _DEVICES[engine] = enrolled(engine)
    return _DEVICES[engine]


@LENIENT
@given(noise=st.binary(max_size=200), signature=st.text(max_size=90))
def test_no_unsigned_message_is_a_fault(hcmc: Engine, noise: bytes, signature: str) -> None:
    device = enrolled_once(hcmc)
    headers = {"Device-Signature": signature.encode("utf-8", "replace").decode("latin-1")}
    headers = {name: value.replace("\r", "").replace("\n", "") for name, value in headers.items()}
    for path in (f"/api/v1/devices/{device.id}/batches", "/api/v1/devices"):
        answer = device.client.post(path, data=noise, headers=headers)
        assert answer.status_code in (400, 401, 403), answer.data


def test_two_tabs_that_send_the_same_queue_at_once_store_it_once(hcmc: Engine) -> None:
    device = enrolled(hcmc)
    items = [device.item() for _ in range(40)]
    requests = [device.envelope(items[start : start + 20]) for start in (0, 10, 20, 0)]

    path = f"/api/v1/devices/{device.id}/batches"

    def tab(client: FlaskClient, request: bytes) -> None:
        own = TestDevice.__new__(TestDevice)
        own.client, own.key = client, device.key
        while own.post(path, request).status_code == 503:
            continue

    # applications are made beforehand: CPython 3.11 cannot parse in several threads at once
    together([partial(tab, client_of(hcmc), request) for request in requests])
    with reading(hcmc) as connection:
        stored = list(connection.execute(sa.select(response.c.id)).scalars())
        counters = list(connection.execute(sa.select(device_item.c.counter)).scalars())
        assert sorted(counters) == list(range(1, 41))
        assert len(stored) == 40
        assert differences(connection) == []
    assert device.send([]).json["counters"]["through"] == 40
