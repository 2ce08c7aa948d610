"""Every protected route × role × unit, held against the one table of rights.

The routes come from the application itself, so whatever a room adds is walked too. An address
with a parameter that nobody has said how to fill in fails: see ``tests/staff/parameters.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule

from survey.staff.guard import PROTECTED, right_of
from survey.staff.rights import RIGHTS, Reach, reach_of
from survey.staff.roles import Role
from tests.staff.parameters import BY_UNIT, FIXED, Scene
from tests.staff.signing import sign_in

METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Way:
    """One address with one method."""

    rule: Rule
    method: str
    right: str

    @property
    def is_of_a_unit(self) -> bool:
        return any(key in BY_UNIT for key in _keys(self.rule))


def _keys(rule: Rule) -> list[str]:
    """Name for each parameter the entry that fills it in."""
    known = BY_UNIT.keys() | FIXED.keys()
    special = {name: f"{rule.endpoint}:{name}" for name in rule.arguments}
    return [full if full in known else name for name, full in sorted(special.items())]


def protected(app: Flask) -> list[Rule]:
    names: set[str] = app.extensions[PROTECTED]
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.rpartition(".")[0] in names]


def ways(app: Flask) -> list[Way]:
    return [
        Way(rule, method, right_of(app.view_functions[rule.endpoint]) or "")
        for rule in protected(app)
        for method in METHODS
        if method in (rule.methods or ())
    ]


def address(app: Flask, rule: Rule, scene: Scene, unit: str) -> str:
    values: dict[str, Any] = {}
    for key in _keys(rule):
        maker = BY_UNIT.get(key)
        values[key.rpartition(":")[2]] = maker(scene, unit) if maker else FIXED[key]
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=None)


def test_every_protected_view_carries_a_right(app: Flask) -> None:
    bare = [way.rule.rule for way in ways(app) if way.right not in RIGHTS]
    assert bare == []


def test_every_parameter_of_a_protected_address_can_be_filled_in(app: Flask) -> None:
    known = BY_UNIT.keys() | FIXED.keys()
    unknown = {
        f"{rule.endpoint}:{name}"
        for rule in protected(app)
        for name in _keys(rule)
        if name not in known
    }
    assert unknown == set(), "say in tests/staff/parameters.py how these are filled in"


def test_no_address_of_the_desks_is_unprotected(app: Flask) -> None:
    open_ones = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/quan-tri", "/phan-tich")) and rule not in protected(app)
    }
    assert open_ones == set()


def test_nobody_gets_in_without_signing_in(app: Flask, hcmc: Engine) -> None:
    scene, client = Scene(hcmc), app.test_client()
    for way in ways(app):
        answer = client.open(address(app, way.rule, scene, scene.own), method=way.method)
        if way.method == "GET":
            assert answer.status_code == 303, way
            assert answer.headers["Location"].startswith("/dang-nhap?next=/"), way
        else:
            assert answer.status_code == 401, way
        assert answer.headers["Cache-Control"] == "no-store"


def test_no_form_is_taken_from_elsewhere(app: Flask, hcmc: Engine) -> None:
    scene = Scene(hcmc)
    clients = {role: sign_in(app, hcmc, role, scene.own) for role in Role}
    for way in ways(app):
        if way.method == "GET":
            continue
        role = next(iter(RIGHTS[way.right]))
        answer = clients[role].post(address(app, way.rule, scene, scene.own))
        assert answer.status_code == 400, way


def test_every_route_for_every_role_and_unit(
    app: Flask, hcmc: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # to reach the views; forgery is the test above
    scene = Scene(hcmc)
    clients = {role: sign_in(app, hcmc, role, scene.own) for role in Role}
    wrong, n_combinations = [], 0
    for way in ways(app):
        for role, client in clients.items():
            for unit in (scene.own, scene.foreign):
                status = client.open(
                    address(app, way.rule, scene, unit), method=way.method
                ).status_code
                n_combinations += 1
                if not _is_right(way, role, unit == scene.own, status):
                    wrong.append((way.method, way.rule.rule, role.value, unit, status))
    with capsys.disabled():
        print(f"\n{len(ways(app))} ways × role × unit: {n_combinations} combinations")
    assert wrong == []


def _is_right(way: Way, role: Role, is_own: bool, status: int) -> bool:
    """Tell whether a status is what the table says; a refusal may not tell what there is."""
    reach = reach_of(role, way.right)
    if reach is None or (reach is Reach.OWN and way.is_of_a_unit and not is_own):
        return status == 403
    return status not in (401, 403) and status < 500
