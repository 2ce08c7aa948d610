"""One-time codes: once, for a quarter of an hour, and not to be guessed."""

from __future__ import annotations

import pytest

from scripts.example_device import canonical, jwk, new_key, sign
from survey.db import reading, writing
from survey.devices import fleet, throttle
from survey.devices.enrol import CODE_MINUTES, enrol, make_code
from survey.devices.fleet import DeviceError
from survey.devices.keys import Key, from_base64url, is_signed, key_text
from survey.intake.accept import now_milliseconds
from survey.terms.problem import InvalidTermError
from survey.throttle import DAY
from tests.fixtures.city import register_of
from tests.fixtures.devices import SECRET, TestDevice, client_of, enrolled, points_in_force


def test_a_code_counts_once_and_a_lost_reply_can_be_asked_for_again(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    first = device.enrol()
    assert first.status_code == 201
    assert first.json["device"]["holder"] == "citizen"
    assert first.json["next_counter"] == 1
    assert device.enrol().json["device"] == first.json["device"]
    device.key = new_key()
    assert (device.enrol().status_code, device.enrol().json["code"]) == (403, "code")


def test_unknown_used_and_old_codes_are_answered_alike(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    key, at = key_text(Key(**jwk(device.key))), now_milliseconds()
    late = at + (CODE_MINUTES + 1) * 60_000
    told = []
    for code, when in ((device.code, late), ("00000000", at), ("", at), ("é" * 8, at)):
        with writing(hcmc) as connection, pytest.raises(DeviceError) as error:
            enrol(connection, SECRET, code, key, at=when)
        told.append((error.value.code, str(error.value)))
    assert len(set(told)) == 1


def test_a_new_code_takes_the_place_of_the_old_one(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    old = device.code
    with writing(hcmc) as connection:
        device.code = make_code(connection, SECRET, device.id, at=now_milliseconds())
    assert device.enrol(code=old).status_code == 403
    assert device.enrol().status_code == 201
    with writing(hcmc) as connection, pytest.raises(DeviceError, match="its key already"):
        make_code(connection, SECRET, device.id, at=now_milliseconds())


def test_a_revoked_device_gets_no_code_and_no_key(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    with writing(hcmc) as connection:
        fleet.revoke(connection, device.id, at=now_milliseconds())
    assert device.enrol().json["code"] == "code"
    with writing(hcmc) as connection, pytest.raises(DeviceError, match="revoked"):
        make_code(connection, SECRET, device.id, at=now_milliseconds())


def test_an_enrolment_is_signed_by_the_key_that_it_shows(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    said = canonical({"protocol": 1, "code": device.code, "key": jwk(new_key())})
    assert device.post("/api/v1/devices", said).json["code"] == "signature"
    for broken in (
        jwk(device.key) | {"x": "AA"},
        jwk(device.key) | {"crv": "P-384"},
        jwk(device.key) | {"y": jwk(new_key())["y"]},
    ):
        answer = device.enrol(key=broken)
        assert (answer.status_code, answer.json["code"]) == (400, "key"), broken
    assert device.enrol(code="1234").json["code"] == "malformed"
    assert device.enrol(protocol=9).json["code"] == "protocol"
    assert device.enrol().status_code == 201


def test_who_guesses_has_to_wait(hcmc):
    device = TestDevice(hcmc, client_of(hcmc))
    wrong = f"{(int(device.code) + 1) % 10**8:08}"
    statuses = [device.enrol(code=wrong).status_code for _ in range(throttle.ADDRESS.free + 1)]
    assert statuses == [403] * throttle.ADDRESS.free + [429]
    answer = device.enrol()  # and so has the right code
    assert answer.json["code"] == "too_many"
    assert 1 <= int(answer.headers["Retry-After"]) <= throttle.ADDRESS.longest


def test_the_wait_grows_ends_and_is_forgotten(hcmc):
    keys, at = throttle.backs_of(SECRET, "2001:db8::7"), 10**12
    assert keys == throttle.backs_of(SECRET, "2001:db8::8")  # one subscriber
    waits = []
    for _ in range(throttle.ADDRESS.free + 8):
        with writing(hcmc) as connection:
            wait = throttle.count(connection, keys, at=at)
            at += wait
            waits.append(wait)
            assert wait == 0 or throttle.count(connection, keys, at=at) == 0
    assert waits[: throttle.ADDRESS.free] == [0] * throttle.ADDRESS.free
    assert waits[throttle.ADDRESS.free :] == [1000 * 2**n for n in range(6)] + [60_000] * 2
    with writing(hcmc) as connection:
        assert throttle.count(connection, keys, at=at + DAY) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"kind": "phone"}, "kind"), ({"name": " "}, "name"), ({"point": "NOWHERE"}, "point")],
)
def test_a_device_needs_a_kind_a_name_and_a_point_in_force(hcmc, changes, code):
    register = register_of(hcmc)
    good = {"kind": "kiosk", "name": "Hall", "point": points_in_force(hcmc)[0]}
    with writing(hcmc) as connection, pytest.raises(DeviceError) as error:
        fleet.create_device(connection, register, at=now_milliseconds(), **good | changes)
    assert error.value.code == code


def test_a_point_that_is_no_longer_in_force_takes_no_device(hcmc):
    register, at = register_of(hcmc), now_milliseconds()
    retired = next(code for code, point in register.points.items() if point.valid_to is not None)
    device = enrolled(hcmc)
    with writing(hcmc) as connection, pytest.raises(DeviceError, match="no reception point"):
        fleet.move(connection, register, device.id, retired, at=at)
    with writing(hcmc) as connection, pytest.raises(DeviceError, match="already"):
        fleet.move(connection, register, device.id, device.point, at=at)


def test_history_and_items_of_devices_never_change(hcmc):
    device = enrolled(hcmc)
    device.send([device.item(), device.item()])
    for table in ("device_placement", "device_item", "device_mark"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET device = device"):  # noqa: S608
            with pytest.raises(Exception, match="append-only"), writing(hcmc) as connection:
                connection.exec_driver_sql(statement)
    with reading(hcmc) as connection:
        assert len(fleet.placements(connection, device.id)) == 1


def test_keys_are_points_and_signatures_have_64_bytes():
    key = jwk(new_key())
    assert key_text(Key(**key)).startswith('{"crv":"P-256"')
    with pytest.raises(InvalidTermError):
        key_text(Key(**key | {"x": "é"}))
    data = b"data"
    own = new_key()
    text = key_text(Key(**jwk(own)))
    signature = from_base64url(sign(own, data))
    assert is_signed(text, data, signature)
    assert not is_signed(text, b"other", signature)
    assert not is_signed(text, data, signature[:-1])
    assert not is_signed(text, data, b"\0" * 64)
    assert not is_signed(text, data, b"\xff" * 64)
