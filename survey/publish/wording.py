"""The words for what a rate is made of: series, targets, verdicts, dossiers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from survey.estimate.rate import Rate, SeriesKey, TargetValue
from survey.publish.figure import Figure
from survey.register.snapshot import Register
from survey.terms.measure import parse_selector
from survey.web import numbers
from survey.web.texts import gettext, ngettext
from survey.web.texts import lazy_gettext as _l

SOURCES: Mapping[str, Any] = {
    "own": _l("Hệ thống Hài Lòng"),
    "one_stop": _l("Hệ thống một cửa điện tử"),
    "national_portal": _l("Cổng Dịch vụ công quốc gia"),
    "agency_survey": _l("Khảo sát của cơ quan"),
    "institute_survey": _l("Khảo sát của viện nghiên cứu"),
    "sector_survey": _l("Khảo sát của ngành"),
}
CHANNELS: Mapping[str, Any] = {
    "phone": _l("trên điện thoại"),
    "kiosk": _l("tại ki-ốt"),
    "tablet": _l("trên máy tính bảng"),
    "paper": _l("bằng phiếu giấy"),
    "desk": _l("tại quầy"),
    "portal": _l("trên cổng trực tuyến"),
    "sms": _l("bằng tin nhắn"),
    "interview": _l("bằng phỏng vấn"),
}
HOLDERS: Mapping[str, Any] = {
    "citizen": _l("người dân tự trả lời"),
    "staff": _l("cán bộ cầm thiết bị"),
    "interviewer": _l("phỏng vấn viên ghi"),
    "unknown": _l("không rõ ai cầm thiết bị"),
}
ASSURANCES: Mapping[str, Any] = {
    "open": _l("không gắn với hồ sơ"),
    "claimed": _l("mã hồ sơ do người trả lời tự khai"),
    "token": _l("liên kết dùng một lần cho mỗi hồ sơ"),
    "vouched": _l("hệ thống nguồn xác nhận hồ sơ"),
}
WHY_APART: Mapping[str, Any] = {
    "open": _l("Không gắn với hồ sơ: không biết có ai đánh giá nhiều lần hay không."),
    "claimed": _l("Mã hồ sơ do người trả lời tự khai, có thể đoán được."),
    "token": _l("Nguồn này không nằm trong quy định tính tỷ lệ chính thức."),
    "vouched": _l("Nguồn này không nằm trong quy định tính tỷ lệ chính thức."),
}
WHY_SURVEY_APART = _l("Khảo sát riêng, có cách hỏi và cách chọn người trả lời khác.")
SURVEYS = ("agency_survey", "institute_survey", "sector_survey")

VERDICTS: Mapping[str, Any] = {
    "met": _l("Đạt"),
    "not_met": _l("Chưa đạt"),
    "not_enough": _l("Chưa đủ căn cứ"),
}


def series_name(series: SeriesKey) -> str:
    """Name a series shortly: ``Hệ thống một cửa điện tử, tại quầy``."""
    channel = CHANNELS.get(series.channel)
    source = str(SOURCES.get(series.source, series.source))
    return source if channel is None else f"{source}, {channel}"


def series_sentence(series: SeriesKey) -> str:
    """Describe a series in full: source, channel, who held the device, who vouches."""
    holder = HOLDERS.get(series.holder, series.holder)
    assurance = ASSURANCES.get(series.assurance, series.assurance)
    return f"{series_name(series)}; {holder}; {assurance}"


def series_names(series: Iterable[SeriesKey]) -> str:
    """Name all series of a rate, each once."""
    return " · ".join(dict.fromkeys(series_name(each) for each in series))


def why_apart(rate: Rate) -> str:
    """Say in one sentence why a reference series is not summed into the official rate."""
    first = rate.series[0] if rate.series else None
    if first is None:
        return ""
    if first.source in SURVEYS:
        return str(WHY_SURVEY_APART)
    return str(WHY_APART.get(first.assurance, ""))


def target_words(target: TargetValue) -> str:
    """Write what a target asks: ``từ 91 %``, ``dưới 4 %``."""
    value = numbers.share(target.value)
    match target.comparator:
        case ">=":
            return gettext("từ %(value)s", value=value)
        case ">":
            return gettext("trên %(value)s", value=value)
        case "<":
            return gettext("dưới %(value)s", value=value)
        case _:
            return gettext("không quá %(value)s", value=value)


def verdict_sentence(figure: Figure) -> str:
    """Say the badge in full: ``Đạt chỉ tiêu từ 91 %``."""
    target = target_words(figure.target) if figure.target else ""
    match figure.badge:
        case "met":
            return gettext("Đạt chỉ tiêu %(target)s", target=target)
        case "not_met":
            return gettext("Chưa đạt chỉ tiêu %(target)s", target=target)
        case "not_enough":
            return gettext("Chưa đủ căn cứ để kết luận về chỉ tiêu %(target)s", target=target)
        case _:
            return ""


def count_sentence(figure: Figure) -> str:
    """Say how the plain count compares with the target, in words, under the badge."""
    if figure.target is None:
        return ""
    values = {
        "satisfied": numbers.count(figure.satisfied),
        "answered": numbers.count(figure.answered),
        "target": target_words(figure.target),
    }
    if figure.rate.reached_by_count:
        return gettext(
            "Tính theo số đếm: %(satisfied)s trên %(answered)s, đạt %(target)s.", **values
        )
    return gettext(
        "Tính theo số đếm: %(satisfied)s trên %(answered)s, chưa đạt %(target)s.", **values
    )


def no_badge_sentence(figure: Figure, badge_from: int, is_preliminary: bool) -> str:
    """Say why a rate gets no badge, where it gets none."""
    if figure.badge is not None:
        return ""
    if not figure.rate.official:
        return gettext("Nguồn tham khảo, không xếp đạt hay chưa đạt.")
    if is_preliminary:
        return gettext("Số liệu tạm tính, kỳ chưa kết thúc: chưa kết luận.")
    if figure.tier == "plain":
        return gettext("Dưới %(number)s đánh giá: chưa kết luận.", number=numbers.count(badge_from))
    return gettext("Không có chỉ tiêu cho tỷ lệ này.")


def comparison(figure: Figure) -> str:
    """Compare a rate with its target in words, for a series that gets no badge."""
    if figure.target is None:
        return ""
    value = numbers.share(figure.target.value)
    upwards = figure.target.comparator in (">=", ">")
    match figure.verdict:
        case "not_enough":
            return gettext("chưa phân biệt được với mốc %(value)s", value=value)
        case "met" | "not_met" if (figure.verdict == "met") == upwards:
            return gettext("cao hơn mốc %(value)s", value=value)
        case "met" | "not_met":
            return gettext("thấp hơn mốc %(value)s", value=value)
        case _:
            return ""


def ratings(number: int) -> str:
    """Write how many ratings: ``1.258 đánh giá``."""
    return ngettext(
        "%(number)s đánh giá", "%(number)s đánh giá", number, number=numbers.count(number)
    )


def under(minimum: int) -> str:
    """Write the one state of whatever is hidden or not there: ``dưới 10 đánh giá``."""
    return gettext("dưới %(number)s đánh giá", number=numbers.count(minimum))


def selected_fields(register: Register, selector: str, language: str) -> str:
    """Name the fields that a target's selector means, or one field (``field:X``)."""
    chosen = parse_selector(selector)
    names = ", ".join(_group_or_field(register, name, language) for name in chosen.names)
    match chosen.kind, bool(names):
        case "each", True:
            return gettext("từng lĩnh vực trừ %(fields)s", fields=names)
        case "each", False:
            return gettext("từng lĩnh vực")
        case "all", True:
            return gettext("mọi lĩnh vực trừ %(fields)s", fields=names)
        case "all", False:
            return gettext("mọi lĩnh vực")
        case _:
            return names


def _group_or_field(register: Register, name: str, language: str) -> str:
    group = register.field_groups.get(name)
    if group is None:
        return register.field_name(name, language)
    return group.names.get(language) or next(iter(group.names.values()), name)


def row_words(figure: Figure) -> str:
    """Say in a table what stands where there is no badge."""
    if figure.rate.official:
        return gettext("chưa kết luận") if figure.target is not None else ""
    return comparison(figure)


MEASURES: Mapping[str, Any] = {
    "field_ratings": _l("Tỷ lệ hài lòng theo đánh giá về giải quyết thủ tục"),
    "overall_satisfaction": _l("Tỷ lệ hài lòng chung, theo khảo sát"),
    "reference": _l("Nguồn tham khảo"),
    "publication": _l("Tỷ lệ cơ quan công bố đúng hạn"),
    "on_time": _l("Hồ sơ giải quyết đúng hẹn"),
    "late": _l("Hồ sơ giải quyết trễ hẹn"),
}


def measure_name(measure: str) -> str:
    """Name a measure; one that only a city's own folder knows keeps its own name."""
    return str(MEASURES.get(measure, measure.replace("_", " ")))


def days_name(days: str) -> str:
    """Name the days (``first/last``) of a period that a change of rule cuts."""
    first, _, last = days.partition("/")
    return gettext(
        "Từ %(first)s đến %(last)s",
        first=numbers.day(dt.date.fromisoformat(first)),
        last=numbers.day(dt.date.fromisoformat(last)),
    )


def kept_words(rate: Rate) -> str:
    """Say that a figure is that of an earlier edition, or nothing where it is not."""
    if "earlier_edition" not in rate.flags:
        return ""
    return gettext(
        "Số liệu của lần công bố %(edition)s: thay đổi từ đó đến nay quá nhỏ để công bố.",
        edition=rate.edition,
    )
