"""Submits rows: loads what they refer to, decides them by the rules, and releases reports that awaited their events."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from chassis.events.definition import Event
from chassis.intake.pending_reports import PendingReports
from chassis.store.event_log import READ_STREAMS
from chassis.store.prepared_query import BoundQuery, QueryRunner
from chassis.store.subject_keys import KEYS
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.batch.domain import LEDGER, awaited_keys, decide_unreserved, groups_of, in_order
from services.participation.corrections.queries import CLAIMANTS
from services.participation.domain import Decision, Ledger, Row, streams_of, subjects_of
from services.participation.domain.ledger import claims_of, streams_behind
from services.participation.domain.rows import CorrectionRow, ReportedCorrection


def load_ledger(unit_of_work: UnitOfWork, rows: Sequence[Row]) -> Ledger:
    """The ledger with the states of everything that the rows refer to; the keys of the persons concerned are loaded
    too."""
    ledger = unit_of_work.combined_state(LEDGER, groups_of(rows))
    unit_of_work.load_combined(LEDGER, rivals(unit_of_work.query, rows, ledger))
    unit_of_work.keys.load(subject for row in rows for subject in subjects_of(row, ledger))
    return ledger


def load_behind(unit_of_work: UnitOfWork, row: Row) -> None:
    """Load what a correction needs besides: everything that the corrected row refers to, as now in the ledger."""
    if isinstance(row, CorrectionRow | ReportedCorrection):
        ledger = unit_of_work.combined_state(LEDGER)
        wanted = {*streams_behind(row, ledger), *rivals(unit_of_work.query, [row], ledger)}
        unit_of_work.load_combined(LEDGER, wanted)


def rivals(query: QueryRunner, rows: Iterable[Row], ledger: Ledger) -> list[str]:
    """The streams of rows that have the same claim as these rows."""
    wanted = {claim for row in rows for claim in claims_of(row, ledger)}
    return [row[0] for row in query(CLAIMANTS(claims=sorted(wanted)))] if wanted else []


def prefetch_queries(row: Row) -> list[BoundQuery]:
    """The queries that `load_ledger` needs for this row in any case, to be sent together with the lock."""
    queries = []
    if streams := sorted(streams_of(row)):
        queries.append(READ_STREAMS(names=streams))
    if subjects := sorted(subjects_of(row)):
        queries.append(KEYS(subjects=subjects))
    return queries


def submit_foreign_rows(
    unit_of_work: UnitOfWork, rows: Sequence[Row], rules: Campaign | None, *, late_entry: str = "", causation: str = ""
) -> list[Decision]:
    """`submit_rows` for rows from outside: none may have a reserved id."""
    return decide_unreserved(rows, lambda others: submit_rows(
        unit_of_work, others, rules, late_entry=late_entry, causation=causation))  # fmt: skip


def submit_rows(
    unit_of_work: UnitOfWork, rows: Sequence[Row], rules: Campaign | None, *, allow_pending: bool = False,
    causation: str = "", late_entry: str = "",
) -> list[Decision]:  # fmt: skip
    """Decide rows and append the events of the accepted ones; returns the decisions in the order of the rows.
    `late_entry`: why records are entered late."""
    load_ledger(unit_of_work, rows)
    outcomes: list[list[Decision]] = []
    for corrects, run in groupby(groups_of(rows), key=lambda group: isinstance(group[0], CorrectionRow)):
        for groups in ([group] for group in run) if corrects else [list(run)]:
            load_behind(unit_of_work, groups[0][0])
            outcomes += unit_of_work.execute_all(
                LEDGER, groups, rules, unit_of_work.keys.of, allow_pending, late_entry,
                causations=[causation] * len(groups),
            )  # fmt: skip
    return in_order(rows, outcomes)


def release_pending_reports(unit_of_work: UnitOfWork, events: Iterable[Event]) -> int:
    """Release reports that awaited something of these events, to be decided again; returns how many."""
    pending_reports = PendingReports(unit_of_work.store, unit_of_work.connection, unit_of_work.query)
    return pending_reports.release(awaited_keys(events))
