"""Rows of assessment made in its database, with the versions that rows keep: a district that nobody has to import."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from benchmarks.workspace import CAMPAIGN
from chassis.events.canonical_json import canonical
from chassis.store.row_statements import EVER
from services.participation.campaign.file import load

CORRECTED = 10
"""One in so many records and memberships was corrected once: two versions of its row are kept."""
VERSIONS = f"generate_series(CASE WHEN n % {CORRECTED} = 0 THEN 0 ELSE 1 END, 1) v"
VERSION = f"{{after}} + 2 * n + v, v, CASE v WHEN 0 THEN 1 ELSE {EVER} END, 0, '', ''"
"""`position` to `correction_id` of version `v` of row `n`."""

UNITS = f"""
INSERT INTO rows.units (unit_id, name, kind, tags, opened_on, closed_on, position, known_from, known_until, voided,
    changed, correction_id)
    SELECT 'X' || lpad(n::text, 5, '0'), 'school ' || n, 'school', '', 700000, 0, n, 0, {EVER}, 0, '', ''
    FROM generate_series(0, {{units}} - 1) n
"""
MEMBERSHIPS = f"""
INSERT INTO rows.memberships (person_id, since, unit_id, until, role, position, known_from, known_until, voided,
    changed, correction_id)
    SELECT 'P' || lpad(n::text, 7, '0'), 700000, 'X' || lpad((n % {{units}})::text, 5, '0'), 0, 'teacher', {VERSION}
    FROM generate_series(0, {{people}} - 1) n, {VERSIONS}
"""
RECORDS = f"""
INSERT INTO rows.records (record_id, campaign, kind, unit_id, person_id, day, done_at, period, content, evidence,
    reported_at, unit_reported_at, position, known_from, known_until, voided, changed, correction_id)
    SELECT 'B' || lpad(({{after}} + n)::text, 9, '0'), '{{campaign}}', (ARRAY[{{kinds}}])[1 + n % {{several}}],
    'X' || lpad((n % {{subjects}} % {{units}})::text, 5, '0'), {{person}}, work.day,
    (work.day - 719163) * 86400000000::bigint, '', '', n % 2, (work.day - 719163) * 86400000000::bigint,
    (work.day - 719163) * 86400000000::bigint, {VERSION}
    FROM generate_series(0, {{records}} - 1) n, {VERSIONS},
    LATERAL (SELECT {{day}} - n::bigint * 7919 % 365 AS day) work
"""
CURSOR = "INSERT INTO inbox_cursors VALUES ('participation', 0, 'e', 0, '', '', '')"


@dataclass(frozen=True)
class Records:
    """So many records of these kinds in turn, of persons or of units, over the year that ends with `day`."""

    count: int
    kinds: Sequence[str]
    of_persons: bool


def fill(connection: Connection, units: int, people: int, day: int, *records: Records) -> None:
    """A launched campaign with units, people and records; assessment's store is installed and empty."""
    document = load(CAMPAIGN.read_bytes())
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("INSERT INTO rows.campaigns VALUES (%s, 1, %s, 0, 0, 1, 0, %s)",
                               (document["campaign"], canonical(document), EVER))  # fmt: skip
    numbers: dict[str, Any] = {"units": units, "people": people, "day": day, "after": 0,
                               "campaign": document["campaign"]}  # fmt: skip
    statements = [UNITS.format(**numbers), MEMBERSHIPS.format(**numbers)]
    for item in records:
        person = "'P' || lpad((n % {people})::text, 7, '0')" if item.of_persons else "''"
        subjects = people if item.of_persons else units
        kinds = ", ".join(f"'{kind}'" for kind in item.kinds)
        statements.append(RECORDS.format(**numbers, records=item.count, kinds=kinds, several=len(item.kinds),
                                         subjects=subjects, person=person.format(**numbers)))  # fmt: skip
        numbers["after"] += 2 * item.count
    tables = ("units", "memberships", "records")
    for statement in (*statements, *(f"ANALYZE rows.{table}" for table in tables), CURSOR):
        connection.exec_driver_sql(statement.replace("%", "%%"))
