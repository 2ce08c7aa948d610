"""The desk of one-time links: dry run, made once, drawn with a trace, called back."""

from __future__ import annotations

import csv
import io
import re

import pytest
import sqlalchemy as sa

from survey.db import reading
from survey.intake.link_parcel import Parcels
from survey.intake.tables import link, link_batch, link_spent
from survey.ledger.tables import response
from survey.web.qr import qr_svg
from tests.fixtures.builders import WARD, WARD_B
from tests.office.conftest import ADMIN, AGENCY, ANALYST, INSPECTOR, PUBLIC_URL
from tests.staff.signing import csrf_token

LIST = "/quan-tri/lien-ket"
POINT, OLD = "N81A4", "ZK9YT"
CODE = "000.00.01.H29-260310-04"
HEAD = "Mã hồ sơ,Lĩnh vực,Dịp\n"


def rows(numbers) -> str:
    return HEAD + "".join(f"{CODE}{number:02d},HTICH,Trả kết quả\n" for number in numbers)


def send(client, content: str, **data: object):
    """Send a file for a dry run."""
    values = {"diem": POINT, "ngay": "90", "tep": (io.BytesIO(content.encode()), "hồ sơ.csv")}
    return client.post(LIST, data={"csrf_token": csrf_token(client), **values | data})


def parcel_of(page) -> str:
    found = re.search(r'name="goi" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found.group(1)


def count(office, table) -> int:
    with reading(office.engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def made(office, client, content: str, **data: object):
    """Make a batch; return its address and its parcel."""
    parcel = parcel_of(send(client, content, **data))
    page = office.send(client, f"{LIST}/tao", goi=parcel)
    assert page.status_code == 200
    address = re.search(rf'href="({LIST}/[0-9a-f-]+)"', page.text)
    assert address is not None
    return address.group(1), parcel_of(page)


def table_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_from_a_file_to_a_counted_rating(office):
    client = office.sign_in(ADMIN)
    tried = send(client, rows(range(12)))
    assert tried.status_code == 200
    assert count(office, link) == count(office, link_batch) == 0
    address, parcel = made(office, client, rows(range(12)))
    assert count(office, link) == 12
    answer = office.send(client, f"{address}/lien-ket.csv", goi=parcel)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    lines = table_of(answer)
    assert [each["Mã hồ sơ"] for each in lines] == [f"{CODE}{n:02d}" for n in range(12)]
    slips = office.send(client, f"{address}/phieu", goi=parcel)
    assert slips.text.count('<article class="slip"') == 12
    for each in lines:
        assert each["Liên kết"].startswith(f"{PUBLIC_URL}/m/")
        path = each["Liên kết"].removeprefix(PUBLIC_URL)
        bare = each["Liên kết"].rsplit("/", 1)[1]
        typed = "-".join(bare[start : start + 5] for start in range(0, 20, 5))
        code = str(qr_svg(each["Liên kết"], title=f"hailong.example/m/{typed}", correction="Q"))
        assert code in slips.text
    citizen = office.app.test_client()
    form = citizen.get(path).headers["Location"]
    assert citizen.post(form, data={"q0": "5"}).status_code == 303
    row = office.one(response)
    assert row is not None
    assert row.series == "own/phone/citizen/token"
    page = client.get(address).text
    assert re.search(r"Đã dùng</dt><dd>1<", page)
    assert re.search(r"Chưa dùng</dt><dd>11<", page)
    deeds = [office.deeds(name) for name in ("link.make", "link.print")]
    assert [len(each) for each in deeds] == [1, 2]
    assert (deeds[0][0].unit, deeds[0][0].detail[:8]) == (WARD, "12 links")


def test_the_dry_run_names_every_bad_row_and_makes_nothing(office):
    client = office.sign_in(ADMIN)
    page = send(client, rows([1, 2, 1]) + "12345,HTICH,Trả kết quả\n")
    assert 'name="goi"' not in page.text
    assert "Tệp có hai dòng cùng mã hồ sơ" in page.text
    assert "Mã hồ sơ không đúng khuôn" in page.text
    page = send(client, rows([1, 2, 1]), bo_qua="y")
    assert "Tạo 1 liên kết" in page.text
    english = client.post(
        "/en" + LIST,
        data={
            "csrf_token": csrf_token(client),
            "diem": POINT,
            "ngay": "90",
            "tep": (io.BytesIO(b"a,b\n1,2\n"), "x.csv"),
        },
    )
    assert english.status_code == 200
    assert 'name="goi"' not in english.text
    assert count(office, link) == 0


def test_the_same_page_sent_twice_makes_one_batch(office):
    client = office.sign_in(ADMIN)
    parcel = parcel_of(send(client, rows(range(2))))
    first, second = (office.send(client, f"{LIST}/tao", goi=parcel) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert (count(office, link_batch), count(office, link)) == (1, 2)
    assert len(office.deeds("link.make")) == 1


def test_of_two_pages_with_the_same_dossier_the_second_is_refused(office):
    client = office.sign_in(ADMIN)
    one, other = (parcel_of(send(client, rows(numbers))) for numbers in ([1, 2], [2, 3]))
    assert office.send(client, f"{LIST}/tao", goi=one).status_code == 200
    page = office.send(client, f"{LIST}/tao", goi=other)
    assert page.status_code == 409
    assert "Vừa có người tạo liên kết" in page.text
    assert (count(office, link_batch), count(office, link)) == (1, 2)
    again = send(client, rows([2, 3]))
    assert "Hồ sơ này đã có liên kết" in again.text


def test_a_parcel_that_is_not_ours_makes_nothing(office):
    client = office.sign_in(ADMIN)
    address, parcel = made(office, client, rows([1]))
    other, _ = made(office, client, rows([2]))
    for text in ("", "x", parcel[:-2], Parcels("another key").seal(Parcels("x" * 32).open(parcel))):
        assert office.send(client, f"{LIST}/tao", goi=text).status_code == 400
        assert office.send(client, f"{address}/lien-ket.csv", goi=text).status_code == 400
    assert office.send(client, f"{other}/lien-ket.csv", goi=parcel).status_code == 400
    assert office.send(client, f"{other}/phieu", goi=parcel, phan="x").status_code == 400
    assert count(office, link_batch) == 2


def test_slips_come_in_parts_of_whole_pages(office):
    client = office.sign_in(ADMIN)
    content = HEAD + "".join(
        f"000.00.01.H29-260310-{n:05d},HTICH,Trả kết quả\n" for n in range(203)
    )
    address, parcel = made(office, client, content)
    result = office.send(client, f"{LIST}/tao", goi=parcel).text
    assert re.findall(r'name="phan" value="(\d+)"', result) == ["1", "2"]
    assert result.count('name="goi"') == 1  # a parcel may be long
    for part, expected, pages in (("1", 200, 25), ("2", 3, 1), ("3", 0, 0), ("-5", 200, 25)):
        page = office.send(client, f"{address}/phieu", goi=parcel, phan=part).text
        assert page.count('<article class="slip"') == expected, part
        assert page.count('<div class="slips">') == pages, part


def test_a_batch_called_back_is_good_no_longer_and_may_be_made_again(office):
    client, citizen = office.sign_in(ADMIN), office.app.test_client()
    address, parcel = made(office, client, rows([1, 2]))
    lines = table_of(office.send(client, f"{address}/lien-ket.csv", goi=parcel))
    paths = [each["Liên kết"].removeprefix(PUBLIC_URL) for each in lines]
    form = citizen.get(paths[0]).headers["Location"]
    assert citizen.post(form, data={"q0": "5"}).status_code == 303
    assert office.send(client, f"{address}/thu-hoi", reason="x").status_code == 400
    assert office.send(client, f"{address}/thu-hoi", reason="In nhầm mực").status_code == 303
    assert "In nhầm mực" in client.get(address).text
    assert office.send(client, f"{address}/thu-hoi", reason="Lần nữa nhé").status_code == 303
    assert [each.detail for each in office.deeds("link.withdraw")] == ["In nhầm mực"]
    assert [citizen.get(path).status_code for path in paths] == [404, 404]
    assert count(office, link_spent) == 1
    page = send(client, rows([1, 2]), bo_qua="y")
    assert "Tạo 2 liên kết" in page.text  # who has rated is not told
    assert "không hiện số đã dùng" in client.get(address).text
    assert "không hiện" in client.get(LIST).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"diem": "KHONGCO"}, "Không có điểm tiếp nhận nào đang mở"),
        ({"diem": OLD}, "Không có điểm tiếp nhận nào đang mở"),
        ({"diem": ""}, "Xin điền vào ô này."),
        ({"ngay": "0"}, "Từ 1 đến 366 ngày."),
        ({"ngay": "400"}, "Từ 1 đến 366 ngày."),
        ({"tep": ""}, "Xin chọn tệp."),
    ],
)
def test_what_is_wrong_with_the_form_is_named(office, data, words):
    page = send(office.sign_in(ADMIN), rows([1]), **data)
    assert page.status_code == 400
    assert words in page.text


def test_an_agency_sees_its_own_batches_and_makes_none(office):
    address, parcel = made(office, office.sign_in(ADMIN), rows([1]))
    own, other = office.sign_in(AGENCY, WARD), office.sign_in(AGENCY, WARD_B)
    assert address in own.get(LIST).text
    assert own.get(address).status_code == 200
    assert "thu-hoi" not in own.get(address).text
    assert 'name="tep"' not in own.get(LIST).text
    assert address not in other.get(LIST).text
    assert other.get(address).status_code == 403
    assert send(own, rows([2])).status_code == 403
    assert office.send(own, f"{address}/lien-ket.csv", goi=parcel).status_code == 403
    assert office.sign_in(INSPECTOR).get(address).status_code == 200
    assert office.sign_in(ANALYST).get(LIST).status_code == 403


def test_the_example_is_a_file_that_can_be_sent_back(office):
    client = office.sign_in(ADMIN)
    example = client.get(f"{LIST}/mau.csv?diem={POINT}").get_data().decode("utf-8-sig")
    assert "Tạo 1 liên kết" in send(client, example).text
    assert client.get(f"{LIST}/mau.csv?diem=x").status_code == 200


def test_no_dossier_code_reaches_the_database(office):
    client = office.sign_in(ADMIN)
    address, parcel = made(office, client, rows([1]))
    office.send(client, f"{address}/lien-ket.csv", goi=parcel)
    with reading(office.engine) as connection:
        tables = [*connection.execute(sa.select(link)), *connection.execute(sa.select(link_batch))]
        dump = str([*tables, *office.deeds("link.make"), *office.deeds("link.print")])
    assert "H29" not in dump
