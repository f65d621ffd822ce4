"""Rows judged in their order, whatever door they came by: what they name is loaded, the domain decides."""

from collections.abc import Sequence

from chassis.events.definition import Event
from chassis.intake.cloudevents import Report
from chassis.intake.pending_reports import DIGESTS
from chassis.store.event_log import READ_STREAMS
from chassis.store.prepared_query import BoundQuery
from chassis.store.subject_keys import KEYS
from chassis.store.unit_of_work import UnitOfWork
from contracts import participation
from duties.campaign import Campaign
from services.participation import queries
from services.participation.batch.domain import decide_row
from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Decision,
    Keys,
    Ledger,
    Row,
    UnitRow,
    row_of,
    streams_of,
    subjects_of,
)
from services.participation.registry.domain.units import decide_units

BY_WIRE = {kind.wire: name for name, kind in ROW_KINDS.items()}
_rules: dict[tuple[str, int], Campaign] = {}


def rules_of(work: UnitOfWork) -> Campaign | None:
    """The rules in force, None before the launch."""
    in_force = next((tuple(row) for row in work.query(queries.IN_FORCE())), None)
    if in_force is None:
        return None
    if in_force not in _rules and (result := queries.campaign(work.connection)) is not None:
        _rules.clear()
        _rules[in_force] = Campaign.from_data(result[2])
    return _rules[in_force]


def open_book(work: UnitOfWork, rows: Sequence[Row], ledger: Ledger | None = None) -> Ledger:
    """A book with everything that the rows name, and the keys of the persons at hand."""
    ledger = Ledger() if ledger is None else ledger
    ledger.fold(work.load(name for row in rows for name in streams_of(row)))
    work.keys.load(subject for row in rows for subject in subjects_of(row, ledger))
    return ledger


def queries_of(reports: Sequence[Report]) -> list[BoundQuery]:
    """What judging a single report reads in any case, to be prefetched.  Of many, some may repeat what is known: none
    is named."""
    known = [report for report in reports if report.fault is None and report.type in BY_WIRE]
    if len(reports) != 1 or not known:
        return []
    row = row_of(BY_WIRE[known[0].type], known[0].data)
    wanted = [queries.IN_FORCE(), DIGESTS(sources=[known[0].source], ids=[known[0].id])]
    if streams := sorted(streams_of(row)):
        wanted.append(READ_STREAMS(names=streams))
    if subjects := sorted(subjects_of(row)):
        wanted.append(KEYS(subjects=subjects))
    return wanted


def judge(
    rows: Sequence[Row], ledger: Ledger, rules: Campaign | None, keys: Keys, allow_pending: bool
) -> list[Decision]:
    """Decide rows in their order, units together; what is accepted enters the book at once."""
    units = [(at, row) for at, row in enumerate(rows) if isinstance(row, UnitRow)]
    decided: dict[int, Decision] = {}
    for (at, _), decision in zip(
        units, decide_units([row for _, row in units], ledger, allow_pending=allow_pending), strict=True
    ):
        decided[at] = decision
        if isinstance(decision, Accepted):
            ledger.fold(decision.events)
    for at, row in enumerate(rows):
        if at not in decided:
            decided[at] = decide_row(row, ledger, rules, keys, allow_pending=allow_pending)
            if isinstance(result := decided[at], Accepted):
                ledger.fold(result.events)
    return [decided[at] for at in range(len(rows))]


def touched(events: Sequence[Event]) -> set[str]:
    """What others may have waited for."""
    keys = set()
    for event in events:
        match event:
            case participation.UnitRegistered() | participation.UnitClosed() | participation.UnitRelated():
                keys.add(f"unit:{event.unit_id}")
            case participation.MembershipStarted() | participation.MembershipEnded():
                keys.add(f"person:{event.person_id}")
            case participation.RecordSubmitted():
                keys.add(f"record:{event.record_id}")
            case participation.FindingReported():
                keys.add(f"finding:{event.finding_id}")
            case participation.CampaignLaunched() | participation.CampaignAmended():
                keys.add("campaign")
    return keys
