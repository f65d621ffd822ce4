"""The projection table of subscriptions."""

import sqlalchemy as sa
from alembic import op

from chassis.store.migrations import rows_schema

revision, down_revision, branch_labels, depends_on = "participation_0003", "participation_0002", None, None


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("personal", sa.Integer(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("token_number", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema=rows_schema(),
    )
