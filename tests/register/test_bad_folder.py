"""A broken folder writes nothing, and every bad row is named by file, place and value."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import reading, writing
from survey.register.create import create
from survey.register.folder.content import RegisterError, read_folder
from tests.register.conftest import HO_CHI_MINH, LONDON, NOW, OWN_TABLES

with Path(__file__).with_name("bad_rows.toml").open("rb") as _file:
    BAD_ROWS = tomllib.load(_file)["bad"]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LONDON, tmp_path / "london"))


def found(folder: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(RegisterError) as caught:
        read_folder(folder)
    return [(each.code, each.where, each.detail) for each in caught.value.problems]


@pytest.mark.parametrize("bad", BAD_ROWS, ids=lambda bad: f"{bad['file']} {bad['code']}")
def test_a_bad_row_is_named(broken: Path, bad: dict[str, str]) -> None:
    with (broken / bad["file"]).open("a", encoding="utf-8", newline="") as file:
        file.write(bad["text"])
    assert [
        (code, where, detail)
        for code, where, detail in found(broken)
        if code == bad["code"] and bad["where"] in where and bad["detail"] in detail
    ]


CORRECTIONS = "unit,field,handles,valid_from,valid_to,basis\n"


@pytest.mark.parametrize(
    ("row", "code", "detail"),
    [
        ("GP-NONE,gp.consultation,yes,,,x", "unit_unknown", "GP-NONE"),
        ("GP-EARLS,gp.none,no,,,x", "field_unknown", "gp.none"),
        ("GP-EARLS,gp.consultation,perhaps,,,x", "value", "perhaps"),
        ("GP-EARLS,gp.consultation,yes,2022-01-01,,x", "unit_not_in_force", "2022-01-01"),
        ("GP-EARLS,gp.consultation,yes,2024-01-01,2023-06-01,x", "dates", "2024-01-01"),
        ("GP-EARLS,gp.consultation,yes,,,", "value", "basis"),
    ],
)
def test_a_bad_correction_is_named(broken: Path, row: str, code: str, detail: str) -> None:
    (broken / "unit_fields.csv").write_text(CORRECTIONS + row + "\n", encoding="utf-8")
    ((got, where, said),) = found(broken)
    assert (got, where) == (code, "unit_fields.csv:2")
    assert detail in said


FILES: list[tuple[str, Callable[[Path], object], str]] = [
    ("units.csv", Path.unlink, "file_missing"),
    ("fields.csv", Path.unlink, "file_missing"),
    ("city.toml", Path.unlink, "file_missing"),
    ("questionnaires/fft-1.toml", Path.unlink, "questionnaire_missing"),
    ("units.csv", lambda path: path.write_bytes(b""), "columns"),
    ("units.csv", lambda path: path.write_bytes(path.read_bytes().replace(b",", b";")), "columns"),
    ("units.csv", lambda path: path.write_bytes(path.read_bytes() + b"\xe9"), "not_utf8"),
    ("units.csv", lambda path: path.write_bytes(b"name_vi," + path.read_bytes()), "columns"),
    ("units.csv", lambda path: path.write_bytes(b"code," + path.read_bytes()), "columns"),
    ("targets.toml", lambda path: path.write_text("[[target", encoding="utf-8"), "toml"),
    ("targets.toml", lambda path: path.write_text("a = 1" + "0" * 5000, encoding="utf-8"), "toml"),
    ("city.toml", lambda path: path.write_text("a = " + "[" * 10_000, encoding="utf-8"), "toml"),
    (
        "questionnaires/fft-1.toml",
        lambda path: path.rename(path.with_name("fft-2.toml")),
        "file_name",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "code"), FILES)
def test_a_bad_file_is_named(
    broken: Path, name: str, spoil: Callable[[Path], object], code: str
) -> None:
    spoil(broken / name)
    assert code in [problem[0] for problem in found(broken)]


def test_every_bad_row_is_named_at_once(broken: Path) -> None:
    with (broken / "units.csv").open("a", encoding="utf-8") as file:
        file.write("A,A,practice,B,2023-01-01,,\nC,C,ward,,2023-01-01,,\nD,D,practice,,today,,\n")
    with (broken / "points.csv").open("a", encoding="utf-8") as file:
        file.write("GP88,E,Desk,2023-01-01,,\n")
    assert found(broken) == [
        ("date", "units.csv:10", "valid_from: today"),
        ("parent_unknown", "units.csv:8", "B"),
        ("kind_unknown", "units.csv:9", "ward"),
        ("unit_unknown", "points.csv:9", "E"),
    ]


def test_rows_that_name_a_bad_row_are_not_called_bad(broken: Path) -> None:
    text = (broken / "units.csv").read_text(encoding="utf-8")
    (broken / "units.csv").write_text(
        text.replace("GP-EARLS,", "GP-EARLS,,,,", 1) + "A,A,practice,GP-EARLS,2023-01-01,,\n",
        encoding="utf-8",
    )
    with (broken / "points.csv").open("a", encoding="utf-8") as file:
        file.write("GP88,GP-NONE,Desk,2023-01-01,,\n")
    ((cells, _, said), other) = found(broken)
    assert (cells, "GP-EARLS" in said) == ("cells", True)
    assert other == ("unit_unknown", "points.csv:9", "GP-NONE")


@pytest.mark.parametrize("name", ["units.csv", "fields.csv"])
def test_nothing_follows_from_a_file_that_cannot_be_read(broken: Path, name: str) -> None:
    (broken / name).write_bytes((broken / name).read_bytes() + b"\xe9")
    ((code, where, _),) = found(broken)
    assert (code, where) == ("not_utf8", name)


def test_one_question_has_one_meaning(broken: Path) -> None:
    text = (broken / "questionnaires" / "fft-1.toml").read_text(encoding="utf-8")
    other = text.replace("fft/1", "desk/1").replace("similar care", "such care")
    (broken / "questionnaires" / "desk-1.toml").write_text(other, encoding="utf-8")
    assert found(broken) == [
        ("question_changed", "questionnaires/fft-1.toml", "fft.recommend/1"),
    ]


def test_a_question_may_be_required_in_one_questionnaire_only(broken: Path) -> None:
    text = (broken / "questionnaires" / "fft-1.toml").read_text(encoding="utf-8")
    other = text.replace("fft/1", "desk/1").replace("required = true", "")
    (broken / "questionnaires" / "desk-1.toml").write_text(other, encoding="utf-8")
    rows = read_folder(broken).rows
    assert (len(rows["questionnaire"]), len(rows["question"])) == (2, 1)


def test_two_versions_are_not_in_force_on_one_day(broken: Path) -> None:
    text = (broken / "questionnaires" / "fft-1.toml").read_text(encoding="utf-8")
    (broken / "questionnaires" / "fft-2.toml").write_text(
        text.replace("fft/1", "fft/2"), encoding="utf-8"
    )
    assert [problem[0] for problem in found(broken)] == ["overlap"]


def test_a_language_is_whole_or_absent(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(HO_CHI_MINH, tmp_path / "city"))
    path = folder / "questionnaires" / "one-stop-2.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('text.en = "Did you act', 'text.de = "Did you act'), encoding="utf-8"
    )
    assert found(folder) == [("language_unknown", "questionnaires/one-stop-2.toml", "de")]
    path.write_text(
        "\n".join(line for line in text.splitlines() if "Did you act" not in line), encoding="utf-8"
    )
    assert found(folder) == [("text_missing", "questionnaires/one-stop-2.toml", "language 'en'")]
    path.write_text(
        "\n".join(line for line in text.splitlines() if ".en =" not in line), encoding="utf-8"
    )
    texts = [row.values["sha256"] for row in read_folder(folder).rows["questionnaire_text"]]
    assert len(texts) == 4


def test_a_broken_folder_writes_nothing(engine: Engine, broken: Path) -> None:
    with (broken / "points.csv").open("a", encoding="utf-8") as file:
        file.write("GP77,GP-NONE,Desk,2023-01-01,,\n")
    with writing(engine) as connection, pytest.raises(RegisterError, match=r"points\.csv:9"):
        create(connection, broken, "real", now=NOW)
    with reading(engine) as connection:
        for table in OWN_TABLES:
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0
