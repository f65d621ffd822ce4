"""Who may see a finding: those with the right over its unit, and the office that raised it."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from services.participation.findings.projections import finding_files, findings
from services.participation.registry.identity import subjects_of_units
from services.participation.registry.projections import units
from services.registry import rights
from services.registry.rights import Right, Subject


def units_over(connection: Connection, actor: Actor, right: Right) -> dict[str, Subject]:
    """The units over which the caller has the right, void and closed ones too."""
    rows = connection.execute(sa.select(units.c.unit_id, units.c.kind, units.c.liaison_id).where(units.c.voided == 0))
    known = {row.unit_id: Subject(row.unit_id, row.kind, row.liaison_id) for row in rows}
    return {unit_id: subject for unit_id, subject in known.items() if rights.may(actor, right, subject)}


def office_over(actor: Actor, subject: Subject) -> str:
    """The office as which the caller raises a finding at the unit."""
    post = rights.ruling(actor, rights.RAISE_FINDING, subject).post
    return post.unit_id if post else ""


def own_offices(actor: Actor) -> list[str]:
    """The offices by whose posts the caller reviews what they raised."""
    return sorted({post.unit_id for post in rights.posts_of(actor) if post.post in rights.REVIEW_FINDING.unit})


def may_see(connection: Connection, actor: Actor, row: Any) -> bool:
    """`row`: with the finding's unit_id and assessor_id."""
    subject: Mapping[str, Subject] = subjects_of_units(connection, [row.unit_id])
    return row.assessor_id in own_offices(actor) or rights.may(actor, rights.SEE_FINDINGS, subject[row.unit_id])


def require_reader(connection: Connection, actor: Actor, row: Any) -> None:
    """Problem 403 unless the caller may see this finding (a row of `findings`)."""
    if not may_see(connection, actor, row):
        rights.require(actor, rights.SEE_FINDINGS, subjects_of_units(connection, [row.unit_id])[row.unit_id])


def reads_file_of_finding(connection: Connection, actor: Actor, content: str, unit_id: str) -> bool:
    """Whether the caller may see a finding that refers to this file of the unit (or office)."""
    query = sa.select(findings.c.unit_id, findings.c.assessor_id).join(
        finding_files, finding_files.c.finding_id == findings.c.finding_id
    )
    named = query.where(finding_files.c.content == content, finding_files.c.unit_id == unit_id)
    return any(may_see(connection, actor, row) for row in connection.execute(named).all())


def absent(actor: Actor) -> Problem:
    return rights.SEE_FINDINGS.absent(actor, Problem(404, "unknown_finding", "没有这一条督查问题。"))
