"""The device desk: what is odd stands first, every change is written down, codes are shown once."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
import uuid

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.db import reading, writing
from survey.devices import fleet, hours, log
from survey.devices.hours import USUAL
from survey.devices.tables import device as devices
from survey.devices.tables import enrolment_code, point_hours
from survey.intake.accept import now_milliseconds
from survey.office.devices_words import FLAGS
from survey.staff.wording import DEED_NAMES
from tests.fixtures.builders import OVERALL, WARD
from tests.fixtures.devices import TestDevice, enrolled, points_in_force
from tests.office.conftest import ADMIN, AGENCY, ANALYST, INSPECTOR, Office
from tests.office.test_noise import ODD

LIST = "/quan-tri/thiet-bi"
DAY = 24 * 3_600_000
CODE = re.compile(r'class="code enrolment"[^>]*>(\d{4}) (\d{4})<')


def text_of(answer) -> str:
    """Return what a page says, its character references read."""
    return html.unescape(answer.text)


def new_form(office: Office, **changes: str) -> dict[str, str]:
    point = points_in_force(office.engine)[0]
    return {"kind": "kiosk", "point": point, "name": "Sảnh A", "new": str(uuid.uuid4())} | changes


def all_devices(office: Office) -> list[sa.Row]:
    with reading(office.engine) as connection:
        return list(connection.execute(sa.select(devices)))


def test_a_device_is_made_and_its_code_works_once(office):
    admin, form = office.sign_in(ADMIN), new_form(office)
    page = office.send(admin, f"{LIST}/moi", **form)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    code = "".join(CODE.search(page.text).groups())
    device = TestDevice(office.engine, office.app.test_client())
    device.code = code
    answer = device.enrol()
    assert answer.status_code == 201
    assert answer.json["device"]["id"] == form["new"]
    assert answer.json["device"]["holder"] == "citizen"
    shown = admin.get(f"{LIST}/{form['new']}")
    assert code not in shown.text
    assert "Sảnh A" in shown.text
    deeds = [(row.deed, row.subject) for row in office.deeds("device.add")]
    deeds += [(row.deed, row.subject) for row in office.deeds("device.code")]
    assert deeds == [("device.add", form["new"]), ("device.code", form["new"])]
    assert code not in str(office.deeds("device.code"))
    again = office.send(admin, f"{LIST}/{form['new']}/ma")
    assert again.status_code == 303  # it has its key: no new code
    assert len(office.deeds("device.code")) == 1


def test_a_form_that_is_sent_twice_makes_one_device(office):
    admin, form = office.sign_in(ADMIN), new_form(office)
    office.send(admin, f"{LIST}/moi", **form)
    again = office.send(admin, f"{LIST}/moi", **form)
    assert (again.status_code, again.headers["Location"]) == (303, f"{LIST}/{form['new']}")
    assert len(all_devices(office)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": ""},
        {"kind": "phone"},
        {"point": ""},
        {"point": "NOWHERE"},
        {"name": " "},
        {"name": "x" * 81},
        {"name": "a\nb"},
    ],
)
def test_a_device_without_kind_place_or_name_is_none(office, changes):
    admin = office.sign_in(ADMIN)
    answer = office.send(admin, f"{LIST}/moi", **new_form(office, **changes))
    assert answer.status_code == 400
    assert "errors-title" in answer.text
    assert all_devices(office) == []
    assert office.deeds("device.add") == []


def test_a_new_code_takes_the_place_of_the_old_one(office):
    admin = office.sign_in(ADMIN)
    device = TestDevice(office.engine, office.app.test_client())
    page = office.send(admin, f"{LIST}/{device.id}/ma")
    code = "".join(CODE.search(page.text).groups())
    assert device.enrol().status_code == 403
    device.code = code
    assert device.enrol().status_code == 201
    with reading(office.engine) as connection:
        assert len(connection.execute(sa.select(enrolment_code)).all()) == 1


def test_a_device_moves_and_its_old_ratings_stay(office):
    admin, device = office.sign_in(ADMIN), enrolled(office.engine)
    assert device.outcomes([device.item()]) == ["accepted"]
    there = points_in_force(office.engine)[1]
    assert office.send(admin, f"{LIST}/{device.id}/chuyen", point=there).status_code == 303
    page = admin.get(f"{LIST}/{device.id}").text
    assert f"/quan-tri/diem/{there}" in page
    assert f"/quan-tri/diem/{device.point}" in page
    (deed,) = office.deeds("device.move")
    assert deed.detail == f"{device.point} → {there}"
    assert deed.unit == office.register.points[there].unit
    again = office.send(admin, f"{LIST}/{device.id}/chuyen", point=there)
    assert again.status_code == 409
    assert office.send(admin, f"{LIST}/{device.id}/chuyen", point="x").status_code == 400
    assert len(office.deeds("device.move")) == 1


def test_a_device_is_revoked_after_a_question_and_for_good(office):
    admin, device = office.sign_in(ADMIN), enrolled(office.engine)
    asked = admin.get(f"{LIST}/{device.id}/thu-hoi")
    assert asked.status_code == 200
    assert all_devices(office)[0].revoked_at is None
    assert office.send(admin, f"{LIST}/{device.id}/thu-hoi").status_code == 303
    assert all_devices(office)[0].revoked_at is not None
    assert device.outcomes([device.item()]) == ["set_aside:device_revoked"]
    page = admin.get(f"{LIST}/{device.id}")
    assert str(FLAGS["revoked"].name) in text_of(page)
    assert "/thu-hoi" not in page.text
    for path in ("thu-hoi", "ma"):
        assert office.send(admin, f"{LIST}/{device.id}/{path}").status_code == 303
    moved = office.send(
        admin, f"{LIST}/{device.id}/chuyen", point=points_in_force(office.engine)[1]
    )
    assert moved.status_code == 409
    assert len(office.deeds("device.revoke")) == 1
    assert office.deeds("device.code") == []


def test_what_was_refused_is_shown_without_its_answer_and_put_away(office):
    admin, device = office.sign_in(ADMIN), enrolled(office.engine)
    bad = device.item(device.body(2, holder="staff"))
    assert device.outcomes([bad, device.item()]) == ["rejected:holder", "accepted"]
    with reading(office.engine) as connection:
        (item,) = log.open_rejected(connection, device.id)
    path = f"{LIST}/{device.id}/tu-choi/{item.digest.hex()}"
    assert str(FLAGS["quarantine"].name) in text_of(admin.get(LIST))
    assert path in admin.get(f"{LIST}/{device.id}").text
    page = text_of(office.sign_in(INSPECTOR).get(path))
    assert '"holder": "staff"' in page
    assert '"answers": "…"' in page
    assert "Đánh dấu đã xử lý" not in page  # an inspector only looks
    assert office.send(admin, path).status_code == 303
    assert office.send(admin, path).status_code == 303
    assert str(FLAGS["quarantine"].advice) not in text_of(admin.get(f"{LIST}/{device.id}"))
    assert len(office.deeds("device.close")) == 1
    other = hashlib.sha256(b"other").hexdigest()
    for digest in (other, "zz", "0"):
        assert admin.get(f"{LIST}/{device.id}/tu-choi/{digest}").status_code == 404


def test_the_list_says_what_is_odd_and_puts_it_first(office):
    first, second = (enrolled(office.engine, days=30) for _ in range(2))
    with writing(office.engine) as connection:
        fleet.change(connection, first.id, name="A well one", seen_at=now_milliseconds())
        silent = {"name": "B silent one", "seen_at": now_milliseconds() - 9 * DAY}
        fleet.change(connection, second.id, clock_offset=47 * 60_000, queue=1234, **silent)
    admin = office.sign_in(ADMIN)
    page = text_of(admin.get(LIST))
    assert page.index("B silent one") < page.index("A well one")
    for expected in ("im lặng", "đồng hồ lệch", "chậm 47 phút", "1.234"):
        assert expected in page, expected
    english = text_of(admin.get(f"/en{LIST}"))
    for expected in ("silent", "47 minutes slow", "1,234"):
        assert expected in english, expected
    filtered = text_of(admin.get(LIST, query_string={"co": "silent"}))
    assert "B silent one" in filtered
    assert "A well one" not in filtered
    elsewhere = text_of(admin.get(LIST, query_string={"don_vi": "26737C"}))
    assert "B silent one" not in elsewhere
    assert "Không có thiết bị nào như vậy." in elsewhere


def test_ratings_are_counted_and_never_shown(office):
    device = enrolled(office.engine)
    device.send([device.item(device.body(1)), device.item(device.body(1), counter=7)])
    page = text_of(office.sign_in(INSPECTOR).get(f"{LIST}/{device.id}"))
    assert "Còn thiếu: 2–6." in page
    assert str(FLAGS["gap"].advice) in page
    assert "trong vòng 15 giây" in page
    text = office.register.questionnaire_by_id("one-stop/2").texts["vi"]
    options = next(each for each in text.questions if each.id == OVERALL).scale.options
    assert options
    assert not any(option.label in page for option in options)


def test_what_the_server_could_not_take_is_told_with_its_times_and_why(office):
    device, at = enrolled(office.engine, days=1), now_milliseconds()
    for hours_ago, code in ((1, "unavailable"), (5, "offline"), (9, "502")):
        outage = {"since": at - hours_ago * 3_600_000, "times": 1200, "code": code}
        device.send([], outage=outage)
    inspector = office.sign_in(INSPECTOR)
    page = text_of(inspector.get(f"{LIST}/{device.id}"))
    english = text_of(inspector.get(f"/en{LIST}/{device.id}"))
    began = dt.datetime.fromtimestamp(at / 1000 - 3600, office.register.city.zone)
    assert began.strftime("%H:%M") in page
    assert str(FLAGS["turned_away"].advice) in page
    for expected in ("máy chủ không ghi được", "không có trả lời", "từ chối: 502", "1.200"):
        assert expected in page, expected
    for expected in ("the server cannot store", "no answer", "refuses: 502", "1,200"):
        assert expected in english, expected
    assert str(FLAGS["turned_away"].name) in text_of(inspector.get(LIST))


@pytest.mark.parametrize(
    ("days", "vietnamese", "english"),
    [(-365, "chậm 365 ngày", "365 days slow"), (366, "nhanh 365 ngày", "365 days fast")],
)
def test_a_clock_a_year_off_is_told_in_words(office, days, vietnamese, english):
    device, now = enrolled(office.engine), now_milliseconds()
    at = now + days * DAY
    item = device.item(device.body(answered_at=at // 1000))
    assert device.outcomes([item], sent_at=at) == ["accepted"]
    inspector = office.sign_in(INSPECTOR)
    for path in (LIST, f"{LIST}/{device.id}"):
        assert vietnamese in text_of(inspector.get(path))
        assert english in text_of(inspector.get(f"/en{path}"))
    page = text_of(inspector.get(f"{LIST}/{device.id}"))
    assert str(FLAGS["clock_off"].advice) in page
    assert "đồng hồ lệch hơn một ngày" in page


def test_others_are_kept_out_and_inspectors_change_nothing(office):
    device = enrolled(office.engine)
    for role in (AGENCY, ANALYST):
        client = office.sign_in(role, WARD)
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}/{device.id}").status_code == 403
    inspector = office.sign_in(INSPECTOR)
    page = inspector.get(f"{LIST}/{device.id}").text
    assert "/chuyen" not in page
    assert "/thu-hoi" not in page
    assert f"{LIST}/moi" not in inspector.get(LIST).text
    for path in ("thu-hoi", "ma", "chuyen"):
        assert office.send(inspector, f"{LIST}/{device.id}/{path}").status_code == 403
    assert office.sign_in(ADMIN).get(f"{LIST}/{uuid.uuid4()}").status_code == 404


def hours_form(office: Office, **changes: str) -> dict[str, str]:
    values = {"from_on": office.today().isoformat()}
    for day in range(5):
        values |= {f"time_{day}_0": "07:30", f"time_{day}_1": "17:00"}
    return values | changes


def test_hours_are_set_from_a_day_on_and_devices_are_told(office):
    admin, point = office.sign_in(ADMIN), points_in_force(office.engine)[0]
    path = f"{LIST}/gio/{point}"
    first = admin.get(path).text
    assert path in admin.get(f"/quan-tri/diem/{point}").text
    assert 'value="07:30"' in first  # the usual hours stand in the form
    later = (office.today() + dt.timedelta(days=30)).isoformat()
    assert office.send(admin, path, **hours_form(office)).status_code == 303
    halves = {"time_0_1": "11:30", "time_0_2": "13:00", "time_0_3": "17:00", "from_on": later}
    assert office.send(admin, path, **hours_form(office, **halves)).status_code == 303
    told = office.app.test_client().get(f"/api/v1/points/{point}").json["hours"]
    assert told == [[list(span) for span in day] for day in USUAL]
    page = text_of(admin.get(path))
    assert "07:30–11:30, 13:00–17:00" in page
    assert "không mở" in page
    clear = {"from_on": office.today().isoformat(), "clear": "1"}
    assert office.send(admin, path, **clear).status_code == 303
    assert office.app.test_client().get(f"/api/v1/points/{point}").json["hours"] is None
    with reading(office.engine) as connection:
        coming = hours.timetable(connection, point).week_on(dt.date.fromisoformat(later))
    assert coming[0] == (("07:30", "11:30"), ("13:00", "17:00"))
    deeds = office.deeds("point.hours")
    assert [row.subject for row in deeds] == [point] * 3
    assert deeds[0].unit == office.register.points[point].unit


@pytest.mark.parametrize(
    ("changes", "input"),
    [
        ({"time_2_0": "18:00"}, "time_2_0"),
        ({"time_6_2": "07:00"}, "time_6_0"),
        ({"time_1_1": ""}, "time_1_0"),
        ({"time_0_0": "7 giờ"}, "time_0_0"),
        ({"time_4_2": "16:00", "time_4_3": "18:00"}, "time_4_0"),
        ({"from_on": "2020-01-01"}, "from_on"),
        ({"from_on": "tomorrow"}, "from_on"),
        ({"from_on": ""}, "from_on"),
    ],
)
def test_a_fault_in_the_hours_is_named_where_it_is(office, changes, input):
    admin, point = office.sign_in(ADMIN), points_in_force(office.engine)[0]
    answer = office.send(admin, f"{LIST}/gio/{point}", **hours_form(office, **changes))
    assert answer.status_code == 400
    assert f'id="{input}-error"' in answer.text
    assert f'href="#{input}"' in answer.text
    with reading(office.engine) as connection:
        assert connection.execute(sa.select(point_hours)).all() == []


def test_hours_of_a_closed_or_unknown_point(office):
    admin = office.sign_in(ADMIN)
    closed = next(
        code for code, each in office.register.points.items() if each.valid_to is not None
    )
    assert "time_0_0" not in admin.get(f"{LIST}/gio/{closed}").text
    assert office.send(admin, f"{LIST}/gio/{closed}", **hours_form(office)).status_code == 400
    assert admin.get(f"{LIST}/gio/NOWHERE").status_code == 404


def test_the_guide_names_this_server_and_its_clock(office):
    for prefix in ("", "/en"):
        page = text_of(office.sign_in(INSPECTOR).get(f"{prefix}{LIST}/huong-dan"))
        assert "https://hailong.example/kiosk/" in page
        assert '"URLAllowlist": ["https://hailong.example"]' in page
        assert "set-timezone Asia/Ho_Chi_Minh" in page
        assert "--incognito" in page


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_noise_is_answered_clearly(office: Office, data: st.DataObject) -> None:
    admin = office.sign_in(ADMIN)
    point = points_in_force(office.engine)[0]
    words = st.sampled_from([*ODD, point, "kiosk", "07:30", office.today().isoformat()])
    words |= st.text(max_size=20)
    query = {"don_vi": data.draw(words), "co": data.draw(words)}
    assert admin.get(LIST, query_string=query).status_code == 200
    names = ("kind", "point", "name", "new", "from_on", "time_0_0", "time_0_1", "time_6_3")
    values = {name: data.draw(words) for name in names}
    for path in ("moi", f"gio/{point}", f"{uuid.uuid4()}/chuyen", f"{uuid.uuid4()}/ma"):
        assert office.send(admin, f"{LIST}/{path}", **values).status_code < 500, (path, values)


def test_every_deed_of_the_desk_has_a_name():
    names = {"device.add", "device.code", "device.move", "device.revoke", "device.close"}
    assert names | {"point.hours"} <= set(DEED_NAMES)
