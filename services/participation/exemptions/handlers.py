"""Use cases: grant and revoke exemptions, as rows like those of a file; all of one request in one transaction."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.batch.handlers import release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, Refused, row_of
from services.participation.domain.people_messages import sentence_for_people


def grant_exemptions(
    units_of_work: UnitsOfWork, wanted: Mapping[str, Any], actor: object, correlation: str,
    on_commit: Callable[[], None],
) -> dict[str, Any]:  # fmt: skip
    """One exemption per duty and period.  The same request again (`entry_id`) changes nothing.  Problem 409, 422, which
    roll all of them back."""
    subject = {name: wanted[name] for name in ("unit_id", "person_id")}
    rows = [
        {**subject, **item, "reason": wanted["reason"],
         "exemption_id": _id("exemption", wanted["entry_id"], *subject.values(), item["duty"], item["period"])}
        for item in wanted["items"]
    ]  # fmt: skip
    return _submit(units_of_work, "exemption", rows, actor, correlation, on_commit)


def end_exemptions(
    units_of_work: UnitsOfWork, names: Sequence[str], reason: str, actor: object, correlation: str,
    on_commit: Callable[[], None],
) -> dict[str, Any]:  # fmt: skip
    """Revoke exemptions as if they had never been granted.  Problem 409, 422."""
    rows = [
        {"correction_id": _id("exemption-end", name), "table": "exemptions", "row": name, "column": "*",
         "value": "", "reason": reason} for name in dict.fromkeys(names)
    ]  # fmt: skip
    return _submit(units_of_work, "correction", rows, actor, correlation, on_commit)


def _submit(
    units_of_work: UnitsOfWork, kind: str, rows: Sequence[Mapping[str, str]], actor: object, correlation: str,
    on_commit: Callable[[], None],
) -> dict[str, Any]:  # fmt: skip
    with units_of_work.begin(actor, correlation) as unit_of_work:
        accepted = _decide(unit_of_work, kind, rows)
        unit_of_work.after_commit(on_commit)
    outcome = "accepted" if accepted else "unchanged"
    return {"outcome": outcome, "changed": accepted, "positions": unit_of_work.positions}


def _decide(unit_of_work: UnitOfWork, kind: str, rows: Sequence[Mapping[str, str]]) -> int:
    """The number of rows that changed anything."""
    rules = rules_in_force(unit_of_work)
    if rules is None:
        raise Problem(409, "no_campaign", "还没有启动活动方案。")
    decisions = submit_rows(unit_of_work, [row_of(kind, cells) for cells in rows], rules)
    for cells, decision in zip(rows, decisions, strict=True):
        if isinstance(decision, Refused):
            text = sentence_for_people(decision.code, decision.column, cells.get(decision.column, ""))
            raise Problem(422, decision.code, text, column=decision.column)
    events = [event for decision in decisions if isinstance(decision, Accepted) for event in decision.events]
    release_pending_reports(unit_of_work, events)
    return sum(isinstance(decision, Accepted) for decision in decisions)


def _id(what: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{what}-{digest[:24]}"
