"""Run by Alembic for every upgrade: on the connection, and in the transaction, of console/store/database.py."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=True,
)
context.run_migrations()
