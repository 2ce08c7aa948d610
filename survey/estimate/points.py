"""Administrative points that the law counts: eighteen by Decree 61, eighteen by Decision 766.

They are scores, not shares of satisfied people, and are never shown as such. No page uses them
yet: the score sheets that fill them are imported by a later part (institute and agency reports).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from survey.stats.printing import half_up
from survey.stats.scores import ScoreSum, points_of_share, score_sum

INDICES = 9
"""Indices of Decree 61/2018, each scored 0, 1 or 2 for a dossier."""

BANDS = {"xuat_sac": 15, "tot": 12, "kha": 9, "trung_binh": 6, "yeu": 0}
"""Class → least total; exactly 15.0 is "xuất sắc"."""

SHARE_POINTS = 6
FULL_FROM = Fraction(9, 10)
"""From this share of satisfied ratings on, handling gives all its points."""


class SatisfactionPoints(msgspec.Struct, frozen=True):
    """Points of the satisfaction group, exact and as printed, of 18."""

    exact: Fraction
    points: str
    percent: str


def decree_61(score_sums: Sequence[int], dossiers: Sequence[int]) -> ScoreSum:
    """Return the nine means, rounded half up to one decimal, their sum of 18 and its class.

    ``score_sums`` and ``dossiers`` have one entry for each of the nine indices. An index without
    dossiers makes the class ``not_evaluated``. Raises ValueError for another number of indices or
    for a sum above 2 a dossier. Source: Decree 61/2018/NĐ-CP, Circular 01/2018/TT-VPCP art. 15(2).
    """
    if len(score_sums) != INDICES or len(dossiers) != INDICES:
        raise ValueError(f"score_sums and dossiers must have {INDICES} entries")
    if any(score > 2 * number > 0 for score, number in zip(score_sums, dossiers, strict=True)):
        raise ValueError("score_sums must not exceed 2 a dossier")
    return score_sum(score_sums, dossiers, BANDS)


def decision_766(
    petitions_on_time: Fraction, petitions_satisfied: Fraction, handling_satisfied: Fraction
) -> SatisfactionPoints:
    """Return the satisfaction group of Decision 766/QĐ-TTg: three shares, six points each.

    The formula is reconstructed from published values, since the decision's own was not at hand:
    two shares in proportion, the third full from 90 %. Raises ValueError for a share outside
    [0, 1].

    >>> decision_766(Fraction("0.9998"), Fraction("0.99"), Fraction("0.9393"))
    SatisfactionPoints(exact=Fraction(44847, 2500), points='17.94', percent='99.66')
    """
    exact = (
        points_of_share(petitions_on_time, SHARE_POINTS)
        + points_of_share(petitions_satisfied, SHARE_POINTS)
        + points_of_share(handling_satisfied, SHARE_POINTS, full_from=FULL_FROM)
    )
    whole = 3 * SHARE_POINTS
    return SatisfactionPoints(exact, str(half_up(exact, 2)), str(half_up(100 * exact / whole, 2)))
