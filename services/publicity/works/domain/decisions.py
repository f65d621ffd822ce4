"""The decider of a work, from nomination to selection, with the author's consent at every step.

集优宣传: 将干部教师的心得体会或优秀作品择优汇编。"""

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.publicity import (
    ConsentGiven,
    ConsentWithdrawn,
    WorkDeselected,
    WorkNominated,
    WorkPutForward,
    WorkRevised,
    WorkSelected,
)
from duties.publicity import Publicity
from services.publicity.domain.refusals import Refused
from services.publicity.reviews.domain import passes
from services.publicity.works.domain.commands import (
    AssignReviewer,
    DeselectWork,
    GiveConsent,
    MarkWork,
    NominateWork,
    PutWorkForward,
    ReleaseReviewer,
    ReturnWork,
    SelectWork,
    WithdrawConsent,
    WorkCommand,
)
from services.publicity.works.domain.review_decisions import assign_reviewer, mark_work, release_reviewer, return_work
from services.publicity.works.domain.state import Work, evolve_work


def decide_work(state: Work, command: WorkCommand, rules: Publicity) -> list[Event]:
    """The resulting events; none for a repeated command.  Raises Refused."""
    match command:
        case NominateWork():
            return _nominate(state, command, rules)
        case PutWorkForward():
            return _put_forward(state, command)
        case GiveConsent():
            known, fresh = state.known, _fresh_levels(state, command.levels, command.how, rules)
            return [ConsentGiven(known.work_id, known.author_id, fresh, command.on, command.how)] if fresh else []
        case WithdrawConsent():
            known = state.known
            gone = tuple(sorted(state.levels & (set(command.levels) or state.levels)))
            whole = state.levels == set(gone)
            event = ConsentWithdrawn(known.work_id, known.author_id, gone, command.on, command.cause, whole)
            return [event] if gone else []
        case AssignReviewer():
            return assign_reviewer(state, command, rules)
        case ReleaseReviewer():
            return release_reviewer(state, command)
        case MarkWork():
            return mark_work(state, command, rules)
        case ReturnWork():
            return return_work(state, command)
        case SelectWork():
            return _select(state, command, rules)
        case DeselectWork():
            known = state.known
            if command.level not in state.selected:
                return []
            return [WorkDeselected(known.work_id, known.author_id, known.unit_id, command.level, command.reason,
                                   command.at, state.turns.get(command.level, 1))]  # fmt: skip


def _levels(levels: tuple[str, ...], rules: Publicity) -> set[str]:
    for level in levels:
        if level not in rules.levels:
            raise Refused("unknown_level", "levels", level)
    return set(levels)


def _fresh_levels(state: Work, levels: tuple[str, ...], how: str, rules: Publicity) -> tuple[str, ...]:
    """The newly consented levels; one that was withdrawn can be consented to only by the author.  Raises Refused."""
    fresh = tuple(sorted(_levels(levels, rules) - state.levels))
    if how != "self" and (gone := sorted(state.withdrawn.intersection(fresh))):
        raise Refused("author_only", "levels", gone[0])
    return fresh


def _nominate(state: Work, command: NominateWork, rules: Publicity) -> list[Event]:
    if (known := state.nomination) is not None:
        if (known.author_id, known.unit_id) != (command.author_id, command.unit_id):
            raise Refused("conflict", "work_id", command.work_id)
        if known.content == command.content:
            return []
        if not state.returned_on:
            raise Refused("conflict", "work_id", command.work_id)
        return _revise(state, command, rules)
    if not (levels := tuple(sorted(_levels(command.levels, rules)))):
        raise Refused("consent_needed", "levels")
    if command.unit_id not in command.in_service:
        raise Refused("not_in_service", "unit_id", command.unit_id)
    return [
        WorkNominated(command.work_id, command.author_id, command.unit_id, command.semester, command.kind,
                      command.content, command.size, command.on, command.by, command.title, command.left_out,
                      command.fingerprint),
        ConsentGiven(command.work_id, command.author_id, levels, command.on, command.how),
    ]  # fmt: skip


def _put_forward(state: Work, command: PutWorkForward) -> list[Event]:
    """What a unit nominates is put forward at the same time.  Raises Refused."""
    known = state.known
    if state.put_forward:
        return []
    state.check_open()
    state.check_not_returned()
    return [WorkPutForward(known.work_id, known.author_id, known.unit_id, command.on)]


def _revise(state: Work, command: NominateWork, rules: Publicity) -> list[Event]:
    """Another file for a returned work, with further consents of its author.  Raises Refused."""
    revised = WorkRevised(command.work_id, command.author_id, command.kind, command.content, command.size, command.on,
                          command.by, command.title, command.left_out, command.fingerprint)  # fmt: skip
    if fresh := _fresh_levels(state, command.levels, command.how, rules):
        return [revised, ConsentGiven(command.work_id, command.author_id, fresh, command.on, command.how)]
    return [revised]


def _select(state: Work, command: SelectWork, rules: Publicity) -> list[Event]:
    known = state.known
    if command.level in state.selected:
        return []
    if command.level in state.deselected:
        raise Refused("deselected", "work_id", known.work_id)
    state.check_open()
    state.check_not_returned()
    if command.level == "district" and "unit" not in state.selected:
        raise Refused("not_selected", "work_id", known.work_id)
    if len(state.marks) < rules.reviewers:
        raise Refused("reviews_missing", "work_id", f"{len(state.marks)}/{rules.reviewers}")
    if not passes([total for _, total in state.marks.values()], rules.reviewers, rules.pass_mark):
        raise Refused("below_pass_mark", "work_id", known.work_id)
    if command.same_text:
        raise Refused("same_text_selected", "work_id", command.same_text)
    return [WorkSelected(known.work_id, known.author_id, known.unit_id, known.semester, command.level, command.at,
                         state.turns.get(command.level, 0) + 1, command.reason)]  # fmt: skip


WORKS = Decider(Work, decide_work, evolve_work)
