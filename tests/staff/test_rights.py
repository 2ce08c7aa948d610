"""The table of rights: what the documents say, and what no later change may undo unseen."""

from __future__ import annotations

import pytest

from scripts.rights import FILE, written
from survey.staff.guard import needs
from survey.staff.rights import RIGHTS, Reach, reach_of
from survey.staff.roles import Role


def test_the_printed_table_is_the_one_in_the_code():
    text = FILE.read_text(encoding="utf-8")
    assert written(text) == text, "python -m scripts.rights"


def test_inspectors_change_nothing_but_their_password():
    held = {right for right, reaches in RIGHTS.items() if Role.INSPECTOR in reaches}
    looks = ("read", "marked", "download")
    assert {each for each in held if each.partition(".")[2] not in looks} == {"password.change"}
    assert held >= {right for right in RIGHTS if right.endswith(".read")}


def test_marked_comments_are_for_inspectors_alone():
    assert set(RIGHTS["comments.marked"]) == {Role.INSPECTOR}


def test_agencies_read_nothing_beyond_their_own():
    wide = {right for right in RIGHTS if reach_of(Role.AGENCY, right) is Reach.ALL}
    assert wide == {"voids.confirm", "password.change"}


def test_a_view_cannot_need_a_right_that_there_is_not():
    with pytest.raises(KeyError, match="no right"):
        needs("points.reed")
