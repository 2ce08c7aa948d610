"""What an import found, in words for a page; the codes are those of the imports' report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from survey.forms.makers import KINDS as CHOICES
from survey.intake.imports.report import Finding, Report
from survey.web.texts import gettext
from survey.web.texts import lazy_gettext as _l

ROWS_SHOWN = 20
"""How many row numbers of a finding, and how many columns, a page names."""

KINDS: Final[Mapping[str, Any]] = dict(CHOICES)
LEVELS: Final[Mapping[str, Any]] = {
    "file": _l("Từ chối cả tệp"),
    "row": _l("Dòng sai"),
    "note": _l("Lưu ý"),
}
STATUSES: Final[Mapping[str, Any]] = {
    "refused": _l("Chưa nhập được: xin xem những điểm dưới đây. Chưa có gì được ghi."),
    "dry_run": _l("Chạy thử xong. Chưa có gì được ghi."),
    "committed": _l("Đã nhập."),
    "nothing_new": _l("Không có gì mới trong tệp. Chưa có gì được ghi."),
}
STAGES: Final[Mapping[str, Any]] = {
    "wait": _l("Đang chờ đến lượt"),
    "read": _l("Đang đọc và kiểm tra tệp"),
    "write": _l("Đang ghi"),
    "done": _l("Đang kết thúc"),
}
FORMS: Final[Mapping[str, Any]] = {
    "type": _l("kiểu tệp"),
    "encoding": _l("bảng mã"),
    "delimiter": _l("dấu phân cách"),
    "sheet": _l("trang tính"),
}
FAILURES: Final[Mapping[str, Any]] = {
    "busy": _l("Cơ sở dữ liệu đang bận. Chưa có gì được ghi; xin chạy lại sau giây lát."),
    "failed": _l("Hệ thống gặp lỗi khi chạy. Chưa có gì được ghi; chi tiết ở nhật ký máy chủ."),
    "broken_off": _l(
        "Lần chạy trước bị ngắt giữa chừng. Xin chạy thử lại: nếu tệp đã được ghi, kết quả sẽ"
        " nói vậy."
    ),
}

TEXTS: Final[Mapping[str, Any]] = {
    "map": _l("Không đọc được bản đồ cột."),
    "map_entry": _l("Một mục của bản đồ cột không đúng."),
    "format": _l("Không dùng được khuôn ngày giờ trong bản đồ cột (%Y %m %d %H %M %S %z)."),
    "zone": _l("Thiếu múi giờ hoặc không rõ múi giờ (tên IANA, ví dụ Asia/Ho_Chi_Minh)."),
    "label_value": _l("Bản đồ cột gán cho nhãn một giá trị mà thang đo không có."),
    "file_unreadable": _l("Không mở được tệp."),
    "file_empty": _l("Tệp trống."),
    "file_too_large": _l("Tệp lớn hơn mức máy chủ nhận (IMPORT_BYTES)."),
    "file_kind": _l("Bảng tính kiểu cũ hoặc có mật khẩu: xin lưu thành .xlsx hoặc CSV."),
    "file_changed": _l("Tệp bị thay đổi trong khi đọc."),
    "file_known": _l("Tệp này đã nhập rồi. Muốn nhập lại thì hủy lần nhập đó trước."),
    "ledger_changed": _l("Có người vừa ghi dữ liệu mà tệp này cũng có. Xin chạy lại."),
    "zip_bomb": _l("Bảng tính giải nén ra lớn bất thường nên không được giải nén."),
    "xlsx_broken": _l("Không đọc được bảng tính."),
    "too_many_rows": _l("Trang tính có nhiều dòng hơn mức một trang có thể có."),
    "sheet_missing": _l("Không có trang tính này; các trang tính được nêu bên cạnh."),
    "sheet_unnamed": _l("Bảng tính có nhiều trang: xin ghi tên trang (file.sheet)."),
    "encoding": _l("Tệp không dùng bảng mã này: xin ghi đúng bảng mã (file.encoding)."),
    "encoding_mark": _l("Dấu đầu tệp không phải của bảng mã mà bản đồ cột ghi."),
    "nul": _l("Tệp có ký tự NUL: không phải văn bản, hoặc dùng bảng mã khác."),
    "line_too_long": _l("Một dòng dài hơn một triệu ký tự."),
    "csv_broken": _l("Dấu ngoặc kép trong tệp không đóng, hoặc một ô quá dài."),
    "delimiter": _l("Nhiều dấu phân cách đều hợp: xin ghi một dấu (file.delimiter)."),
    "header_missing": _l("Không có dòng tiêu đề ở dòng này (file.header_row)."),
    "columns_missing": _l("Tệp thiếu cột mà bản đồ cột cần; tiêu đề của tệp được nêu bên cạnh."),
    "column_twice": _l("Hai cột có cùng tiêu đề này; bản đồ cột cần một."),
    "no_rows": _l("Tệp có tiêu đề nhưng không có dòng nào."),
    "cells": _l("Số ô của dòng khác số ô của tiêu đề."),
    "value_missing": _l("Ô trống."),
    "formula": _l("Ô chứa công thức; phải là giá trị."),
    "time": _l("Không phải ngày giờ theo khuôn trong bản đồ cột."),
    "time_never_was": _l("Giờ địa phương này không có vì đồng hồ được vặn tới."),
    "time_was_twice": _l("Giờ địa phương này có hai lần vì đồng hồ được vặn lùi."),
    "time_future": _l("Thời điểm ở tương lai."),
    "month": _l("Không phải tháng theo khuôn trong bản đồ cột."),
    "unit_unknown": _l("Chưa từng có đơn vị nào có tên hoặc mã này."),
    "unit_not_in_force": _l("Đơn vị có tên hoặc mã này không hoạt động vào ngày của dòng."),
    "unit_ambiguous": _l("Nhiều đơn vị có tên này vào ngày của dòng: xin ghi mã."),
    "field_unknown": _l("Chưa từng có lĩnh vực nào có tên hoặc mã này."),
    "field_not_in_force": _l("Lĩnh vực có tên hoặc mã này không có hiệu lực vào ngày của dòng."),
    "field_ambiguous": _l("Nhiều lĩnh vực có tên này vào ngày của dòng: xin ghi mã."),
    "source": _l("Không rõ nguồn nào."),
    "channel": _l("Không rõ kênh nào."),
    "holder": _l("Không rõ ai cầm thiết bị."),
    "assurance": _l("Không rõ mức bảo đảm nào."),
    "occasion": _l("Không rõ dịp đánh giá nào."),
    "language": _l("Không phải mã ngôn ngữ."),
    "questionnaire_unknown": _l("Không có bản phiếu hỏi nào mang mã này."),
    "questionnaire_retired": _l("Bản phiếu hỏi không có hiệu lực vào ngày của dòng."),
    "question_unknown": _l("Bản phiếu hỏi không có câu này."),
    "label_unknown": _l("Bản đồ cột không biết nhãn này."),
    "answer_missing": _l("Thiếu câu trả lời bắt buộc."),
    "answer_many": _l("Nhiều câu trả lời ở chỗ chỉ hỏi một."),
    "answer_unknown": _l("Thang đo của câu hỏi không có giá trị này."),
    "answer_order": _l("Các giá trị không theo thứ tự."),
    "malformed": _l("Dòng có ký tự không lưu được."),
    "service_on": _l("Không phải ngày giải quyết."),
    "comment": _l("Ý kiến có ký tự không lưu được."),
    "period": _l("Đây không phải một tháng."),
    "unit_role": _l("Không rõ vai trò của đơn vị."),
    "answered_at": _l("Không đặt được thời điểm vào múi giờ của thành phố."),
    "dossier_code": _l("Mã hồ sơ không đúng khuôn của thành phố (9 là chữ số, A là chữ cái)."),
    "comment_too_long": _l("Ý kiến dài hơn mức được lưu."),
    "body_differs": _l("Mã phiếu này đã nhập trước đây với nội dung khác."),
    "totals_exist": _l("Đã có tổng số của nguồn và tháng này: không trộn từng phiếu với tổng số."),
    "rows_exist": _l("Đã có từng phiếu của nguồn và tháng này: không trộn từng phiếu với tổng số."),
    "count": _l("Không phải số nguyên từ 0 đến 999.999.999 (dấu hàng nghìn: numbers.thousands)."),
    "count_twice": _l("Cùng một số đếm có hai lần trong tệp; không chọn số nào."),
    "total_unknown": _l("Có dòng tổng số không xếp được, nên không chắc tổng nào đủ."),
    "total_incomplete": _l("Một dòng khác của cùng tổng số bị sai, nên tổng không đủ."),
    "link_twice": _l("Tệp có hai dòng cùng mã hồ sơ và cùng dịp: mỗi hồ sơ một liên kết."),
    "link_there": _l("Hồ sơ này đã có liên kết còn hạn cho dịp này."),
    "too_many_links": _l("Tệp có nhiều dòng hơn mức một đợt tạo trên trang: xin chia tệp."),
    "already": _l("Các đánh giá này đã có rồi; không tính lại."),
    "overlap": _l("Một lần nhập trước có cùng nguồn và tháng."),
    "parts_do_not_add_up": _l(
        "Trước hạn, đúng hạn, trễ hạn cộng lại khác số đã giải quyết; giữ nguyên."
    ),
}  # fmt: skip

_HEADS = (
    _l("Dòng"),
    _l("Mức"),
    _l("Mã lỗi"),
    _l("Nội dung"),
    _l("Cột"),
    _l("Giá trị"),
    _l("Chi tiết"),
)


@dataclass(frozen=True)
class Line:
    """A finding as a page shows it."""

    level: Any
    is_note: bool
    rows: str
    column: str
    value: str
    text: str
    detail: str


def line(finding: Finding) -> Line:
    """Return a finding in words; of its rows the first are named."""
    named = ", ".join(map(str, finding.rows[:ROWS_SHOWN]))
    more = finding.n_rows - min(len(finding.rows), ROWS_SHOWN)
    return Line(
        LEVELS[finding.level],
        finding.level == "note",
        gettext("%(rows)s và %(number)s dòng nữa", rows=named, number=more) if more else named,
        finding.column,
        finding.value,
        _text(finding),
        _detail(finding),
    )


def table(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield a report as rows of a table: a head, then a row for each row of each finding."""
    yield tuple(map(str, _HEADS))
    for finding in report.findings:
        rest = (
            str(LEVELS[finding.level]),
            finding.code,
            _text(finding),
            finding.column,
            finding.value,
            _detail(finding),
        )
        for row in map(str, finding.rows) if finding.rows else ("",):
            yield (row, *rest)


def _text(finding: Finding) -> str:
    return str(TEXTS.get(finding.code, finding.code))


def _detail(finding: Finding) -> str:
    return gettext("những giá trị khác") if finding.detail == "more_values" else finding.detail
