"""Ratings of the sample: people who were satisfied or not, turned into sealed bodies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from survey.intake.accept import Rating
from survey.sample.comments import comment_for
from survey.sample.draw import Bools, Ints, generator, sample_id
from survey.sample.scene import OPEN_SECONDS, OPENS_AT, Scene
from survey.terms.dossier import dossier_hash
from survey.terms.response import UNCLASSIFIED, Body
from survey.terms.series import Series

OUTSIDE_SHARE = 0.03
"""Of those who may say so: how many do not know."""

_DOSSIER_KEY = b"sample"
_OTHER_DESK_SHARE = 0.06
_OTHER_LANGUAGE_SHARE = 0.04
_NO_FIELD_SHARE = 0.1
_OCCASIONS = ("receipt", "supplement", "refusal", "return")
_OCCASION_SHARES = (0.93, 0.95, 0.955, 0.965)
"""Cumulated from the share of ratings of which no source says the occasion."""


@dataclass(frozen=True)
class Crowd:
    """People of one series and month: for each the row of the grid, and whether satisfied.

    ``purpose`` names them: equal purposes give equal ids and equal chance. ``days`` are places in
    the month's working days to which their answers are confined, None for all of them. ``question``
    is what they are asked first where no rule for ratings says it.
    """

    series: Series
    month: str
    rows: Ints
    satisfied: Bools
    purpose: str
    outside_share: float = OUTSIDE_SHARE
    days: tuple[int, int] | None = None
    question: str = ""


def make_ratings(scene: Scene, crowd: Crowd) -> list[Rating]:
    """Return a rating for each of a crowd, in no order of time."""
    if not len(crowd.rows):
        return []
    series, month = crowd.series, crowd.month
    published = scene.questionnaire(series, month, crowd.question)
    sheet = scene.sheet(published, series, month, crowd.question)
    answers = sheet.fill(crowd.satisfied, crowd.purpose, crowd.outside_share)
    chance = generator("ratings", crowd.purpose)
    seconds, days = _times(scene, crowd, chance)
    languages = _languages(scene, series, chance, len(crowd.rows))
    occasions = _occasions(series, chance, len(crowd.rows))
    desks = _receiving(scene, crowd, chance)
    fields = _fields(scene, crowd, chance)
    ratings = []
    for number, row in enumerate(crowd.rows.tolist()):
        receiving = desks[number]
        item_id = sample_id(crowd.purpose, number)
        comment = comment_for(scene.first_language, series, item_id, bool(crowd.satisfied[number]))
        body = Body(
            id=item_id,
            questionnaire=published.sha256,
            receiving_unit=receiving,
            resolving_unit=_resolving(series, scene.grid.units[row]),
            field=fields[number],
            point=scene.point(receiving) if series.source == "own" else "",
            source=series.source,
            channel=series.channel,
            holder=series.holder,
            assurance=series.assurance,
            occasion=occasions[number],
            language=languages[number],
            answered_at=seconds[number],
            service_on="" if series.source == "own" else days[number],
            dossier=_dossier(series, crowd.purpose, number),
            answers=answers[number],
            comment=comment.commitment,
        )
        ratings.append(Rating(body, comment.text, comment.salt))
    return ratings


def _times(scene: Scene, crowd: Crowd, chance: np.random.Generator) -> tuple[list[int], list[str]]:
    """Return for each person the UTC second of the answer and the local day."""
    midnights = scene.midnights(crowd.month)
    first, last = crowd.days or (0, len(midnights))
    n = len(crowd.rows)
    chosen = chance.integers(first, last, n)
    seconds = np.array(midnights)[chosen] + (OPENS_AT + chance.random(n) * OPEN_SECONDS)
    zone = scene.register.city.zone
    names = [dt.datetime.fromtimestamp(start, zone).date().isoformat() for start in midnights]
    return seconds.astype(np.int64).tolist(), [names[day] for day in chosen.tolist()]


def _languages(scene: Scene, series: Series, chance: np.random.Generator, n: int) -> list[str]:
    languages = scene.register.city.languages
    if series.source != "own" or len(languages) == 1:
        return [languages[0]] * n
    other = chance.random(n) < _OTHER_LANGUAGE_SHARE
    return [languages[int(flag)] for flag in other]


def _occasions(series: Series, chance: np.random.Generator, n: int) -> list[str]:
    if series.source != "one_stop":
        return ["unknown"] * n
    words = ("unknown", *_OCCASIONS)
    return [words[place] for place in np.searchsorted(_OCCASION_SHARES, chance.random(n)).tolist()]


def _receiving(scene: Scene, crowd: Crowd, chance: np.random.Generator) -> list[str]:
    """Return the desk for each person: of the one-stop system's, some are another unit's."""
    units = [scene.grid.units[row] for row in crowd.rows.tolist()]
    if crowd.series.source != "one_stop":
        return units
    column = scene.column(crowd.month)
    for place in np.flatnonzero(chance.random(len(units)) < _OTHER_DESK_SHARE).tolist():
        others = scene.handlers(scene.grid.fields[int(crowd.rows[place])], column)
        if others:
            units[place] = others[int(chance.integers(len(others)))]
    return units


def _fields(scene: Scene, crowd: Crowd, chance: np.random.Generator) -> list[str]:
    """Return each person's field: a survey asks for none, and at a kiosk some name none."""
    if crowd.question:
        return [UNCLASSIFIED] * len(crowd.rows)
    fields = [scene.grid.fields[row] for row in crowd.rows.tolist()]
    if crowd.series.channel == "kiosk":
        for place in np.flatnonzero(chance.random(len(fields)) < _NO_FIELD_SHARE).tolist():
            fields[place] = UNCLASSIFIED
    return fields


def _resolving(series: Series, unit: str) -> str:
    """A form at the desk does not know who resolves the dossier; who sent a link does."""
    is_unknown = series.source == "own" and series.assurance != "token"
    return "unknown" if is_unknown else unit


def _dossier(series: Series, purpose: str, number: int) -> str:
    if series.assurance == "open":
        return ""
    return dossier_hash(f"SAMPLE-{purpose}-{number}", _DOSSIER_KEY)
