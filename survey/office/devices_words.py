"""Words of the device desk: what is odd, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from survey.web.numbers import count
from survey.web.texts import Lazy, gettext, ngettext
from survey.web.texts import lazy_gettext as _l


@dataclass(frozen=True)
class Flag:
    """A flag in a few words, and what staff do about it."""

    name: Lazy
    advice: Lazy


FLAGS: dict[str, Flag] = {
    "not_enrolled": Flag(
        _l("chưa kích hoạt"),
        _l("Cấp mã mới tại trang của thiết bị rồi nhập mã trên thiết bị."),
    ),
    "revoked": Flag(
        _l("bị thu hồi"),
        _l("Không tính phiếu nào gửi từ thiết bị này nữa."),
    ),
    "silent": Flag(
        _l("im lặng"),
        _l("Đã qua trọn một ngày làm việc không liên lạc: kiểm tra nguồn điện và mạng."),
    ),
    "clock_off": Flag(
        _l("đồng hồ lệch"),
        _l("Bật đồng bộ giờ qua mạng trên thiết bị; phiếu vẫn được tính theo giờ đã hiệu chỉnh."),
    ),
    "storage": Flag(
        _l("sắp hết chỗ lưu"),
        _l("Giải phóng ổ đĩa của thiết bị; không xóa dữ liệu trình duyệt."),
    ),
    "quarantine": Flag(
        _l("có mục bị từ chối"),
        _l("Xem phần “Mục bị từ chối” của thiết bị, báo kỹ thuật, rồi đánh dấu từng mục đã xử lý."),
    ),
    "counter_twice": Flag(
        _l("trùng số thứ tự"),
        _l("Hồ sơ trình duyệt có thể đã bị sao chép: thu hồi rồi lập thiết bị mới."),
    ),
    "gap": Flag(
        _l("thiếu số thứ tự"),
        _l("Để thiết bị mở và nối mạng: nó tự gửi những gì còn giữ. Vẫn thiếu thì báo kỹ thuật."),
    ),
    "turned_away": Flag(
        _l("từng bị máy chủ từ chối"),
        _l(
            "Trong bảy ngày qua có lúc máy chủ không nhận; thiết bị giữ phiếu và đã gửi lại sau. "
            "Giờ ghi ở mục “Lúc không gửi được” của thiết bị; người vận hành xem nhật ký và ổ đĩa "
            "của máy chủ."
        ),
    ),
}
"""By the codes of ``survey.devices.watch.FLAGS``."""

KINDS: dict[str, Lazy] = {
    "kiosk": _l("ki-ốt, người dân tự cầm"),
    "tablet": _l("máy tính bảng, cán bộ đưa"),
}
SHORT_KINDS: dict[str, Lazy] = {"kiosk": _l("ki-ốt"), "tablet": _l("máy tính bảng")}

STORAGE: dict[str, Lazy] = {
    "persisted": _l("được giữ chắc chắn"),
    "best_effort": _l("trình duyệt có thể xóa khi thiếu chỗ"),
    "tight": _l("sắp đầy"),
    "unknown": _l("chưa rõ"),
}

MARKS: dict[str, Lazy] = {
    "cool_down": _l("trong vòng 15 giây sau phiếu trước"),
    "counter_twice": _l("số thứ tự đã có ở phiếu khác"),
    "clock_off": _l("đồng hồ lệch hơn một ngày"),
    "clock_bounds": _l("giờ nằm ngoài khoảng có thể: tính tại giới hạn"),
    "clock_back": _l("giờ sớm hơn phiếu có số nhỏ hơn"),
}
"""By the codes of ``device_mark``."""

STATUSES: dict[str, Lazy] = {
    "accepted": _l("đã nhận và tính"),
    "already": _l("đã nhận từ trước"),
    "set_aside": _l("để riêng, chưa tính"),
    "rejected": _l("bị từ chối, không lưu"),
}

_CODES: dict[str, Lazy] = {
    "undone": _l("người dùng đã rút lại ngay"),
    "counter_twice": _l("số thứ tự đã có ở phiếu khác"),
    "body_differs": _l("cùng mã phiếu nhưng nội dung khác"),
    "point_differs": _l("lúc đó thiết bị đứng ở điểm khác"),
    "device_revoked": _l("gửi sau khi thiết bị bị thu hồi"),
    "questionnaire_unknown": _l("không có mẫu phiếu này"),
    "questionnaire_retired": _l("mẫu phiếu đã hết hạn"),
    "unit_unknown": _l("không có đơn vị này vào ngày trả lời"),
    "field_unknown": _l("không có lĩnh vực này vào ngày trả lời"),
    "malformed": _l("không đọc được"),
    "signature": _l("chữ ký không phải của thiết bị này"),
    "source": _l("nguồn không phải của thiết bị này"),
    "channel": _l("kênh không phải của thiết bị này"),
    "holder": _l("người cầm máy khác với loại thiết bị"),
    "assurance": _l("mức bảo đảm không khớp"),
    "point": _l("không có điểm tiếp nhận này"),
    "receiving_unit": _l("đơn vị tiếp nhận không phải của điểm này"),
    "answered_at": _l("giờ trả lời không thể có"),
    "comment": _l("ý kiến khác với phần đã ký"),
    "dossier_code": _l("mã hồ sơ khác với phần đã ký"),
}
"""Of outcomes; those of answers and inputs that no screen of ours sends are told by their code."""

_OUTAGES: dict[str, Lazy] = {
    "offline": _l("không có trả lời: mất mạng, hoặc máy chủ ngừng"),
    "unavailable": _l("máy chủ không ghi được: ổ đĩa đầy, hoặc cơ sở dữ liệu ngừng hay chỉ đọc"),
    "busy": _l("máy chủ bận"),
}
"""By the last answer that a device had."""

DAY_NAMES = (
    _l("Thứ Hai"),
    _l("Thứ Ba"),
    _l("Thứ Tư"),
    _l("Thứ Năm"),
    _l("Thứ Sáu"),
    _l("Thứ Bảy"),
    _l("Chủ Nhật"),
)


def code_words(code: str) -> str:
    """Say what an outcome's code means; a code without words stands for itself."""
    return str(_CODES.get(code, code))


def outage_words(code: str) -> str:
    """Say why a device could not hand in; a code without words stands for itself."""
    found = _OUTAGES.get(code)
    return str(found) if found is not None else gettext("máy chủ từ chối: %(code)s", code=code)


def offset_words(milliseconds: int | None) -> str:
    """Say how far a device's clock is from the server's (server less device)."""
    if milliseconds is None:
        return ""
    seconds = abs(milliseconds) // 1000
    if seconds < 2:
        return gettext("đúng giờ")
    length = _length(seconds)
    if milliseconds > 0:
        return gettext("chậm %(length)s", length=length)
    return gettext("nhanh %(length)s", length=length)


def _length(seconds: int) -> str:
    days, hours, minutes = seconds // 86_400, seconds // 3600, seconds // 60
    if days >= 2:
        return ngettext("%(num)s ngày", "%(num)s ngày", days, num=count(days))
    if hours >= 2:
        return ngettext("%(num)s giờ", "%(num)s giờ", hours, num=count(hours))
    if minutes >= 2:
        return ngettext("%(num)s phút", "%(num)s phút", minutes, num=count(minutes))
    return ngettext("%(num)s giây", "%(num)s giây", seconds, num=count(seconds))
