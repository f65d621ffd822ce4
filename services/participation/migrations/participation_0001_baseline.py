"""The projection tables of participation."""

import sqlalchemy as sa
from alembic import op

from chassis.store.migrations import rows_schema

revision = "participation_0001"
down_revision = None
branch_labels = ("participation",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("launched_at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign"),
        schema=rows_schema(),
    )
    op.create_table(
        "claims",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
        schema=rows_schema(),
    )
    op.create_index("claims_claim", "claims", ["claim"], unique=False, schema=rows_schema())
    op.create_table(
        "decision_proposals",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (
            "proposal_id", "act", "decision_id", "kind", "year", "unit_id", "person_id", "document", "decided_on",
            "proposed_by", "proposed_at", "status", "settled_by", "settled_at")),
        sa.PrimaryKeyConstraint("proposal_id"),
        schema=rows_schema(),
    )  # fmt: skip
    op.create_index(
        "decision_proposals_year", "decision_proposals", ["year", "status"], unique=False, schema=rows_schema()
    )
    op.create_table(
        "evidence_files",
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("private", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("uploaded", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("discarded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content", "unit_id"),
        schema=rows_schema(),
    )
    op.create_index("evidence_files_person", "evidence_files", ["person_id"], unique=False, schema=rows_schema())
    op.create_index(
        "evidence_files_unit", "evidence_files", ["unit_id", "received_at"], unique=False, schema=rows_schema()
    )
    op.create_table(
        "evidence_records",
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("attached_at", sa.Text(), nullable=False),
        sa.Column("detached_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content", "record_id"),
        schema=rows_schema(),
    )
    op.create_index("evidence_records_record", "evidence_records", ["record_id"], unique=False, schema=rows_schema())
    op.create_table(
        "quarter_sheets",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("assessor_id", sa.Text(), nullable=False),
        sa.Column("completed_by", sa.Text(), nullable=False),
        sa.Column("correcting", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("period", "unit_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "assessed_items",
        sa.Column("sheet_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("assessor_id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("assessed_on", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id"),
        schema=rows_schema(),
    )
    op.create_index("assessed_items_period", "assessed_items", ["period"], unique=False, schema=rows_schema())
    op.create_index("assessed_items_unit", "assessed_items", ["unit_id", "period"], unique=False, schema=rows_schema())
    op.create_table(
        "filings",
        sa.Column("filing_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("people_count", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file_count", sa.BigInteger(), nullable=False),
        sa.Column("refers_to", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("awaits", sa.Text(), nullable=False),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.Column("on_behalf", sa.Integer(), nullable=False),
        sa.Column("own", sa.Integer(), nullable=False),
        sa.Column("recalled", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("filing_id"),
        schema=rows_schema(),
    )
    op.create_index("filings_awaits", "filings", ["unit_id", "awaits"], unique=False, schema=rows_schema())
    op.create_index("filings_entry", "filings", ["entry_id"], unique=False, schema=rows_schema())
    op.create_index("filings_person", "filings", ["person_id", "begun_at"], unique=False, schema=rows_schema())
    op.create_index("filings_refers_to", "filings", ["refers_to"], unique=False, schema=rows_schema())
    op.create_index("filings_unit", "filings", ["unit_id", "begun_at"], unique=False, schema=rows_schema())
    op.create_table(
        "import_parts",
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("done_bytes", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "part"),
        schema=rows_schema(),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("late_entry", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id"),
        schema=rows_schema(),
    )
    op.create_index("imports_fingerprint", "imports", ["fingerprint"], unique=False, schema=rows_schema())
    op.create_index("imports_open", "imports", ["finished_at"], unique=False, schema=rows_schema())
    op.create_index("imports_started", "imports", ["started_at"], unique=False, schema=rows_schema())
    op.create_index("imports_unit", "imports", ["unit_id", "started_at"], unique=False, schema=rows_schema())
    op.create_table(
        "memberships",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "unit_id", "since"),
        schema=rows_schema(),
    )
    op.create_index("memberships_unit", "memberships", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "mentions",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("assessor_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
        schema=rows_schema(),
    )
    op.create_index("mentions_assessor", "mentions", ["assessor_id"], unique=False, schema=rows_schema())
    op.create_index("mentions_person", "mentions", ["person_id"], unique=False, schema=rows_schema())
    op.create_index("mentions_unit", "mentions", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "exemptions",
        sa.Column("exemption_id", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("exemption_id"),
        schema=rows_schema(),
    )
    op.create_index("exemptions_person", "exemptions", ["person_id"], unique=False, schema=rows_schema())
    op.create_index("exemptions_unit", "exemptions", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "posts",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "unit_id", "post", "since"),
        schema=rows_schema(),
    )
    op.create_index("posts_unit", "posts", ["unit_id"], unique=False, schema=rows_schema())
    op.create_table(
        "records",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id"),
        schema=rows_schema(),
    )
    op.create_index("records_person", "records", ["person_id", "day"], unique=False, schema=rows_schema())
    op.create_index("records_unit", "records", ["unit_id", "day"], unique=False, schema=rows_schema())
    op.create_table(
        "refused_rows",
        sa.Column("import_id", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "part", "line"),
        schema=rows_schema(),
    )
    op.create_table(
        "roster_lines",
        sa.Column("roster_id", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("roster_id", "row"),
        schema=rows_schema(),
    )
    op.create_table(
        "roster_answers",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("roster_id", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "about"),
        schema=rows_schema(),
    )
    op.create_table(
        "roster_words",
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("field", "word"),
        schema=rows_schema(),
    )
    op.create_table(
        "rosters",
        sa.Column("roster_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("roster_id"),
        schema=rows_schema(),
    )
    op.create_table(
        "units",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Text(), nullable=False),
        sa.Column("liaison_id", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Text(), nullable=False),
        sa.Column("voided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id"),
        schema=rows_schema(),
    )
