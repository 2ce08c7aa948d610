"""Every exception meets its status, its code and its page here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException

from survey.db import Busy
from survey.terms.problem import InvalidTermError
from survey.web.texts import lazy_gettext as _l

PROBLEM_JSON = "application/problem+json"
DATA_ENDINGS = (".json", ".csv", ".xlsx")
RETRY_SECONDS = 2


@dataclass(frozen=True)
class Answer:
    """What a person or a program gets: a status, a stable code, what happened, what to do next."""

    status: int
    code: str
    title: Any
    advice: Any
    retry_after: int | None = None


NOT_FOUND = Answer(
    404,
    "not_found",
    _l("Không tìm thấy trang này"),
    _l("Xin kiểm tra lại địa chỉ, hoặc tìm đơn vị và lĩnh vực từ trang đầu."),
)
UNAVAILABLE = Answer(
    503,
    "unavailable",
    _l("Hệ thống tạm thời không phục vụ được"),
    _l("Chưa có gì được ghi nhận. Xin thử lại sau ít phút."),
    retry_after=30,
)
BUSY = Answer(
    503,
    "busy",
    _l("Hệ thống đang bận"),
    _l("Chưa có gì được ghi nhận. Xin thử lại sau vài giây."),
    retry_after=RETRY_SECONDS,
)
INTERNAL = Answer(
    500,
    "internal",
    _l("Hệ thống gặp lỗi"),
    _l("Đây là lỗi của hệ thống, không phải của Quý Ông/Bà. Xin thử lại sau ít phút."),
)
BAD_REQUEST = Answer(
    400,
    "bad_request",
    _l("Yêu cầu không đọc được"),
    _l("Xin quay lại trang trước, kiểm tra những gì đã nhập rồi gửi lại."),
)

BY_STATUS: Mapping[int, Answer] = {
    400: BAD_REQUEST,
    401: Answer(
        401,
        "unauthorized",
        _l("Cần đăng nhập"),
        _l("Trang này chỉ dành cho người có tài khoản. Xin đăng nhập rồi thử lại."),
    ),
    403: Answer(
        403,
        "forbidden",
        _l("Không có quyền xem trang này"),
        _l("Tài khoản không có quyền đối với đơn vị hoặc việc này."),
    ),
    404: NOT_FOUND,
    405: Answer(
        405,
        "method_not_allowed",
        _l("Địa chỉ này không nhận yêu cầu như vậy"),
        _l("Xin mở lại trang từ đầu rồi làm lại."),
    ),
    410: Answer(
        410,
        "gone",
        _l("Trang này không còn nữa"),
        _l("Xin bắt đầu lại từ trang đầu."),
    ),
    413: Answer(
        413,
        "too_large",
        _l("Nội dung gửi lên quá lớn"),
        _l("Xin rút ngắn nội dung hoặc chọn tệp nhỏ hơn rồi gửi lại."),
    ),
    414: Answer(
        414,
        "address_too_long",
        _l("Địa chỉ quá dài"),
        _l("Xin mở lại trang từ đầu."),
    ),
    415: Answer(
        415,
        "unsupported_type",
        _l("Loại tệp này không nhận được"),
        _l("Xin gửi đúng loại tệp mà trang yêu cầu."),
    ),
    422: BAD_REQUEST,
    429: Answer(
        429,
        "too_many",
        _l("Quá nhiều yêu cầu trong thời gian ngắn"),
        _l("Xin chờ một lát rồi thử lại."),
        retry_after=10,
    ),
    500: INTERNAL,
    503: UNAVAILABLE,
}

BY_EXCEPTION: Mapping[type[Exception], Answer] = {
    Busy: BUSY,
    InvalidTermError: BAD_REQUEST,
}


def init_errors(app: Flask, more: Mapping[type[Exception], Answer] | None = None) -> None:
    """Answer every exception by the tables above; ``more`` adds those of other rooms."""
    for exception, answer in {**BY_EXCEPTION, **(more or {})}.items():
        app.register_error_handler(exception, _handler(answer))
    app.register_error_handler(HTTPException, _http)


def _handler(answer: Answer) -> Any:
    def handle(error: Exception) -> Response:
        current_app.logger.warning("%s %s: %s", answer.status, request.path, error)
        problem = getattr(error, "problem", None)
        return respond(answer, code=getattr(problem, "code", "") or answer.code)

    return handle


def _http(error: HTTPException) -> Any:
    status = error.code
    if error.response is not None or status is None or status < 400:
        return error
    fallback = BAD_REQUEST if status < 500 else INTERNAL
    response = respond(BY_STATUS.get(status, fallback), status=status)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        value = dict(error.get_headers()).get(name)
        if value is not None:
            response.headers[name] = value
    return response


def respond(answer: Answer, *, status: int = 0, code: str = "") -> Response:
    """Return the page, or problem details (RFC 9457) for a program, in the person's language."""
    status = status or answer.status
    if wants_data():
        response = current_app.response_class(
            json.dumps(_problem(answer, status, code or answer.code)), mimetype=PROBLEM_JSON
        )
    else:
        response = current_app.response_class(_page(answer, status), mimetype="text/html")
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if answer.retry_after is not None:
        response.headers["Retry-After"] = str(answer.retry_after)
    return response


def wants_data() -> bool:
    """Tell whether the other side is a program: by the path, by what it sends, by what it takes."""
    path = request.path
    if path.endswith(DATA_ENDINGS) or path.startswith("/api/") or request.is_json:
        return True
    takes = request.accept_mimetypes
    return takes["application/json"] > takes["text/html"] or (
        takes[PROBLEM_JSON] > takes["text/html"]
    )


def _problem(answer: Answer, status: int, code: str) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": str(answer.title),
        "status": status,
        "detail": str(answer.advice),
        "code": code,
    }


def _page(answer: Answer, status: int) -> str:
    try:
        return render_template("web/error.html", answer=answer, status=status)
    except Exception:  # the page about an error must not fail in its turn
        current_app.logger.exception("The error page cannot be rendered.")
        return LAST_RESORT.format(phrase=_phrase(status))


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


LAST_RESORT = """<!doctype html>
<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{phrase}</title>
<h1>Hệ thống gặp lỗi</h1>
<p>Xin thử lại sau ít phút. <a href="/">Về trang đầu</a></p>
<p lang="en">Something went wrong here. Please try again in a few minutes. ({phrase})</p>
</html>
"""
"""For when not even a template can be read."""
