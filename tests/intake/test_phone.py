"""The form on a citizen's phone: one opened form is one rating, and nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import uuid

import msgspec
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from itsdangerous import Signer, URLSafeSerializer
from sqlalchemy.engine import Engine

from survey.app import create_app
from survey.db import reading, writing
from survey.forms.rating import RatingForm
from survey.intake.token import Tokens
from survey.ledger.tables import comment, receipt, response, set_aside
from survey.settings import Settings
from survey.tally.recount import differences
from survey.terms.receipt import receipt_code
from tests.fixtures.city import register_of

UNIT = "26740C"
SECRET = "a secret for tests"  # not a secret
SEARCH = 'role="search"'


def settings_of(engine: Engine) -> Settings:
    return Settings(
        database_url=engine.url.render_as_string(hide_password=False),
        secret_key=SECRET,
        dossier_key="a key for tests",
        testing=True,
    )


@pytest.fixture
def client(hcmc: Engine) -> FlaskClient:
    return create_app(settings_of(hcmc)).test_client()


@pytest.fixture
def point(hcmc: Engine) -> str:
    points = register_of(hcmc).points.values()
    return next(each.code for each in points if each.unit == UNIT and each.valid_to is None)


def opened(client: FlaskClient, point: str, prefix: str = "", field: str = "HTICH") -> str:
    """Open a form and return the address of its question."""
    answer = client.get(f"{prefix}/danh-gia/{point}")
    assert answer.status_code == 302
    return f"{answer.headers['Location']}/{field}"


def count(engine: Engine, table: sa.Table) -> int:
    with reading(engine) as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def only(engine: Engine) -> sa.RowMapping:
    with reading(engine) as connection:
        return connection.execute(sa.select(response)).mappings().one()


def test_one_tap_and_submit_is_one_counted_rating(client, hcmc, point):
    address = opened(client, point)
    answer = client.post(address, data={"q0": "5"})
    assert answer.status_code == 303
    thanks = client.get(answer.headers["Location"]).get_data(as_text=True)
    row = only(hcmc)
    assert receipt_code(row["id"]) in thanks
    assert (row["receiving_unit"], row["field"]) == (UNIT, "HTICH")
    assert row["series"] == "own/phone/citizen/open"
    with reading(hcmc) as connection:
        assert differences(connection) == []


def test_opening_records_nothing_and_sets_no_cookie(client, hcmc, point):
    address = opened(client, point)
    page = client.get(address)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert count(hcmc, response) == 0


def test_double_tap_reload_and_two_tabs_are_one_rating(client, hcmc, point):
    address = opened(client, point)
    data = {"q0": "2", "q2": ["11", "12"], "comment": "Chờ lâu"}
    answers = [client.post(address, data=data) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert count(hcmc, response) == 1
    assert count(hcmc, set_aside) == 0
    assert receipt_code(only(hcmc)["id"]) in client.get(address).get_data(as_text=True)


def test_two_opened_forms_are_two_ratings(client, hcmc, point):
    for _ in range(2):
        client.post(opened(client, point), data={"q0": "4"})
    assert count(hcmc, response) == 2


def test_another_answer_on_a_spent_form_changes_nothing_and_is_kept_for_staff(client, hcmc, point):
    address = opened(client, point)
    client.post(address, data={"q0": "5"})
    answer = client.post(address, data={"q0": "1"})
    assert answer.status_code == 303
    assert count(hcmc, response) == 1
    assert count(hcmc, set_aside) == 1


def test_nothing_chosen_comes_back_filled_in(client, hcmc, point):
    answer = client.post(opened(client, point), data={"comment": "Xin <b>góp ý</b>", "q2": ["11"]})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Xin Quý Ông/Bà chọn một mức." in page
    assert "Xin &lt;b&gt;góp ý&lt;/b&gt;" in page
    assert count(hcmc, response) == 0


def test_tampered_and_expired_tokens_lose_nothing(client, hcmc, point):
    register = register_of(hcmc)
    sha256 = next(
        each.sha256
        for each in register.questionnaires.values()
        if "one-stop/2" in each.questionnaire.id
    )
    old = Tokens(SECRET, 72).make(point, sha256, 1_600_000_000)
    foreign = Tokens("another", 72).make(point, sha256, 1_600_000_000)
    for token in (old, foreign, "x", "Ω"):
        answer = client.post(
            f"/danh-gia/{point}/{token}/HTICH", data={"q0": "4", "comment": "còn đây"}
        )
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "còn đây" in page
        assert count(hcmc, response) == 0
    action = re.search(r'action="([^"]+)"', page)
    assert action is not None
    sent = client.post(html.unescape(action[1]), data={"q0": "4", "comment": "còn đây"})
    assert sent.status_code == 303
    assert count(hcmc, response) == 1


def test_valid_used_and_unknown_dossier_codes_get_the_same_page(client, hcmc, point):
    code = "000.00.01.H29-260310-0420"
    pages = []
    for typed in (code, code.lower(), "000.00.01.H29-260310-9999"):
        answer = client.post(opened(client, point), data={"q0": "5", "dossier": typed})
        place = answer.headers["Location"]
        page = client.get(place).get_data(as_text=True)
        pages.append(re.sub(r"[0-9A-Z]{13}", "", page.replace(place.rsplit("/", 1)[1], "")))
    assert pages[0] == pages[1] == pages[2]
    with reading(hcmc) as connection:
        rows = connection.execute(sa.select(response.c.series, response.c.dossier)).all()
        dump = str(connection.execute(sa.select(response)).all())
    assert {row.series for row in rows} == {"own/phone/citizen/claimed"}
    assert len({bytes(row.dossier) for row in rows}) == 2
    assert "H29" not in dump


def test_a_dossier_code_of_the_wrong_shape_is_named(client, hcmc, point):
    answer = client.post(opened(client, point), data={"q0": "5", "dossier": "12345"})
    assert answer.status_code == 400
    assert "Mã hồ sơ không đúng dạng" in answer.get_data(as_text=True)


def test_a_comment_of_a_megabyte_comes_back_with_its_length(client, hcmc, point):
    answer = client.post(opened(client, point), data={"q0": "5", "comment": "à" * 500_000})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "500000" in page
    assert page.count("à") >= 500_000


def test_comments_are_cleaned_of_control_characters_only(client, hcmc, point):
    client.post(opened(client, point), data={"q0": "5", "comment": "To\u0300t 😀\x00\r\nlắm "})
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(comment.c.text)).scalar_one() == "Tòt 😀\nlắm"


def test_a_reason_of_corruption_is_marked_and_says_where_to_report(client, hcmc, point):
    register = register_of(hcmc)
    question = register.question("one-stop.reasons/1")
    grave = next(option for option in question.scale.options if option.alert)
    address = opened(client, point)
    assert "1022" in client.get(address).get_data(as_text=True)
    client.post(address, data={"q0": "1", "q2": [str(grave.value)]})
    assert only(hcmc)["alert"]


def test_receipts_never_show_the_answer(client, hcmc, point):
    for value in ("1", "5"):
        client.post(opened(client, point), data={"q0": value})
    with reading(hcmc) as connection:
        codes = list(connection.execute(sa.select(receipt.c.code)).scalars())
    pages = [client.get(f"/bien-nhan/{code}").get_data(as_text=True) for code in codes]
    bare = {page.replace(code, "") for page, code in zip(pages, codes, strict=True)}
    assert len(bare) == 1
    assert "đã được ghi nhận" in pages[0]
    typed = client.get(f"/bien-nhan/{codes[0].lower()}")
    assert typed.status_code == 302
    assert client.get("/bien-nhan/0000000000000").status_code == 404


def test_english_is_offered_and_recorded(client, hcmc, point):
    address = opened(client, point, "/en")
    assert address.startswith("/en/")
    page = client.get(address).get_data(as_text=True)
    assert '<html lang="en">' in page
    assert "Very satisfied" in page
    client.post(address, data={"q0": "5"})
    assert only(hcmc)["language"] == "en"


def test_only_what_the_unit_handles_can_be_rated(client, hcmc, point):
    handled = register_of(hcmc).handled(UNIT, register_of(hcmc).units[UNIT].valid_from)
    page = client.get(opened(client, point).rsplit("/", 1)[0]).get_data(as_text=True)
    assert page.count("/HTICH") == 1
    assert "LSU" not in handled
    assert client.get(opened(client, point, field="LSU")).status_code == 404
    assert client.get(opened(client, point, field="unclassified")).status_code == 200


def test_fields_are_found_without_diacritics(client, hcmc, point):
    fields = opened(client, point).rsplit("/", 1)[0]
    page = client.get(f"{fields}?q=dat+dai").get_data(as_text=True)
    assert "Đất đai" in page
    assert "Hộ tịch" not in page


def test_unknown_and_retired_points_are_explained(client, hcmc):
    for path in ("/danh-gia/KHONGCO", "/danh-gia/KHONGCO/0", "/danh-gia/KHONGCO/0/HTICH"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "mã “KHONGCO”" in answer.get_data(as_text=True)
        assert SEARCH in answer.get_data(as_text=True)
    points = register_of(hcmc).points.values()
    for is_followed in (True, False):
        retired = next(
            each for each in points if each.valid_to and (each.successor is not None) is is_followed
        )
        page = client.get(f"/danh-gia/{retired.code}")
        assert page.status_code == 410
        assert "không còn hoạt động" in page.get_data(as_text=True)
        assert (SEARCH in page.get_data(as_text=True)) is not is_followed


def test_a_form_opened_on_a_unit_s_last_day_counts_when_it_is_sent_after_midnight(hcmc):
    register = register_of(hcmc)
    last_on = dt.date(2025, 6, 30)
    ended = next(
        each
        for each in register.points.values()
        if each.valid_to == last_on and "HTICH" in register.handled(each.unit, last_on)
    )
    asked = register.questionnaire_in_force(register.city.phone_questionnaire, last_on)
    evening = dt.datetime.combine(last_on, dt.time(23, 55), register.city.zone).timestamp()
    late = msgspec.structs.replace(settings_of(hcmc), form_hours=100 * 365 * 24)
    token = Tokens(SECRET, late.form_hours).make(ended.code, asked.sha256, int(evening))
    client = create_app(late).test_client()
    fields = client.get(f"/danh-gia/{ended.code}/{token}").get_data(as_text=True)
    assert f"{token}/HTICH" in fields
    address = f"/danh-gia/{ended.code}/{token}/HTICH"
    assert client.post(address, data={"q0": "5"}).status_code == 303
    assert (only(hcmc)["receiving_unit"], only(hcmc)["month"]) == (ended.unit, "2025-06")
    assert receipt_code(only(hcmc)["id"]) in client.get(address).get_data(as_text=True)


@pytest.mark.parametrize("token", ["0", "expired"])
def test_a_retired_point_opens_no_form_by_any_address(client, hcmc, token):
    retired = next(each for each in register_of(hcmc).points.values() if each.valid_to is not None)
    if token == "expired":
        token = Tokens(SECRET, 1).make(retired.code, "0" * 64, 1000)
    address = f"/danh-gia/{retired.code}/{token}/unclassified"
    for answer in (client.get(address), client.post(address, data={"q0": "5"})):
        assert answer.status_code == 410
        assert "không còn hoạt động" in answer.get_data(as_text=True)
    assert count(hcmc, set_aside) == 0


@pytest.mark.parametrize("name", ["q0", "q2", "comment", "dossier"])
def test_a_file_in_the_place_of_a_text_is_no_answer(client, hcmc, point, name):
    data = {"q0": "5"} | {name: (io.BytesIO(b"5"), "5.txt")}
    answer = client.post(opened(client, point), data=data)
    assert answer.status_code == (400 if name == "q0" else 303)
    assert count(hcmc, comment) == 0


@pytest.mark.parametrize("body", ['{"q0": 5, "comment": 5}', '{"q0": [5]}', "[1]", "null", "{"])
def test_json_is_no_form(client, hcmc, point, body):
    address = opened(client, point)
    answer = client.post(address, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert count(hcmc, response) == 0


def test_a_busy_database_gives_the_form_back_filled_in(client, hcmc, point):
    if hcmc.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's writers do not wait for each other")
    address = opened(client, point)
    with writing(hcmc):
        answer = client.post(address, data={"q0": "3", "comment": "giữ lại"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "giữ lại" in page
    assert count(hcmc, response) == 0
    assert client.post(address, data={"q0": "3", "comment": "giữ lại"}).status_code == 303


def test_an_error_says_to_which_of_several_questions_it_belongs(hcmc):
    register = register_of(hcmc)
    app = create_app(settings_of(hcmc))
    for name, n_errors in (("one-stop/2", 1), ("sipas-5level/1", 6)):
        asked = register.questionnaire_by_id(name).text("vi")
        with app.test_request_context(method="POST", data={"comment": ""}):
            form = RatingForm(asked, "", "")
            assert not form.validate()
            assert len({text for _, text in form.errors}) == n_errors
            texts = " ".join(text for _, text in form.errors)
            assert all(
                (each.text in texts) is (n_errors > 1) for each in asked.questions if each.required
            )


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.dictionaries(
        st.sampled_from(["q0", "q1", "q2", "comment", "dossier", "x"]),
        st.lists(st.text(max_size=20) | st.sampled_from(["1", "5", "11"]), max_size=3),
    ),
    field=st.sampled_from(["HTICH", "unclassified", "%00", "..", "ĐĐ"]),
    query=st.text(max_size=10),
)
def test_no_input_is_a_fault_of_the_server(client, hcmc, point, data, field, query):
    address = opened(client, point, field=field)
    assert client.post(address, data=data).status_code in (200, 303, 308, 400, 404)
    fields = address.rsplit("/", 1)[0]
    assert client.get(fields, query_string={"q": query}).status_code in (200, 302)
    assert client.get("/bien-nhan/", query_string={"ma": query}).status_code in (200, 302)
    with reading(hcmc) as connection:
        assert differences(connection) == []


def test_tokens_say_what_was_put_in():
    tokens = Tokens(SECRET, 1)
    token = tokens.read(tokens.make("P", "0" * 64, 1000))
    assert token is not None
    assert (token.point, token.questionnaire, token.opened_at) == ("P", "0" * 64, 1000)
    assert isinstance(token.id, uuid.UUID)
    assert not tokens.is_expired(token, 1000 + 3600)
    assert tokens.is_expired(token, 1000 + 3601)
    assert tokens.comment_salt(token) == tokens.comment_salt(token)


def test_what_is_signed_but_no_token_is_none():
    signed = URLSafeSerializer(SECRET, salt="form").dumps(["0" * 32, "P", "0" * 64, 1000])
    for text in (signed, Signer(SECRET, salt="form").sign("").decode(), "", "Đ.", "\ud800"):
        assert Tokens(SECRET, 1).read(text) is None
