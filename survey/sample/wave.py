"""The institute's survey in the sample: two waves, asked by interviewers."""

from __future__ import annotations

import numpy as np

from survey.intake.accept import Rating
from survey.sample.draw import Floats, generator
from survey.sample.flow import satisfaction
from survey.sample.grid import last_day
from survey.sample.ratings import Crowd, make_ratings
from survey.sample.scene import Scene
from survey.sample.shape import FULL_SIZE
from survey.sample.voices import survey_voice

WAVES = ("2025-11", "2026-05")
RESPONDENTS = 1200


def survey_responses(scene: Scene, month: str) -> list[Rating]:
    """Return the responses of a month with a wave, for each rule that counts a survey."""
    if month not in WAVES:
        return []
    day = last_day(month)
    rules = [rule for rule in scene.register.rules if rule.kind == "survey"]
    ratings: list[Rating] = []
    for rule in rules:
        if rule.in_force(day, day):
            voice = survey_voice(rule)
            purpose = f"wave/{rule.measure}/{month}"
            chance = generator(purpose)
            rows = chance.choice(len(scene.grid.units), _size(scene, month), p=_odds(scene, month))
            satisfied = chance.random(len(rows)) < satisfaction(scene, rows, month, voice.lift)
            crowd = Crowd(voice.series, month, rows, satisfied, purpose, question=rule.questions[0])
            ratings += make_ratings(scene, crowd)
    return ratings


def _size(scene: Scene, month: str) -> int:
    active = scene.grid.dossiers[:, scene.column(month)] > 0
    n_units = len({scene.grid.units[row] for row in np.flatnonzero(active).tolist()})
    return round(RESPONDENTS * min(1.0, n_units / FULL_SIZE) * max(0.25, scene.scale))


def _odds(scene: Scene, month: str) -> Floats:
    """Return how likely each row of the grid is to be drawn: by its dossiers, not of the mute."""
    weights = scene.grid.dossiers[:, scene.column(month)].copy()
    for unit in scene.cast.mute:
        weights[scene.grid.rows_of(unit)] = 0
    return np.asarray(weights / weights.sum(), dtype=np.float64)
