"""Erasing a comment at a person's request: text and salt go, the rating and its seal stay."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from survey.db import is_postgresql
from survey.ledger.tables import comment, receipt, set_aside_comment
from survey.terms.receipt import receipt_code


def erase_comment(connection: Connection, code: str) -> int:
    """Erase the comments of the rating with a receipt code; return how many there were.

    ``code`` is in normal form. A rating may have one that counts and others in items set aside.
    """
    if not is_postgresql(connection):
        # else SQLite leaves the text on the page until something else is written there
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    response = sa.select(receipt.c.response).where(receipt.c.code == code).scalar_subquery()
    erased = connection.execute(sa.delete(comment).where(comment.c.response == response)).rowcount
    items = connection.execute(sa.select(set_aside_comment.c.item).distinct()).scalars()
    meant = [item for item in items if receipt_code(item) == code]
    if meant:
        aside = sa.delete(set_aside_comment).where(set_aside_comment.c.item.in_(meant))
        erased += connection.execute(aside).rowcount
    return erased
