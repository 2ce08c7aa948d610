"""Rows of an import: what is matched, what is refused, what is set aside, who a row is."""

from __future__ import annotations

import uuid
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import reading
from survey.ledger.book import answers_of, body_of
from survey.ledger.tables import batch, comment, response, set_aside
from survey.terms.canonical import commitment
from survey.terms.dossier import dossier_hash
from survey.terms.response import seal
from tests.fixtures.builders import bring, totals, void
from tests.fixtures.city import register_of
from tests.intake.import_case import (
    GOOD,
    HEADER,
    MAP,
    bring_file,
    counted,
    csv_bytes,
    everything,
    finding,
    found,
    mapped,
    row,
    table_sizes,
    tallied,
)

WITH_IDS = mapped('external_id = { column = "id" }')
ID_HEADER = ("id", *HEADER)
CODE = "000.00.07.H29-260311-0421"


def test_a_rating_is_stored_as_it_stands(hcmc: Engine, tmp_path: Path) -> None:
    report = bring_file(hcmc, tmp_path, csv_bytes([GOOD]))
    with reading(hcmc) as connection:
        stored = connection.execute(sa.select(response)).one()
        answers = answers_of(connection, [stored.id])[stored.id]
        written = connection.execute(sa.select(batch)).one()
    questionnaire = register_of(hcmc).questionnaire_by_id("one-stop/2")
    assert questionnaire is not None
    body = body_of(stored, answers, questionnaire.sha256)
    assert (body.receiving_unit, body.field, body.series, body.occasion) == (
        "26740C",
        "HTICH",
        "one_stop/desk/citizen/vouched",
        "return",
    )
    assert body.answered_at == 1783650600  # 02:30 UTC
    assert body.answers == {"one-stop.overall/1": (4,)}
    assert stored.commitment == commitment(stored.salt, seal(body))
    assert stored.batch == written.id == uuid.UUID(report.batch)
    assert (written.file_sha256, written.n_rows, written.n_accepted) == (report.sha256, 1, 1)
    assert (written.first_month, written.last_month, written.source) == (
        "2026-07",
        "2026-07",
        "one_stop",
    )


BAD = {
    "label_unknown:Tạm được": row(rating="Tạm được"),
    "label_unknown:hài lòng": row(rating="hài lòng"),
    "answer_missing": row(rating=""),
    "formula:=1+1": row(rating="=1+1"),
    "unit_unknown:Phường Không Có": row(unit="Phường Không Có"),
    "unit_not_in_force:Phường Bến Nghé": row(unit="Phường Bến Nghé"),
    "formula:=A1": row(unit="=A1"),
    "value_missing": row(unit=""),
    "field_unknown:Thiên văn": row(field="Thiên văn"),
    "time:10/07/2026": row(time="10/07/2026"),
    "time:2026-02-30 10:00:00": row(time="2026-02-30 10:00:00"),
    "time:": row(time=""),
    "time_future:2026-10-01 09:00:01": row(time="2026-10-01 09:00:01"),
    "questionnaire_retired:one-stop/2": row(time="2025-06-30 10:00:00", unit="Sở Tư pháp"),
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_row_is_named_and_nothing_is_written(hcmc: Engine, tmp_path: Path, code: str) -> None:
    before = table_sizes(hcmc)
    content = csv_bytes([GOOD, BAD[code], GOOD, BAD[code]])
    report = bring_file(hcmc, tmp_path, content)
    assert (report.status, report.n_rows, report.n_bad) == ("refused", 4, 2)
    assert found(report) == {code.removesuffix(":"): [3, 5]}
    assert table_sizes(hcmc) == before


@pytest.mark.parametrize("code", BAD)
def test_a_bad_row_is_set_aside_and_the_rest_goes_in(
    hcmc: Engine, tmp_path: Path, code: str
) -> None:
    content = csv_bytes([GOOD, BAD[code], GOOD])
    report = bring_file(hcmc, tmp_path, content, set_aside=True)
    assert (report.status, report.n_accepted, report.n_set_aside) == ("committed", 2, 1)
    assert counted(hcmc) == {("26740C", "2026-07", 4): 2}
    with reading(hcmc) as connection:
        (kept,) = connection.execute(sa.select(set_aside)).all()
    assert (kept.code, kept.batch) == (code.partition(":")[0], uuid.UUID(report.batch))
    if kept.kind == "row":
        cells = msgspec.json.decode(kept.body)["cells"]
        assert tuple(cells[name] for name in HEADER) == BAD[code]


def test_every_fault_of_a_row_is_named(hcmc: Engine, tmp_path: Path) -> None:
    report = bring_file(hcmc, tmp_path, csv_bytes([row(field="x", rating="y", unit="z")]))
    assert found(report) == {
        "field_unknown:x": [2],
        "label_unknown:y": [2],
        "unit_unknown:z": [2],
    }
    assert report.n_bad == 1


def test_decomposed_text_and_odd_spaces_are_the_same(hcmc: Engine, tmp_path: Path) -> None:
    import unicodedata

    decomposed = tuple(unicodedata.normalize("NFD", cell) for cell in GOOD)
    spaced = row(unit=" PHƯỜNG   Sài Gòn ", rating="Hài\u00a0lòng ")
    report = bring_file(hcmc, tmp_path, csv_bytes([GOOD, decomposed, spaced]))
    assert report.n_accepted == 3
    assert counted(hcmc) == {("26740C", "2026-07", 4): 3}


def test_a_name_is_matched_with_its_date(hcmc: Engine, tmp_path: Path) -> None:
    map_text = mapped(questionnaire='{ constant = "one-stop/1" }')
    rows = [
        row(time="2024-12-31 10:00:00", unit="Phường Bến Nghé"),
        row(time="2024-12-31 10:00:00", unit="26740A"),
        row(time="2024-12-31 10:00:00", unit="Phường 13"),
    ]
    report = bring_file(hcmc, tmp_path, csv_bytes(rows), map_text, set_aside=True)
    assert counted(hcmc) == {("26740A", "2024-12", 4): 2}
    ambiguous = finding(report, "unit_ambiguous")
    assert (ambiguous.value, ambiguous.rows) == ("Phường 13", [4])
    assert len(ambiguous.detail.split(", ")) > 5
    # a name with a leading zero is the name without it
    rows = [row(time="2024-12-31 10:00:00", unit="Phường 05")]
    again = bring_file(hcmc, tmp_path, csv_bytes(rows), map_text, commit=False)
    assert finding(again, "unit_ambiguous").value == "Phường 05"


def test_receiving_and_resolving_units_are_two_columns(hcmc: Engine, tmp_path: Path) -> None:
    map_text = mapped(resolving_unit='{ column = "by", empty = "unknown" }')
    rows = [(*GOOD, "Sở Tư pháp"), (*GOOD, "")]
    report = bring_file(hcmc, tmp_path, csv_bytes(rows, (*HEADER, "by")), map_text)
    assert report.n_accepted == 2
    assert counted(hcmc, "receiving") == {("26740C", "2026-07", 4): 2}
    units = {unit for unit, _, _ in counted(hcmc)}
    assert "unknown" in units
    assert len(units) == 2


def test_words_of_the_file_become_ours(hcmc: Engine, tmp_path: Path) -> None:
    map_text = mapped(
        channel='{ column = "kênh", values = { "Ki-ốt" = "kiosk" }, empty = "unknown" }',
        field='{ column = "field", values = { "Khác" = "unclassified" } }',
    )
    rows = [(*row(field="Khác"), "Ki-ốt"), (*GOOD, ""), (*GOOD, "kiosk"), (*GOOD, "Fax")]
    content = csv_bytes(rows, (*HEADER, "kênh"))
    report = bring_file(hcmc, tmp_path, content, map_text, set_aside=True)
    assert found(report) == {"channel:Fax": [5]}
    with reading(hcmc) as connection:
        stored = connection.execute(sa.select(response.c.series, response.c.field)).all()
    assert sorted(map(tuple, stored)) == [
        ("one_stop/kiosk/citizen/vouched", "HTICH"),
        ("one_stop/kiosk/citizen/vouched", "unclassified"),
        ("one_stop/unknown/citizen/vouched", "HTICH"),
    ]


def test_several_answers_and_a_comment(hcmc: Engine, tmp_path: Path) -> None:
    reasons = """
[[answer]]
question = "one-stop.reasons/1"
column = "why"
separator = ";"
labels = { "chờ lâu" = 102, "trễ hẹn" = 101 }
"""
    register = register_of(hcmc)
    known = sorted(register.question("one-stop.reasons/1").scale.values)[:2]
    reasons = reasons.replace("102", str(known[1])).replace("101", str(known[0]))
    map_text = mapped('comment = { column = "comment" }') + reasons
    rows = [
        (*GOOD, "chờ lâu; trễ hẹn", "Cảm ơn\r\n=1+1"),
        (*GOOD, "", ""),
        (*GOOD, "chờ lâu; nóng", "x" * 2001),
    ]
    content = csv_bytes(rows, (*HEADER, "why", "comment"))
    report = bring_file(hcmc, tmp_path, content, map_text, set_aside=True)
    assert found(report) == {"label_unknown:nóng": [4], "comment_too_long:2001": [4]}
    with reading(hcmc) as connection:
        (text,) = connection.execute(sa.select(comment.c.text)).scalars()
        ids = list(connection.execute(sa.select(response.c.id)).scalars())
        answers = answers_of(connection, ids)
    assert text == "Cảm ơn\n=1+1"
    assert sorted(found.get("one-stop.reasons/1", ()) for found in answers.values()) == [
        (),
        tuple(known),
    ]


def test_question_may_be_a_column(hcmc: Engine, tmp_path: Path) -> None:
    map_text = MAP.replace(
        'question = "one-stop.overall/1"',
        'question = { column = "q", values = { "chung" = "one-stop.overall/1" } }',
    )
    rows = [(*GOOD, "chung"), (*GOOD, "one-stop.overall/1"), (*GOOD, "khác")]
    report = bring_file(hcmc, tmp_path, csv_bytes(rows, (*HEADER, "q")), map_text, set_aside=True)
    assert (report.n_accepted, found(report)) == (2, {"question_unknown:khác": [4]})


def test_a_dossier_code_is_hashed_and_never_kept(hcmc: Engine, tmp_path: Path) -> None:
    map_text = mapped('dossier = { column = "code" }')
    rows = [
        (*GOOD, CODE),
        (*GOOD, f" {CODE.lower()} "),
        (*GOOD, ""),
        (*GOOD, "H29-NGUYEN-0912345678"),
    ]
    content = csv_bytes(rows, (*HEADER, "code"))
    report = bring_file(hcmc, tmp_path, content, map_text, set_aside=True)
    assert found(report) == {"dossier_code:A99-AAAAAA-9999999999": [5]}
    with reading(hcmc) as connection:
        stored = connection.execute(sa.select(response.c.dossier)).scalars()
        hashes = sorted(bytes(each).hex() if each else "" for each in stored)
    expected = dossier_hash(CODE, b"key of the hash")
    assert hashes == ["", expected, expected]
    ours = [counts[:2] for key, counts in tallied(hcmc).items() if key[0] == "resolving"]
    assert ours == [(2, 1)]  # of the two of one dossier, one counts
    text = everything(hcmc) + str(msgspec.to_builtins(report))
    for secret in (CODE, CODE.lower(), "NGUYEN", "0912345678"):
        assert secret not in text


def test_rows_with_an_external_id_are_the_same_wherever_they_come(
    hcmc: Engine, tmp_path: Path
) -> None:
    rows = [("P1", *GOOD), ("P2", *row(rating="Bình thường"))]
    first = bring_file(hcmc, tmp_path, csv_bytes(rows, ID_HEADER), WITH_IDS)
    assert first.n_accepted == 2
    more = csv_bytes([*reversed(rows), ("P3", *GOOD), ("", *GOOD)], ID_HEADER)
    second = bring_file(hcmc, tmp_path, more, WITH_IDS)
    assert (second.n_accepted, second.n_already) == (2, 2)
    assert found(second, "note") == {"already": [2, 3], f"overlap:{first.batch}": []}
    assert counted(hcmc) == {("26740C", "2026-07", 4): 3, ("26740C", "2026-07", 3): 1}
    third = bring_file(hcmc, tmp_path, csv_bytes(rows[:1], ID_HEADER), WITH_IDS)
    assert (third.status, third.n_already) == ("nothing_new", 1)


def test_one_external_id_twice_in_a_file(hcmc: Engine, tmp_path: Path) -> None:
    other = row(rating="Bình thường")
    rows = [("P1", *GOOD), ("P2", *GOOD), ("P1", *GOOD), ("P2", *other)]
    refused = bring_file(hcmc, tmp_path, csv_bytes(rows, ID_HEADER), WITH_IDS)
    assert (refused.status, found(refused)) == ("refused", {"body_differs": [5]})
    report = bring_file(hcmc, tmp_path, csv_bytes(rows, ID_HEADER), WITH_IDS, set_aside=True)
    assert (report.n_accepted, report.n_already, report.n_set_aside) == (2, 1, 1)
    assert counted(hcmc) == {("26740C", "2026-07", 4): 2}


def test_far_apart_twins_of_one_external_id_are_found(hcmc: Engine, tmp_path: Path) -> None:
    """Twins in different chunks of reading, which no single look at the ledger can see."""
    rows = [(f"P{number}", *GOOD) for number in range(5010)]
    rows += [rows[3], ("P4", *row(rating="Bình thường"))]
    report = bring_file(hcmc, tmp_path, csv_bytes(rows, ID_HEADER), WITH_IDS, set_aside=True)
    assert (report.n_accepted, report.n_already, report.n_set_aside) == (5010, 1, 1)
    assert found(report) == {"body_differs": [5013]}
    assert counted(hcmc) == {("26740C", "2026-07", 4): 5010}


def test_a_corrected_file_comes_in_after_its_batch_was_voided(hcmc: Engine, tmp_path: Path) -> None:
    wrong = [(f"P{number}", *row(rating="Bình thường")) for number in range(3)]
    right = [(f"P{number}", *GOOD) for number in range(3)]
    kept = bring_file(hcmc, tmp_path, csv_bytes([("P9", *GOOD)], ID_HEADER), WITH_IDS)
    first = bring_file(hcmc, tmp_path, csv_bytes(wrong, ID_HEADER), WITH_IDS)
    too_early = bring_file(hcmc, tmp_path, csv_bytes(right, ID_HEADER), WITH_IDS)
    assert found(too_early) == {"body_differs": [2, 3, 4]}
    void(hcmc, "batch", uuid.UUID(first.batch))
    # what stands from another batch of the source is still known
    content = csv_bytes([*right, ("P9", *GOOD)], ID_HEADER)
    second = bring_file(hcmc, tmp_path, content, WITH_IDS, on="2026-10-03")
    assert (second.status, second.n_accepted, second.n_already) == ("committed", 3, 1)
    assert counted(hcmc) == {("26740C", "2026-07", 4): 4}
    assert kept.batch not in (first.batch, second.batch)
    # and once more: the attempt grows with each voided batch
    void(hcmc, "batch", uuid.UUID(second.batch), on="2026-10-04")
    again = bring_file(hcmc, tmp_path, content, WITH_IDS, on="2026-10-05")
    assert (again.attempt, again.n_accepted, again.n_already) == (2, 3, 1)
    assert counted(hcmc) == {("26740C", "2026-07", 4): 4}


def test_a_row_cannot_say_that_we_took_it_ourselves(hcmc: Engine, tmp_path: Path) -> None:
    text = mapped(source='{ column = "source" }')
    lines = csv_bytes([(*GOOD, "one_stop"), (*GOOD, "own")], (*HEADER, "source"))
    report = bring_file(hcmc, tmp_path, lines, text)
    assert (report.status, found(report)) == ("refused", {"source:own": [3]})


def test_a_voided_response_does_not_come_back(hcmc: Engine, tmp_path: Path) -> None:
    bring_file(hcmc, tmp_path, csv_bytes([("P1", *GOOD)], ID_HEADER), WITH_IDS)
    with reading(hcmc) as connection:
        (one,) = connection.execute(sa.select(response.c.id)).scalars()
    void(hcmc, "response", one)
    content = csv_bytes([("P1", *GOOD), ("P2", *GOOD)], ID_HEADER)
    report = bring_file(hcmc, tmp_path, content, WITH_IDS, on="2026-10-03")
    assert (report.n_accepted, report.n_already) == (1, 1)
    assert counted(hcmc) == {("26740C", "2026-07", 4): 1}


def test_exact_twins_without_an_id_all_count(hcmc: Engine, tmp_path: Path) -> None:
    report = bring_file(hcmc, tmp_path, csv_bytes([GOOD] * 7))
    assert report.n_accepted == 7
    assert counted(hcmc) == {("26740C", "2026-07", 4): 7}


def test_rows_are_refused_where_totals_stand(hcmc: Engine, tmp_path: Path) -> None:
    bring(hcmc, register_of(hcmc), [totals({5: 10})])
    content = csv_bytes([GOOD, row(time="2026-08-10 09:30:00")])
    report = bring_file(hcmc, tmp_path, content)
    assert (report.status, found(report)) == ("refused", {"totals_exist:one_stop 2026-07": [2]})
    report = bring_file(hcmc, tmp_path, content, set_aside=True)
    assert (report.n_accepted, report.n_set_aside) == (1, 1)
    assert counted(hcmc)["26740C", "2026-08", 4] == 1


def test_many_different_faults_are_summed_up(hcmc: Engine, tmp_path: Path) -> None:
    rows = [row(rating=f"Mức {number}") for number in range(2500)]
    report = bring_file(hcmc, tmp_path, csv_bytes([*rows, *rows]), commit=False)
    assert (report.n_bad, len(report.findings)) == (5000, 2001)
    rest = [each for each in report.findings if each.detail == "more_values"]
    assert [each.n_rows for each in rest] == [1000]
