"""What leaves the house: whole, by month, with what is small hidden, and written down."""

from __future__ import annotations

import csv
import io
from collections import Counter

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from survey.analyse import codebook, files, responses, tallies
from survey.db import reading
from survey.publish.editions import all_rates, releases
from survey.staff.roles import Role
from survey.staff.tables import deed
from tests.analyse.conftest import application
from tests.fixtures.builders import OVERALL, WARD, WARD_B, bring, rating, ratings, void
from tests.fixtures.city import register_of
from tests.staff.signing import sign_in

PATH = "/phan-tich/"


def table(client: FlaskClient, file: str, **query: str) -> list[dict[str, str]]:
    answer = client.get(f"{PATH}{file}", query_string={"ky": "2026-Q3", **query})
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8"))))


def test_tallies_are_the_table_of_the_page(analyst: FlaskClient, city: Engine):
    found = table(analyst, "so-dem.csv", theo="don_vi")
    assert list(found[0]) == list(tallies.COLUMNS)
    with reading(city) as connection:
        public = {
            (rate.unit or ""): rate
            for rate in all_rates(connection, releases(connection)[0])
            if rate.official and rate.field is None and not rate.with_children
        }
    assert {row["at"]: row["answered"] for row in found if row["answered"]} == {
        unit: str(rate.answered) for unit, rate in public.items()
    }
    ward = next(row for row in found if row["at"] == WARD)
    assert ward["rate"] == str(public[WARD].rate)
    assert ward["verdict"] == public[WARD].verdict
    assert ward["by_value"] == "1=9|2=7|3=4|4=36|5=97"
    assert ward["hidden"] == ""


def test_what_is_small_is_hidden_and_so_is_what_would_tell_it(analyst: FlaskClient):
    found = {row["at"]: row for row in table(analyst, "so-dem.csv", don_vi=WARD)}
    assert found["CTHUC"]["hidden"] == "small"
    assert found["DD"]["hidden"] == "complement"
    assert found["HTICH"]["hidden"] == ""
    for row in (found["CTHUC"], found["DD"]):
        for column in ("satisfied", "answered", "rate", "interval_low", "by_value", "verdict"):
            assert row[column] == "", column
    assert "4" not in {row["answered"] for row in found.values()}


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"ky": "2026-07", "don_vi": WARD}, "unit_by_field_in_a_month"),
        ({"ky": "2026-07..2026-08", "theo": "don_vi"}, "period_off_the_grid"),
        ({"don_vi": f"{WARD},{WARD_B}"}, "sum_of_chosen"),
    ],
)
def test_what_no_table_of_ours_publishes_stays(
    analyst: FlaskClient, query: dict[str, str], reason: str
):
    found = [row for row in table(analyst, "so-dem.csv", **query) if row["at"]]
    assert found
    assert {row["hidden"] for row in found} == {reason}
    assert {row["answered"] for row in found} == {""}


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ({"linh_vuc": "DD", "theo": "don_vi"}, WARD),
        ({"linh_vuc": "DD", "don_vi": WARD, "theo": "khong"}, ""),
        ({"linh_vuc": "DD", "don_vi": WARD, "theo": "nguoi_cam"}, "citizen"),
        ({"don_vi": WARD, "chuoi": "one_stop/*/*/*"}, "DD"),
        ({"ky": "2026-Q3,2026-Q2", "don_vi": WARD}, "DD"),
    ],
)
def test_no_other_side_of_the_table_shows_what_one_side_hides(
    analyst: FlaskClient, query: dict[str, str], at: str
):
    """The ward less its other fields would tell the four of the small one."""
    found = [row for row in table(analyst, "so-dem.csv", **query) if row["period"] == "2026-Q3"]
    rows = [row for row in found if row["at"] == at]
    assert rows
    assert {row["answered"] for row in rows} == {""}


def test_a_part_is_hidden_where_the_rest_of_the_measure_is_small(
    analyst: FlaskClient, city: Engine
):
    register = register_of(city)
    place = {"receiving_unit": WARD_B, "resolving_unit": WARD_B, "field": "HTICH"}
    staff = {"source": "one_stop", "channel": "desk", "holder": "staff", "assurance": "vouched"}
    bring(city, register, ratings(register, {5: 3}, day="2026-08-15", **place, **staff))
    found = table(analyst, "so-dem.csv", theo="don_vi", linh_vuc="HTICH", chuoi="*/*/citizen/*")
    reasons = {row["at"]: row["hidden"] for row in found}
    assert reasons[WARD_B] == "rest_is_small"
    assert reasons[WARD] == ""


def test_a_month_is_weighed_with_its_quarter_whatever_the_view(city: Engine):
    """July and August alone, less the quarter, would tell September's four."""
    register = register_of(city)
    place = {"receiving_unit": "26743C", "resolving_unit": "26743C", "field": "HTICH"}
    source = {"source": "one_stop", "channel": "desk", "holder": "citizen", "assurance": "vouched"}
    for day, number in (("2026-07-02", 30), ("2026-08-02", 20), ("2026-09-02", 4)):
        bring(city, register, ratings(register, {5: number}, day=day, **place, **source))
    client = sign_in(application(city), city, Role.ANALYST)
    shown = {}
    for month in ("2026-07", "2026-08", "2026-09"):
        rows = table(client, "so-dem.csv", ky=month, theo="don_vi")
        shown[month] = next(row["answered"] for row in rows if row["at"] == "26743C")
    quarter = [row for row in table(client, "so-dem.csv", theo="don_vi") if row["at"] == "26743C"]
    assert quarter[0]["answered"] == "54"
    assert shown["2026-09"] == ""
    assert "" in (shown["2026-07"], shown["2026-08"])
    by_month = table(client, "so-dem.csv", theo="thang", don_vi="26743C")
    assert {row["period"]: row["answered"] for row in by_month} == shown


def test_responses_are_what_counts_and_nothing_of_a_person(analyst: FlaskClient, city: Engine):
    found = table(analyst, "phieu.csv")
    assert list(found[0]) == list(responses.COLUMNS)
    assert not {"id", "comment", "dossier", "day", "point", "batch"} & set(found[0])
    counted = Counter((row["question"], row["satisfied"]) for row in found)
    with reading(city) as connection:
        official = next(
            rate
            for rate in all_rates(connection, releases(connection)[0])
            if rate.official and rate.unit is None and rate.field is None
        )
    own = sum(row["source"] == "own" for row in found)
    assert sum(counted.values()) - own == official.answered
    assert {row["month"] for row in found} == {"2026-07", "2026-08", "2026-09"}
    assert found == sorted(found, key=lambda row: tuple(row.values()))


def test_ten_responses_are_alike_at_least(analyst: FlaskClient):
    found = table(analyst, "phieu.csv")
    groups = Counter(
        tuple(row[name] for name in ("month", "unit", "field", "source", "channel", "holder"))
        for row in found
    )
    assert min(groups.values()) >= 10
    assert "field" in {row["hidden"] for row in found}
    assert not {row["field"] for row in found if "field" in row["hidden"]} - {""}


def test_a_narrower_view_hides_the_same(analyst: FlaskClient):
    """What two files hide does not depend on what each of them asks for."""
    whole = [row for row in table(analyst, "phieu.csv") if row["unit"] == WARD]
    narrow = [row for row in table(analyst, "phieu.csv", don_vi=WARD) if row["unit"] == WARD]
    assert narrow == whole
    july = table(analyst, "phieu.csv", ky="2026-07", don_vi=WARD)
    assert [row for row in july if row["unit"]] == [r for r in whole if r["month"] == "2026-07"]


def test_a_voided_and_a_repeated_answer_are_not_there(city: Engine, analyst: FlaskClient):
    before = len(table(analyst, "phieu.csv"))
    register = register_of(city)
    place = {"receiving_unit": WARD_B, "resolving_unit": WARD_B, "field": "HTICH"}
    source = {"source": "one_stop", "channel": "desk", "holder": "citizen", "assurance": "vouched"}
    fresh = rating(register, 5, day="2026-08-15", **place, **source)
    bring(city, register, [fresh])
    assert len(table(analyst, "phieu.csv")) == before + 1
    void(city, "response", fresh.body.id)
    assert len(table(analyst, "phieu.csv")) == before


def test_a_workbook_carries_its_code_book_and_its_method(analyst: FlaskClient):
    for file, name in (("so-dem.xlsx", "tallies"), ("phieu.xlsx", "responses")):
        answer = analyst.get(f"{PATH}{file}", query_string={"ky": "2026-Q3"})
        book = openpyxl.load_workbook(io.BytesIO(answer.data), read_only=True)
        assert book.sheetnames == [name, "code_book", "method"]
        head, *rows = book[name].iter_rows(values_only=True)
        text = table(analyst, file.replace("xlsx", "csv"))
        assert list(head) == list(text[0])
        assert len(rows) == len(text)
        meanings = {
            (row[0], row[1]): row[2] for row in book["code_book"].iter_rows(values_only=True)
        }
        assert meanings["unit", WARD] == "Phường Sài Gòn"
        assert meanings["question", OVERALL].startswith("Quý Ông/Bà")
        method = dict(row[:2] for row in book["method"].iter_rows(values_only=True))
        assert method["Bộ lọc"] == "/phan-tich/?ky=2026-Q3&theo=linh_vuc"


def test_every_column_and_every_code_is_explained(analyst: FlaskClient):
    assert set(codebook.MEANINGS) == {*tallies.COLUMNS, *responses.COLUMNS}
    book = table(analyst, "bang-ma.csv")
    codes = {(row["column"], row["code"]) for row in book}
    rows = [*table(analyst, "so-dem.csv"), *table(analyst, "phieu.csv")]
    for column in ("hidden", "unit", "field", "source", "channel", "holder", "question"):
        used = {row[column] for row in rows if row.get(column)}
        assert {(column, code) for code in used} <= codes, column
    english = analyst.get("/en/phan-tich/bang-ma.csv", query_string={"ky": "2026-Q3"}).text
    assert "satisfaction rate, 0 to 1" in english


def test_every_file_is_written_down_with_its_filter(analyst: FlaskClient, city: Engine):
    for file in ("so-dem.csv", "phieu.xlsx", "bang-ma.csv"):
        table_or_book = analyst.get(f"{PATH}{file}", query_string={"ky": "2026-Q3", "don_vi": WARD})
        assert table_or_book.status_code == 200
    analyst.get(PATH)
    analyst.get(f"{PATH}so-dem.csv", query_string={"ky": "wrong"})
    with reading(city) as connection:
        rows = connection.execute(sa.select(deed).where(deed.c.deed.like("%.download"))).all()
    assert [(row.account, row.deed, row.subject, row.unit) for row in rows] == [
        ("analyst.city", "tallies.download", "csv", WARD),
        ("analyst.city", "responses.download", "xlsx", WARD),
        ("analyst.city", "code_book.download", "csv", WARD),
    ]
    assert {row.detail for row in rows} == {f"ky=2026-Q3&don_vi={WARD}&theo=linh_vuc"}


def test_too_many_rows_are_refused_on_the_page(
    analyst: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(files.MOST_ROWS, "xlsx", 5)
    answer = analyst.get(f"{PATH}phieu.xlsx", query_string={"ky": "2026-Q3"})
    assert answer.status_code == 413
    assert "Quá 5 dòng cho XLSX" in answer.text
    assert table(analyst, "phieu.csv")
