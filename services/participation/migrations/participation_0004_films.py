"""The projection tables of films that publicity shows."""

import sqlalchemy as sa
from alembic import op

from chassis.store.migrations import rows_schema

revision, down_revision, branch_labels, depends_on = "participation_0004", "participation_0003", None, None


def upgrade() -> None:
    op.create_table(
        "shown_films",
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id"),
        schema=rows_schema(),
    )
    op.create_index("shown_films_content", "shown_films", ["content"], unique=False, schema=rows_schema())
    op.create_table(
        "film_readers",
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "stage"),
        schema=rows_schema(),
    )
