"""The projection tables of publicity."""

import sqlalchemy as sa
from alembic import op

from chassis.store.migrations import rows_schema

revision = "publicity_0001"
down_revision = None
branch_labels = ("publicity",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anthologies",
        sa.Column("anthology_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("works", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("compiled_at", sa.Text(), nullable=False),
        sa.Column("outdated", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.Text(), nullable=False),
        sa.Column("taken_down_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("anthology_id"),
        schema=rows_schema(),
    )
    op.create_index("anthologies_unit", "anthologies", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "anthology_editions",
        sa.Column("anthology_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("edition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("works", sa.BigInteger(), nullable=False),
        sa.Column("compiled_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("anthology_id", "edition"),
        schema=rows_schema(),
    )
    op.create_table(
        "articles",
        sa.Column("article_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("works", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("pictures", sa.BigInteger(), nullable=False),
        sa.Column("film", sa.Text(), nullable=False),
        sa.Column("drafted_on", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stop_wanted", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("publish_id", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("canonical_link", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=False),
        sa.Column("taken_down_at", sa.Text(), nullable=False),
        sa.Column("taken_down_by", sa.Text(), nullable=False),
        sa.Column("stop_at", sa.Text(), nullable=False),
        sa.Column("look_at", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id"),
        schema=rows_schema(),
    )
    op.create_index("articles_link", "articles", ["canonical_link"], unique=False, schema=rows_schema())
    op.create_index("articles_publish", "articles", ["publish_id"], unique=False, schema=rows_schema())
    op.create_index("articles_status", "articles", ["status"], unique=False, schema=rows_schema())
    op.create_index("articles_unit", "articles", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "films",
        sa.Column("content", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("content", "unit_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("launched_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "position"),
        schema=rows_schema(),
    )
    op.create_table(
        "consents",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Text(), nullable=False),
        sa.Column("withdrawn_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_id", "level"),
        schema=rows_schema(),
    )
    op.create_table(
        "liaisons",
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("liaison_id", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "position"),
        schema=rows_schema(),
    )
    op.create_table(
        "zones",
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "position"),
        schema=rows_schema(),
    )
    op.create_table(
        "memberships",
        sa.Column("person_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("correction_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "since", "unit_id", "position"),
        schema=rows_schema(),
    )
    op.create_index("memberships_unit", "memberships", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "posts",
        sa.Column("person_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("correction_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "unit_id", "post", "since", "position"),
        schema=rows_schema(),
    )
    op.create_index("posts_unit", "posts", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "polls",
        sa.Column("article_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("polled_at", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "polled_at"),
        schema=rows_schema(),
    )
    op.create_index("polls_day", "polls", ["polled_at"], unique=False, schema=rows_schema())
    op.create_table(
        "appointed_readers",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("appointed_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id", "stage"),
        schema=rows_schema(),
    )
    op.create_index("appointed_readers_reader", "appointed_readers", ["reader_id"], unique=False, schema=rows_schema())
    op.create_table(
        "readings",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("read_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id", "content", "stage"),
        schema=rows_schema(),
    )
    op.create_table(
        "returned_works",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("author_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("returned_on", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revised_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "review_comments",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("review_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("author_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("commented_on", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_id", "review_id"),
        schema=rows_schema(),
    )
    op.create_index("review_comments_author", "review_comments", ["author_id"], unique=False, schema=rows_schema())
    op.create_table(
        "reviews",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("reviewer_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("assigned_on", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("total", sa.Text(), nullable=False),
        sa.Column("marked_on", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("released_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_id", "reviewer_id"),
        schema=rows_schema(),
    )
    op.create_index("reviews_id", "reviews", ["review_id"], unique=False, schema=rows_schema())
    op.create_index("reviews_reviewer", "reviews", ["reviewer_id"], unique=False, schema=rows_schema())
    op.create_table(
        "selections",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("selected_at", sa.Text(), nullable=False),
        sa.Column("deselected_at", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_id", "level"),
        schema=rows_schema(),
    )
    op.create_table(
        "shown_works",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("work_id", "subject", "subject_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "units",
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("correction_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "position"),
        schema=rows_schema(),
    )
    op.create_table(
        "videos",
        sa.Column("video_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("video_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "works",
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("author_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("nominated_on", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("put_forward_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("work_id"),
        schema=rows_schema(),
    )
    op.create_index("works_fingerprint", "works", ["fingerprint"], unique=False, schema=rows_schema())
    op.create_index("works_author", "works", ["author_id"], unique=False, schema=rows_schema())
    op.create_index("works_unit", "works", ["unit_id", "semester"], unique=False, schema=rows_schema())
