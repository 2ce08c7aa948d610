"""Sample sign-ins: one a role, the same at a second start, none in a real database."""

from __future__ import annotations

import stat

import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.sample.signins import password_file, sample_sign_ins
from survey.staff import accounts
from survey.staff.roles import Role
from survey.staff.tables import account
from tests.fixtures.city import register_of

pytestmark = pytest.mark.usefixtures("quick_passwords")


def made(engine, file):
    with writing(engine) as connection:
        return sample_sign_ins(connection, register_of(engine), file, at=0)


def test_there_is_one_sign_in_a_role_and_a_second_start_has_the_same(sample, tmp_path):
    file = tmp_path / "var" / "sign-ins"
    first = made(sample, file)
    assert [each.role for each in first] == list(Role)
    assert made(sample, file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with reading(sample) as connection:
        for each in first:
            accounts.prove(connection, each.name, each.password)
    assert len({each.password for each in first}) == len(Role)


def test_a_lost_file_makes_new_passwords_and_a_disabled_account_stays_so(sample, tmp_path):
    file = tmp_path / "sign-ins"
    first = made(sample, file)
    file.unlink()
    with writing(sample) as connection:
        accounts.disable(connection, "mau.thanh-tra", at=1)
    second = made(sample, file)
    assert [each.role for each in second] == [role for role in Role if role is not Role.INSPECTOR]
    assert not {each.password for each in first} & {each.password for each in second}
    with reading(sample) as connection:
        accounts.prove(connection, second[0].name, second[0].password)


def test_a_real_database_gets_none(hcmc, tmp_path):
    file = tmp_path / "sign-ins"
    assert made(hcmc, file) == []
    assert not file.exists()
    with reading(hcmc) as connection:
        assert connection.execute(sa.select(account)).all() == []


def test_the_passwords_of_two_databases_are_kept_apart(sample, hcmc):
    assert password_file(sample) != password_file(hcmc)
