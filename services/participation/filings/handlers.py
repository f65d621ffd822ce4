"""Use cases of filings: draft, submit, return, confirm, correct, withdraw; each is one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from duties.record_kinds import RecordKind
from services.participation.campaign.queries import rules_in_force
from services.participation.evidence.domain import FILES
from services.participation.evidence.file_types import TYPE_IN_WORDS
from services.participation.filings.attachments import named_files_of, put_files
from services.participation.filings.counting import count_records, refuse, require_countable
from services.participation.filings.domain.contents import Content, content_of, event_cells, record_rows
from services.participation.filings.domain.filing import (
    FILINGS,
    LABELS,
    ConfirmFiling,
    CorrectFiling,
    DraftFiling,
    Filing,
    FilingCommand,
    FilingRefused,
    ReturnFiling,
    SubmitFiling,
    WithdrawFiling,
)
from services.participation.filings.domain.forms import (
    TYPE_TITLES,
    FieldProblem,
    draft_problems,
    problem_at,
    submission_problems,
)
from services.participation.filings.permissions import (
    Filer,
    awaited,
    confirming_right,
    confirming_subject,
    filer_of,
    subject_of,
)
from services.registry import rights

UNKNOWN: Final = Problem(404, "unknown_filing", "没有这一条填报。")
MOST_OF_ENTRY: Final = 20
"""The most filings of one entry, dropped ones included."""
AGAIN: Final = "退回修改后重新提交"
"""The reason for a record that counts again."""
_REFUSALS: Final = {
    "other_kind": "草稿的填报记录和单位不能更改，请另填一份。",
    "not_now": "这一条现在是“{status}”，不能这样办理。",
}


@dataclass(frozen=True)
class Request:
    """The actor of a request, and a callback after the commit."""

    actor: Actor
    correlation: str
    on_commit: Callable[[], None]


class FilingTransaction:
    """One transaction on filings: the states, the rules in force, the executed commands."""

    def __init__(self, unit_of_work: UnitOfWork, actor: Actor) -> None:
        rules = rules_in_force(unit_of_work)
        if rules is None:
            raise Problem(409, "no_campaign", "还没有启动主题活动，不能填报。")
        self.unit_of_work, self.actor, self.rules = unit_of_work, actor, rules
        self.connection = unit_of_work.connection

    def kind(self, name: str) -> RecordKind:
        if name not in self.rules.kinds:
            raise Problem(422, "unknown_record_kind", f"本方案没有填报记录 {name[:60]}。", column="kind")
        return self.rules.kinds[name]

    def state(self, filing_id: str) -> Filing:
        return self.unit_of_work.states(FILINGS, [f"filing-{filing_id}"])[f"filing-{filing_id}"]

    def known(self, filing_id: str) -> Filing:
        state = self.state(filing_id)
        if not state.status:
            raise UNKNOWN
        return state

    def content(self, state: Filing, revision: int | None = None) -> Content:
        """The content as of a revision, or now, decrypted; callers decide what of it is shown."""
        return plain_content(state, self.unit_of_work.keys.of, revision)

    def execute(self, command: FilingCommand) -> bool:
        """Whether it changed anything.  Problem 404, 409 with what changed meanwhile."""
        state = self.state(command.filing_id)
        try:
            return bool(self.unit_of_work.execute(FILINGS, command))
        except FilingRefused as refused:
            raise self._problem(refused, state, command) from None

    def _problem(self, refused: FilingRefused, state: Filing, command: FilingCommand) -> Problem:
        if refused.code == "unknown":
            return UNKNOWN
        if refused.code != "changed":
            detail = _REFUSALS[refused.code].format(status=LABELS.get(refused.status, ""))
            return Problem(409, refused.code, detail, revision=state.revision, filing_status=refused.status)
        seen = self.content(state, command.revision) if state.content_at(command.revision) else None
        changed = self.content(state).differences(seen) if seen else []
        detail = "您打开之后，别人改过这一条。请核对之后再保存。"
        return Problem(409, "changed_meanwhile", detail, revision=state.revision, changed=changed,
                       filing_status=refused.status)  # fmt: skip

    def count(
        self, filing_id: str, before: Content | None, after: Content | None, reason: str, *, for_now: bool = False
    ) -> None:
        """Update the records.  `for_now`: records that do not count any more may be restored later."""
        old, fresh = (record_rows(filing_id, content, self.kind(content.kind)) if content else []
                      for content in (before, after))  # fmt: skip
        count_records(self.unit_of_work, old, fresh, self.rules, reason, for_now=for_now)
        if (named := named_files_of(after, fresh)) is not None:
            put_files(self.unit_of_work, named_files_of(before, old), named, reason)


def plain_content(state: Filing, key_of: Callable[[str], bytes], revision: int | None = None) -> Content:
    event = state.content_at(state.revision if revision is None else revision)
    if event is None or state.begun is None:
        raise UNKNOWN
    key = key_of(event.person_id) if event.person_id else None
    return content_of(event, state.begun.kind, state.begun.unit_id, key)


@contextmanager
def transaction(units_of_work: UnitsOfWork, request: Request) -> Iterator[FilingTransaction]:
    with units_of_work.begin(request.actor, request.correlation) as unit_of_work:
        yield FilingTransaction(unit_of_work, request.actor)
        unit_of_work.after_commit(request.on_commit)


def draft_filings(
    act: FilingTransaction, entry_id: str, contents: Sequence[Content], revisions: Sequence[int], submit: bool
) -> list[str]:
    """Create (or change) the filings of one entry, and optionally submit all; returns their ids.  A draft of a kind
    that the entry no longer has is dropped.  Problem 403, 409, 422."""
    first = act.kind(contents[0].kind)
    for content in contents[1:]:
        if content.kind not in first.files_with:
            detail = f"“{act.kind(content.kind).title}”不能与“{first.title}”一并填报。"
            raise Problem(422, "not_filed_with", detail, column="kind")
    names, dropped = _names_of_entry(act, entry_id, [content.kind for content in contents])
    drafts = zip(names, contents, revisions, strict=True)
    problems = [
        item
        for number, (name, content, revision) in enumerate(drafts, 1)
        for item in _problems_of_deed(number, partial(save_draft, act, name, entry_id, content, revision))
    ]
    if submit and not problems:
        problems = [item for number, name in enumerate(names, 1)
                    for item in _problems_of_deed(number, partial(submit_filing, act, name, 0))]  # fmt: skip
    refuse(problems)
    for name in dropped:
        withdraw_filing(act, name, 0, "")
    return names


def _names_of_entry(act: FilingTransaction, entry_id: str, kinds: Sequence[str]) -> tuple[list[str], list[str]]:
    """By kind the entry's existing filing, else a new id; and the drafts of other kinds."""
    every = [f"{entry_id}-{number}" for number in range(1, MOST_OF_ENTRY + 1)]
    states = act.unit_of_work.states(FILINGS, [f"filing-{name}" for name in every])
    known = {name: states[f"filing-{name}"] for name in every}
    free = [name for name, state in known.items() if not state.status]
    kept = {name: state for name, state in known.items()
            if state.begun and (state.status != "withdrawn" or state.handed_in)}  # fmt: skip
    names: list[str] = []
    for kind in kinds:
        same = (name for name, state in kept.items() if state.begun and state.begun.kind == kind and name not in names)
        name = next(same, "") or next((each for each in free if each not in names), "")
        if not name:
            raise Problem(422, "too_many_filings", "这一次填报改动太多，请另填一份。", column="kind")
        names.append(name)
    return names, [name for name, state in kept.items() if name not in names and state.status == "draft"]


def _problems_of_deed(number: int, save: Callable[[], object]) -> list[FieldProblem]:
    """The problems of one form of an entry, so that those of all forms are answered together."""
    try:
        save()
    except Problem as problem:
        if problem.code != "bad_fields":
            raise
        return [FieldProblem(**item)._replace(deed=number) for item in problem.more["problems"]]
    return []


def save_draft(act: FilingTransaction, filing_id: str, entry_id: str, content: Content, revision: int) -> None:
    state = act.state(filing_id)
    kind = act.kind(content.kind)
    filer = _filer(act, state, content, kind)
    refuse([*draft_problems(content, kind, filer.oneself), *_unit_problems(act, content, kind)])
    act.execute(DraftFiling(filing_id, revision, state.begun.entry_id if state.begun else entry_id, content.kind,
                            content.unit_id, filer.on_behalf, _cells(act, content, kind)))  # fmt: skip


def _unit_problems(act: FilingTransaction, content: Content, kind: RecordKind) -> list[FieldProblem]:
    unit = subject_of(act.connection, content.unit_id)
    other = bool(kind.kinds) and unit.unit_kind not in kind.kinds
    return [problem_at("kind", "not_for_unit", title=kind.title)] if other else []


def _cells(act: FilingTransaction, content: Content, kind: RecordKind) -> dict[str, Any]:
    person_id = content.person_id
    return event_cells(content, kind, act.unit_of_work.keys.of(person_id) if person_id else None)


def _filer(act: FilingTransaction, state: Filing, content: Content, kind: RecordKind) -> Filer:
    """The filer.  What a person began as their own may be changed by that person only.  Problem 403."""
    filer = filer_of(act.connection, act.actor, content, kind)
    if state.begun and kind.filed_by == "person" and not state.begun.on_behalf and not filer.oneself:
        raise Problem(403, "not_allowed", "这一条由本人填报，只能由本人修改。")
    act.unit_of_work.act_as(filer.actor)
    return filer


def submit_filing(act: FilingTransaction, filing_id: str, revision: int) -> bool:
    state = act.known(filing_id)
    content = act.content(state)
    kind = act.kind(content.kind)
    filer = _filer(act, state, content, kind)
    awaits = awaited(kind, filer)
    command = SubmitFiling(filing_id, revision, awaits, act.rules.id, act.rules.version)
    if not act.execute(command):
        return False
    _require_complete(act, filing_id, content, kind, filer)
    if not awaits:
        act.count(filing_id, None, content, AGAIN)
    return True


def _require_complete(act: FilingTransaction, filing_id: str, content: Content, kind: RecordKind, filer: Filer) -> None:
    """Problem 422: what the form lacks, and what the rules of records would refuse."""
    refuse([*submission_problems(content, kind, filer.oneself), *_file_problems(act, content, kind)])
    require_countable(act.unit_of_work, record_rows(filing_id, content, kind), act.rules, filer.any_people)


def _file_problems(act: FilingTransaction, content: Content, kind: RecordKind) -> list[FieldProblem]:
    """Stored files of a type that the kind does not accept."""
    states = act.unit_of_work.states(FILES, [f"evidence-{each}" for each in content.evidence])
    received = [state.units[content.unit_id] for state in states.values() if content.unit_id in state.units]
    types = {TYPE_IN_WORDS.get(file.media_type, "") for file in received}
    asked = "、".join(TYPE_TITLES[name] for name in kind.evidence.types)
    wrong = bool(kind.evidence.types) and not types <= set(kind.evidence.types)
    return [problem_at("evidence", "wrong_files", types=asked)] if wrong else []


def return_filing(act: FilingTransaction, filing_id: str, revision: int, reason: str) -> bool:
    _act_as_confirming(act, act.known(filing_id))
    return act.execute(ReturnFiling(filing_id, revision, reason))


def confirm_filing(act: FilingTransaction, filing_id: str, revision: int) -> bool:
    state = act.known(filing_id)
    _act_as_confirming(act, state)
    if not act.execute(ConfirmFiling(filing_id, revision, act.rules.id, act.rules.version)):
        return False
    act.count(filing_id, None, act.content(state), AGAIN)
    return True


def _act_as_confirming(act: FilingTransaction, state: Filing) -> None:
    """Act as the one who confirms.  Problem 403."""
    right = confirming_right(state.awaits or act.kind(act.content(state).kind).confirm, state.person_id)
    acting = rights.require(act.actor, right, confirming_subject(act.connection, state))
    act.unit_of_work.act_as(acting)


def change_filing(act: FilingTransaction, filing_id: str, content: Content, revision: int, reason: str) -> None:
    """Save a draft, or correct a filing that counts, which needs a reason.  What the head confirmed may be corrected by
    the head only.  Problem 403, 409, 422."""
    state = act.known(filing_id)
    before = act.content(state)
    _filer(act, state, before, act.kind(before.kind))  # a caller without the right must learn nothing about it
    if not state.counts:
        return save_draft(act, filing_id, "", content, revision)
    kind = act.kind(content.kind)
    if (content.kind, content.unit_id) != (before.kind, before.unit_id):
        raise Problem(409, "other_kind", _REFUSALS["other_kind"])
    filer = _filer(act, state, content, kind)
    if kind.confirm == "head":
        _act_as_confirming(act, state)
    unexplained = [] if reason else [problem_at("reason", "missing", title="更正原因")]
    refuse([*draft_problems(content, kind, filer.oneself), *unexplained])
    if act.execute(CorrectFiling(filing_id, revision, reason, _cells(act, content, kind))):
        _require_complete(act, filing_id, content, kind, filer)
        act.count(filing_id, before, content, reason)
    return None


def withdraw_filing(act: FilingTransaction, filing_id: str, revision: int, reason: str) -> bool:
    state = act.known(filing_id)
    content = act.content(state)
    filer = _filer(act, state, content, act.kind(content.kind))
    if state.counts and act.kind(content.kind).confirm == "head" and not filer.is_head:
        _act_as_confirming(act, state)
    if state.counts and not reason:
        refuse([problem_at("reason", "missing", title="撤回原因")])
    if not act.execute(WithdrawFiling(filing_id, revision, reason)):
        return False
    if state.counts:
        act.count(filing_id, content, None, reason)
    return True
