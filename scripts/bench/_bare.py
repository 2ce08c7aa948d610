"""Bare applications to hold ours against: a Flask hello, and the same inserts in raw SQL."""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from typing import Any

from flask import Flask, request

from survey.app import create_app
from survey.settings import from_environment
from survey.web import kept

hello = Flask("hello")


@hello.get("/", defaults={"path": ""})
@hello.get("/<path:path>")
def say_hello(path: str) -> str:
    """Say hello, whatever the path."""
    return "hello"


def fresh() -> Flask:
    """Return our application with nothing kept: every page is rendered for every request."""
    kept.CAPACITY = 0
    return create_app(from_environment(os.environ))


_RESPONSE = "INSERT INTO response VALUES ({})"
_TALLY = (
    "INSERT INTO tally VALUES ({0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, 1, 0, 0, 0)"
    " ON CONFLICT (unit_role, unit, month, field, question, series, questionnaire, value)"
    " DO UPDATE SET counting = tally.counting + 1"
)


def _rows() -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...], list[tuple[Any, ...]]]:
    name = uuid.uuid4()
    now = int(time.time())
    answer = request.form["q0"]
    series = "own/phone/citizen/open"
    row = (
        *(name.hex, os.urandom(16), os.urandom(32), 1, "one-stop/2", "26740C", "unknown", "HTICH"),
        *("POINT", series, "unknown", "vi", now, "", None, None, now * 1000),
        *("2026-11-24", "2026-11", "unknown", False, None),
    )
    tail = ("2026-11", "HTICH", "one-stop.overall/1", series, "one-stop/2", int(answer))
    tallies = [("receiving", "26740C", *tail), ("resolving", "unknown", *tail)]
    return row, (name.hex, "one-stop.overall/1", int(answer)), (name.hex[:13], name.hex), tallies


bare = Flask("bare")
_kept: dict[str, Any] = {}


@bare.post("/<path:path>")
def insert(path: str) -> str:
    """Insert a rating and count it, with nothing around it."""
    row, answer, receipt, tallies = _rows()
    if os.environ["DATABASE_URL"].startswith("sqlite"):
        _insert_sqlite(row, answer, receipt, tallies)
    else:
        _insert_postgresql(row, answer, receipt, tallies)
    return "ok"


def _insert_sqlite(row: Any, answer: Any, receipt: Any, tallies: Any) -> None:
    if "sqlite" not in _kept:
        path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
        _kept["sqlite"] = sqlite3.connect(path, isolation_level=None)
        _kept["sqlite"].execute("PRAGMA synchronous = FULL")
        _kept["sqlite"].execute("PRAGMA busy_timeout = 1500")
    connection = _kept["sqlite"]
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_RESPONSE.format(", ".join("?" * 22)), row)
    connection.execute("INSERT INTO answer VALUES (?, ?, ?)", answer)
    connection.execute("INSERT INTO receipt VALUES (?, ?)", receipt)
    connection.executemany(_TALLY.format("?"), tallies)
    connection.execute("COMMIT")


def _insert_postgresql(row: Any, answer: Any, receipt: Any, tallies: Any) -> None:
    import psycopg

    if "postgresql" not in _kept:
        url = os.environ["DATABASE_URL"].replace("+psycopg", "")
        _kept["postgresql"] = psycopg.connect(url)
    connection = _kept["postgresql"]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_RESPONSE.format(", ".join(["%s"] * 22)), row)
        cursor.execute("INSERT INTO answer VALUES (%s, %s, %s)", answer)
        cursor.execute("INSERT INTO receipt VALUES (%s, %s)", receipt)
        for tally in tallies:
            cursor.execute(_TALLY.format("%s"), tally)
    connection.commit()
