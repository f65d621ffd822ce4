"""The reviews of a work: who is asked, what they mark, what goes back to its author (退回修改)."""

from chassis.events.definition import Event
from contracts.publicity import ReviewerAssigned, WorkMarked, WorkReturned
from duties.publicity import Publicity
from services.publicity.domain.refusals import Refused
from services.publicity.reviews.domain import Reviewer, decimal, may_review, total_of
from services.publicity.works.domain.commands import AssignReviewer, MarkWork, ReturnWork
from services.publicity.works.domain.state import Work


def assign_reviewer(state: Work, command: AssignReviewer, rules: Publicity) -> list[Event]:
    _check_reviewer(state, command.reviewer, command.author_units)
    if command.assigned_by and command.assigned_by in (state.known.author_id, command.reviewer.person_id):
        raise Refused("appoints_own_reader", "reviewer_id", command.reviewer.person_id)
    state.check_open()
    if command.reviewer.person_id in state.reviewers:
        return []
    if len(state.reviewers) >= rules.reviewers:
        raise Refused("reviewers_complete", "reviewer_id")
    return [ReviewerAssigned(command.work_id, command.reviewer.person_id, command.on, command.review_id)]


def mark_work(state: Work, command: MarkWork, rules: Publicity) -> list[Event]:
    """Marks stand once given.  Refused."""
    reviewer_id = command.reviewer.person_id
    if state.known and reviewer_id not in state.reviewers:
        raise Refused("not_the_reviewer", "reviewer_id", reviewer_id)
    texts = {name: decimal(mark) for name, mark in command.marks.items()}
    if reviewer_id in state.marks:
        if state.marks[reviewer_id][0] != texts:
            raise Refused("conflict", "marks", reviewer_id)
        return []
    state.check_open()
    state.check_not_returned()
    # A transfer since the assignment may have brought both into one unit.
    _check_reviewer(state, command.reviewer, command.author_units)
    total = total_of(command.marks, rules)
    return [WorkMarked(command.work_id, reviewer_id, texts, decimal(total), command.on)]


def return_work(state: Work, command: ReturnWork) -> list[Event]:
    """Once until it comes again; never after it was selected.  Refused."""
    if command.reviewer is not None:
        _check_reviewer(state, command.reviewer, command.author_units)
    state.check_open()
    known = state.known
    if state.selected:
        raise Refused("already_selected", "work_id", known.work_id)
    if state.returned_on:
        return []
    by, reviewer_id = ("reviewer", command.reviewer.person_id) if command.reviewer else ("unit", "")
    if command.reviewer and reviewer_id not in state.reviewers:
        raise Refused("not_the_reviewer", "reviewer_id", reviewer_id)
    return [WorkReturned(known.work_id, known.author_id, known.unit_id, by, reviewer_id, command.on, command.reason)]


def _check_reviewer(state: Work, reviewer: Reviewer, author_units: frozenset[str]) -> None:
    if not reviewer.unit_ids:
        raise Refused("not_in_service", "reviewer_id", reviewer.person_id)
    if not may_review(reviewer, state.known.author_id, author_units | {state.known.unit_id}):
        raise Refused("reviewer_of_unit", "reviewer_id", reviewer.person_id)
