"""A void is proposed and confirmed by accounts of two units, on the day that each works there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from survey import schema
from survey.db import reading, writing
from survey.intake.void import VoidError, confirm_void, propose_void
from survey.ledger.tables import void, void_proposal
from survey.staff.roles import Role
from tests.fixtures.builders import WARD, WARD_B, bring, rating
from tests.fixtures.city import register_of
from tests.staff.signing import make_account


def proposed(engine, unit, by="an"):
    register = register_of(engine)
    item = rating(register)
    bring(engine, register, [item])
    with writing(engine) as connection:
        return propose_void(
            connection, "response", item.body.id, reason="x", by=by, unit=unit, at=0
        )


@pytest.mark.parametrize("units", [(WARD, WARD_B), (WARD, ""), ("", WARD)])
def test_another_unit_confirms(hcmc, units):
    proposal = proposed(hcmc, units[0])
    with writing(hcmc) as connection:
        confirm_void(connection, proposal, by="binh", unit=units[1], at=1)
        assert connection.execute(sa.select(void.c.confirmed_by)).scalar_one() == "binh"


@pytest.mark.parametrize("unit", [WARD, ""])
def test_the_same_unit_does_not_confirm(hcmc, unit):
    proposal = proposed(hcmc, unit)
    with pytest.raises(VoidError) as found, writing(hcmc) as connection:
        confirm_void(connection, proposal, by="binh", unit=unit, at=1)
    assert found.value.code == "same_unit"


def test_proposals_of_before_get_the_unit_of_their_account(hcmc):
    """Down and up again with proposals there; the refusals stand afterwards."""
    name = make_account(hcmc, Role.AGENCY, WARD)
    known, unknown = proposed(hcmc, WARD, by=name), proposed(hcmc, "", by="(gone)")
    with writing(hcmc) as connection:
        schema.downgrade(connection, "0002")
        columns = {each["name"] for each in sa.inspect(connection).get_columns("void_proposal")}
        assert "proposed_unit" not in columns
    with writing(hcmc) as connection:
        schema.upgrade(connection)
    with reading(hcmc) as connection:
        query = sa.select(void_proposal.c.id, void_proposal.c.proposed_unit)
        assert dict(map(tuple, connection.execute(query))) == {known: WARD, unknown: ""}
    for change in (sa.delete(void_proposal), sa.update(void_proposal).values(proposed_unit="x")):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(hcmc) as connection:
            connection.execute(change)
