"""Comments of the sample: a few, plausible, about nobody, and labelled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from survey.terms.canonical import commitment
from survey.terms.series import Series

_EVERY = 60
"""One in so many people who rate on a device of their own or of the desk writes something."""


@dataclass(frozen=True)
class Comment:
    """A comment with its salt (16 bytes), and the commitment that the body carries for it."""

    text: str = ""
    salt: bytes = b""
    commitment: str = ""


NONE = Comment()

TEXTS = {
    ("vi", True): (
        "[Dữ liệu mẫu] Cán bộ hướng dẫn tận tình, hồ sơ xong trước hẹn.",
        "[Dữ liệu mẫu] Nộp trực tuyến nhanh, không phải đi lại.",
        "[Dữ liệu mẫu] Nơi ngồi chờ sạch sẽ, lấy số dễ dàng.",
        "[Dữ liệu mẫu] Rất hài lòng 👍",
    ),
    ("vi", False): (
        "[Dữ liệu mẫu] Chờ đến lượt hơn một giờ, nên mở thêm quầy.",
        "[Dữ liệu mẫu] Hướng dẫn lần đầu chưa đủ nên phải bổ sung giấy tờ.",
        "[Dữ liệu mẫu] Trễ hẹn hai lần mà không có thư xin lỗi.",
        "[Dữ liệu mẫu] Cổng dịch vụ công báo lỗi khi thanh toán.",
    ),
    ("en", True): (
        "[Sample data] Everything was explained well and ready before the day.",
        "[Sample data] Quick and friendly.",
    ),
    ("en", False): (
        "[Sample data] Waited more than an hour for my turn.",
        "[Sample data] I was told about a missing paper only at the second visit.",
    ),
}


def comment_for(language: str, series: Series, item_id: uuid.UUID, satisfied: bool) -> Comment:
    """Return what somebody wrote, which mostly is nothing."""
    if series.source != "own" or item_id.int % _EVERY:
        return NONE
    texts = TEXTS.get((language, satisfied)) or TEXTS["en", satisfied]
    return write(texts[item_id.int // _EVERY % len(texts)], item_id)


def write(text: str, item_id: uuid.UUID) -> Comment:
    """Return a comment with a salt that follows from the rating's id: samples need no secret."""
    salt = uuid.uuid5(item_id, "comment").bytes
    return Comment(text, salt, commitment(salt, text.encode()).hex())
