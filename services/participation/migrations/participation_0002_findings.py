"""The projection tables of findings: the baseline is as long as a file may be."""

import sqlalchemy as sa
from alembic import op

from chassis.store.migrations import rows_schema

revision, down_revision, branch_labels, depends_on = "participation_0002", "participation_0001", None, None


def upgrade() -> None:
    op.create_table(
        "finding_files",
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content", "finding_id", "unit_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "findings",
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("assessor_id", sa.Text(), nullable=False),
        sa.Column("found_on", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("rectified_on", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Text(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("finding_id"),
        schema=rows_schema(),
    )
    op.create_index("findings_assessor", "findings", ["assessor_id", "begun_at"], unique=False, schema=rows_schema())
    op.create_index("findings_unit", "findings", ["unit_id", "begun_at"], unique=False, schema=rows_schema())
