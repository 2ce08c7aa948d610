"""Embeds: what they say, their headers and sizes, and that every address has an answer."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.db import writing
from survey.publish import embed_pages, embed_sheets, twins
from survey.publish.embed import Look
from survey.publish.embed_badge import ELLIPSIS, fit, text_width, wrap
from survey.register.snapshot import RegisterCache
from survey.web.headers import HEADERS
from tests.publish.conftest import SAI_GON, quarter
from tests.publish.figures import city_database, pages_app, publish, rate

PUBLIC = "https://hailong.example"
ENDED, REFERENCE, FEW, CITY, UNKNOWN = "26740A", "26743C", "26704C", "79C", "khong-co"
UNITS = (SAI_GON, "26737C", REFERENCE, ENDED, FEW, CITY, UNKNOWN)
LOOKS = [
    f"?lang={language}&theme={theme}&size={size}"
    for language in ("vi", "en")
    for theme in ("light", "dark", "auto")
    for size in ("large", "small")
]


def embed_app(engine: Engine, page_seconds: float = 0) -> Flask:
    """Return the public pages with the embeds, their sheets and the twins."""
    app = pages_app(engine, page_seconds=page_seconds)
    registers = RegisterCache()
    app.register_blueprint(twins.make_blueprint(engine, registers))
    app.register_blueprint(embed_pages.make_blueprint(engine, registers, PUBLIC))
    app.register_blueprint(embed_sheets.make_blueprint(engine, registers, PUBLIC))
    return app


@pytest.fixture(scope="module")
def embeds(published: Engine) -> FlaskClient:
    """A client of the embeds of the published city."""
    return embed_app(published).test_client()


@pytest.fixture(scope="module")
def sample_embeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the embeds of a sample city that has released one quarter."""
    engine = city_database(tmp_path_factory.mktemp("embeds") / "sample.sqlite", "sample")
    with writing(engine) as connection:
        publish(connection, "2025-Q2", [rate(540, 600, unit=ENDED)])
        publish(connection, "2026-Q3", quarter(1193))
    yield embed_app(engine).test_client()
    engine.dispose()


def texts(svg: str) -> list[str]:
    """Return the lines of a badge as a reader sees them."""
    root = ET.fromstring(svg)  # noqa: S314
    return [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_badge_tells_the_fact_without_a_click(embeds: FlaskClient) -> None:
    said = " ".join(texts(embeds.get(f"/nhung/v1/{SAI_GON}.svg").text)).replace("\u00a0", " ")
    for part in ("Phường Sài Gòn", "94,8 %", "93,5–95,9 %", "1.258 đánh giá", "Đạt", "từ 91 %"):
        assert part in said
    for part in ("Quý III năm 2026", "15/10/2026", "Nguồn: Hệ thống một cửa", "hailong.example"):
        assert part in said


def test_a_page_for_a_frame_tells_the_same(embeds: FlaskClient) -> None:
    said = embeds.get(f"/nhung/v1/{SAI_GON}?lang=en").text
    for part in ("94.8", "93.5–95.9%", "1,258", "Target of at least 91% met", "Quarter 3, 2026"):
        assert part in said
    assert f'href="{PUBLIC}/en/don-vi/{SAI_GON}"' in said
    assert "15 October 2026" in said


def test_a_reference_series_gets_no_verdict(embeds: FlaskClient) -> None:
    for look in LOOKS:
        svg = embeds.get(f"/nhung/v1/{REFERENCE}.svg{look}").text
        assert "<g transform" not in svg
        assert any(word in svg for word in ("Nguồn tham khảo", "eference series"))
    assert 'class="verdict"' not in embeds.get(f"/nhung/v1/{REFERENCE}").text


def test_empty_and_hidden_look_alike(embeds: FlaskClient) -> None:
    for ending in ("", ".svg"):
        said = embeds.get(f"/nhung/v1/{FEW}{ending}").text
        assert "Dưới 10 đánh giá" in said
        assert not re.search(r"\d,\d", said.partition("</style>")[2] or said)


def test_an_ended_unit_names_its_successor(embeds: FlaskClient) -> None:
    for ending in ("", ".svg"):
        said = embeds.get(f"/nhung/v1/{ENDED}{ending}").text
        assert "Đã kết thúc ngày 30/6/2025" in said
        assert "Sài" in said


def test_sample_data_is_marked_on_every_embed(sample_embeds: FlaskClient) -> None:
    for unit in UNITS:
        for look in LOOKS:
            for ending in ("", ".svg"):
                said = sample_embeds.get(f"/nhung/v1/{unit}{ending}{look}").text
                assert "Dữ liệu mẫu" in said or "Sample data" in said, (unit, ending, look)
    assert "Dữ liệu mẫu" in sample_embeds.get(f"/nhung/{SAI_GON}/ap-phich").text


@pytest.mark.parametrize("unit", UNITS)
def test_sizes(sample_embeds: FlaskClient, unit: str) -> None:
    for look in LOOKS:
        assert len(sample_embeds.get(f"/nhung/v1/{unit}.svg{look}").data) < 3000, look
        page = len(sample_embeds.get(f"/nhung/v1/{unit}{look}").data)
        files = ("css/embed.css", "js/embed.js")
        static = Path(sample_embeds.application.static_folder or "")
        assert page + sum((static / each).stat().st_size for each in files) < 30_000


@pytest.mark.parametrize("ending", ["", ".svg"])
@pytest.mark.parametrize("unit", [SAI_GON, UNKNOWN])
def test_headers(embeds: FlaskClient, unit: str, ending: str) -> None:
    answer = embeds.get(f"/nhung/v1/{unit}{ending}")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == embed_pages.CACHE_CONTROL
    same = {"If-None-Match": answer.headers["ETag"]}
    assert embeds.get(f"/nhung/v1/{unit}{ending}", headers=same).status_code == 304


def test_everything_else_forbids_framing(embeds: FlaskClient) -> None:
    for path in ("/", f"/don-vi/{SAI_GON}", f"/nhung/{SAI_GON}", f"/nhung/{SAI_GON}/ap-phich"):
        policy = embeds.get(path).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
    assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("ending", ["json", "csv", "xlsx"])
def test_twins_may_be_read_from_anywhere(embeds: FlaskClient, ending: str) -> None:
    for path, status in ((f"/don-vi/{SAI_GON}.{ending}", 200), (f"/don-vi/x.{ending}", 404)):
        answer = embeds.get(path)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_an_address_with_a_language_is_its_default(embeds: FlaskClient) -> None:
    english = embeds.get(f"/en/nhung/v1/{SAI_GON}.svg").text
    assert 'lang="en"' in english
    assert english == embeds.get(f"/nhung/v1/{SAI_GON}.svg?lang=en").text
    assert 'lang="vi"' in embeds.get(f"/en/nhung/v1/{SAI_GON}.svg?lang=vi").text


def test_a_kept_answer_is_that_of_its_query(published: Engine) -> None:
    client = embed_app(published, page_seconds=60).test_client()
    seen = {look: client.get(f"/nhung/v1/{SAI_GON}.svg{look}").text for look in LOOKS}
    assert len(set(seen.values())) == len(LOOKS)
    for look, text in seen.items():
        assert client.get(f"/nhung/v1/{SAI_GON}.svg{look}").text == text


ANY = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=200, deadline=None)
@given(
    unit=st.one_of(ANY, st.sampled_from(UNITS)),
    ending=st.sampled_from(["", ".svg"]),
    asked=st.dictionaries(st.one_of(ANY, st.sampled_from(["lang", "theme", "size"])), ANY),
)
def test_every_address_has_an_answer(
    embeds: FlaskClient, unit: str, ending: str, asked: dict[str, str]
) -> None:
    answer = embeds.get(f"/nhung/v1/{quote(unit)}{ending}", query_string=asked)
    while answer.status_code == 308:  # two slashes become one
        answer = embeds.get(answer.headers["Location"])
    assert answer.status_code == 200
    if unit not in UNITS:
        assert "Không có đơn vị này" in answer.text or "No such unit" in answer.text


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["lang", "theme", "size"]), ANY))
def test_what_is_not_known_falls_back(asked: dict[str, str]) -> None:
    look = Look.read(asked, ("vi", "en"), "vi")
    known = {"light", "dark", "small", "en"} & set(asked.values())
    assert known or look in (Look("vi"), Look("vi", "auto", "large"))


@settings(max_examples=200, deadline=None)
@given(ANY, st.integers(1, 3), st.sampled_from([11, 13, 16]), st.booleans())
def test_no_line_is_wider_than_its_room(text: str, most: int, size: int, bold: bool) -> None:
    lines = wrap(text, size, 200, most, bold=bold)
    assert len(lines) <= most
    assert all(text_width(each, size, bold=bold) <= 200 for each in lines)
    if not any(each.endswith(ELLIPSIS) for each in lines):
        assert " ".join(lines) == text


def test_a_text_is_cut_at_a_word() -> None:
    assert fit("Ban Quản lý các khu chế xuất", 10, 120) == "Ban Quản lý các…"


def test_the_public_address_is_used_whatever_the_host(embeds: FlaskClient) -> None:
    for path in (f"/nhung/{SAI_GON}", f"/nhung/{SAI_GON}/ap-phich", f"/nhung/v1/{SAI_GON}.svg"):
        text = embeds.get(path, headers={"Host": "evil.example"}).text
        assert "evil.example" not in text
        assert "hailong.example" in text


def test_a_poster_leads_to_the_chosen_point(embeds: FlaskClient) -> None:
    answer = embeds.get(f"/nhung/{SAI_GON}/ap-phich?diem=N81A4")
    assert "hailong.example/danh-gia/N81A4" in answer.text
    assert "Mười giây, không cần nêu tên." in answer.text
    assert "Ten seconds, no name needed." in answer.text
    assert "Ten seconds" not in embeds.get(f"/nhung/{SAI_GON}/ap-phich?lang=vi").text
    assert embeds.get(f"/nhung/{SAI_GON}/ap-phich?diem=khong-co").status_code == 200
    assert embeds.get(f"/nhung/{UNKNOWN}/ap-phich").status_code == 404


def test_a_poster_of_a_unit_without_a_point_leads_to_its_page(embeds: FlaskClient) -> None:
    text = embeds.get(f"/nhung/{ENDED}/ap-phich").text
    assert f"Mã QR: {PUBLIC}/don-vi/{ENDED}" in text


def test_the_unit_page_leads_to_its_embeds(embeds: FlaskClient) -> None:
    assert f'href="/nhung/{SAI_GON}"' in embeds.get(f"/don-vi/{SAI_GON}").text
    page = embeds.get(f"/nhung/{SAI_GON}").text
    assert f"{PUBLIC}/nhung/v1/{SAI_GON}.svg" in page
    assert f"{PUBLIC}/don-vi/{SAI_GON}.json" in page


def test_the_database_gone_is_an_answer_too(tmp_path: Path) -> None:
    engine = city_database(tmp_path / "city.sqlite")
    client = embed_app(engine, page_seconds=60).test_client()
    assert "Chưa có kỳ nào được công bố" in client.get(f"/nhung/v1/{SAI_GON}.svg").text
    engine.dispose()
    for path in tmp_path.glob("city.sqlite*"):
        path.unlink()
    answer = client.get(f"/nhung/v1/{SAI_GON}.svg?theme=dark")
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert answer.mimetype == "image/svg+xml"


def test_a_poster_in_both_languages_mixes_none_of_its_sentences(
    sample_embeds: FlaskClient,
) -> None:
    found = sample_embeds.get(f"/nhung/{SAI_GON}/ap-phich?lang=both").text
    (english,) = re.findall(r'<p class="other" lang="en">([^<]+)</p>', found)
    assert "Sample data" in english
    assert "Dữ liệu" not in english
