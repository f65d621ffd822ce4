"""The projection tables of notifications."""

import sqlalchemy as sa
from alembic import op

from chassis.store.migrations import rows_schema

revision = "notifications_0001"
down_revision = None
branch_labels = ("notifications",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
        schema=rows_schema(),
    )
    op.create_table(
        "calendar_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("year"),
        schema=rows_schema(),
    )
    op.create_table(
        "campaign_launches",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("launched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign"),
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
        "channel_states",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("probe_at", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
        schema=rows_schema(),
    )
    op.create_table(
        "contacts",
        sa.Column("recipient", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("robot", sa.Text(), nullable=False),
        sa.Column("dingtalk", sa.Text(), nullable=False),
        sa.Column("dingtalk_secret", sa.Text(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recipient"),
        schema=rows_schema(),
    )
    op.create_table(
        "decided_days",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digests", sa.Integer(), nullable=False),
        sa.Column("unknown_years", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
        schema=rows_schema(),
    )
    op.create_table(
        "digests",
        sa.Column("recipient", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("again_at", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "day"),
        schema=rows_schema(),
    )
    op.create_index("digests_day", "digests", ["day"], unique=False, schema=rows_schema())
    op.create_index("digests_phase", "digests", ["phase", "again_at"], unique=False, schema=rows_schema())
    op.create_table(
        "exemptions",
        sa.Column("exemption_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Text(), nullable=False),
        sa.Column("correction_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("exemption_id", "position"),
        schema=rows_schema(),
    )
    op.create_index("exemptions_person", "exemptions", ["person_id"], unique=False, schema=rows_schema())
    op.create_index("exemptions_unit", "exemptions", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "findings",
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("assessor_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("found_on", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("rectified_on", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("stage_on", sa.BigInteger(), nullable=False),
        sa.Column("stage_at", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id"),
        schema=rows_schema(),
    )
    op.create_index("findings_unit", "findings", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "holds",
        sa.Column("recipient", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Text(), nullable=False),
        sa.Column("released", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recipient"),
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
        "notified_items",
        sa.Column("recipient", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "day", "item"),
        schema=rows_schema(),
    )
    op.create_index("notified_items_day", "notified_items", ["day"], unique=False, schema=rows_schema())
    op.create_table(
        "preferences",
        sa.Column("recipient", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Integer(), nullable=False),
        sa.Column("muted", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recipient"),
        schema=rows_schema(),
    )
    op.create_table(
        "records",
        sa.Column("record_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("person_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
        schema=rows_schema(),
    )
    op.create_index("records_person", "records", ["person_id"], unique=False, schema=rows_schema())
    op.create_index("records_unit", "records", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "returns",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("person_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("returned_by", sa.Text(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("work_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id"),
        schema=rows_schema(),
    )
    op.create_index("returns_person", "returns", ["person_id"], unique=False, schema=rows_schema())
    op.create_index("returns_unit", "returns", ["unit_id"], unique=False, schema=rows_schema())
    op.create_index("returns_work", "returns", ["work_id"], unique=False, schema=rows_schema())
    op.create_table(
        "sheets",
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("assessed_on", sa.BigInteger(), nullable=False),
        sa.Column("learnt_at", sa.BigInteger(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id"),
        schema=rows_schema(),
    )
    op.create_index("sheets_unit", "sheets", ["unit_id"], unique=False, schema=rows_schema())
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
