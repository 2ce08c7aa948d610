"""Accounts: strong hashes, the same work for unknown names, nothing said about which was wrong."""

from __future__ import annotations

import argon2
import pytest
import sqlalchemy as sa

from survey.db import reading, writing
from survey.staff import accounts
from survey.staff.accounts import AccountError, add_account, prove
from survey.staff.roles import Role
from survey.staff.tables import account

PASSWORD = "mười hai ký tự"


def add(engine, name, password=PASSWORD):
    with writing(engine) as connection:
        add_account(connection, name, password, role=Role.ADMINISTRATOR, unit=None, created_at=0)


def refusal(engine, name, password):
    with pytest.raises(AccountError) as found, reading(engine) as connection:
        prove(connection, name, password)
    return str(found.value)


def test_passwords_are_kept_as_argon2id(engine):
    add(engine, "an")
    with reading(engine) as connection:
        stored = connection.execute(sa.select(account.c.password_hash)).scalar_one()
        prove(connection, "an", PASSWORD)
    found = argon2.extract_parameters(stored)
    assert found.type is argon2.Type.ID
    assert (found.time_cost, found.memory_cost, found.parallelism) == (3, 65536, 4)
    assert (found.salt_len, found.hash_len) == (16, 32)


def test_unknown_names_and_wrong_passwords_are_told_alike(engine):
    add(engine, "an")
    wrong = refusal(engine, "an", PASSWORD + " ")
    assert wrong == refusal(engine, "nobody", PASSWORD)
    assert wrong == refusal(engine, "nobody", "nobody has this password")


def test_an_unknown_name_costs_the_same_work():
    nobody = argon2.extract_parameters(accounts._nobody())
    somebody = argon2.extract_parameters(accounts._HASHER.hash("x"))
    assert nobody == somebody


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("An", PASSWORD, "lower-case"),
        ("a", PASSWORD, "lower-case"),
        ("an\n", PASSWORD, "lower-case"),
        ("x" * 81, PASSWORD, "lower-case"),
        ("an", "x" * 11, "at least 12"),
    ],
)
def test_what_is_no_account(engine, name, password, words):
    with pytest.raises(AccountError, match=words):
        add(engine, name, password)


def test_a_name_is_taken_once(engine):
    add(engine, "an")
    with pytest.raises(AccountError, match="already"):
        add(engine, "an", PASSWORD + "!")
    with reading(engine) as connection:
        prove(connection, "an", PASSWORD)
