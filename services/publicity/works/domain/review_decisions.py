"""Decisions about the reviews of a work: who is asked, the marks, what is returned to the author (退回修改)."""

from chassis.events.definition import Event
from contracts.publicity import ReviewCommented, ReviewerAssigned, ReviewerReleased, WorkMarked, WorkReturned
from duties.publicity import Publicity
from services.publicity.domain.refusals import Refused
from services.publicity.reviews.domain import Reviewer, decimal, may_review, total_of
from services.publicity.works.domain.commands import OFFICE, AssignReviewer, MarkWork, ReleaseReviewer, ReturnWork
from services.publicity.works.domain.state import Work


def assign_reviewer(state: Work, command: AssignReviewer, rules: Publicity) -> list[Event]:
    _check_reviewer(state, command.reviewer, command.author_units)
    if command.assigned_by and command.assigned_by in (state.known.author_id, command.reviewer.person_id):
        raise Refused("appoints_own_reader", "reviewer_id", command.reviewer.person_id)
    state.check_open()
    reviewer_id, review_id = command.reviewer.person_id, command.review_id
    if (asked := state.reviewers.get(reviewer_id)) is not None:
        if command.due_on in ("", asked.due_on) or reviewer_id in state.marks:
            return []
        return [ReviewerAssigned(command.work_id, reviewer_id, asked.assigned_on, asked.review_id, command.due_on)]
    if reviewer_id in state.declined:
        raise Refused("reviewer_declined", "reviewer_id", reviewer_id)
    if len(state.reviewers) >= rules.reviewers:
        raise Refused("reviewers_complete", "reviewer_id")
    return [ReviewerAssigned(command.work_id, reviewer_id, command.on, review_id, command.due_on)]


def release_reviewer(state: Work, command: ReleaseReviewer) -> list[Event]:
    """A reviewer who has marked it stays; one who declined is not asked again.  Raises Refused."""
    known, reviewer_id = state.known, command.reviewer_id
    if reviewer_id not in state.reviewers:
        if command.cause == OFFICE or reviewer_id in state.declined:
            return []
        raise Refused("not_the_reviewer", "reviewer_id", reviewer_id)
    if reviewer_id in state.marks:
        raise Refused("already_marked", "reviewer_id", reviewer_id)
    return [ReviewerReleased(known.work_id, reviewer_id, command.cause, command.on)]


def mark_work(state: Work, command: MarkWork, rules: Publicity) -> list[Event]:
    """Marks cannot be changed.  Raises Refused."""
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
    # a transfer since the assignment may have brought both into one unit
    _check_reviewer(state, command.reviewer, command.author_units)
    total = total_of(command.marks, rules)
    marked = WorkMarked(command.work_id, reviewer_id, texts, decimal(total), command.on)
    if not command.comment:
        return [marked]
    review_id = state.reviewers[reviewer_id].review_id
    return [marked, ReviewCommented(command.work_id, state.known.author_id, review_id, command.on, command.comment)]


def return_work(state: Work, command: ReturnWork) -> list[Event]:
    """Once until it is submitted again; not after it was selected.  Raises Refused."""
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
