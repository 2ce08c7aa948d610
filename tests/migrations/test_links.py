"""Migration 0008 with links in the tables, down and up."""

from __future__ import annotations

import sqlalchemy as sa

from survey import schema
from survey.db import reading, writing
from survey.intake.link_batches import withdraw
from survey.intake.tables import link, link_spent
from tests.intake.link_case import handed_out


def test_links_go_with_their_tables_and_nothing_else_does(hcmc):
    batch, [(each, _)] = handed_out(hcmc)
    with writing(hcmc) as connection:
        schema.downgrade(connection, "0008")
        withdraw(connection, batch, by="an", reason="In nhầm", at=1)
        connection.execute(sa.insert(link_spent), {"link": each.id, "response": batch, "at": 1})
        before = set(sa.inspect(connection).get_table_names())
    with writing(hcmc) as connection:
        schema.downgrade(connection, "0007")
        left = set(sa.inspect(connection).get_table_names())
        assert before - left == {"link", "link_batch", "link_spent", "link_withdrawal"}
        schema.upgrade(connection, "0008")
    with reading(hcmc) as connection:
        assert set(sa.inspect(connection).get_table_names()) == before
        assert connection.execute(sa.select(link.c.id)).first() is None
