"""The tables of the plain services."""

from sqlalchemy import Column, MetaData, Table, Text

metadata = MetaData()

received = Table("received", metadata, Column("id", Text, primary_key=True), Column("data", Text, nullable=False))

records = Table(
    "records", metadata,
    Column("record_id", Text, primary_key=True),
    *(Column(name, Text, nullable=False)
      for name in ("kind", "unit_id", "person_id", "day", "done_at", "period", "content", "evidence")),
)  # fmt: skip
