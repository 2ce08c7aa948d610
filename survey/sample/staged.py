"""Cells whose counts are set: exactly 91 %, 90.96 %, three ratings, none, and their history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.intake.accept import Rating
from survey.sample.cast import PARTS, Part
from survey.sample.draw import Bools, Ints, generator
from survey.sample.flow import satisfaction, shuffled
from survey.sample.grid import first_day
from survey.sample.ratings import OUTSIDE_SHARE, Crowd, make_ratings
from survey.sample.scene import Scene
from survey.sample.shape import BREAK_ON, DATA
from survey.sample.voices import Voice, official_voices, rule_for
from survey.terms.period import Period, parse_period
from survey.terms.series import Series

REFERENCE = (
    (Series("own", "kiosk", "citizen", "open"), 70),
    (Series("own", "phone", "citizen", "open"), 26),
    (Series("own", "phone", "citizen", "claimed"), 14),
)
"""Reference series of the featured unit, and their ratings a month."""

_FEW_A_MONTH = 1
_QUARTER_STEP = 0.004
"""How much a part's share rises from quarter to quarter, up to the last but one."""


def staged_ratings(scene: Scene, month: str) -> list[Rating]:
    """Return a month's official ratings of the parts with set counts, and of the unit with few."""
    if first_day(month) < BREAK_ON:
        return []
    ratings: list[Rating] = []
    for part in PARTS:
        pair = scene.cast.parts.get(part.name)
        if pair is not None:
            row = scene.grid.row(*pair)
            people = people_of(part, month)
            ratings += _rate(scene, month, np.full(len(people), row), people, part.name)
    for series, number in REFERENCE:
        ratings += _reference(scene, month, series, number)
    if scene.cast.few is not None:
        rows = scene.grid.rows_of(scene.cast.few)[:_FEW_A_MONTH]
        ratings += _rate(scene, month, rows, np.ones(len(rows), dtype=bool), "few")
    return ratings


def _reference(scene: Scene, month: str, series: Series, number: int) -> list[Rating]:
    """Let people rate at the featured unit's own desk, as many of each field as there are parts."""
    unit = scene.cast.featured
    if not scene.point(unit) or rule_for(scene.register, series, first_day(month)) is not None:
        return []
    played = [
        scene.grid.row(*pair)
        for name, pair in scene.cast.parts.items()
        if pair[0] == unit and name not in ("three", "none")
    ]
    purpose = f"reference/{series}/{month}"
    chance = generator(purpose)
    rows = chance.choice(played, number)
    satisfied = chance.random(number) < satisfaction(scene, rows, month, -0.4)
    return make_ratings(scene, Crowd(series, month, rows, satisfied, purpose))


def people_of(part: Part, month: str) -> Bools:
    """Return whether each of a month's people is satisfied: a third of the quarter's."""
    quarter = quarter_of(month)
    n_satisfied, n = quarter_counts(part, quarter)
    people = shuffled(n_satisfied, n, part.name, quarter)
    return np.array_split(people, 3)[quarter.months.index(month)]


def quarter_counts(part: Part, quarter: Period) -> tuple[int, int]:
    """Return how many of how many are satisfied in a quarter."""
    if quarter.last == DATA.last and part.last is not None:
        return part.last
    steps = DATA.months.index(quarter.last) - len(DATA.months)
    n = max(0, round(part.quarterly * (1 + 0.012 * steps)))
    return round(n * (part.satisfied + _QUARTER_STEP * steps / 3)), n


def quarter_of(month: str) -> Period:
    """Return the quarter that a month lies in."""
    return parse_period(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}")


def _rate(scene: Scene, month: str, rows: Ints, people: Bools, name: str) -> list[Rating]:
    """Let people rate through the official series, in their shares."""
    voices = official_voices(scene.register, first_day(month))
    chosen = _voices_of(voices, len(people), name, month)
    ratings: list[Rating] = []
    for place, voice in enumerate(voices):
        own = chosen == place
        purpose = f"staged/{name}/{voice.series}/{month}"
        crowd = Crowd(voice.series, month, rows[own], people[own], purpose, outside_share=0.0)
        ratings += make_ratings(scene, crowd)
        ratings += _undecided(scene, crowd)
    return ratings


def _undecided(scene: Scene, crowd: Crowd) -> list[Rating]:
    """Let a few more say that they do not know, where the scale has such an answer."""
    series, month = crowd.series, crowd.month
    sheet = scene.sheet(scene.questionnaire(series, month), series, month)
    if not sheet.leading.scale.outside_values:
        return []
    n = round(OUTSIDE_SHARE * len(crowd.rows))
    return make_ratings(
        scene,
        replace(
            crowd,
            rows=crowd.rows[:n],
            satisfied=crowd.satisfied[:n],
            purpose=f"undecided/{crowd.purpose}",
            outside_share=1.0,
        ),
    )


def _voices_of(voices: tuple[Voice, ...], n: int, name: str, month: str) -> Ints:
    shares = np.array([voice.share for voice in voices])
    chance = generator("voices", name, month)
    return np.asarray(chance.choice(len(voices), size=n, p=shares / shares.sum()), dtype=np.int64)
