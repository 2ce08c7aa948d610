"""The public pages, as a browser without script gets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.db import writing
from tests.publish.conftest import SAI_GON
from tests.publish.figures import city_database, pages_app, publish, rate

Get = Callable[[str], str]

PATHS = (
    "/",
    "/ky/2026-Q3",
    "/ky/2025-Q4/1",
    "/ky/2026-10",
    "/don-vi/",
    "/don-vi/?q=sai+gon",
    "/linh-vuc/",
    f"/don-vi/{SAI_GON}",
    f"/don-vi/{SAI_GON}/2025-Q4/1",
    f"/don-vi/{SAI_GON}/2026-10",
    "/don-vi/26740A",
    "/don-vi/26743C",
    "/linh-vuc/DD",
    "/linh-vuc/DD/2025-Q3",
    "/cach-tinh",
    "/quyen-rieng-tu",
)


class _Text(HTMLParser):
    """The words of a page, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def text(page: str) -> str:
    return " ".join(_Text(page[page.index("<main") : page.index("</main")]).words)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there_in_both_languages(client: FlaskClient, path: str, prefix: str) -> None:
    answer = client.get(prefix + path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "Set-Cookie" not in answer.headers
    assert f'<html lang="{prefix[1:] or "vi"}">' in answer.text
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son\w+=", answer.text)
    assert not re.search(r'(src|href)="(https?:)?//(?!hailong\.example)', answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_english_pages_speak_english(page: Get, path: str) -> None:
    vietnamese = {"Tỷ lệ", "đánh giá", "Khoảng tin cậy", "Nguồn", "Chỉ tiêu", "Kỳ khác"}
    found = text(page("/en" + path))
    assert not [word for word in vietnamese if word in found]


def test_a_unit_page_answers_in_order(page: Get) -> None:
    found = text(page(f"/don-vi/{SAI_GON}"))
    order = [
        "Phường Sài Gòn",
        "94,8 %",
        "trong 1.258 đánh giá là hài lòng.",
        "Đạt chỉ tiêu từ 91 %",
        "Tính theo số đếm: 1.193 trên 1.258, đạt từ 91 %.",
        "93,5–95,9 %",
        "Thêm 12 câu trả lời “không biết”",
        "trong 4.100 hồ sơ đã giải quyết có đánh giá",
        "30,7 %",
        "3 đánh giá lặp",
        "Hệ thống một cửa điện tử, tại quầy",
        "Qua thời gian",
        "Theo lĩnh vực",
        "Nguồn tham khảo",
        "Giải quyết đúng hẹn",
        "Tỷ lệ này được tính thế nào",
        "Quý Ông/Bà có hài lòng",
        "Rất hài lòng, Hài lòng",
        "Phương pháp Wilson",
        "Tải dữ liệu",
    ]
    places = [found.find(each) for each in order]
    assert -1 not in places, order[places.index(-1)]
    # the label of a fact stands before its number for those who hear the page
    assert places[:4] == sorted(places[:4])
    assert places[11:] == sorted(places[11:])


def test_english_numbers(page: Get) -> None:
    found = text(page(f"/en/don-vi/{SAI_GON}"))
    assert "of 1,258 ratings are “satisfied”." in found
    assert "93.5–95.9%" in found


def test_fields_are_in_alphabetical_order_and_hidden_ones_named_together(page: Get) -> None:
    found = page(f"/don-vi/{SAI_GON}")
    table = found[found.index('<table class="rates">') :]
    rows = re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', table[: table.index("</table>")])
    assert rows == ["Chứng thực", "Đất đai", "Hộ tịch"]
    few = re.search(r'class="too-few">(.*?)</p>', found, re.DOTALL)
    assert few is not None
    assert "Nuôi con nuôi" in few[1]
    assert "Cư trú" in few[1] or "Bảo trợ xã hội" in few[1]


def test_hidden_and_absent_fields_look_alike(page: Get) -> None:
    found = page(f"/don-vi/{SAI_GON}")
    hidden = re.search(r'<a href="[^"]*/linh-vuc/NCN">Nuôi con nuôi</a>', found)
    absent = re.search(r'<a href="[^"]*/linh-vuc/BTXH">[^<]+</a>', found)
    assert hidden is not None
    assert absent is not None
    around = {found[each.start() - 2 : each.start()] for each in (hidden, absent)}
    assert around == {"; "}


def test_verdicts_have_word_and_shape(page: Get) -> None:
    found = page(f"/don-vi/{SAI_GON}")
    for verdict, word in (("met", "Đạt"), ("not_met", "Chưa đạt")):
        assert f'<symbol id="{verdict}"' in found
        drawn = (
            f'<span class="verdict {verdict}"><svg class="shape {verdict}" aria-hidden="true">'
            f'<use href="#{verdict}"/></svg><span>{word}</span>'
        )
        assert drawn in found


def test_few_ratings_get_their_interval_and_no_badge(page: Get) -> None:
    found = text(page(f"/don-vi/{SAI_GON}"))
    assert "Chứng thực 95,0 % 76,4–99,1 20 đánh giá chưa kết luận" in found


def test_reference_series_stand_apart_without_badge(page: Get) -> None:
    found = page(f"/don-vi/{SAI_GON}")
    apart = found[found.index('<section class="apart"') :]
    apart = apart[: apart.index("</section>")]
    assert "92,0\u00a0%" in apart
    assert "tại ki-ốt" in apart
    assert "thấp hơn mốc 91\u00a0%" in apart
    assert "chưa phân biệt được với mốc 91\u00a0%" in apart
    assert "không biết có ai đánh giá nhiều lần" in apart
    assert "verdict" not in apart


def test_without_official_data_the_largest_reference_leads_and_says_so(page: Get) -> None:
    found = text(page("/don-vi/26743C"))
    assert "Nguồn tham khảo: Hệ thống Hài Lòng, trên điện thoại 75,0 %" in found
    assert "Tỷ lệ chính thức: dưới 10 đánh giá trong kỳ này" in found
    assert "Đạt chỉ tiêu" not in found
    assert "Nguồn tham khảo, không xếp đạt hay chưa đạt. Thấp hơn mốc 91 %." in found
    assert "Nguồn tham khảo khác" in found


def test_a_unit_without_any_figure_says_the_one_public_state(page: Get) -> None:
    found = text(page("/don-vi/25747C"))
    assert "Dưới 10 đánh giá" in found
    assert "Tỷ lệ này được tính thế nào" not in found
    assert " 0 " not in found.partition("Các kỳ khác")[0]


def test_dossiers_stand_beside_satisfaction(page: Get) -> None:
    found = text(page(f"/don-vi/{SAI_GON}"))
    assert "Mọi lĩnh vực trừ Đất đai, Đầu tư 99,3 % đúng hẹn" in found
    assert "4.070 trên 4.100 hồ sơ đã giải quyết từ 98 % Đạt" in found
    assert "4,5 % trễ hẹn 9 trên 200 hồ sơ đã giải quyết dưới 4 % Chưa đạt" in found


def test_parts_that_do_not_add_up_are_said(page: Get) -> None:
    assert "lệch 9 hồ sơ" not in text(page(f"/don-vi/{SAI_GON}"))  # only single fields differ there


def test_the_city_leads_with_k_of_m_fields(page: Get) -> None:
    found = text(page("/"))
    assert re.search(r"1 / 60 lĩnh vực đạt chỉ tiêu từ 91 % người đánh giá hài lòng", found)
    tally = [
        int(each)
        for each in re.findall(r"(\d+) (?:Đạt|Chưa đạt|Chưa đủ căn cứ|không hiển thị)", found)
    ]
    assert sum(tally[:4]) == 60
    assert "93,0 % trong 100.000 đánh giá là hài lòng. Không có chỉ tiêu" in found
    assert "12,5 %" in found


def test_a_change_of_rule_shows_both_rates_apart(page: Get) -> None:
    found = text(page("/ky/2025-Q2"))
    assert "Tỷ lệ chính thức khác trong kỳ" in found
    assert "Từ 1/4/2025 đến 18/6/2025" in found


def test_preliminary_figures_have_no_verdict(page: Get) -> None:
    for path in (f"/don-vi/{SAI_GON}/2026-10", "/ky/2026-10"):
        found = page(path)
        assert "Số liệu tạm tính" in found
        before_history = found[: found.index('id="history"')] if 'id="history"' in found else found
        assert 'class="verdict' not in before_history
        assert "lĩnh vực đạt chỉ tiêu" not in found
        assert "Tính theo số đếm" not in found


def test_an_old_edition_stays_and_leads_to_the_new_one(page: Get) -> None:
    old = page(f"/don-vi/{SAI_GON}/2025-Q4/1")
    assert "Đây là lần công bố cũ." in old
    assert f'href="/don-vi/{SAI_GON}/2025-Q4/2"' in old
    new = text(page(f"/don-vi/{SAI_GON}/2025-Q4"))
    assert "Lý do có lần công bố này: Đánh giá đến muộn." in new
    assert text(old).find("91,4 %") > 0
    assert new.find("92,2 %") > 0


def test_history_holds_the_newest_edition_of_each_quarter(page: Get) -> None:
    found = page(f"/don-vi/{SAI_GON}")
    table = text("<main" + found[found.index("as-table") : found.index("</details>")] + "</main")
    assert "Quý IV năm 2025 92,2" in table
    assert "Quý I năm 2026 dưới 10 đánh giá" in table
    assert "Tháng 10/2026" not in table
    assert "Quý II năm 2025" not in table


def test_an_abolished_unit_keeps_its_page_and_names_its_successors(page: Get) -> None:
    found = page("/don-vi/26740A")
    assert "Quý II năm 2025" in found
    assert "Đơn vị này đã kết thúc ngày 30/6/2025." in found
    assert f'<a href="/don-vi/{SAI_GON}">Phường Sài Gòn</a>' in found
    assert "90,0" in text(found)


def test_a_unit_names_what_it_came_from(page: Get) -> None:
    found = page(f"/don-vi/{SAI_GON}")
    assert '<a href="/don-vi/26740A">Phường Bến Nghé</a>' in found
    assert "(một phần)" in found


@pytest.mark.parametrize(
    "path",
    [
        "/don-vi/KHONG",
        "/linh-vuc/KHONG",
        "/ky/2026-Q5",
        "/ky/2030",
        "/ky/2025-Q4/9",
        f"/don-vi/{SAI_GON}/2019",
        f"/don-vi/{SAI_GON}/abc",
        "/ky/2026-07..2026-09",
        "/don-vi/26740C/2026-Q3/0",
    ],
)
def test_what_was_never_published_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("typed", ["sai gon", "SÀI GÒN", "Sài Gòn", "Phường Sài"])
def test_units_are_found_with_or_without_diacritics(client: FlaskClient, typed: str) -> None:
    found = client.get("/don-vi/", query_string={"q": typed}).text
    assert f"/don-vi/{SAI_GON}" in found
    assert "/don-vi/26737C" not in found


def test_a_search_without_result_says_so_and_escapes(client: FlaskClient) -> None:
    found = client.get("/don-vi/", query_string={"q": "<b>x</b>"}).text
    assert "Không có đơn vị nào tên như “&lt;b&gt;x&lt;/b&gt;”." in found


def test_the_list_has_todays_units_and_the_old_ones_apart(page: Get) -> None:
    found = page("/don-vi/")
    now, _, past = found.partition('id="past"')
    assert now.count('<th scope="row">') > 168
    assert "/don-vi/26740A" in past
    assert "/don-vi/79C" not in found
    assert re.search(r"Phường\s+<span class=\"quiet\">\(113\)", now)


def test_a_search_is_not_kept_for_others(client: FlaskClient) -> None:
    client.get("/don-vi/?q=zzz")
    assert "zzz" not in client.get("/don-vi/").text
    client.get("/?ref=zzz")
    assert "zzz" not in client.get("/").text


def test_pages_are_cached_and_revalidated(client: FlaskClient) -> None:
    first = client.get("/")
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    tag = first.headers["ETag"]
    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get("/", headers={"If-None-Match": sent})
        assert again.status_code == 304
        assert not again.data
        assert again.headers["ETag"] == tag
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get("/en/").headers["ETag"] != tag


def test_a_new_edition_is_seen_at_once(tmp_path: Path) -> None:
    engine: Engine = city_database(tmp_path / "city.sqlite")
    client = pages_app(engine).test_client()
    assert "Chưa có kỳ nào được công bố" in client.get("/").text
    assert client.get(f"/don-vi/{SAI_GON}").status_code == 200
    for edition, satisfied in ((1, 1193), (2, 1194)):
        with writing(engine) as connection:
            publish(connection, "2026-Q3", [rate(satisfied, 1258)], edition=edition, reason="x")
        found = client.get(f"/don-vi/{SAI_GON}").text
        assert f"1.{satisfied - 1000} trên 1.258" in found


def test_sample_data_are_labelled(published: Engine) -> None:
    client = pages_app(published, is_sample=True).test_client()
    for path in PATHS:
        found = client.get(path).text
        assert '<meta name="robots" content="noindex">' in found
        assert "Mọi số liệu ở đây được đặt ra để thử hệ thống" in found


def test_a_page_names_its_address_for_ever(page: Get) -> None:
    found = page("/en/")
    assert '<link rel="canonical" href="https://hailong.example/en/ky/2026-Q3/1">' in found
    assert 'hreflang="vi" href="https://hailong.example/"' in found
    assert 'href="/ky/2026-Q3/1.json"' in found


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    where=st.sampled_from(["/ky/", "/don-vi/", "/linh-vuc/", f"/don-vi/{SAI_GON}/"]),
    rest=st.text(max_size=24),
    typed=st.text(max_size=24),
)
def test_no_address_breaks_a_page(client: FlaskClient, where: str, rest: str, typed: str) -> None:
    answer = client.get(where + quote(rest), query_string={"q": typed})
    assert answer.status_code in (200, 308, 404)


def test_each_city_names_its_own_law(hcmc, london):
    for engine, words in ((hcmc, "91/2025/QH15"), (london, "Under a law of the test")):
        page = pages_app(engine).test_client().get("/quyen-rieng-tu")
        assert words in text(page.text)
        assert ("91/2025" in page.text) == (engine is hcmc)
