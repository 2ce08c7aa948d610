"""Facts of Ho Chi Minh City that the register must know."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter

import pytest

from survey.register.folder.content import read_folder
from survey.register.snapshot import Register
from survey.terms.dossier import has_shape, normal_code
from survey.terms.questionnaire import Scale
from tests.register.conftest import HO_CHI_MINH

COMMUNES = {"phuong", "xa", "thi_tran", "dac_khu"}
DISTRICTS = {"quan", "huyen", "thanh_pho_cap_huyen"}


@pytest.mark.parametrize(
    ("day", "communes", "districts", "kinds"),
    [
        ("2021-01-02", 312, 22, {"phuong": 249, "xa": 58, "thi_tran": 5}),
        ("2025-01-02", 273, 22, {"phuong": 210, "xa": 58, "thi_tran": 5}),
        ("2025-07-02", 168, 0, {"phuong": 113, "xa": 54, "dac_khu": 1}),
    ],
)
def test_number_of_units(
    ho_chi_minh: Register, day: str, communes: int, districts: int, kinds: dict[str, int]
) -> None:
    on = dt.date.fromisoformat(day)
    found = Counter(unit.kind for unit in ho_chi_minh.units_in_force(on, on))
    assert sum(found[kind] for kind in COMMUNES) == communes
    assert sum(found[kind] for kind in DISTRICTS) == districts
    assert {kind: n for kind, n in found.items() if kind in COMMUNES} == kinds


def test_size_of_the_register(ho_chi_minh: Register) -> None:
    assert len(ho_chi_minh.units) == 789
    assert len(ho_chi_minh.fields) == 60 + 1
    splits = {each.unit for each in ho_chi_minh.successions if each.kind == "split"}
    communes = {code for code in splits if ho_chi_minh.units[code].kind in COMMUNES}
    assert len(communes) == 47
    most = Counter(each.successor for each in ho_chi_minh.successions)
    assert max(most[code] for code in most if ho_chi_minh.units[code].kind in COMMUNES) == 7


def test_a_name_is_no_key_without_a_date(ho_chi_minh: Register) -> None:
    on = dt.date(2021, 2, 1)
    assert len(ho_chi_minh.unit_named("Phường 13", on)) == 11
    assert ho_chi_minh.unit_named("Phường Sài Gòn", on) == ()
    (saigon,) = ho_chi_minh.unit_named("phường sài gòn", dt.date(2025, 7, 2))
    assert saigon.code == "26740C"
    (ben_nghe,) = ho_chi_minh.unit_named("Phường Bến Nghé", on)
    assert ben_nghe.code == "26740A"
    assert ho_chi_minh.unit_named("Phường Bến Nghé", dt.date(2025, 7, 1)) == ()


def test_number_formats_meet(ho_chi_minh: Register) -> None:
    on = dt.date(2021, 2, 1)
    assert ho_chi_minh.unit_named("Phường 05", on) == ho_chi_minh.unit_named("Phường 5", on) != ()


def test_who_followed_whom(ho_chi_minh: Register) -> None:
    split = ho_chi_minh.successors("26737A")
    assert {(each.successor, each.kind) for each in split} == {
        ("26737C", "split"),
        ("26740C", "split"),
    }
    (merged,) = ho_chi_minh.successors("26740A")
    assert (merged.successor, merged.kind) == ("26740C", "merge")
    assert merged.happened_on == dt.date(2025, 7, 1)
    assert ho_chi_minh.successors("760A") == ()
    assert {each.unit for each in ho_chi_minh.predecessors("769A")} == {"769Z", "763Z", "762Z"}


def test_what_a_ward_handles(ho_chi_minh: Register) -> None:
    now = ho_chi_minh.handled("26740C", dt.date(2025, 10, 1))
    assert {"HTICH", "CTHUC", "DD", "CUTRU", "BTXH", "NCC", "HKD", "GDTH"} <= set(now)
    assert not {"LLTP", "DTVN", "DUOC"} & set(now)
    before = ho_chi_minh.handled("26740A", dt.date(2025, 6, 30))
    assert {"HTICH", "CTHUC"} <= set(before)
    assert not {"HKD", "GDTH"} & set(before)
    assert {"HKD", "GDTH"} <= set(ho_chi_minh.handled("760A", dt.date(2025, 6, 30)))
    assert ho_chi_minh.handled("760A", dt.date(2025, 7, 1)) == ()


def test_fields_are_handled_in_the_order_of_their_names(ho_chi_minh: Register) -> None:
    names = [
        ho_chi_minh.field_name(code, "vi")
        for code in ho_chi_minh.handled("26740C", dt.date(2025, 10, 1))
    ]
    assert names[0] == "An toàn thực phẩm"
    assert (
        names.index("Đất đai") < names.index("Hộ tịch") < names.index("Xuất bản, in và phát hành")
    )


@pytest.mark.parametrize(
    ("field", "day", "departments"),
    [
        ("QHXDKT", "2025-02-28", {"SQHKT-A"}),
        ("QHXDKT", "2025-03-01", {"SXD-B"}),
        ("QHXDKT", "2025-09-30", {"SXD-C"}),
        ("QHXDKT", "2025-10-01", {"SQHKT-D"}),
        ("LLTP", "2025-02-28", {"STP-A"}),
        ("LLTP", "2025-07-01", {"CATP-A"}),
        ("BTXH", "2025-02-28", {"SLDTBXH-A"}),
        ("BTXH", "2025-03-01", {"SYT-A"}),
        ("DD", "2025-12-01", {"SNNMT-C", "VPDKDD-C"}),
    ],
)
def test_departments_that_handle_a_field(
    ho_chi_minh: Register, field: str, day: str, departments: set[str]
) -> None:
    found = {
        unit
        for unit in ho_chi_minh.handlers(field, dt.date.fromisoformat(day))
        if ho_chi_minh.units[unit].kind not in COMMUNES | DISTRICTS | {"trung_tam_pvhcc"}
    }
    assert found == departments


def test_other_cities_dossiers_were_not_this_city_s(ho_chi_minh: Register) -> None:
    joined = [code for code in ho_chi_minh.units if code.endswith("P")]
    assert joined
    assert all(ho_chi_minh.handled(code, dt.date(2025, 6, 1)) == () for code in joined)


def test_level_tinh_has_a_department_whenever_a_field_needs_one(ho_chi_minh: Register) -> None:
    with (HO_CHI_MINH / "fields.csv").open(encoding="utf-8", newline="") as file:
        levels = {row["code"]: row["level"].split("|") for row in csv.DictReader(file)}
    for day in (dt.date(2021, 1, 1), dt.date(2024, 6, 1), dt.date(2025, 3, 1), dt.date(2025, 7, 1)):
        for field, found in levels.items():
            kinds = {ho_chi_minh.units[unit].kind for unit in ho_chi_minh.handlers(field, day)}
            assert ("tinh" in found) == bool(kinds - COMMUNES - DISTRICTS - {"trung_tam_pvhcc"}), (
                field,
                day,
            )


def test_measure_b_gains_the_national_portal(ho_chi_minh: Register) -> None:
    portal = "national_portal/portal/citizen/vouched"
    before, after = [rule for rule in ho_chi_minh.rules if rule.measure == "field_ratings"]
    assert (before.valid_to, after.valid_from) == (dt.date(2025, 6, 18), dt.date(2025, 6, 19))
    assert not before.takes(portal)
    assert after.takes(portal)
    for rule in (before, after):
        assert rule.takes("one_stop/desk/staff/vouched")
        assert rule.takes("own/phone/citizen/token")
        assert not rule.takes("own/phone/citizen/claimed")
        assert not rule.takes("agency_survey/paper/citizen/open")
        assert (rule.questions[0], rule.unit_role) == ("one-stop.overall/1", "resolving")


def test_the_plan_s_targets(ho_chi_minh: Register) -> None:
    law = {
        (target.measure, target.fields, target.comparator, target.value)
        for target in ho_chi_minh.targets
        if target.basis == "law"
    }
    assert law == {
        ("overall_satisfaction", "all", ">=", "0.91"),
        ("field_ratings", "each", ">=", "0.91"),
        ("publication", "all", ">=", "1"),
        ("on_time", "all-except:land|investment", ">=", "0.98"),
        ("late", "group:land", "<", "0.04"),
        ("late", "group:investment", "<", "0.04"),
    }
    assert all(target.carried_on_from == dt.date(2022, 1, 1) for target in ho_chi_minh.targets)
    assert ho_chi_minh.field_groups["land"].fields == ("DD",)
    assert ho_chi_minh.field_groups["investment"].fields == ("DTVN", "DTCT")


def test_dossier_codes(ho_chi_minh: Register) -> None:
    pattern = ho_chi_minh.city.dossier_pattern
    for code in ("000.00.01.H29-260310-0420", "38.98.H29-210519-0003"):
        assert has_shape(normal_code(code), pattern)
    for code in ("000.00.01.H29-261310-0420", "000.00.01.H30-260310-0420", "260310-0420"):
        assert not has_shape(normal_code(code), pattern)


def test_the_phone_form_changes_its_version_on_the_day_the_city_changes(
    ho_chi_minh: Register,
) -> None:
    before = ho_chi_minh.questionnaire_in_force("one-stop", dt.date(2025, 6, 30))
    after = ho_chi_minh.questionnaire_in_force("one-stop", dt.date(2025, 7, 1))
    assert before is not None
    assert after is not None
    assert (before.questionnaire.id, after.questionnaire.id) == ("one-stop/1", "one-stop/2")
    assert after.questionnaire.dossier
    assert [question.id for question in after.questionnaire.questions] == [
        "one-stop.overall/1",
        "one-stop.respondent/1",
        "one-stop.reasons/1",
    ]


def test_reasons_that_the_inspector_sees(ho_chi_minh: Register) -> None:
    scale: Scale = ho_chi_minh.question("one-stop.reasons/1").scale
    assert {option.label for option in scale.options if option.alert} == {
        "Gây phiền hà, nhũng nhiễu",
        "Gợi ý chi phí ngoài quy định",
    }
    assert len({option.group for option in scale.options}) == 6
    assert len(scale.options) == 21


def test_a_neutral_answer_never_counts_as_satisfied(ho_chi_minh: Register) -> None:
    for published in ho_chi_minh.questionnaires.values():
        for question in published.questionnaire.questions:
            satisfied = set(question.scale.satisfied_set)
            values = [option.value for option in question.scale.options if not option.outside]
            neutral = {o.value for o in question.scale.options if o.label == "Bình thường"}
            assert not neutral & satisfied
            assert not neutral & question.scale.outside_values
            if satisfied:
                assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("question", "scale", "satisfied"),
    [
        ("one-stop.overall/1", "hai-long-5/1", {"Rất hài lòng", "Hài lòng"}),
        ("institute.overall/1", "hai-long-3/1", {"Hài lòng"}),
        ("desk.overall/1", "hai-long-3k/1", {"Rất hài lòng", "Hài lòng"}),
        ("sipas.overall/1", "hai-long-5/1", {"Rất hài lòng", "Hài lòng"}),
    ],
)
def test_what_counts_as_satisfied(
    ho_chi_minh: Register, question: str, scale: str, satisfied: set[str]
) -> None:
    found = ho_chi_minh.question(question).scale
    assert found.id == scale
    assert {o.label for o in found.options if o.value in found.satisfied_set} == satisfied


def test_publishers(ho_chi_minh: Register) -> None:
    def kinds(day: dt.date) -> Counter[str]:
        return Counter(
            ho_chi_minh.units[publisher.unit].kind
            for publisher in ho_chi_minh.publishers
            if publisher.in_force(day)
        )

    before, after = kinds(dt.date(2025, 6, 30)), kinds(dt.date(2025, 7, 1))
    assert sum(before[kind] for kind in DISTRICTS) == 22
    assert sum(before[kind] for kind in COMMUNES) == 0
    assert sum(after[kind] for kind in COMMUNES) == 168
    assert after["so"] == 13


def test_the_folder_is_sound() -> None:
    assert sum(map(len, read_folder(HO_CHI_MINH).rows.values())) > 16_000
