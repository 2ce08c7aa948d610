"""Runs migrations on the connection that the caller gives (``survey.commands.database``)."""

from __future__ import annotations

from alembic import context

from survey.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
