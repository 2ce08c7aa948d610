"""Points and their sheets: the address of the settings in a code that survives a scratch."""

from __future__ import annotations

import pytest

from survey.office.sheets import make_sheet
from survey.web.qr import matrix, qr_svg
from tests.fixtures.builders import WARD
from tests.office.conftest import ADMIN, AGENCY, PUBLIC_URL

POINT, OLD, FOREIGN = "N81A4", "ZK9YT", "914MN"
ADDRESS = f"{PUBLIC_URL}/danh-gia/{POINT}"
SHORT = "hailong.example/danh-gia/N81A4"


def test_the_code_says_the_address_of_the_settings_whatever_the_host(office):
    officer = office.sign_in(AGENCY, WARD)
    signed = officer.get_cookie("hai-long")
    assert signed is not None
    officer.set_cookie("hai-long", signed.value, domain="evil.example")
    code = str(qr_svg(ADDRESS, title=SHORT, correction="H"))
    for path in (f"/quan-tri/diem/{POINT}", f"/quan-tri/diem/{POINT}/to"):
        page = officer.get(path, base_url="http://evil.example")
        assert code in page.text
        assert SHORT in page.text
        assert "evil.example" not in page.text


def test_a_sheet_says_everything_in_both_languages(office):
    officer = office.sign_in(AGENCY, WARD)
    for prefix in ("", "/en"):
        page = officer.get(f"{prefix}/quan-tri/diem/{POINT}/to").text
        assert "Mười giây, không cần tên." in page
        assert "Ten seconds, no name needed." in page
        assert "Phường Sài Gòn" in page
        assert "Public Administration Service Centre, Phường Sài Gòn" in page


@pytest.mark.parametrize(
    ("paper", "expected"), [("", "a4"), ("A5", "a5"), ("a5", "a5"), ("A0", "a4"), ("\0", "a4")]
)
def test_paper_is_a4_or_a5(office, paper, expected):
    page = office.sign_in(ADMIN).get(f"/quan-tri/diem/{POINT}/to", query_string={"kho": paper})
    assert page.text.count(f'class="sheet {expected}"') == 1


def test_the_sheets_of_a_unit_are_those_of_its_open_points(office):
    page = office.sign_in(AGENCY, WARD).get(f"/quan-tri/don-vi/{WARD}/to").text
    open_points = [
        point.code
        for point in office.register.points.values()
        if point.unit == WARD and point.in_force(office.today())
    ]
    assert page.count('<article class="sheet') == len(open_points) > 0
    assert all(f"danh-gia/{code}" in page for code in open_points)


def test_the_file_carries_code_names_and_address(office):
    answer = office.sign_in(AGENCY, WARD).get(f"/quan-tri/diem/{POINT}/qr.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="qr-{POINT}.svg"'
    assert answer.text.startswith("<svg xmlns=")
    assert SHORT in answer.text
    assert "Phường Sài Gòn" in answer.text


def test_a_closed_point_says_what_replaced_it_and_prints_nothing(office):
    officer = office.sign_in(AGENCY, WARD)
    page = officer.get(f"/quan-tri/diem/{OLD}").text
    assert f"/diem/{POINT}" in page
    assert '<svg class="qr"' not in page
    assert officer.get(f"/quan-tri/diem/{OLD}/to").status_code == 410
    assert officer.get(f"/quan-tri/diem/{OLD}/qr.svg").status_code == 410


def test_points_of_others_are_refused(office):
    officer = office.sign_in(AGENCY, "26737C")
    for path in ("", "/to", "/qr.svg"):
        assert officer.get(f"/quan-tri/diem/{POINT}{path}").status_code == 403
        assert officer.get(f"/quan-tri/diem/NOPE{path}").status_code == 404


def test_the_code_corrects_a_third(office):
    sheet = make_sheet(office.register, office.register.points[POINT], PUBLIC_URL)
    size = len(matrix(sheet.address, "H"))
    assert f'viewBox="0 0 {size + 8} {size + 8}"' in sheet.qr
