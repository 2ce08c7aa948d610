"""The sentences and facts of one rate: how sure, who answered, how."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from survey.estimate.rate import Rate
from survey.publish import wording
from survey.publish.figure import MILLION, Figure, Thresholds
from survey.stats import percent
from survey.web import numbers
from survey.web.texts import gettext, ngettext


@dataclass(frozen=True)
class Fact:
    """A number in large type, what it is, and what else there is to know of it."""

    number: str
    label: str
    remark: str = ""


@dataclass(frozen=True)
class Lead:
    """What a page says first.

    ``number`` is set large, then ``sentence``; ``verdict`` is the badge in full, ``by_count``
    stands under it, ``reason`` says why there is no badge. ``summary`` is all of it in one
    sentence, for those who do not see the page.
    """

    figure: Figure
    number: str
    sentence: str
    verdict: str
    by_count: str
    reason: str
    summary: str


def lead(shown: Figure, limits: Thresholds) -> Lead:
    """Return the first sentence of a page about this rate."""
    sentence = gettext("trong %(ratings)s là hài lòng.", ratings=wording.ratings(shown.answered))
    verdict = wording.verdict_sentence(shown)
    reason = wording.no_badge_sentence(shown, limits.badge, limits.is_preliminary)
    value = numbers.percent(shown.percent)
    return Lead(
        figure=shown,
        number=numbers.decimal(shown.percent),
        sentence=sentence,
        verdict=verdict,
        by_count=_by_count(shown, limits),
        reason=reason,
        summary=f"{value} {sentence} {verdict or reason}".strip(),
    )


def _by_count(shown: Figure, limits: Thresholds) -> str:
    """Say what the count says; of a reference series only on which side of the mark it lies."""
    if not shown.rate.official:
        compared = wording.comparison(shown)
        return f"{compared[:1].upper()}{compared[1:]}." if compared else ""
    return "" if limits.is_preliminary else wording.count_sentence(shown)


def range_text(shown: Figure) -> str:
    """Write the interval: ``93,5–95,9 %``."""
    return numbers.percent_range(shown.low, shown.high)


def chart_text(shown: Figure) -> str:
    """Say in words what the mark of a rate shows."""
    values = {"rate": numbers.percent(shown.percent), "range": range_text(shown)}
    if shown.target is None:
        return gettext("Tỷ lệ %(rate)s, khoảng tin cậy %(range)s.", **values)
    target = wording.target_words(shown.target)
    return gettext(
        "Tỷ lệ %(rate)s, khoảng tin cậy %(range)s, chỉ tiêu %(target)s.",
        **values,
        target=target,
    )


def facts(shown: Figure) -> list[Fact]:
    """Return the evidence of a rate: interval, answers, coverage, what was left out, totals."""
    found = [_interval(shown), _answers(shown), _coverage(shown), _left_out(shown.rate)]
    found += _totals(shown.rate)
    return found


def _interval(shown: Figure) -> Fact:
    ends = shown.rate.interval
    level = "95" if ends is None else f"{ends.level * 100:g}"
    return Fact(
        range_text(shown),
        gettext("khoảng tin cậy %(level)s", level=numbers.percent(Decimal(level))),
        gettext("Dao động ngẫu nhiên khó đưa tỷ lệ ra ngoài khoảng này."),
    )


def _answers(shown: Figure) -> Fact:
    outside = shown.rate.outside_denominator or 0
    remark = ""
    if outside:
        remark = ngettext(
            "Thêm %(number)s câu trả lời “không biết”, để ngoài phép tính.",
            "Thêm %(number)s câu trả lời “không biết”, để ngoài phép tính.",
            outside,
            number=numbers.count(outside),
        )
    label = ngettext("đánh giá được tính", "đánh giá được tính", shown.answered)
    return Fact(numbers.count(shown.answered), label, remark)


def _coverage(shown: Figure) -> Fact:
    rate = shown.rate
    if rate.coverage is not None and rate.dossiers and rate.bounds is not None:
        covered, low, high = percent(
            [shown.answered, round(rate.bounds.low * MILLION), round(rate.bounds.high * MILLION)],
            [rate.dossiers, MILLION, MILLION],
        )
        return Fact(
            numbers.percent(covered),
            gettext(
                "trong %(number)s hồ sơ đã giải quyết có đánh giá",
                number=numbers.count(rate.dossiers),
            ),
            gettext(
                "Nếu biết ý kiến của mọi người, tỷ lệ nằm trong khoảng %(range)s.",
                range=numbers.percent_range(low, high),
            ),
        )
    if rate.per_100_dossiers is not None and rate.dossiers:
        per_hundred = Decimal(str(rate.per_100_dossiers)).quantize(Decimal("0.1"))
        return Fact(
            numbers.decimal(per_hundred),
            gettext("đánh giá trên 100 hồ sơ đã giải quyết"),
            gettext("Một hồ sơ có thể được đánh giá nhiều lần: không tính được độ phủ."),
        )
    return Fact("–", gettext("độ phủ: không tính được"), _why_no_coverage(rate))


def _why_no_coverage(rate: Rate) -> str:
    if "n_exceeds_dossiers" in rate.flags:
        return gettext("Số đánh giá nhiều hơn số hồ sơ mà các nguồn đã báo.")
    if rate.days is not None:
        return gettext("Tỷ lệ này chỉ tính một phần của kỳ, còn hồ sơ được đếm theo cả tháng.")
    return gettext("Không có đủ số hồ sơ đã giải quyết của cả kỳ ứng với các đánh giá này.")


def _left_out(rate: Rate) -> Fact:
    voided, repeats = rate.voided or 0, rate.repeats or 0
    label = ngettext("phiếu bị hủy", "phiếu bị hủy", voided)
    remark = ngettext(
        "%(number)s đánh giá lặp của cùng hồ sơ, giữ lại nhưng không tính.",
        "%(number)s đánh giá lặp của cùng hồ sơ, giữ lại nhưng không tính.",
        repeats,
        number=numbers.count(repeats),
    )
    return Fact(numbers.count(voided), label, remark if repeats else "")


def _totals(rate: Rate) -> list[Fact]:
    if not rate.from_totals_share:
        return []
    return [
        Fact(
            numbers.percent(
                percent(round(rate.from_totals_share * MILLION), MILLION) or Decimal(0)
            ),
            gettext("đến dưới dạng số tổng"),
            gettext("Nguồn chỉ giao số đếm, không giao từng phiếu."),
        )
    ]
