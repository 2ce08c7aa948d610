"""What goes wrong in the sample: repeats, late arrivals, voids, alerts, items set aside."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from survey.intake.accept import Rating
from survey.sample.answers import alert_reasons
from survey.sample.draw import sample_id
from survey.sample.flow import shuffled
from survey.sample.grid import first_day
from survey.sample.ratings import Crowd, make_ratings
from survey.sample.scene import Scene
from survey.sample.shape import BREAK_ON
from survey.sample.voices import official_voices
from survey.terms.series import Series

LATE_MONTH, LATE_ARRIVALS = "2026-06", 64
VOIDED_MONTHS = ("2026-06", "2026-09")
"""Months with a rating that two accounts cancel: after the quarter's release, and before it."""
ALERT_MONTH = "2026-09"
ASIDE_MONTH = "2026-08"

KIOSK = Series("own", "kiosk", "citizen", "open")
PHONE = Series("own", "phone", "citizen", "open")
CLAIMED = Series("own", "phone", "citizen", "claimed")
STAFF = Series("one_stop", "desk", "staff", "vouched")

_CLAIMED_EVERY, _STAFF_EVERY = 55, 160


def repeats(scene: Scene, month: str, ratings: Sequence[Rating]) -> list[Rating]:
    """Rate some dossiers again: with a code typed on a phone, or by a clerk at the desk."""
    vouched = [
        rating
        for rating in ratings
        if rating.body.assurance == "vouched"
        and rating.body.holder == "citizen"
        and rating.body.occasion == "unknown"
        and rating.body.receiving_unit == rating.body.resolving_unit
    ]
    again: list[Rating] = []
    if first_day(month) >= BREAK_ON:
        with_point = [item for item in vouched if scene.point(item.body.receiving_unit)]
        again += _rate_again(scene, month, with_point[::_CLAIMED_EVERY], CLAIMED)
    return again + _rate_again(scene, month, vouched[1::_STAFF_EVERY], STAFF)


def _rate_again(
    scene: Scene, month: str, ratings: Sequence[Rating], series: Series
) -> list[Rating]:
    rows = [scene.grid.row(item.body.resolving_unit, item.body.field) for item in ratings]
    n_satisfied = len(rows) * 2 // 3
    purpose = f"again/{series}/{month}"
    people = shuffled(n_satisfied, len(rows), purpose)
    crowd = Crowd(series, month, np.array(rows, dtype=np.int64), people, purpose)
    made = make_ratings(scene, crowd)
    return [
        msgspec.structs.replace(
            again,
            body=msgspec.structs.replace(
                again.body,
                dossier=first.body.dossier,
                occasion=first.body.occasion,
                receiving_unit=first.body.receiving_unit,
            ),
        )
        for first, again in zip(ratings, made, strict=True)
    ]


def late_arrivals(scene: Scene) -> list[Rating]:
    """Return what a kiosk kept while it had no network: its quarter was released meanwhile."""
    if not scene.point(scene.cast.late):
        return []
    column = scene.column(LATE_MONTH)
    rows = scene.grid.rows_of(scene.cast.late)
    busiest = rows[np.argsort(-scene.grid.dossiers[rows, column], kind="stable")][:2]
    people = shuffled(LATE_ARRIVALS * 15 // 16, LATE_ARRIVALS, "late")
    crowd = Crowd(
        KIOSK, LATE_MONTH, np.resize(busiest, LATE_ARRIVALS), people, "late", days=(8, 18)
    )
    return make_ratings(scene, crowd)


def voided_rating(scene: Scene, month: str) -> Rating:
    """Return the rating of a month that is cancelled later on; it must still be delivered."""
    voices = official_voices(scene.register, first_day(month))
    voice = next((voice for voice in voices if voice.series.holder == "staff"), voices[0])
    rows = scene.grid.rows_of(scene.cast.late)
    column = scene.column(month)
    busiest = rows[np.argmax(scene.grid.dossiers[rows, column])]
    crowd = Crowd(
        voice.series,
        month,
        np.array([busiest]),
        np.array([True]),
        f"voided/{month}",
        outside_share=0.0,
    )
    return make_ratings(scene, crowd)[0]


def alerting_rating(scene: Scene) -> list[Rating]:
    """Return a rating with a reason that the inspector must see, where the form has one."""
    row = scene.grid.row(*scene.cast.parts["steady"])
    crowd = Crowd(PHONE, ALERT_MONTH, np.array([row]), np.array([False]), "alert")
    made = make_ratings(scene, crowd)[0]
    published = scene.questionnaire(PHONE, ALERT_MONTH)
    for question in published.questionnaire.questions:
        values = alert_reasons(question.scale)
        if question.role == "reason" and values:
            answers = made.body.answers | {question.id: (values[0],)}
            body = msgspec.structs.replace(made.body, answers=answers)
            return [msgspec.structs.replace(made, body=body)]
    return []


def items_set_aside(scene: Scene, delivered: Sequence[Rating]) -> list[Rating]:
    """Return items that cannot be counted: an id that comes with another body, unknown unit."""
    first, second = delivered[0], delivered[1]
    other_hour = msgspec.structs.replace(first.body, answered_at=first.body.answered_at + 3600)
    nowhere = msgspec.structs.replace(
        second.body,
        id=sample_id("aside", "unit"),
        receiving_unit="KHONG-CO",
        resolving_unit="KHONG-CO",
        dossier="",
        comment="",
    )
    return [msgspec.structs.replace(first, body=other_hour), Rating(nowhere)]
