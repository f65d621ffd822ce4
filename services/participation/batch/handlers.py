"""Loads what a batch of rows names, has the rules decide it, and releases the reports that awaited its events."""

from collections.abc import Iterable, Sequence

from chassis.events.definition import Event
from chassis.intake.pending_reports import PendingReports
from chassis.store.event_log import READ_STREAMS
from chassis.store.prepared_query import BoundQuery
from chassis.store.subject_keys import KEYS
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from services.participation.batch.domain import awaited_keys, decide_rows
from services.participation.domain import Decision, Ledger, Row, streams_of, subjects_of


def load_ledger(unit_of_work: UnitOfWork, rows: Sequence[Row], ledger: Ledger | None = None) -> Ledger:
    """The ledger with the states of all that the rows name; the keys of the persons they are about are loaded too."""
    ledger = Ledger() if ledger is None else ledger
    ledger.fold(unit_of_work.load(name for row in rows for name in streams_of(row)))
    unit_of_work.keys.load(subject for row in rows for subject in subjects_of(row, ledger))
    return ledger


def prefetch_queries(row: Row) -> list[BoundQuery]:
    """What `load_ledger` asks for this row in any case, to be sent together with the lock."""
    queries = []
    if streams := sorted(streams_of(row)):
        queries.append(READ_STREAMS(names=streams))
    if subjects := sorted(subjects_of(row)):
        queries.append(KEYS(subjects=subjects))
    return queries


def decide_for_good(
    unit_of_work: UnitOfWork, rows: Sequence[Row], rules: Campaign | None, ledger: Ledger | None = None
) -> list[Decision]:
    """Decides rows as those of a file: none of them may be pending."""
    return decide_rows(rows, load_ledger(unit_of_work, rows, ledger), rules, unit_of_work.keys.of)


def release_pending_reports(unit_of_work: UnitOfWork, events: Iterable[Event]) -> int:
    """Lets reports that awaited something of these events be decided again.  How many."""
    pending_reports = PendingReports(unit_of_work.store, unit_of_work.connection, unit_of_work.query)
    return pending_reports.release(awaited_keys(events))
