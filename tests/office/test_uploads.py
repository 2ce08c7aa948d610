"""Imports in the browser: sent, looked at, taken in once, by whom, and gone afterwards."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import time

import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.intake.imports.messages import TEXTS as ENGLISH
from survey.ledger.tables import batch, response
from survey.office.tables import import_map
from survey.office.uploads_store import DAY, Store
from survey.office.uploads_words import TEXTS
from survey.staff.roles import Role
from survey.tally.recount import differences
from tests.office.making import (
    IMPORTS,
    LIST,
    MAPS,
    RATINGS,
    RATINGS_MAP,
    application,
    deeds,
    ended,
    post,
    seen,
    send,
)
from tests.staff.signing import sign_in


@pytest.fixture
def app(hcmc, tmp_path):
    return application(hcmc, tmp_path)


@pytest.fixture
def client(app, hcmc):
    return sign_in(app, hcmc, Role.ADMINISTRATOR)


@pytest.fixture
def on_one_database(hcmc):
    """For what never touches the database: once is enough, since each run starts a process."""
    if hcmc.dialect.name != "sqlite":
        pytest.skip("nothing of it is in the database")


def number_of(engine, table):
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()


def folders(tmp_path):
    return [each for each in (tmp_path / "uploads").iterdir() if each.is_dir()]


def test_a_file_is_looked_at_first_and_then_taken_in_once(hcmc, client, tmp_path):
    sent = send(client)
    assert sent.status_code == 303, sent.text
    page = ended(client, sent.location)
    assert "Chạy thử xong" in page
    assert number_of(hcmc, response) == 0
    (folder,) = folders(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o600
    assert "tháng" not in str(folder)
    assert sent.location in client.get(LIST).text

    answer = post(client, f"{sent.location}/ghi", da_xem=seen(page))
    assert answer.status_code == 303, answer.text
    page = ended(client, sent.location)
    assert "Đã nhập." in page
    with reading(hcmc) as connection:
        (row,) = connection.execute(sa.select(batch))
        assert differences(connection) == []
    assert row.file_name == "tháng 7.csv"
    assert number_of(hcmc, response) == row.n_accepted > 0
    assert not (folder / "data").exists()
    uploaded, committed = [each for each in deeds(hcmc) if each.deed.startswith("import.")]
    assert (uploaded.deed, committed.deed) == ("import.upload", "import.commit")
    assert row.file_sha256 in uploaded.detail
    assert row.file_sha256 in committed.detail
    assert (committed.account, committed.subject) == ("administrator.city", str(row.id))
    assert "tháng 7.csv" in client.get(LIST).text

    # nothing is there to be taken in again, and the same file is known
    assert post(client, f"{sent.location}/ghi", da_xem=seen_or(page)).status_code == 409
    again = ended(client, send(client).location)
    assert "Tệp này đã nhập rồi" in again
    assert number_of(hcmc, batch) == 1


def seen_or(page):
    found = re.search(r'name="da_xem" value="([^"]+)"', page)
    return found.group(1) if found else "x"


def test_a_report_is_in_the_readers_words_and_not_endless(client):
    head, *rest = RATINGS.decode().splitlines()
    more = "".join(f",c{number}" for number in range(300))
    wide = "\r\n".join([head + more, *(each + ",x" * 300 for each in rest)])
    page = ended(client, send(client, wide.encode()).location)
    assert "bảng mã <code>utf-8</code>" in page
    assert "Hệ thống một cửa điện tử: 2026-07" in page
    assert "c18, c19 và 280 cột nữa" in page
    assert "c20" not in page


@pytest.mark.parametrize(
    ("kind", "file", "map_file"),
    [
        ("counts", "national-portal-totals.csv", "national-portal-totals.toml"),
        ("dossiers", "dossiers.csv", "dossiers.toml"),
    ],
)
def test_totals_and_dossiers_come_in_too(hcmc, client, kind, file, map_file):
    map_text = (MAPS / map_file).read_text(encoding="utf-8")
    sent = send(client, (IMPORTS / file).read_bytes(), map_text, loai=kind)
    page = ended(client, sent.location)
    post(client, f"{sent.location}/ghi", da_xem=seen(page))
    assert "Đã nhập." in ended(client, sent.location)
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(batch.c.kind)).scalars().all() == [kind]


def test_bad_rows_are_named_and_downloaded_row_by_row(hcmc, client):
    lines = RATINGS.decode().splitlines()
    bad = [lines[0], *lines[1:4], lines[4].replace("Hộ tịch", "=1+1").replace("Chứng thực", "=1+1")]
    bad += [lines[5].replace("Phường Sài Gòn", "<script>alert(1)</script>")]
    bad = [*bad[:4], re.sub(r",(Hộ tịch|Chứng thực|Đất đai|=1\+1),", ",=1+1,", bad[4]), *bad[5:]]
    sent = send(client, "\r\n".join(bad).encode())
    page = ended(client, sent.location)
    assert "Chưa nhập được" in page
    assert "Số hợp lệ" in page
    assert "Số sẽ nhận" not in page
    assert "Chưa từng có đơn vị nào có tên hoặc mã này." in page
    assert "<script>alert" not in page
    assert 'name="da_xem"' not in page
    answer = client.get(f"{sent.location}/bao-cao.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert {each["Mã lỗi"] for each in rows} == {"unit_unknown", "formula"}
    assert {each["Dòng"] for each in rows} == {"5", "6"}
    assert {each["Giá trị"] for each in rows} >= {"'=1+1", "<script>alert(1)</script>"}
    # the same file, bad rows set aside
    answer = post(
        client, f"{sent.location}/chay-thu", loai="ratings", ban_do=RATINGS_MAP, de_rieng="y"
    )
    assert answer.status_code == 303
    page = ended(client, sent.location)
    post(client, f"{sent.location}/ghi", da_xem=seen(page))
    assert "Đã nhập." in ended(client, sent.location)
    assert number_of(hcmc, response) == 3


def test_a_yes_counts_only_for_what_was_seen(hcmc, client):
    sent = send(client)
    page = ended(client, sent.location)
    post(client, f"{sent.location}/chay-thu", loai="counts", ban_do="[x]\n")
    assert "Không đọc được bản đồ cột." in ended(client, sent.location)
    answer = post(client, f"{sent.location}/ghi", da_xem=seen(page))
    assert answer.status_code == 409
    assert "Xin xem lại" in answer.text
    post(client, f"{sent.location}/chay-thu", loai="ratings", ban_do=RATINGS_MAP, de_rieng="y")
    ended(client, sent.location)
    assert post(client, f"{sent.location}/ghi", da_xem=seen(page)).status_code == 409
    assert number_of(hcmc, response) == 0


def test_maps_are_saved_as_versions_and_chosen_by_name(hcmc, client):
    sent = send(client)
    ended(client, sent.location)
    save = f"{sent.location}/luu-ban-do"
    first = post(client, save, ten="Một cửa")
    assert first.status_code == 303
    assert "“Một cửa”, bản 1" in client.get(first.location).text
    post(client, save, ten="Một cửa")  # the same text is no new version
    changed = RATINGS_MAP + "\n# khác\n"
    post(client, f"{sent.location}/chay-thu", loai="ratings", ban_do=changed)
    ended(client, sent.location)
    assert "bản 2" in client.get(post(client, save, ten="Một cửa").location).text
    assert post(client, save, ten=" ").status_code == 400
    with reading(hcmc) as connection:
        kept = connection.execute(sa.select(import_map).order_by(import_map.c.version)).all()
    assert [each.text.replace("\r\n", "\n") for each in kept] == [RATINGS_MAP, changed]
    with pytest.raises(sa.exc.DBAPIError), writing(hcmc) as connection:
        connection.execute(sa.update(import_map).values(text="x"))
    assert [each.subject for each in deeds(hcmc) if each.deed == "import_map.save"] == [
        "Một cửa/1",
        "Một cửa/2",
    ]
    by_name = send(client, RATINGS + b"\n", "", da_luu="Một cửa")
    assert "Chạy thử xong" in ended(client, by_name.location)
    assert send(client, RATINGS, "", da_luu="Một cửa", loai="counts").status_code == 400
    assert send(client, RATINGS, "", da_luu="khác").status_code == 400


@pytest.mark.usefixtures("on_one_database")
def test_what_is_no_form_makes_no_folder(hcmc, client, tmp_path):
    assert post(client, LIST).status_code == 400
    assert send(client, loai="khác").status_code == 400
    assert send(client, map_text="").status_code == 400
    assert send(client, map_text="x\x00").status_code == 400
    assert not (tmp_path / "uploads").exists()
    one = f"{LIST}/{'0' * 32}"
    assert client.get(one).status_code == 404
    assert client.get(f"{LIST}/..%2f..%2fetc").status_code == 404
    for tail in ("ghi", "chay-thu", "luu-ban-do", "bo"):
        assert post(client, f"{one}/{tail}").status_code == 404


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"PK\x03\x04 no zip", b"a,b\n1,2\n", bytes(1000)]
)
@pytest.mark.usefixtures("on_one_database")
def test_what_is_no_file_of_that_kind_is_said_on_the_page(client, content):
    sent = send(client, content, name="../../x.xlsx")
    assert sent.status_code == 303
    page = ended(client, sent.location)
    assert "Chưa nhập được" in page or "Chưa có gì được ghi" in page
    assert "../" not in page.partition("<h1")[2].partition("</h1>")[0]
    assert 'name="da_xem"' not in page


def test_a_file_larger_than_the_limit_is_refused(hcmc, tmp_path):
    app = application(hcmc, tmp_path, import_bytes=1000)
    client = sign_in(app, hcmc, Role.ADMINISTRATOR)
    assert send(client, bytes(3_000_000)).status_code == 413
    assert "lớn hơn mức" in ended(client, send(client, bytes(2000)).location)


def test_who_may_read_may_not_bring_in(app, hcmc, client):
    sent = send(client)
    page = ended(client, sent.location)
    inspector = sign_in(app, hcmc, Role.INSPECTOR)
    shown = inspector.get(sent.location)
    assert shown.status_code == 200
    assert "<textarea" not in shown.text
    assert inspector.get(f"{sent.location}/bao-cao.csv").status_code == 200
    assert send(inspector).status_code == 403
    assert post(inspector, f"{sent.location}/ghi", da_xem=seen(page)).status_code == 403
    assert post(inspector, f"{sent.location}/bo").status_code == 403
    analyst = sign_in(app, hcmc, Role.ANALYST)
    assert analyst.get(LIST).status_code == 403


@pytest.mark.usefixtures("on_one_database")
def test_a_run_that_dies_is_told_and_can_be_run_again(client, tmp_path):
    sent = send(client)
    ended(client, sent.location)
    store = Store(tmp_path / "uploads")
    upload = store.find(sent.location.rpartition("/")[2])
    upload.forget_report()  # as if the process had been killed
    page = client.get(sent.location).text
    assert "Xin chạy thử lại" in page
    assert "data-running" not in page
    with upload.locked() as lock:  # as if one ran
        assert lock is not None
        assert "data-running" in client.get(sent.location).text
        assert post(client, f"{sent.location}/bo").status_code == 409
        again = post(client, f"{sent.location}/chay-thu", loai="ratings", ban_do=RATINGS_MAP)
        assert again.status_code == 409
    post(client, f"{sent.location}/chay-thu", loai="ratings", ban_do=RATINGS_MAP)
    assert "Chạy thử xong" in ended(client, sent.location)


@pytest.mark.usefixtures("on_one_database")
def test_a_file_goes_when_it_is_dropped_or_a_day_old(client, tmp_path):
    sent = send(client)
    ended(client, sent.location)
    assert post(client, f"{sent.location}/bo").status_code == 303
    assert client.get(sent.location).status_code == 404
    assert folders(tmp_path) == []
    kept, old = send(client), send(client, RATINGS + b"\n")
    for each in (kept, old):
        ended(client, each.location)
    folder = tmp_path / "uploads" / old.location.rpartition("/")[2]
    then = time.time() - DAY / 1000 - 60
    os.utime(folder, (then, then))
    client.get(LIST)
    assert [each.name for each in folders(tmp_path)] == [kept.location.rpartition("/")[2]]


def test_every_code_has_words():
    assert TEXTS.keys() == ENGLISH.keys()
