"""A device's batch in bare SQL: the rows that ours writes, and nothing looked at.

``/many`` inserts table by table (executemany), ``/rows`` row by row, ``/signed`` as ``/many`` after
it has verified the signatures.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections import Counter
from typing import Any

import msgspec
import psycopg
from flask import Flask, request

from survey.devices.keys import from_base64url, is_signed
from survey.terms.canonical import canonical_json

bare = Flask("bare")
_kept: dict[str, Any] = {}
_keys: dict[uuid.UUID, str] = {}
_TALLY = (
    "INSERT INTO tally VALUES ({0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, 0, 0, 0)"
    " ON CONFLICT (unit_role, unit, month, field, question, series, questionnaire, value)"
    " DO UPDATE SET counting = tally.counting + excluded.counting"
)
_WIDTHS = {"response": 22, "answer": 3, "receipt": 2, "device_item": 13}


@bare.get("/healthz")
def healthz() -> str:
    """Say that it is up."""
    return "ok"


@bare.post("/<mode>/<uuid:device>")
def insert(mode: str, device: uuid.UUID) -> str:
    """Insert a batch and count it."""
    items = msgspec.json.decode(request.get_data())["items"]
    if mode == "signed":
        _verify(device, items)
    rows, tallies = _rows(device, items)
    marks, execute, begin, commit = _database()
    begin()
    for name, width in _WIDTHS.items():
        statement = f"INSERT INTO {name} VALUES ({', '.join([marks] * width)})"  # noqa: S608
        execute(statement, rows[name], mode == "rows")
    execute(_TALLY.format(marks), tallies, mode == "rows")
    commit()
    return "ok"


def _verify(device: uuid.UUID, items: list[dict[str, Any]]) -> None:
    if device not in _keys:
        mark, _, begin, commit = _database()
        begin()
        query = f"SELECT public_key FROM device WHERE id = {mark}"  # noqa: S608
        _keys[device] = _kept["connection"].execute(query, (device.hex,)).fetchone()[0]
        commit()
    for item in items:
        signature = from_base64url(item.pop("signature"))
        signed = canonical_json(item | {"protocol": 1, "device": str(device)})
        if not is_signed(_keys[device], signed, signature):
            raise ValueError("signature")


def _rows(
    device: uuid.UUID, items: list[dict[str, Any]]
) -> tuple[dict[str, list[Any]], list[tuple[Any, ...]]]:
    now = int(time.time() * 1000)
    rows: dict[str, list[Any]] = {name: [] for name in _WIDTHS}
    counts: Counter[tuple[Any, ...]] = Counter()
    for item in items:
        body = item["body"]
        name = uuid.UUID(body["id"]).hex
        series = "/".join([body["source"], body["channel"], body["holder"], body["assurance"]])
        rows["response"].append(
            (
                *(name, os.urandom(16), os.urandom(32), 1, "q", body["receiving_unit"]),
                *(body["resolving_unit"], body["field"], body["point"], series),
                *(body["occasion"], body["language"], body["answered_at"], "", None, None),
                *(now, "2026-11-24", "2026-11", "unknown", False, None),
            )
        )
        rows["receipt"].append((name[:13], name))
        rows["device_item"].append(
            (
                *(device.hex, item["counter"], os.urandom(32), name, os.urandom(64), None),
                *("accepted", "", body["answered_at"], body["answered_at"]),
                *(body["answered_at"], 0, now),
            )
        )
        for question, values in body["answers"].items():
            for value in values:
                rows["answer"].append((name, question, value))
                tail = ("2026-11", body["field"], question, series, "q", value)
                counts["receiving", body["receiving_unit"], *tail] += 1
                counts["resolving", "unknown", *tail] += 1
    return rows, [(*key, counts[key]) for key in sorted(counts)]


def _database() -> tuple[str, Any, Any, Any]:
    """Return the mark of a parameter, and how to run many rows, begin and commit."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        return _sqlite(url.removeprefix("sqlite:///"))
    return _postgresql(url.replace("+psycopg", ""))


def _sqlite(path: str) -> tuple[str, Any, Any, Any]:
    if "connection" not in _kept:
        _kept["connection"] = sqlite3.connect(path, isolation_level=None)
        _kept["connection"].execute("PRAGMA synchronous = FULL")
        _kept["connection"].execute("PRAGMA busy_timeout = 60000")
    connection = _kept["connection"]

    def execute(statement: str, rows: list[Any], is_each: bool) -> None:
        if not is_each:
            connection.executemany(statement, rows)
            return
        for row in rows:
            connection.execute(statement, row)

    return (
        "?",
        execute,
        lambda: connection.execute("BEGIN IMMEDIATE"),
        lambda: connection.execute("COMMIT"),
    )


def _postgresql(url: str) -> tuple[str, Any, Any, Any]:
    if "connection" not in _kept:
        _kept["connection"] = psycopg.connect(url)
    connection = _kept["connection"]

    def execute(statement: str, rows: list[Any], is_each: bool) -> None:
        with connection.cursor() as cursor:
            if not is_each:
                cursor.executemany(statement, rows)
                return
            for row in rows:
                cursor.execute(statement, row)

    return "%s", execute, lambda: None, connection.commit
