"""Generated input over every page and form of the desks, by every role.

Each step is one request: a page of a desk with parameters and a query that were drawn, or one of
its forms filled in with drawn values and the right CSRF token. What must hold: no answer of 500
or more; who lacks a right gets 403 (or the way to sign in), whatever they send; and no answer to
an agency's officer carries a text of a unit outside their reach.
"""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.routing import Rule

from survey.db import insert_new, writing
from survey.settings import Settings
from survey.staff import sessions
from survey.staff.deeds import now_milliseconds
from survey.staff.guard import PROTECTED, TOKEN, right_of
from survey.staff.rights import reach_of
from survey.staff.roles import Role
from survey.staff.tables import account

ODD = (
    "", " ", "0", "-1", "1", "999999999999999999999", "2026-Q3", "2026-13", "2026", "2026-08",
    "2023-07..2024-04", "26740C", "X", "../../etc/passwd", "<script>alert(1)</script>", "%00",
    "' OR 1=1 --", "\x00", "\U0001f600", "Phường Sài Gòn", "Phu\u031bo\u031b\u0300ng", "a" * 5000,
    "NaN", "1e400", "on", "true", "2026-11-24", "0000-00-00", "99999-01-01", "{{7*7}}", "{", "[",
    "csv", "xlsx", "own/kiosk/*/*", "*/*/*/*", "one_stop", "ratings", "A4", "A5", "svg", "=1+1",
    "\ufeff", "\r\nX: y",
)  # fmt: skip
_INPUT = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')
_VALUE = re.compile(r'\bvalue="([^"]*)"')
_CSRF = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')


@dataclass
class Findings:
    """What was seen: answers by status, and every fault with the request that showed it."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    n_combinations: int = 0


class Desks:
    """Every protected page of an application, and what can be sent to it.

    ``secrets`` are texts by unit that nobody outside the unit may see; ``known`` are values that
    mean something there (codes, ids), mixed with the odd ones. The draw is that of ``seed``.
    """

    def __init__(
        self,
        app: Flask,
        engine: Engine,
        *,
        own: str,
        foreign: str,
        secrets: dict[str, str],
        known: list[str],
        seed: int,
    ) -> None:
        self._app, self._engine, self._secrets = app, engine, secrets
        self._own, self._foreign = own, foreign
        self._chance = random.Random(seed)  # noqa: S311 (to repeat a run, not to keep a secret)
        self._words = [*ODD, *known, own, foreign]
        self._inputs: dict[str, set[str]] = {}
        self.rules = list(_protected(app))

    def run(self, number: int) -> Findings:
        """Send that many requests, each role and page in turn."""
        found = Findings(n_combinations=len(self.rules) * len(Role))
        clients = {role: self._signed_in(role) for role in Role}
        for step in range(number):
            role = list(Role)[step % len(Role)]
            rule, method = self.rules[step // len(Role) % len(self.rules)]
            clients[role] = self._step(clients[role], role, rule, method, found)
        return found

    def _step(
        self, client: FlaskClient, role: Role, rule: Rule, method: str, found: Findings
    ) -> FlaskClient:
        path = self._address(rule)
        if method == "GET":
            answer = client.get(path, query_string=self._drawn(rule.endpoint))
        else:
            data = self._drawn(rule.endpoint) | {"csrf_token": self._token(client)}
            answer = client.post(path, data=data)
        told = f"{role} {method} {path!r} -> {answer.status_code}"
        found.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            found.faults.append(told)
        right = right_of(self._app.view_functions[rule.endpoint])
        if (right is None or reach_of(role, right) is None) and answer.status_code < 300:
            found.faults.append(f"{told} without the right {right}")
        text = answer.get_data().decode("utf-8", "replace")
        self._inputs.setdefault(rule.endpoint, set()).update(_INPUT.findall(text))
        self._words += [html.unescape(value) for value in _VALUE.findall(text)[:5]]
        self._words = self._words[-400:] + list(ODD)
        if role is Role.AGENCY and self._secrets[self._foreign] in text:
            found.faults.append(f"{told} shows a text of {self._foreign}")
        lost = answer.status_code in (303, 401) and "dang-nhap" in answer.headers.get(
            "Location", "dang-nhap"
        )
        return self._signed_in(role) if lost else client

    def _address(self, rule: Rule) -> str:
        values = {name: self._value(name) for name in rule.arguments}
        with self._app.test_request_context():
            try:
                return str(
                    self._app.url_map.bind("localhost").build(
                        rule.endpoint, values, append_unknown=False
                    )
                )
            except (ValueError, LookupError):
                return re.sub(r"<[^>]*>", "1", rule.rule)

    def _value(self, name: str) -> str:
        if name == "unit" and self._chance.random() < 0.7:
            return self._chance.choice((self._own, self._foreign))
        return self._chance.choice([word for word in self._words if word] or ["x"])

    def _drawn(self, endpoint: str) -> dict[str, str]:
        names = sorted(self._inputs.get(endpoint, set()) - {"csrf_token"})
        names += ["don_vi", "trang", "q", "x"] if self._chance.random() < 0.3 else []
        return {
            name: self._chance.choice(self._words) for name in names if self._chance.random() < 0.8
        }

    def _token(self, client: FlaskClient) -> str:
        shown = _CSRF.search(client.get("/mat-khau").text)
        return shown.group(1) if shown else ""

    def _signed_in(self, role: Role) -> FlaskClient:
        name = f"drill.{role.value}"
        row = {
            "name": name,
            "password_hash": "-",
            "unit": self._own if role is Role.AGENCY else None,
            "created_at": 0,
            "role": role.value,
            "disabled_at": None,
            "one_time_until": None,
        }
        with writing(self._engine) as connection:
            connection.execute(insert_new(self._engine.dialect.name, account), row)
            connection.execute(sa.update(account).where(account.c.name == name).values(row))
            token = sessions.begin(
                connection,
                name,
                at=now_milliseconds(),
                limits=sessions.Limits.of(Settings(database_url="")),
            )
        client = self._app.test_client()
        with client.session_transaction() as cookie:
            cookie[TOKEN] = token
        return client


def _protected(app: Flask) -> Iterator[tuple[Rule, str]]:
    names = app.extensions.get(PROTECTED, set())
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in names:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method
