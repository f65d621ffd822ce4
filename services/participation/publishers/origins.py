"""Finds the outside system that reported an accepted row."""

from chassis.events.definition import Event
from chassis.events.recorded_event import event_from_row
from chassis.store.event_log import READ_STREAMS
from chassis.store.prepared_query import QueryRunner
from contracts.participation import MembershipStarted, PostAssigned
from services.participation.domain.naming import Target
from services.participation.intake.causation import source_of_cause


def reported_source(query: QueryRunner, target: Target) -> str:
    """The source of the report by which the row was accepted; '' if it came otherwise (a file, a page)."""
    for row in query(READ_STREAMS(names=[target.stream])):
        recorded = event_from_row(row)
        if _begins(recorded.event(), target):
            return source_of_cause(recorded.causation)
    return ""


def _begins(event: Event, target: Target) -> bool:
    """Whether the event accepted the row: a person's stream contains all their memberships and posts; elsewhere it is
    the first event."""
    match event:
        case MembershipStarted() if target.kind == "membership":
            return (event.person_id, event.unit_id, event.since) == target.ids
        case PostAssigned() if target.kind == "post":
            return (event.unit_id, event.post, event.person_id, event.since) == target.ids
    return target.kind not in ("membership", "post")
