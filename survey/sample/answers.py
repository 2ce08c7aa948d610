"""Answer sheets: how one questionnaire is filled in by somebody satisfied or not."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from survey.sample.draw import Bools, Ints, generator
from survey.terms.questionnaire import Question, Questionnaire, Scale

Answers = dict[str, tuple[int, ...]]

_SATISFIED_FALL = 0.9
_UNSATISFIED_FALL = 0.38
"""How much rarer each next option is, counted from the line between the two."""
_OTHER_AGREES = 0.85
"""How often a further question is answered like the first."""
_ABOUT_SHARE, _FIRST_ABOUT_SHARE = 0.3, 0.85
_REASON_SHARE = {True: 0.03, False: 0.45}


class Sheet:
    """Fills in one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, leading: str = "") -> None:
        """``leading`` is the question that a satisfied person is satisfied with."""
        ratings = [q for q in questionnaire.questions if q.role == "rating"]
        ratings = [question for question in ratings if question.required] or ratings[:1]
        first = next((question for question in ratings if question.id == leading), ratings[0])
        self.leading = first
        self._others = [question for question in ratings if question is not first]
        self._reasons = [q for q in questionnaire.questions if q.role == "reason"]
        self._abouts = [
            q for q in questionnaire.questions if q.role == "about" and q.choose == "one"
        ]

    def fill(self, satisfied: Bools, purpose: str, outside_share: float) -> list[Answers]:
        """Return one sheet of answers for each person; ``outside_share`` do not know."""
        n = len(satisfied)
        chance = generator("answers", purpose)
        columns = [(self.leading.id, self._values(self.leading, satisfied, chance, outside_share))]
        for question in self._others:
            agrees = chance.random(n) < _OTHER_AGREES
            values = self._values(question, satisfied == agrees, chance, outside_share)
            columns.append((question.id, values))
        names = [name for name, _ in columns]
        sheets: list[Answers] = [
            {name: (value,) for name, value in zip(names, row, strict=True)}
            for row in zip(*(values.tolist() for _, values in columns), strict=True)
        ]
        self._add_optional(sheets, satisfied, chance)
        return sheets

    @staticmethod
    def _values(
        question: Question, satisfied: Bools, chance: np.random.Generator, outside_share: float
    ) -> Ints:
        scale = question.scale
        good = np.array(sorted(scale.satisfied_set, reverse=True))
        bad = np.array(sorted(scale.values - scale.outside_values - set(scale.satisfied_set)))[::-1]
        n = len(satisfied)
        values = np.where(
            satisfied,
            _pick(good, _SATISFIED_FALL, chance.random(n)),
            _pick(bad, _UNSATISFIED_FALL, chance.random(n)),
        )
        if scale.outside_values:
            does_not_know = chance.random(n) < outside_share
            values = np.where(does_not_know, min(scale.outside_values), values)
        return np.asarray(values, dtype=np.int64)

    def _add_optional(
        self, sheets: list[Answers], satisfied: Bools, chance: np.random.Generator
    ) -> None:
        for question in self._abouts:
            told = np.flatnonzero(chance.random(len(sheets)) < _ABOUT_SHARE).tolist()
            values = [option.value for option in question.scale.options]
            for place in told:
                first = chance.random() < _FIRST_ABOUT_SHARE
                value = values[0] if first else values[int(chance.integers(len(values)))]
                sheets[place][question.id] = (value,)
        for question in self._reasons:
            limits = np.where(satisfied, _REASON_SHARE[True], _REASON_SHARE[False])
            told = np.flatnonzero(chance.random(len(sheets)) < limits).tolist()
            pool = everyday_reasons(question.scale)
            for place in told:
                number = min(len(pool), 1 + int(chance.random() < 0.3))
                chosen = chance.choice(len(pool), size=number, replace=False)
                sheets[place][question.id] = tuple(sorted(pool[int(index)] for index in chosen))


def _pick(values: Ints, fall: float, chance: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    """Choose one of the values for each number of chance, the first ones most often."""
    weights = [fall**place for place in range(len(values))]
    ends = np.array(list(accumulate(weights))) / sum(weights)
    return values[np.minimum(np.searchsorted(ends, chance), len(values) - 1)]


def option_shares(scale: Scale, satisfied: float) -> dict[int, float]:
    """Return how often each option is chosen where so large a share is satisfied."""
    good = sorted(scale.satisfied_set, reverse=True)
    bad = sorted(scale.values - scale.outside_values - set(good), reverse=True)
    shares: dict[int, float] = {}
    for values, fall, part in (
        (good, _SATISFIED_FALL, satisfied),
        (bad, _UNSATISFIED_FALL, 1 - satisfied),
    ):
        weights = [fall**place for place in range(len(values))]
        shares |= {
            value: part * weight / sum(weights)
            for value, weight in zip(values, weights, strict=True)
        }
    return shares


def everyday_reasons(scale: Scale) -> list[int]:
    """Return the reasons that need no inspector."""
    return [option.value for option in scale.options if not option.alert]


def alert_reasons(scale: Scale) -> list[int]:
    """Return the reasons that the inspector must see."""
    return [option.value for option in scale.options if option.alert]
