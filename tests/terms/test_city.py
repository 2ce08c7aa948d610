"""A city's facts are sound or named."""

from __future__ import annotations

from typing import Any

import pytest

from survey.terms.city import City, check_city
from survey.terms.problem import InvalidTermError

SOUND: dict[str, Any] = {
    "code": "somewhere",
    "names": {"vi": "Đâu đó", "en": "Somewhere"},
    "languages": ("vi", "en"),
    "time_zone": "Asia/Ho_Chi_Minh",
    "phone_questionnaire": "one-stop",
    "dossier_pattern": r"\d{4}-X",
    "dossier_example": "0001-x",
    "kinds": {"phuong": {"vi": "Phường", "en": "Ward"}},
}


def test_a_sound_city_is_returned() -> None:
    city = City(**SOUND)
    assert check_city(city) is city
    assert city.zone.key == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"languages": ()}, "languages"),
        ({"languages": ("vi", "vi")}, "languages"),
        ({"names": {"vi": "Đâu đó"}}, "city_name"),
        ({"time_zone": "Asia/Nowhere"}, "time_zone"),
        ({"time_zone": "Asia"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"dossier_pattern": "("}, "dossier_pattern"),
        ({"dossier_example": "1-X"}, "dossier_example"),
        ({"kinds": {"phuong": {"vi": "Phường"}}}, "kinds"),
        ({"minimum_shown": 0}, "minimum"),
        ({"minimum_shown": 31}, "minimum"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidTermError) as caught:
        check_city(City(**{**SOUND, **changes}))
    assert caught.value.problem.code == code
