"""Alembic's environment for the console's store; the versions are beside it."""
