"""What the columns and codes of the files mean, and how their numbers were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from survey.analyse import crossed, responses, tallies
from survey.analyse.names import CHANNELS, ROLES, place_name
from survey.analyse.selection import Selection, questions_of
from survey.forms.analyse import AXES
from survey.publish import wording
from survey.register.snapshot import Register
from survey.stats.version import VERSION
from survey.web import numbers
from survey.web.texts import gettext
from survey.web.texts import lazy_gettext as _l

HEAD = ("column", "code", "meaning")

MEANINGS: Mapping[str, Any] = {
    "kind": _l("official: tỷ lệ chính thức; part: một phần của nó; reference: nguồn tham khảo"),
    "measure": _l("tên thước đo"),
    "series": _l("nguồn/kênh/người cầm thiết bị/bảo đảm, cách nhau bằng |"),
    "question": _l("mã câu hỏi; mã gắn với lời hỏi, thang đo và mức tính là hài lòng"),
    "scale": _l("mã thang đo"),
    "satisfied_set": _l("các mức tính là hài lòng, cách nhau bằng |"),
    "unit_role": _l("đơn vị được tính theo vai trò nào"),
    "period": _l("kỳ"),
    "days": _l("ngày đầu/ngày cuối, khi quy định thay đổi trong kỳ"),
    "units": _l("các đơn vị đã chọn; để trống là cả thành phố"),
    "fields": _l("các lĩnh vực đã chọn; để trống là mọi lĩnh vực"),
    "split_by": _l("chia theo"),
    "at": _l("mã của dòng; để trống là tất cả"),
    "name": _l("tên của dòng"),
    "satisfied": _l("số đánh giá hài lòng (tử số)"),
    "answered": _l("số đánh giá (mẫu số)"),
    "outside_denominator": _l("trả lời ngoài mẫu số, ví dụ “không biết”"),
    "repeats": _l("đánh giá thêm của cùng hồ sơ, không tính"),
    "voided": _l("đánh giá đã hủy, không tính"),
    "from_totals_share": _l("phần của mẫu số mà nguồn chỉ gửi dạng tổng, 0 đến 1"),
    "rate": _l("tỷ lệ hài lòng, 0 đến 1"),
    "interval_method": _l("phương pháp khoảng tin cậy"),
    "interval_level": _l("mức tin cậy"),
    "interval_low": _l("cận dưới, 0 đến 1"),
    "interval_high": _l("cận trên, 0 đến 1"),
    "by_value": _l("số trả lời ở từng mức, dạng mức=số, cách nhau bằng |"),
    "target_value": _l("chỉ tiêu, 0 đến 1"),
    "target_comparator": _l("cách so với chỉ tiêu"),
    "target_source": _l("văn bản đặt chỉ tiêu"),
    "target_basis": _l("law: văn bản đặt; derived: suy ra cho đơn vị hoặc lĩnh vực"),
    "reached_by_count": _l("đạt theo số đếm, so sánh chính xác"),
    "verdict": _l("kết luận thống kê; để trống khi không có chỉ tiêu"),
    "hidden": _l("vì sao dòng không có số, hoặc cột nào bị ẩn"),
    "sample": _l("dữ liệu mẫu, không phải kết quả thật"),
    "as_of": _l("thời điểm đếm, giờ UTC"),
    "month": _l("tháng của dịch vụ"),
    "unit": _l("mã đơn vị"),
    "field": _l("mã lĩnh vực"),
    "source": _l("nguồn"),
    "channel": _l("kênh"),
    "holder": _l("người cầm thiết bị"),
    "assurance": _l("đánh giá gắn với hồ sơ thế nào"),
    "value": _l("mức trả lời"),
    "other_answers": _l("trả lời câu hỏi khác của cùng phiếu, dạng câu hỏi=mức, cách nhau bằng |"),
}
HIDDEN: Mapping[str, Any] = {
    crossed.SMALL: _l("dưới ngưỡng công bố"),
    crossed.COMPLEMENT: _l("ẩn để không suy ra được ô khác bằng phép trừ"),
    tallies.IN_MONTHS: _l("đơn vị × lĩnh vực chỉ ra khỏi hệ thống từ quý trở lên"),
    tallies.OFF_GRID: _l("dãy tháng không trùng quý: hiệu với quý sẽ lộ số nhỏ"),
    tallies.PICKED: _l("tổng của nhiều đơn vị hoặc lĩnh vực tự chọn: hãy chia theo chúng"),
    tallies.REST: _l("phần còn lại của tỷ lệ chính thức dưới ngưỡng công bố"),
    "field": _l("lĩnh vực bị ẩn vì quá ít phiếu giống nhau"),
    "field|unit": _l("lĩnh vực và đơn vị bị ẩn vì quá ít phiếu giống nhau"),
    "field|unit|series": _l("lĩnh vực, đơn vị và nguồn bị ẩn vì quá ít phiếu giống nhau"),
}


def code_book(register: Register, selection: Selection, language: str) -> Iterator[tuple[str, ...]]:
    """Yield (column, code, meaning): every column of both files, then every code in them."""
    for column in dict.fromkeys((*tallies.COLUMNS, *responses.COLUMNS)):
        yield column, "", str(MEANINGS[column])
    words: dict[str, Mapping[str, Any]] = {
        "hidden": HIDDEN,
        "split_by": AXES,
        "unit_role": ROLES,
        "source": wording.SOURCES,
        "channel": CHANNELS,
        "holder": wording.HOLDERS,
        "assurance": wording.ASSURANCES,
        "verdict": wording.VERDICTS,
        "measure": wording.MEASURES,
    }
    for column, codes in words.items():
        yield from ((column, code, str(text)) for code, text in codes.items())
    yield from _questions(register, language)
    first = min(period.first_on for period in selection.periods)
    last = max(period.last_on for period in selection.periods)
    for unit in register.units_in_force(first, last):
        yield "unit", unit.code, register.unit_name(unit.code, language)
    for field in register.fields.values():
        yield "field", field.code, register.field_name(field.code, language)


def _questions(register: Register, language: str) -> Iterator[tuple[str, ...]]:
    known = [question for question, _ in questions_of(register, language)]
    every = [
        question.id
        for published in register.questionnaires.values()
        for question in published.questionnaire.questions
    ]
    for question_id in dict.fromkeys([*known, *every]):
        question = register.question(question_id, language)
        yield "question", question_id, question.text
        for option in question.scale.options:
            yield "value", f"{question_id}={option.value}", option.label


def method(
    register: Register, selection: Selection, language: str, now: dt.datetime, kind: str
) -> Iterator[tuple[str, str]]:
    """Yield what is asked and what is answered: how the numbers of a file were made."""
    city = register.city
    yield gettext("Phạm vi"), place_name(register, selection, language)
    yield gettext("Kỳ"), ", ".join(numbers.period_name(each) for each in selection.periods)
    yield gettext("Bộ lọc"), f"/phan-tich/?{selection.query()}"
    yield gettext("Thời điểm đếm (UTC)"), now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    if register.kind == "sample":
        yield gettext("Dữ liệu mẫu"), gettext("Mọi số liệu được đặt ra, không phải kết quả thật.")
    if kind == "responses":
        yield (
            gettext("Mỗi dòng"),
            gettext("Một trả lời được tính của một phiếu; không có mã phiếu, ngày, ý kiến."),
        )
        yield (
            gettext("Ẩn"),
            gettext(
                "Lĩnh vực, rồi đơn vị, rồi nguồn bị ẩn cho tới khi ít nhất %(number)s dòng giống"
                " nhau; tệp để phân tích, không để công bố.",
                number=city.minimum_shown,
            ),
        )
    else:
        yield gettext("Mỗi dòng"), gettext("Một tỷ lệ, như trong bảng của trang.")
        yield (
            gettext("Ẩn"),
            gettext(
                "Dưới %(number)s đánh giá, và các ô mà phép trừ sẽ làm lộ chúng.",
                number=city.minimum_shown,
            ),
        )
        yield (
            gettext("Khoảng tin cậy"),
            gettext("Wilson 95 %, không hiệu chỉnh liên tục; Wilson (1927)."),
        )
        yield (
            gettext("Kết luận"),
            gettext(
                "So chính xác khoảng tin cậy với chỉ tiêu; nguồn tham khảo không được kết luận."
            ),
        )
    yield gettext("Phiên bản phương pháp"), str(VERSION)
    yield gettext("Phiên bản danh mục"), str(register.version)
