"""The registry's tables, created in the metadata of each service that includes them, with all versions of each row
(services/registry/versions.py).

A day is a proleptic ordinal (`duties.days.day_of`); 0 means "not given"."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from chassis.store.database import Key
from chassis.store.row_versions import version_columns
from services.registry.versions import fact_version_columns


class RegistryTables:
    """The tables of campaigns, units, memberships and posts in one service's store.

    `names`: memberships also have the person's name, encrypted under the person's key, which participation holds.
    `zones`: include the central school that leads each unit's zone."""

    def __init__(self, metadata: MetaData, *, names: bool = False, zones: bool = False) -> None:
        self.keeps_names = names
        self.campaigns = Table(
            "campaigns", metadata,
            Column("campaign", Text, primary_key=True),
            Column("version", BigInteger, nullable=False),
            Column("document", Text, nullable=False),
            Column("launched_at", BigInteger, nullable=False),  # microseconds since 1970 UTC
            Column("closed_on", BigInteger, nullable=False),
            *version_columns(),
        )  # fmt: skip
        self.units = Table(
            "units", metadata,
            Column("unit_id", Key, primary_key=True),
            Column("name", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("tags", Text, nullable=False),  # separated by semicolons
            Column("opened_on", BigInteger, nullable=False),
            Column("closed_on", BigInteger, nullable=False),
            *fact_version_columns(),
        )  # fmt: skip
        self.liaisons = _relation_table("liaisons", metadata, "liaison_id")
        self.zones = _relation_table("zones", metadata, "zone_id") if zones else None
        self.memberships = Table(
            "memberships", metadata,
            Column("person_id", Key, primary_key=True),
            Column("since", BigInteger, primary_key=True, autoincrement=False),
            Column("unit_id", Key, primary_key=True),
            Column("until", BigInteger, nullable=False),
            Column("role", Text, nullable=False),
            *([Column("name", Text, nullable=False)] if names else []),
            *fact_version_columns(),
            Index("memberships_unit", "unit_id"),
        )  # fmt: skip
        self.posts = Table(
            "posts", metadata,
            Column("person_id", Key, primary_key=True),
            Column("unit_id", Key, primary_key=True),
            Column("post", Text, primary_key=True),
            Column("since", BigInteger, primary_key=True, autoincrement=False),
            Column("until", BigInteger, nullable=False),
            *fact_version_columns(),
            Index("posts_unit", "unit_id"),
        )  # fmt: skip


def _relation_table(name: str, metadata: MetaData, column: str) -> Table:
    """A relation of units, in the order in which it was reported."""
    return Table(
        name, metadata,
        Column("unit_id", Key, primary_key=True),
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("since", BigInteger, nullable=False),
        Column(column, Text, nullable=False),
        Column("replaces", Integer, nullable=False),  # 1: a correction of the one reported before, whose day it keeps
    )  # fmt: skip


def exemption_table(metadata: MetaData) -> Table:
    """Exemptions from a duty in a period: of a person if `unit_id` is empty, else of a unit."""
    return Table(
        "exemptions", metadata,
        Column("exemption_id", Key, primary_key=True),
        Column("campaign", Text, nullable=False),
        Column("person_id", Key, nullable=False),
        Column("unit_id", Key, nullable=False),
        Column("duty", Text, nullable=False),
        Column("period", Text, nullable=False),
        *fact_version_columns(),
        Index("exemptions_person", "person_id"),
        Index("exemptions_unit", "unit_id"),
    )  # fmt: skip
