"""How a page's leading rate was computed, as a list of terms and texts."""

from __future__ import annotations

from dataclasses import dataclass

from survey.estimate.rate import Rate
from survey.publish import wording
from survey.publish.figure import Figure
from survey.publish.frame import Frame
from survey.register.snapshot import Register
from survey.terms.measure import MeasureRule, Target
from survey.terms.period import parse_period
from survey.web import numbers
from survey.web.texts import gettext


@dataclass(frozen=True, slots=True)
class Term:
    """A term and what it is here; several texts stand one under the other."""

    name: str
    texts: tuple[str, ...]


def account(register: Register, shown: Figure, frame: Frame, language: str) -> list[Term]:
    """Return everything that one needs to compute the rate again."""
    rate = shown.rate
    rule = _rule(register, rate)
    terms = [
        Term(gettext("Thước đo"), _measure(rate, rule)),
        *_question(register, rate, language),
        Term(gettext("Tính cho"), (_role(rate),)),
        Term(gettext("Nguồn"), tuple(wording.series_sentence(each) for each in rate.series)),
        Term(gettext("Khoảng tin cậy"), (_interval(rate),)),
    ]
    if rate.target is not None:
        terms.append(Term(gettext("Chỉ tiêu"), _target(register, rate)))
    if rate.questionnaires:
        terms.append(Term(gettext("Mẫu phiếu"), (", ".join(rate.questionnaires),)))
    kept = wording.kept_words(rate)
    terms.append(Term(gettext("Bản công bố"), (*_release(frame), *([kept] if kept else []))))
    return terms


def _rule(register: Register, rate: Rate) -> MeasureRule | None:
    days = parse_period(rate.period)
    for rule in reversed(register.rules):
        if rule.measure == rate.measure and rule.in_force(days.first_on, days.last_on):
            return rule
    return None


def _measure(rate: Rate, rule: MeasureRule | None) -> tuple[str, ...]:
    texts = [wording.measure_name(rate.measure)]
    if rule is None:
        return tuple(texts)
    texts.append(gettext("Cơ sở: %(basis)s.", basis=rule.basis))
    if rule.once_per_dossier:
        texts.append(gettext("Mỗi hồ sơ được tính một lần cho mỗi lần giao dịch."))
    return tuple(texts)


def _question(register: Register, rate: Rate, language: str) -> list[Term]:
    try:
        question = register.question(rate.question, language)
    except KeyError:  # published with a register that this database no longer holds
        return [Term(gettext("Câu hỏi"), (rate.question,))]
    satisfied = [o.label for o in question.scale.options if o.value in rate.satisfied_set]
    others = [
        o.label
        for o in question.scale.options
        if o.value not in rate.satisfied_set and not o.outside
    ]
    outside = [o.label for o in question.scale.options if o.outside]
    texts = [
        gettext("Tính là hài lòng: %(labels)s.", labels=", ".join(satisfied)),
        gettext("Tính là không: %(labels)s.", labels=", ".join(others)),
    ]
    if outside:
        texts.append(gettext("Để ngoài: %(labels)s.", labels=", ".join(outside)))
    return [
        Term(gettext("Câu hỏi"), (question.text,)),
        Term(gettext("Các mức trả lời"), tuple(texts)),
    ]


def _role(rate: Rate) -> str:
    if rate.unit_role == "receiving":
        return gettext("đơn vị tiếp nhận hồ sơ")
    return gettext("đơn vị giải quyết hồ sơ")


def _interval(rate: Rate) -> str:
    if rate.interval is None:
        return ""
    return gettext(
        "Phương pháp %(method)s, mức %(level)s.",
        method=rate.interval.method.replace("_", " ").title(),
        level=numbers.share(f"{rate.interval.level:g}"),
    )


def _target(register: Register, rate: Rate) -> tuple[str, ...]:
    target = rate.target
    if target is None:
        return ()
    texts = [f"{wording.target_words(target)} ({target.source})."]
    if target.basis == "derived":
        texts.append(gettext("Suy ra từ chỉ tiêu của toàn thành phố; văn bản không nêu riêng."))
    row = _target_row(register, rate)
    since = None if row is None else row.carried_on_from
    if since is not None and since <= parse_period(rate.period).last_on:
        texts.append(
            gettext(
                "Kế hoạch đặt ra chỉ tiêu này đã hết hạn; từ %(day)s tiếp tục áp dụng.",
                day=numbers.day(since),
            )
        )
    return tuple(texts)


def _target_row(register: Register, rate: Rate) -> Target | None:
    level = "city" if rate.unit is None else "unit"
    for row in register.targets:
        same = rate.target is not None and (
            (row.value, row.comparator, row.source, row.basis)
            == (rate.target.value, rate.target.comparator, rate.target.source, rate.target.basis)
        )
        if same and row.level == level:
            return row
    return None


def _release(frame: Frame) -> tuple[str, ...]:
    release = frame.release
    return (
        gettext(
            "%(period)s, lần công bố %(edition)s, ngày %(day)s.",
            period=frame.period,
            edition=release.edition,
            day=frame.made_on,
        ),
        gettext("Tính từ sổ cái đến mục số %(head)s.", head=numbers.count(release.head)),
        f"SHA-256 {release.document_sha256}",
    )
