"""The data twins: the same published rates in JSON, CSV and XLSX."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.estimate.rate import HIDDEN_WHEN_SUPPRESSED
from survey.publish.release import make_release
from survey.settings import Settings
from survey.terms.period import parse_period
from tests.fixtures.builders import OFFICIAL, WARD, bring, dossiers, ratings
from tests.fixtures.city import register_of

NOW = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)
CONTRACT = [
    "measure",
    "official",
    "series",
    "unit",
    "unit_role",
    "field",
    "period",
    "edition",
    "question",
    "scale",
    "satisfied_set",
    "questionnaires",
    "satisfied",
    "answered",
    "outside_denominator",
    "repeats",
    "voided",
    "from_totals_share",
    "rate",
    "interval",
    "target",
    "reached_by_count",
    "verdict",
    "dossiers",
    "coverage",
    "bounds",
    "per_100_dossiers",
    "suppressed",
    "sample",
    "head",
    "as_of",
]


@pytest.fixture
def client(hcmc: Engine) -> FlaskClient:
    register = register_of(hcmc)
    items = ratings(register, {5: 80, 4: 13, 2: 7}, **OFFICIAL)
    items += ratings(register, {5: 12}, field="DD", **OFFICIAL)
    bring(hcmc, register, items, on="2026-07-11")
    make_release(hcmc, register, parse_period("2026-Q3"), now=NOW)
    url = hcmc.url.render_as_string(hide_password=False)
    return create_app(Settings(database_url=url, secret_key="x" * 32)).test_client()


def rates(client: FlaskClient, path: str) -> list[dict[str, object]]:
    answer = client.get(path)
    assert answer.status_code == 200
    found: list[dict[str, object]] = json.loads(answer.data)["rates"]
    return found


def test_a_rate_has_the_members_of_the_contract_in_order(client):
    rate = next(each for each in rates(client, f"/don-vi/{WARD}.json") if each["field"] == "HTICH")
    assert [key for key in rate if key in CONTRACT] == CONTRACT
    assert rate["interval"] == {
        "method": "wilson",
        "level": 0.95,
        "low": 0.862505,
        "high": 0.965681,
    }
    assert rate["target"]["value"] == "0.91"
    assert (rate["satisfied"], rate["answered"], rate["rate"]) == (93, 100, 0.93)
    assert (rate["verdict"], rate["reached_by_count"]) == ("not_enough", True)


def test_every_path_has_its_twins(client):
    for path in ("/index", "/ky/2026-Q3", "/ky/2026-Q3/1", f"/don-vi/{WARD}", "/linh-vuc/HTICH"):
        for prefix in ("", "/en"):
            for ending in ("json", "csv", "xlsx"):
                answer = client.get(f"{prefix}{path}.{ending}")
                assert answer.status_code == 200, path
                again = client.get(
                    f"{prefix}{path}.{ending}", headers={"If-None-Match": answer.headers["ETag"]}
                )
                assert again.status_code == 304
    assert client.get("/ky/2020-Q1.json").status_code == 404
    assert client.get("/ky/x.json").status_code == 400


def test_an_edition_that_no_database_could_keep_is_not_there(client):
    for path in ("/ky/2026-Q3/{}", f"/don-vi/{WARD}/2026-Q3/{{}}", "/linh-vuc/HTICH/2026-Q3/{}"):
        for edition in (2**31, 10**30):
            for ending in ("", ".json", ".csv"):
                assert client.get(path.format(edition) + ending).status_code == 404


def test_small_and_empty_cells_look_alike(client):
    hidden = [rate for rate in rates(client, f"/don-vi/{WARD}.json") if rate["suppressed"]]
    assert {"CUTRU", "CTHUC"} <= {rate["field"] for rate in hidden}
    for rate in hidden:
        assert all(rate[name] is None for name in HIDDEN_WHEN_SUPPRESSED)
    bare = {json.dumps(rate | {"field": None}, sort_keys=True) for rate in hidden}
    assert len(bare) == 1


def test_csv_is_a_row_a_rate_with_the_same_numbers(client):
    text = client.get(f"/don-vi/{WARD}.csv").data.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    found = rates(client, f"/don-vi/{WARD}.json")
    assert len(rows) == len(found)
    first = next(row for row in rows if row["field"] == "HTICH")
    assert first["series"] == "one_stop/desk/citizen/vouched"
    assert first["satisfied_set"] == "4|5"
    assert (first["rate"], first["interval_low"], first["target_value"]) == (
        "0.93",
        "0.862505",
        "0.91",
    )
    assert (first["official"], first["dossiers"], first["coverage"]) == ("true", "", "")
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_xlsx_holds_the_rates_and_the_release(client):
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/don-vi/{WARD}.xlsx").data))
    assert book.sheetnames == ["rates", "dossiers", "release"]
    names = [cell.value for cell in next(book["rates"].iter_rows())]
    rows = [dict(zip(names, row, strict=True)) for row in book["rates"].iter_rows(values_only=True)]
    row = next(each for each in rows if each["field"] == "HTICH")
    assert (row["satisfied"], row["answered"], row["verdict"]) == (93, 100, "not_enough")
    told = dict(book["release"].iter_rows(values_only=True))
    assert (told["period"], told["edition"]) == ("2026-Q3", 1)


def test_a_field_has_the_dossiers_that_its_page_shows(hcmc, client):
    register = register_of(hcmc)
    counts = {"resolved": 100, "early": 40, "on_time": 55, "late": 5}
    months = ("2026-04", "2026-05", "2026-06")
    bring(hcmc, register, [dossiers(month=month, field="HTICH", **counts) for month in months])
    make_release(hcmc, register, parse_period("2026-Q2"), now=NOW)
    twin = client.get("/linh-vuc/HTICH/2026-Q2.json").json
    assert [(row["field"], row["resolved"]) for row in twin["timeliness"]] == [("HTICH", 300)]
    assert "285 trên 300 hồ sơ" in client.get("/linh-vuc/HTICH/2026-Q2").text
    assert client.get("/linh-vuc/DD/2026-Q2.json").json["timeliness"] == []


def test_a_unit_that_ended_has_the_same_release_in_every_format(hcmc, client):
    make_release(hcmc, register_of(hcmc), parse_period("2025-Q2"), now=NOW)
    assert "Quý II năm 2025" in client.get("/don-vi/26740A").text
    twin = client.get("/don-vi/26740A.json").json
    assert twin["release"]["period"] == "2025-Q2"
    assert {rate["unit"] for rate in twin["rates"]} == {"26740A"}
    assert client.get("/don-vi/26740A/2026-Q3.json").json["rates"] == []
