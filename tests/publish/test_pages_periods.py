"""What a page says of its period: its days, whether the unit was there, what months leave out."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import get_template_attribute
from sqlalchemy.engine import Engine

from survey.publish.figure import Thresholds
from survey.publish.rows import Entry, table
from tests.publish.conftest import SAI_GON
from tests.publish.figures import pages_app, rate
from tests.publish.test_pages import text

Get = Callable[[str], str]
NEW_IN_JULY, ENDED_IN_JUNE, DISTRICT = SAI_GON, "26740A", "775A"


def periods(page: str) -> list[list[str]]:
    """Return the links to other periods, line by line."""
    start = page.index('id="periods"')
    lines = re.findall(r'<ul class="links">(.*?)</ul>', page[start:], re.S)
    return [re.findall(r">([^<]+)</a>", line) for line in lines[:-2]]


def test_a_month_does_not_say_that_its_fields_are_few(page: Get) -> None:
    unit, field = page(f"/don-vi/{SAI_GON}/2026-10"), page("/linh-vuc/DD/2026-10")
    assert "Số liệu tháng chỉ công bố cho cả đơn vị" in text(unit)
    assert "Số liệu tháng của một lĩnh vực chỉ công bố cho toàn thành phố" in text(field)
    assert "too-few" not in unit + field
    assert "too-few" in page(f"/don-vi/{SAI_GON}/2026-Q3")
    assert "Chứng thực" in page("/ky/2026-10")


def test_fields_that_are_hidden_are_not_all_called_few(page: Get) -> None:
    assert re.search(r"\d+ không hiển thị, do số nhỏ", text(page("/")))
    assert "hoặc ẩn để không lộ một số như vậy: " in text(page("/"))


def test_a_rate_of_some_days_says_which(page: Get) -> None:
    found = text(page("/ky/2025-Q2"))
    days = found.index("Từ 19/6/2025 đến 30/6/2025.")
    assert days < found.index("trong 1.000 đánh giá là hài lòng")
    assert "còn hồ sơ được đếm theo cả tháng" in found
    assert "mỗi khoảng ngày có tỷ lệ riêng" not in text(page("/ky/2025-Q3"))


def test_a_unit_that_was_not_there_has_no_figures_instead_of_few(page: Get) -> None:
    before, after = page(f"/don-vi/{NEW_IN_JULY}/2025-Q2"), page(f"/don-vi/{ENDED_IN_JUNE}/2026-Q3")
    assert "Đơn vị này có từ ngày 1/7/2025." in text(before)
    assert "Đơn vị này đã kết thúc ngày 30/6/2025." in text(after)
    for found in (before, after):
        assert "Không có số liệu Kỳ này nằm ngoài thời gian hoạt động của đơn vị." in text(found)
        assert "ưới 10 đánh giá" not in text(found)


def test_a_unit_leads_to_the_periods_of_its_time_only(page: Get) -> None:
    quarters = ["III năm 2026", "II năm 2026", "I năm 2026", "IV năm 2025", "III năm 2025"]
    since_july = [f"Quý {quarter}" for quarter in quarters]
    months = ["Tháng 10/2026"]
    assert periods(page(f"/don-vi/{NEW_IN_JULY}")) == [since_july, months]
    assert periods(page(f"/don-vi/{ENDED_IN_JUNE}")) == [["Quý II năm 2025"]]
    assert periods(page("/")) == [[*since_july, "Quý II năm 2025"], months]


def test_a_district_leads_to_the_wards_that_its_wards_became(page: Get) -> None:
    found = text(page(f"/don-vi/{DISTRICT}"))
    assert re.search(r"Địa bàn nay thuộc: (Phường [^,.]+ ?, ?)+Phường [^,.]+ ?\.", found)
    assert "Phường Phú Lâm" in found


def test_the_axis_of_a_table_is_labelled_at_both_ends_beside_a_far_target(
    published: Engine,
) -> None:
    limits = Thresholds(shown=10, badge=30, is_preliminary=False)
    listed = table([Entry("Đất đai", "", rate(3, 12))], limits)
    assert listed.target_at is not None
    assert listed.target_at > 200
    with pages_app(published).test_request_context("/"):
        head = get_template_attribute("parts/chart.html", "axis_head")(listed)
    labels = re.findall(r'x="([\d.]+)"[^>]*>([^<]+)</text>', head)
    assert [label for _, label in labels] == ["0", "91\u00a0%", "100"]
    assert float(labels[1][0]) <= 213
