"""From the code to the counted rating, in a real browser against the real application."""

from sqlalchemy.engine import Engine

from tests.kiosk.client import Client, OpenPage, Serve, application, cached, counters, new_code


def test_enrol_rate_send(hcmc: Engine, serve: Serve, open_page: OpenPage):
    client = Client(open_page(), serve(application(hcmc))).open()
    client.enrol(new_code(hcmc))
    said = client.rate(5, {"comment": "Nhanh, gọn ", "dossierCode": ""})
    assert client.send() == ""
    assert counters(hcmc) == [(1, "accepted")]
    assert client.status()["queue"] == 0, said
    cached(client.page)
    print(client.status(), said)
