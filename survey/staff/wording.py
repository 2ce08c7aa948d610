"""Words for roles and deeds, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping

from survey.staff.roles import Role
from survey.web.texts import Lazy
from survey.web.texts import lazy_gettext as _l

ROLE_NAMES: Mapping[Role, Lazy] = {
    Role.ADMINISTRATOR: _l("quản trị"),
    Role.AGENCY: _l("cán bộ cơ quan"),
    Role.ANALYST: _l("chuyên viên phân tích"),
    Role.INSPECTOR: _l("thanh tra"),
}

DEED_NAMES: Mapping[str, Lazy] = {
    "session.begin": _l("đăng nhập"),
    "session.end": _l("đăng xuất"),
    "password.change": _l("đổi mật khẩu của mình"),
    "account.add": _l("lập tài khoản"),
    "account.place": _l("đổi vai trò hoặc đơn vị của tài khoản"),
    "account.password": _l("đặt mật khẩu một lần cho tài khoản"),
    "account.disable": _l("khóa tài khoản"),
    "account.enable": _l("mở lại tài khoản"),
    "release.make": _l("công bố"),
    "import.upload": _l("gửi tệp để nhập"),
    "import.commit": _l("nhập tệp"),
    "import_map.save": _l("lưu bản đồ cột"),
    "responses.download": _l("tải phiếu đánh giá"),
    "tallies.download": _l("tải bảng số đếm"),
    "comment.read": _l("đọc ý kiến"),
    "comment.erase": _l("xóa ý kiến theo yêu cầu"),
    "set_aside.release": _l("đưa mục để riêng vào tính"),
    "set_aside.close": _l("đóng mục để riêng"),
    "device.add": _l("lập thiết bị"),
    "device.code": _l("cấp mã kích hoạt thiết bị"),
    "device.move": _l("chuyển thiết bị sang điểm khác"),
    "device.revoke": _l("thu hồi thiết bị"),
    "device.close": _l("đánh dấu xong mục thiết bị bị từ chối"),
    "point.hours": _l("đặt giờ mở cửa của điểm"),
    "link.make": _l("tạo liên kết một lần"),
    "link.print": _l("tải hoặc in liên kết một lần"),
    "link.withdraw": _l("thu hồi liên kết một lần"),
    "void.propose": _l("đề nghị hủy"),
    "void.confirm": _l("xác nhận hủy"),
}
"""Every deed that is recorded anywhere; a test looks through the code for others."""
