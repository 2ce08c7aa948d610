"""The ordinary flow of ratings: how many people of each series rate in a month, and where."""

from __future__ import annotations

import math

import numpy as np

from survey.intake.accept import Rating
from survey.sample.draw import Bools, Floats, Ints, generator, probability, share
from survey.sample.grid import first_day
from survey.sample.ratings import Crowd, make_ratings
from survey.sample.scene import Scene
from survey.sample.shape import BREAK_ON, FIELD_MINIMUM, RATING_SHARE
from survey.sample.voices import OFFICIAL_SHARE, Voice, official_voices, reference_voices

_TREND = 0.01
"""What a month adds to the log odds of a satisfied answer."""


def monthly_ratings(scene: Scene, month: str) -> list[Rating]:
    """Return the ordinary ratings of a month, and those of the parts with set counts."""
    day = first_day(month)
    official = official_voices(scene.register, day)
    reference = reference_voices(scene.register, day)
    ratings: list[Rating] = []
    for voices, part, set_cells in (
        (official, OFFICIAL_SHARE, _with_set_counts(scene, month)),
        (reference, 1 - OFFICIAL_SHARE, _with_set_reference(scene, month)),
    ):
        whole = sum(voice.share for voice in voices)
        for voice in voices:
            expected = _expected(scene, voice, month) * part * voice.share / whole
            expected[set_cells] = 0
            ratings += make_ratings(scene, _crowd(scene, voice, month, expected))
    return ratings


def _with_set_counts(scene: Scene, month: str) -> list[int]:
    """Return the rows whose official ratings are set and not drawn."""
    if first_day(month) < BREAK_ON:
        return []
    return [scene.grid.row(*pair) for pair in scene.cast.parts.values()]


def _with_set_reference(scene: Scene, month: str) -> list[int]:
    """Return the rows whose reference ratings are set: those of the featured unit."""
    if first_day(month) < BREAK_ON:
        return []
    return [int(row) for row in scene.grid.rows_of(scene.cast.featured)]


def _expected(scene: Scene, voice: Voice, month: str) -> Floats:
    """Return the number of ratings expected in each row, if this voice were the only one."""
    grid = scene.grid
    has = np.array([_has(scene, voice, unit) for unit in grid.unit_names], dtype=np.float64)
    return np.asarray(_of_all(scene, month) * has[grid.unit_of] / voice.units, dtype=np.float64)


def _of_all(scene: Scene, month: str) -> Floats:
    """Return the number of ratings of all voices that is expected in each row."""
    grid = scene.grid
    shares = np.array([_rating_share(scene, unit) for unit in grid.unit_names])
    return _with_minimum(scene, grid.dossiers[:, scene.column(month)] * shares[grid.unit_of])


def _rating_share(scene: Scene, unit: str) -> float:
    if unit in scene.cast.mute:
        return 0.0
    return RATING_SHARE * math.exp(1.6 * (share("rates", unit) - 0.5))


def _has(scene: Scene, voice: Voice, unit: str) -> bool:
    if voice.series.source == "own" and not scene.point(unit):
        return False
    if unit in (scene.cast.featured, scene.cast.late):
        return True
    return share("has", voice.series.channel, unit) < voice.units


def _with_minimum(scene: Scene, expected: Floats) -> Floats:
    """Raise the fields with hardly a rating, so that the city can be rated in each of them."""
    names, place = np.unique(scene.grid.fields_array, return_inverse=True)
    sums = np.zeros(len(names))
    np.add.at(sums, place, expected)
    factor = np.where(sums > 0, np.maximum(1.0, FIELD_MINIMUM / np.maximum(sums, 1e-9)), 1.0)
    return np.asarray(expected * factor[place], dtype=np.float64)


def _crowd(scene: Scene, voice: Voice, month: str, expected: Floats) -> Crowd:
    purpose = f"flow/{voice.series}/{month}"
    chance = generator(purpose)
    rows = np.repeat(np.arange(len(expected)), chance.poisson(expected))
    satisfied = chance.random(len(rows)) < satisfaction(scene, rows, month, voice.lift)
    return Crowd(voice.series, month, rows, satisfied, purpose)


def satisfaction(scene: Scene, rows: Ints, month: str, lift: float) -> Floats:
    """Return the probability of a satisfied answer for each row of the grid named."""
    return probability(scene.grid.odds[rows] + _TREND * scene.column(month) + lift)


def shuffled(n_satisfied: int, n: int, *purpose: object) -> Bools:
    """Return exactly so many satisfied among so many people, in the order of chance."""
    people = np.arange(n) < n_satisfied
    generator("shuffle", *purpose).shuffle(people)
    return people
