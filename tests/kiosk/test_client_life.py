"""The page's life: killed, in two tabs, updated; and that nothing typed outlives a rating."""

import json
import unicodedata
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.db import reading
from survey.tally.recount import differences
from survey.terms.receipt import receipt_code
from survey.terms.response import MAX_COMMENT, clean_comment
from tests.kiosk.client import Client, accepted, application, counters, n_responses, new_code, until
from tests.kiosk.gateway import Gateway

COMMENT, CODE = "Nhân viên rất tận tình", "000.00.01.H29-261124-0001"


@pytest.fixture
def gateway(hcmc, bare_client):
    return Gateway(application(hcmc))


@pytest.fixture
def address(gateway, serve):
    return serve(gateway)


def test_a_killed_browser_has_kept_what_was_said(hcmc, gateway, address, new_profile):
    profile = new_profile()
    client = Client(profile.start(), address).open().cached()
    client.enrol(new_code(hcmc))
    gateway.is_down = True
    client.rate(5, {"comment": COMMENT})
    client.rate(2, end="")
    profile.kill()
    client = Client(profile.start(), address).open()
    assert client.rows("drafts") == []
    assert [item["body"]["answers"] for item in client.rows("queue")] == [
        {"one-stop.overall/1": [5]},
        {"one-stop.overall/1": [2]},
    ]
    assert client.rate()["counter"] == 3
    gateway.is_down = False
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2, 3)


def test_two_tabs_share_one_queue_and_one_row_of_counters(hcmc, gateway, address, new_context):
    context = new_context()
    one = Client(context.new_page(), address).open()
    one.enrol(new_code(hcmc))
    other = Client(context.new_page(), address).open()
    gateway.is_down = True
    start = """() => { globalThis.done = (async () => {
      for (let left = 25; left > 0; left -= 1) {
        const question = "one-stop.overall/1";
        const first = { field: "HTICH", language: "vi", question, values: [5] };
        await (await app.device.begin(first)).seal();
      }
    })(); }"""
    for tab in (one, other):
        tab.page.evaluate(start)
    for tab in (one, other):
        tab.page.evaluate("done")
    gateway.is_down = False
    for tab in (one, other):
        tab.page.evaluate("() => { globalThis.done = app.device.sendNow().catch(() => 0); }")
    for tab in (one, other):
        tab.page.evaluate("done")
    assert counters(hcmc) == accepted(*range(1, 51))
    sent = [item["counter"] for _, body, _ in gateway.batches for item in json.loads(body)["items"]]
    assert sorted(sent) == list(range(1, 51))  # one tab sends at a time


def test_a_tab_does_not_seal_what_another_has_open(hcmc, address, new_context):
    context = new_context()
    one = Client(context.new_page(), address).open()
    one.enrol(new_code(hcmc))
    one.page.evaluate(
        """() => app.device.begin({ field: "HTICH", language: "vi", question: "one-stop.overall/1",
          values: [4] }).then((draft) => { globalThis.draft = draft; })"""
    )
    other = Client(context.new_page(), address).open()
    assert other.send() == ""
    assert len(other.rows("drafts")) == 1
    one.page.evaluate("draft.add({ answers: { 'one-stop.reasons/1': [] } })")
    one.page.close()
    until(other.page, "app.device.sendNow().then(() => app.device.status()).then((s) => !s.drafts)")
    assert other.send() == ""
    assert counters(hcmc) == accepted(1)


def test_a_new_shell_carries_a_full_queue_over_unchanged(
    hcmc, gateway, address, new_page, bare_client
):
    client = Client(new_page(), address).open().cached()
    client.enrol(new_code(hcmc))
    client.page.evaluate("app.wake()")
    real = gateway.app
    gateway.answer = lambda path, _body: ("503 busy", []) if "batches" in path else None
    client.rate(5, {"comment": COMMENT}, number=3)
    before, version = client.rows("queue"), client.status()["version"]
    (bare_client / "problem.js").open("a", encoding="utf-8").write("// a new version\n")
    gateway.app = application(hcmc)
    assert gateway.app is not real
    client.page.evaluate(
        """() => navigator.serviceWorker.getRegistration()
          .then((registration) => registration.update()).then(() => true)"""
    )
    until(client.page, "navigator.serviceWorker.getRegistration().then((r) => r.waiting !== null)")
    assert client.status()["version"] == version  # somebody is using it
    with client.page.expect_event("load", timeout=20_000):
        client.page.evaluate("() => { setTimeout(() => app.rest(), 50); }")
    client.wait()
    assert client.status()["version"] != version
    assert client.rows("queue") == before
    gateway.answer = None
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2, 3)


def test_nothing_typed_outlives_a_rating_but_what_is_sealed(hcmc, gateway, address, new_page):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    gateway.is_down = True
    parts = {"comment": COMMENT, "dossierCode": CODE.lower() + " "}
    client.rate(5, parts, end="undo")
    stores = ("kept", "drafts", "queue", "sent", "quarantine")
    assert COMMENT not in json.dumps([client.rows(name) for name in stores], ensure_ascii=False)
    client.rate(5, parts)
    left = {name: json.dumps(client.rows(name), ensure_ascii=False) for name in stores}
    assert [name for name, text in left.items() if COMMENT in text or CODE in text] == ["queue"]
    gateway.is_down = False
    assert client.send() == ""
    assert counters(hcmc) == [(1, "accepted:undone"), (2, "accepted")]
    with reading(hcmc) as connection:
        assert differences(connection) == []
    assert n_responses(hcmc) == 1


def test_a_rating_is_sealed_once(hcmc, address, new_page):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    said = client.page.evaluate(
        """async () => {
          const draft = await app.device.begin({ field: "HTICH", language: "vi",
            question: "one-stop.overall/1", values: [2] });
          await draft.change([4]);
          const wrong = await draft.add({ dossierCode: "1" }).catch((error) => error.code);
          await Promise.all([draft.seal(), draft.seal()]);
          const late = await draft.add({ comment: "x" }).catch((error) => error.code);
          const undone = await draft.undo().catch((error) => error.code);
          return [wrong, late, undone];
        }"""
    )
    assert said == ["dossier_code", "sealed", "sealed"]
    assert client.send() == ""
    assert [row["item"]["body"]["answers"] for row in client.rows("sent")] == [
        {"one-stop.overall/1": [4]}
    ]


def test_the_next_start_seals_what_is_open(hcmc, address, new_page):
    client = Client(new_page(), address).open()
    client.enrol(new_code(hcmc))
    client.rate(1, end="")
    client.rate(5, end="")
    client.reload()
    assert client.send() == ""
    assert counters(hcmc) == accepted(1, 2)


def test_receipts_are_those_of_the_server(address, new_page):
    client = Client(new_page(), address).open()
    ids = [uuid.uuid4() for _ in range(200)]
    made = client.page.evaluate(
        """async (ids) => {
          const { base } = document.documentElement.dataset;
          const { receiptCode } = await import(base + "sealing.js");
          return await Promise.all(ids.map(receiptCode));
        }""",
        [str(each) for each in ids],
    )
    assert made == [receipt_code(each) for each in ids]


def test_cleaned_comments_are_clean_for_the_server(address, new_page):
    client = Client(new_page(), address).open()
    texts: list[str] = []

    @settings(max_examples=300, database=None, deadline=None)
    @given(st.text(max_size=60))
    def collect(text):
        texts.append(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))

    collect()
    texts += [
        "Tốt\r\n lắm\t!",
        unicodedata.normalize("NFD", COMMENT),
        "\u0301" + "x" * 3000,
        "🙂\u200d",
        "Tốt \U0001fae0\U0001fae9\uffff\U000e0080!",  # of Unicode 14 and 16, no character, none yet
    ]
    cleaned = client.page.evaluate(
        """async (texts) => {
          const { base } = document.documentElement.dataset;
          const { cleanComment } = await import(base + "sealing.js");
          return texts.map(cleanComment);
        }""",
        texts,
    )
    for text in cleaned:
        assert clean_comment(text) == text
        assert len(text) <= MAX_COMMENT
    assert cleaned[-4] == COMMENT
    assert cleaned[-2].startswith("🙂")
    assert cleaned[-1] == "Tốt \U0001fae0\U0001fae9\U000e0080!"
