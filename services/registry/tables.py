"""The tables of the registry, made anew in the metadata of each service that includes them.

A day is a proleptic ordinal (`duties.days.day_of`); 0 is `not given`."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from chassis.store.database import Key


class RegistryTables:
    """The campaign in force, units and memberships in one service's store.

    `names`: memberships also keep the person's name, ciphertext under the person's key, which participation owns."""

    def __init__(self, metadata: MetaData, *, names: bool = False) -> None:
        self.keeps_names = names
        self.campaigns = Table(
            "campaigns", metadata,
            Column("campaign", Text, primary_key=True),
            Column("version", BigInteger, nullable=False),
            Column("document", Text, nullable=False),
        )  # fmt: skip
        self.units = Table(
            "units", metadata,
            Column("unit_id", Key, primary_key=True),
            Column("name", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("tags", Text, nullable=False),  # parted by semicolons
            Column("liaison_id", Text, nullable=False),
            Column("opened_on", BigInteger, nullable=False),
            Column("closed_on", BigInteger, nullable=False),
        )  # fmt: skip
        self.memberships = Table(
            "memberships", metadata,
            Column("person_id", Key, primary_key=True),
            Column("since", BigInteger, primary_key=True, autoincrement=False),
            Column("unit_id", Key, primary_key=True),
            Column("until", BigInteger, nullable=False),
            Column("role", Text, nullable=False),
            *([Column("name", Text, nullable=False)] if names else []),
            Index("memberships_unit", "unit_id"),
        )  # fmt: skip


def exemption_table(metadata: MetaData) -> Table:
    """Who owes a duty in a period no more: a person where `unit_id` is empty, else a unit."""
    return Table(
        "exemptions", metadata,
        Column("exemption_id", Text, primary_key=True),
        Column("person_id", Key, nullable=False),
        Column("unit_id", Key, nullable=False),
        Column("duty", Text, nullable=False),
        Column("period", Text, nullable=False),
        Index("exemptions_person", "person_id"),
        Index("exemptions_unit", "unit_id"),
    )  # fmt: skip
