"""Links in a real browser: from the desk's file to the paper, and on the citizen's phone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.fixtures.city import register_of
from tests.fixtures.pages import violations
from tests.office.conftest import ADMIN, application
from tests.staff.signing import sign_in

pytestmark = pytest.mark.usefixtures("one_database")

WAYS = [("", "light"), ("/en", "dark")]
POINT = "N81A4"
CODE = "000.00.01.H29-260310-"
MM = 96 / 25.4
"""Pixels of a millimetre in print."""


def rows(n_rows: int, field: str = "HTICH", unit: str = "26740C") -> bytes:
    head = "Mã hồ sơ,Lĩnh vực,Dịp,Đơn vị tiếp nhận"
    lines = [f"{CODE}{n:05d},{field},Trả kết quả,{unit}" for n in range(n_rows)]
    return "\n".join([head, *lines]).encode()


@pytest.fixture
def site(hcmc, serve):
    app = application(hcmc)
    return serve(app), sign_in(app, hcmc, ADMIN)


@pytest.fixture
def open_signed_in(site, open_page):
    address, client = site
    cookie = client.get_cookie("hai-long")

    def open_one(path, **context):
        page = open_page(**context)
        page.context.add_cookies([{"name": "hai-long", "value": cookie.value, "url": address}])
        page.goto(address + path)
        return page

    return open_one


def is_cut(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def send(page, content: bytes, point: str = POINT) -> None:
    page.fill("#diem", point)
    file = {"name": "hồ sơ.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("#tep", files=[file])
    page.click("form[enctype] .button")
    page.wait_for_selector("[role=status], .errors")


def made(page, n_rows: int, **longest: str) -> None:
    send(page, rows(n_rows, **longest))
    page.click("main form:not(.who form) .button >> nth=-1")
    page.wait_for_selector("#slips")


def slips_of(page):
    with page.context.expect_page() as opened:
        page.click("section[aria-labelledby=slips] .button >> nth=0")
    slips = opened.value
    slips.wait_for_selector(".slip")
    return slips


@pytest.mark.parametrize(("prefix", "scheme"), WAYS)
@pytest.mark.parametrize("width", [320, 1280])
def test_every_step_at_the_desk_is_accessible(open_signed_in, prefix, scheme, width):
    page = open_signed_in(
        f"{prefix}/quan-tri/lien-ket", width=width, color_scheme=scheme, expected_statuses=(400,)
    )
    steps = [lambda: send(page, rows(1), "KHONGCO")]
    steps.append(lambda: send(page, rows(2) + b"\n12345,HTICH,x,\n"))
    steps.append(lambda: page.click(".back a"))
    steps.append(lambda: made(page, 3))
    steps.append(lambda: page.click(".back a"))
    for step in [lambda: None, *steps]:
        step()
        page.wait_for_load_state()
        assert violations(page) == [], page.url
        assert not is_cut(page), page.url


@pytest.mark.parametrize(("prefix", "scheme"), WAYS)
def test_slips_are_accessible_and_fit_a_narrow_screen(open_signed_in, prefix, scheme):
    page = open_signed_in(f"{prefix}/quan-tri/lien-ket", width=320, color_scheme=scheme)
    made(page, 9)
    slips = slips_of(page)
    slips.set_viewport_size({"width": 320, "height": 700})
    assert violations(slips) == []
    assert not is_cut(slips)
    assert slips.locator(".slip").count() == 9


def test_slips_print_eight_on_a_page_and_not_even_the_longest_names_are_cut(hcmc, open_signed_in):
    register = register_of(hcmc)
    today = dt.datetime.now(register.city.zone).date()
    field, unit = (
        max(each, key=lambda code: len(words(code, "vi")))
        for each, words in (
            ([one.code for one in register.fields_in_force(today, today)], register.field_name),
            ([one.code for one in register.units_in_force(today, today)], register.unit_name),
        )
    )
    page = open_signed_in("/quan-tri/lien-ket", width=1280)
    made(page, 17, field=field, unit=unit)
    slips = slips_of(page)
    slips.emulate_media(media="print")
    slips.set_viewport_size({"width": round(210 * MM), "height": round(297 * MM)})
    boxes = slips.evaluate(
        """[...document.querySelectorAll('.slip')].map(slip => {
            const box = slip.getBoundingClientRect(), code = slip.querySelector('svg');
            const inside = [...slip.querySelectorAll('p, svg')].every(each => {
                const own = each.getBoundingClientRect();
                return own.left >= box.left && own.right <= box.right
                    && own.top >= box.top && own.bottom <= box.bottom;
            });
            return [box.width, box.height, code.getBoundingClientRect().width, inside,
                    slip.scrollHeight <= slip.clientHeight + 1];
        })"""
    )
    assert len(boxes) == 17
    for width, height, code, is_inside, is_whole in boxes:
        assert abs(width - 105 * MM) < 1
        assert abs(height - 74 * MM) < 1
        assert code >= 30 * MM
        assert is_inside
        assert is_whole
    content = slips.pdf(prefer_css_page_size=True, print_background=True)
    assert content.count(b"/Type /Page\n") == 3


def test_a_citizen_rates_by_a_link_and_sees_one_page_for_all_that_are_dead(
    site, open_page, open_signed_in
):
    address, _ = site
    desk = open_signed_in("/quan-tri/lien-ket", width=1280)
    made(desk, 1)
    with desk.expect_download() as download:
        desk.click("section[aria-labelledby=table] .button")
    text = Path(download.value.path()).read_text("utf-8-sig")
    token = text.splitlines()[1].partition("/m/")[2].partition(",")[0]
    for prefix, scheme in WAYS:
        page = open_page(width=320, color_scheme=scheme, expected_statuses=(404,))
        page.goto(f"{address}{prefix}/m/{token[1:]}{token[0]}0")
        assert violations(page) == []
        assert not is_cut(page)
        page.fill("#q", "sai gon")
        page.click(".search .button")
        assert page.locator(f".picks a[href$='/danh-gia/{POINT}']").count() == 1
        assert violations(page) == []
        assert not is_cut(page)
    page = open_page(width=320, expected_statuses=(404,), java_script_enabled=False)
    page.goto(f"{address}/m/{token}")
    assert not page.evaluate("document.documentElement.scrollWidth > 320")
    other = open_page(width=360, expected_statuses=(404,))
    other.goto(f"{address}/m/{token}")
    assert violations(other) == []
    assert other.locator("#dossier").count() == 0
    page.click(".answer >> nth=0")
    page.click("form > .button")
    receipt = page.locator(".code").inner_text()
    page.go_back()
    page.reload()
    assert page.locator(".code").inner_text() == receipt
    assert page.context.cookies() == []
    other.click(".answer >> nth=4")
    other.click("summary")
    other.fill("#comment", "Vẫn còn đây")
    other.click("form > .button")
    assert other.locator("[role=alert] h2").is_visible()
    assert other.locator("#comment").input_value() == "Vẫn còn đây"
    assert other.locator(".answer input >> nth=4").is_checked()
    assert violations(other) == []
    other.click("form > .button")
    assert other.locator(".code").inner_text() != receipt
    page.goto(f"{address}/m/{token}")
    assert page.locator(".code").count() == 0
