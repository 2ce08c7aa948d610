"""Generated input on every page and form of the office: a clear answer, nothing of other units."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.terms.receipt import receipt_code
from tests.fixtures.builders import WARD, WARD_B
from tests.office.conftest import ADMIN, AGENCY, Office
from tests.office.test_aside_pages import item_of
from tests.office.test_comments import FOREIGN
from tests.office.test_voids_pages import rated
from tests.staff.signing import csrf_token

ODD = ["", "\0", "'", '"><script>', "😀", "9" * 400, "-1", "2026-13", "1-" + "0" * 32]
TEXT = st.sampled_from(ODD) | st.text(max_size=30)
GETS = ("/", "/don-vi/{}", "/don-vi/{}/to", "/diem/{}", "/diem/{}/to", "/diem/{}/qr.svg")
LISTS = ("/y-kien", "/y-kien/danh-dau", "/y-kien/xoa", "/de-rieng", "/huy", "/huy/cho-xac-nhan")
POSTS = ("/y-kien/xoa", "/de-rieng/{item}", "/huy/de-nghi", "/huy/{item}/xac-nhan")


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_noise_breaks_nothing_and_opens_nothing(busy: Office, data: st.DataObject) -> None:
    foreign = item_of(busy, WARD_B)
    code = receipt_code(rated(busy, WARD_B))
    known = st.sampled_from([WARD, WARD_B, "N81A4", code, str(foreign), f"{busy.today():%Y-%m}"])
    words = TEXT | known
    for role, unit in ((AGENCY, WARD), (ADMIN, None)):
        client = busy.sign_in(role, unit)
        path = data.draw(st.sampled_from([*GETS, *LISTS])).format(quote(data.draw(words), safe=""))
        names = st.sampled_from(["q", "don_vi", "thang", "sau", "kho", "xem"])
        query = data.draw(st.dictionaries(names, words, max_size=3))
        answer = client.get(f"/quan-tri{path}", query_string=query)
        assert answer.status_code < 500, (path, query)
        assert role is ADMIN or FOREIGN not in answer.text, (path, query)
        values = {
            name: data.draw(words)
            for name in ("target", "code", "reason", "decision", "csrf_token")
        }
        values["csrf_token"] = csrf_token(client)
        where = data.draw(st.sampled_from(POSTS)).format(item=foreign)
        sent = client.post(f"/quan-tri{where}", data=values)
        assert sent.status_code < 500, (where, values)
        assert role is ADMIN or "phường B" not in sent.text, (where, values)
