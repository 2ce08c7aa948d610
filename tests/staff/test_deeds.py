"""The log: only ever added to, in the deed's own transaction, shown by key and by filter."""

from __future__ import annotations

import ast

import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.settings import ROOT
from survey.staff.deeds import Wanted, newest, record
from survey.staff.roles import Role
from survey.staff.tables import deed
from survey.staff.wording import DEED_NAMES
from tests.fixtures.builders import WARD, WARD_B, milliseconds
from tests.staff.signing import sign_in


def write(engine, n, **changes):
    with writing(engine) as connection:
        for number in range(n):
            values = {"by": "an", "deed": "comment.read", "at": number, "subject": f"s{number}"}
            record(connection, **(values | changes))


def numbers(engine, wanted=None, **changes):
    with reading(engine) as connection:
        return [each.subject for each in newest(connection, wanted or Wanted(), **changes)]


@pytest.mark.parametrize(
    "change", [sa.update(deed).values(account="binh"), sa.delete(deed)], ids=["update", "delete"]
)
def test_nobody_changes_the_log(engine, change):
    write(engine, 2)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(change)
    assert numbers(engine) == ["s1", "s0"]


def test_a_deed_that_fails_leaves_no_trace(engine):
    def fail():
        with writing(engine) as connection:
            record(connection, by="an", deed="comment.read", at=0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert numbers(engine) == []


def test_the_log_is_paged_by_key(engine):
    write(engine, 7)
    with reading(engine) as connection:
        page = newest(connection, Wanted(), most=3)
        write(engine, 2, subject="later")
        rest = newest(connection, Wanted(), before=page[-1].id, most=9)
    assert [each.subject for each in page + rest] == [f"s{number}" for number in range(6, -1, -1)]


def test_the_log_is_filtered(engine):
    write(engine, 3)
    write(engine, 1, by="binh", deed="session.begin", unit=WARD, subject="x", at=10)
    assert numbers(engine, Wanted(account="binh")) == ["x"]
    assert numbers(engine, Wanted(deed="session.begin")) == ["x"]
    assert numbers(engine, Wanted(unit=WARD)) == ["x"]
    assert numbers(engine, Wanted(unit=WARD_B)) == []
    assert numbers(engine, Wanted(since=1, until=10)) == ["s2", "s1"]


def test_the_page_shows_whole_days_of_the_city_and_escapes(app, hcmc):
    client = sign_in(app, hcmc, Role.INSPECTOR)
    at = milliseconds("2026-10-15", 17)  # midnight in the city: already the 16th
    write(hcmc, 1, at=at, subject="<b>x</b>", detail="in the night")
    path = "/quan-tri/nhat-ky/"
    assert "in the night" in client.get(f"{path}?since=2026-10-16&until=2026-10-16").text
    assert "in the night" not in client.get(f"{path}?until=2026-10-15").text
    page = client.get(path).text
    assert "16/10/2026 00:00:00" in page
    assert "<b>x" not in page


def test_the_page_leads_to_the_older_rows_and_keeps_the_filter(app, hcmc):
    client = sign_in(app, hcmc, Role.INSPECTOR)
    write(hcmc, 60)
    first = client.get("/quan-tri/nhat-ky/?account=an").text
    assert first.count("<tr>") == 51
    with reading(hcmc) as connection:
        last = newest(connection, Wanted(account="an"), most=50)[-1].id
    assert f"account=an&amp;before={last}" in first
    assert client.get(f"/quan-tri/nhat-ky/?account=an&before={last}").text.count("<tr>") == 11


@pytest.mark.parametrize("typed", ["x", "0001-01-01", "9999-12-31", "2026-02-30", "%00", "-1"])
def test_what_cannot_be_read_is_left_out(app, hcmc, typed):
    client = sign_in(app, hcmc, Role.INSPECTOR)
    for name in ("since", "until", "before", "account", "unit", "deed"):
        assert client.get(f"/quan-tri/nhat-ky/?{name}={typed}").status_code == 200
    assert client.get(f"/quan-tri/nhat-ky/?before={'9' * 19}").status_code == 200


def test_every_deed_that_the_code_records_has_a_name():
    unnamed = {
        (path.relative_to(ROOT).as_posix(), keyword.value.value)
        for path in (ROOT / "survey").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "deed" and isinstance(keyword.value, ast.Constant)
        if keyword.value.value and keyword.value.value not in DEED_NAMES
    }
    assert unnamed == set(), "give them words in survey/staff/wording.py"
