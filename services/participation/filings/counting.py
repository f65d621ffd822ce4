"""The records of a filing: submitted, corrected and withdrawn by the rules of records.csv."""

from collections.abc import Mapping, Sequence
from typing import Final

from chassis.process.problems import Problem
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.batch.domain import decide_row
from services.participation.batch.handlers import load_ledger, release_pending_reports, submit_rows
from services.participation.domain import Accepted, Ledger, Refused, Row
from services.participation.domain.cells import is_instant, moment_of
from services.participation.domain.rows import RecordRow, ReportedCorrection, WithdrawalRow, cells_of
from services.participation.filings.domain.forms import FieldProblem, problem_at, row_problem

_MOST_PROBLEMS: Final = 50
_CHANGEABLE: Final = ("occurred_at", "period", "title", "content_sha256", "evidence")


def refuse(problems: Sequence[FieldProblem]) -> None:
    """Problem 422 with the place of each problem, if there are any."""
    if problems:
        shown = [item._asdict() for item in problems[:_MOST_PROBLEMS]]
        raise Problem(422, "bad_fields", problems[0].message, column=problems[0].field, problems=shown)


def require_countable(unit_of_work: UnitOfWork, rows: Sequence[RecordRow], rules: Campaign, strangers: bool) -> None:
    """Problem 422 if these rows would be refused; appends nothing.  `strangers`: people of other units are allowed."""
    ledger = load_ledger(unit_of_work, rows)
    problems = [] if strangers else _not_of_unit(rows, ledger, rules)
    for row in rows:
        if row.record_id not in ledger.records:
            decision = decide_row(row, ledger, rules, unit_of_work.keys.of)
            problems += _problems_of(row, decision)
    refuse(problems)


def _not_of_unit(rows: Sequence[RecordRow], ledger: Ledger, rules: Campaign) -> list[FieldProblem]:
    """A unit files only for people who serve there on the day."""
    problems = []
    for row in rows:
        person = ledger.person(row.person_id) if row.person_id else None
        if person is not None and is_instant(row.occurred_at):
            unit_id = person.unit_on(moment_of(row.occurred_at, rules.zone).day)
            if unit_id and unit_id != row.unit_id:
                problems.append(problem_at("people", "not_of_unit", person=row.person_id))
    return problems


def count_records(
    unit_of_work: UnitOfWork, before: Sequence[RecordRow], after: Sequence[RecordRow], rules: Campaign, reason: str,
    *, for_now: bool = False,
) -> None:  # fmt: skip
    """Make the records equal to the filing's content.  `before`: the previous content, empty if it did not count;
    `for_now`: withdrawn records may be restored later.  Problem 422."""
    ledger = load_ledger(unit_of_work, [*before, *after])
    old = {row.record_id: row for row in before}
    wanted = [row for item in after for row in _changes(item, old.get(item.record_id), ledger, reason)]
    kept = {row.record_id for row in after}
    gone = [_end(row, ledger, unit_of_work.now, reason, for_now) for row in before if row.record_id not in kept]
    rows = [*wanted, *(row for row in gone if row is not None)]
    decisions = submit_rows(unit_of_work, rows, rules)
    refuse([item for row, decision in zip(rows, decisions, strict=True) for item in _problems_of(row, decision)])
    events = [event for decision in decisions if isinstance(decision, Accepted) for event in decision.events]
    release_pending_reports(unit_of_work, events)


def _changes(row: RecordRow, old: RecordRow | None, ledger: Ledger, reason: str) -> list[Row]:
    record = ledger.records.get(row.record_id)
    if record is None:
        return [row]
    restored: list[Row] = [ReportedCorrection("record_restored", (row.record_id,), (), reason)] if record.voided else []
    now, then = cells_of(row), cells_of(old) if old else {}
    changes = tuple((name, now[name]) for name in _CHANGEABLE if now[name] != then.get(name))
    corrected = ReportedCorrection("record_corrected", (row.record_id,), changes, reason)
    return [*restored, corrected] if changes else restored


def _end(row: RecordRow, ledger: Ledger, now: str, reason: str, for_now: bool) -> Row | None:
    """The row that removes a record: its withdrawal, which cannot be repeated (scoring.md 1); after one, or if it may
    be restored, a void."""
    record = ledger.records.get(row.record_id)
    if record is None or record.voided:
        return None
    if record.withdrawal is None and not for_now:
        return WithdrawalRow(row.record_id, now, reason)
    return ReportedCorrection("record_voided", (row.record_id,), (), reason)


def _problems_of(row: Row, decision: object) -> list[FieldProblem]:
    if not isinstance(decision, Refused):
        return []
    cells: Mapping[str, str] = cells_of(row)
    person_id = row.person_id if isinstance(row, RecordRow) else ""
    return [row_problem(decision.column, decision.code, cells.get(decision.column, ""), person_id)]
