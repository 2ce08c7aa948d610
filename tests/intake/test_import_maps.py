"""Maps: what they must say, and that a mistake in one is named and writes nothing."""

from __future__ import annotations

import re
import tomllib
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from survey.intake.imports.faults import RefusedError
from survey.intake.imports.identity import NAMESPACE, make_id
from survey.intake.imports.mapping import CountsMap, DossiersMap, RatingsMap, columns_of, parse_map
from survey.intake.imports.messages import TEXTS
from survey.settings import ROOT
from tests.fixtures.city import HCMC
from tests.intake.import_case import GOOD, MAP, bring_file, csv_bytes, finding, mapped

CODES = re.compile(
    r'(?:Fault|RefusedError|Problem|unknown|Outcome\("(?:set_aside|rejected)",)'
    r'(?:\(\s*|\s*)f?"([a-z_{}.]+)"'
)

BAD = {
    "no TOML": ("= 1", "map"),
    "an entry that nobody knows": (mapped('colour = { constant = "red" }'), "map"),
    "an entry that is missing": (mapped(field=""), "map"),
    "a wrong type": (mapped(field="7"), "map"),
    "a misspelt member": (mapped(field='{ colunm = "field" }'), "map"),
    "a label without a number": (MAP.replace('"Hài lòng" = 4', '"Hài lòng" = "4"'), "map"),
    "an encoding that we do not read": (mapped('file = { encoding = "utf-7" }'), "map"),
    "neither column nor constant": (mapped(field="{}"), "map_entry"),
    "both": (mapped(field='{ column = "field", constant = "DD" }'), "map_entry"),
    "no answers": (MAP.partition("[[answer]]")[0] + "answer = []", "map_entry"),
    "a question twice": (MAP + MAP[MAP.index("[[answer]]") :], "map_entry"),
    "a unit that nobody knows": (mapped(receiving_unit='{ constant = "99999Z" }'), "unit_unknown"),
    "a field that nobody knows": (mapped(field='{ constant = "XX" }'), "field_unknown"),
    "a source that is none": (mapped(source='{ constant = "fax" }'), "source"),
    "what only we ourselves take": (mapped(source='{ constant = "own" }'), "source"),
    "a word for what only we take": (
        mapped(source='{ column = "field", values = { "a" = "own" } }'),
        "source",
    ),
    "a value that is none": (
        mapped(channel='{ column = "field", values = { "a" = "fax" } }'),
        "channel",
    ),
    "an empty that is none": (mapped(holder='{ column = "field", empty = "x" }'), "holder"),
    "a questionnaire that is none": (
        mapped(questionnaire='{ constant = "one-stop/9" }'),
        "questionnaire_unknown",
    ),
    "a question that is none": (MAP.replace("overall/1", "overall/9"), "question_unknown"),
    "a value that is not on the scale": (MAP.replace("lòng\" = 4", "lòng\" = 6"), "label_value"),
    "a zone that is none": (MAP.replace("Asia/Ho_Chi_Minh", "Asia/Nowhere"), "zone"),
    "a format that is none": (MAP.replace("%H:%M:%S", "%I:%M"), "format"),
    "a column that is not there": (mapped(field='{ column = "Lĩnh vực" }'), "columns_missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_in_a_map_is_named(hcmc: Engine, tmp_path: Path, name: str) -> None:
    map_text, code = BAD[name]
    report = bring_file(hcmc, tmp_path, csv_bytes([GOOD]), map_text)
    assert (report.status, [each.code for each in report.findings]) == ("refused", [code])


def test_missing_columns_are_named_beside_what_is_there(hcmc: Engine, tmp_path: Path) -> None:
    content = csv_bytes([GOOD], ("time", "unit", "Field", "Rating"))
    found = finding(bring_file(hcmc, tmp_path, content), "columns_missing")
    assert (found.value, found.detail) == ("field, rating", "time | unit | Field | Rating")


COUNTS = """
month = { column = "m" }
field = { column = "f" }
source = { constant = "one_stop" }
channel = { constant = "desk" }
holder = { constant = "citizen" }
assurance = { constant = "vouched" }
question = { constant = "one-stop.overall/1" }
"""


@pytest.mark.parametrize(
    "rest",
    [
        'option_columns = { "a" = 5 }',
        'resolving_unit = { column = "u" }',
        'resolving_unit = { column = "u" }\ncount = "n"',
        'resolving_unit = { column = "u" }\ncount = "n"\noption_columns = { "a" = 5 }',
        'resolving_unit = { column = "u" }\nreceiving_unit = { column = "v" }\n'
        'option_columns = { "a" = 5 }',
    ],
)
def test_a_map_of_totals_names_one_unit_and_one_layout(rest: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_map(COUNTS + rest, CountsMap)
    assert refused.value.fault.code == "map_entry"


def test_the_columns_of_a_map() -> None:
    assert columns_of(parse_map(MAP, RatingsMap)) == ["time", "unit", "field", "rating"]
    rest = (
        'resolving_unit = { column = "u" }\ncount = "n"\n[option]\ncolumn = "o"\nlabels = { a = 5 }'
    )
    assert columns_of(parse_map(COUNTS + rest, CountsMap)) == ["m", "f", "u", "o", "n"]


@given(st.text(max_size=200))
def test_no_text_is_more_than_a_refused_map(text: str) -> None:
    for kind in (RatingsMap, CountsMap, DossiersMap):
        with pytest.raises(RefusedError):
            parse_map(text, kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("one-stop-ratings", RatingsMap),
        ("national-portal-totals", CountsMap),
        ("dossiers", DossiersMap),
    ],
)
def test_the_maps_of_the_city_are_maps(
    name: str, kind: type[RatingsMap | CountsMap | DossiersMap]
) -> None:
    parse_map((HCMC / "maps" / f"{name}.toml").read_text(encoding="utf-8"), kind)


def test_the_maps_in_the_manual_are_maps() -> None:
    text = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.S)
    assert len(blocks) >= 3
    kinds = {"[[answer]]": RatingsMap, "[parts]": DossiersMap, "[question]": CountsMap}
    whole = [block for block in blocks if "[source]" in block]
    for block in whole:
        kind = next(kind for mark, kind in kinds.items() if mark in block)
        parse_map(block, kind)
    for block in blocks:
        tomllib.loads(block)


def test_every_code_has_a_text_in_the_manual_and_on_the_command_line() -> None:
    places = [ROOT / "survey" / "intake" / "check.py", ROOT / "survey" / "terms" / "response.py"]
    places += sorted((ROOT / "survey" / "intake" / "imports").glob("*.py"))
    codes = {code for path in places for code in CODES.findall(path.read_text(encoding="utf-8"))}
    plain = {code for code in codes if "{" not in code}
    assert len(plain) > 40
    assert plain <= TEXTS.keys(), plain - TEXTS.keys()
    manual = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
    untold = {code for code in TEXTS if f"`{code}`" not in manual}
    assert untold == set(), untold


def test_ids_are_uuid5_of_the_projects_namespace() -> None:
    assert make_id("external", "one_stop", 1, "P-1") == uuid.uuid5(
        NAMESPACE, "external\x1fone_stop\x1f1\x1fP-1"
    )
    assert str(NAMESPACE) == "39738786-dedb-4484-96bf-e96255772637"
