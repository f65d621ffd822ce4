"""Use cases of findings: raise, answer, send back, close, correct, withdraw; each is one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from chassis.events.canonical_json import moment
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from duties.days import iso, local_day, microseconds
from services.participation.batch.handlers import release_pending_reports, submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, Refused, Row
from services.participation.domain.cells import is_day, is_text
from services.participation.domain.rows import FindingRectifiedRow, FindingRow, ReportedCorrection, cells_of
from services.participation.evidence.domain import FILES
from services.participation.filings.counting import refuse
from services.participation.filings.domain.forms import FieldProblem, row_problem
from services.participation.findings import permissions
from services.participation.findings.domain import (
    FINDING_LIVES,
    LABELS,
    AnswerFinding,
    CloseFinding,
    Command,
    FindingLife,
    FindingRefused,
    RaiseFinding,
    ReturnFinding,
)
from services.participation.registry.identity import subjects_of_units
from services.registry import rights
from services.registry.rights import Party, Right

LONGEST: Final = 2000
_WORDS: Final[Mapping[str, str]] = {
    "missing": "请填写{title}", "too_long": "{title}最多 {max} 个字", "bad_text": "{title}里有不能使用的字符",
    "not_a_choice": "请从所列类别中选择", "too_early": "{title}不早于发现日期", "in_future": "{title}不晚于今天",
    "unknown_file": "有的文件不在本单位的印证资料里，请重新添加", "nothing": "没有改动任何一项",
}  # fmt: skip
_TITLES: Final[Mapping[str, str]] = {
    "description": "问题描述", "category": "问题类别", "text": "整改情况", "reason": "原因", "note": "复查意见",
    "deadline": "整改期限", "found_on": "发现日期", "rectified_on": "整改完成日期", "evidence": "印证资料",
}  # fmt: skip
_REFUSALS: Final[Mapping[str, str]] = {
    "changed": "您打开之后，别人办理过这一条。请核对之后再办理。",
    "not_now": "这一条现在是“{status}”，不能这样办理。",
    "same_person": "这一条由您提出或答复，须由本股室另一位同志复查销号。",
}


@dataclass(frozen=True)
class FindingTransaction:
    """One transaction on findings: the actor, the day, and what is appended."""

    unit_of_work: UnitOfWork
    actor: Actor
    today: str
    categories: Sequence[str]

    @property
    def person_id(self) -> str:
        return self.actor.name if "person" in self.actor.roles else ""

    def state(self, finding_id: str) -> FindingLife:
        return self.unit_of_work.states(FINDING_LIVES, [f"finding-{finding_id}"])[f"finding-{finding_id}"]

    def known(self, finding_id: str, right: Right) -> FindingLife:
        """The finding, if the caller has the right over its office or unit; they act by that post.  Problem 403,
        404."""
        state = self.state(finding_id)
        if state.row is None:
            raise permissions.absent(self.actor)
        unit_id = state.row.assessor_id if right is rights.REVIEW_FINDING else state.row.unit_id
        self.act(right, unit_id)
        return state

    def act(self, right: Right, unit_id: str) -> Actor:
        subject = subjects_of_units(self.unit_of_work.connection, [unit_id])[unit_id]
        acting = rights.require(self.actor, right, subject)
        self.unit_of_work.act_as(acting)
        return acting

    def execute(self, command: Command) -> bool:
        """Whether it changed anything.  Problem 404, 409."""
        try:
            return bool(self.unit_of_work.execute(FINDING_LIVES, command))
        except FindingRefused as refused:
            raise _problem(refused, self.state(command.finding_id).revision) from None

    def submit(self, row: Row) -> bool:
        """Decide the row by the rules of rows; returns whether it changed anything.  Problem 422 at its field."""
        (decision,) = submit_rows(self.unit_of_work, [row], rules_in_force(self.unit_of_work))
        if isinstance(decision, Refused):
            refuse([row_problem(decision.column, decision.code, cells_of(row).get(decision.column, ""))])
        if not isinstance(decision, Accepted):
            return False
        release_pending_reports(self.unit_of_work, decision.events)
        return True

    def require_files(self, unit_id: str, contents: Sequence[str]) -> None:
        """Problem 422 if a file is not the unit's own, or a person's."""
        states = self.unit_of_work.states(FILES, [f"evidence-{content}" for content in contents])
        held = [state.units.get(unit_id) for state in states.values()]
        if any(file is None or file.person_id for file in held):
            refuse([_wrong("evidence", "unknown_file")])


def _problem(refused: FindingRefused, revision: int) -> Problem:
    detail = _REFUSALS[refused.code].format(status=LABELS.get(refused.status, ""))
    return Problem(409, refused.code, detail, revision=revision, finding_status=refused.status)


@contextmanager
def transaction(
    units_of_work: UnitsOfWork, actor: Actor, correlation: str, on_commit: Callable[[], None]
) -> Iterator[FindingTransaction]:
    with units_of_work.begin(actor, correlation) as unit_of_work:
        rules = rules_in_force(unit_of_work)
        if rules is None:
            raise Problem(409, "no_campaign", "还没有启动主题活动，不能提出督查问题。")
        today = iso(local_day(microseconds(moment(unit_of_work.now)), rules.zone))
        yield FindingTransaction(unit_of_work, actor, today, rules.finding_categories)
        unit_of_work.after_commit(on_commit)


def raise_finding(act: FindingTransaction, row: FindingRow, evidence: Sequence[str]) -> bool:
    """By the post that supervises the unit.  `row`: without its office.  Problem 403, 409, 422."""
    acting = act.act(rights.RAISE_FINDING, row.unit_id)
    post = acting.acts_as if isinstance(acting, Party) else None
    row = row._replace(assessor_id=post.unit_id if post else "")
    refuse([*_row_problems(act, row), *_text_problems("description", row.description)])
    act.require_files(row.assessor_id, evidence)
    fresh = act.submit(row)
    return act.execute(RaiseFinding(row.finding_id, 0, act.person_id, tuple(evidence))) or fresh


def answer_finding(act: FindingTransaction, finding_id: str, revision: int, text: str, evidence: Sequence[str]) -> bool:
    state = act.known(finding_id, rights.ANSWER_FINDING)
    refuse(list(_text_problems("text", text)))
    if state.row is not None:
        act.require_files(state.row.unit_id, evidence)
    return act.execute(AnswerFinding(finding_id, revision, act.person_id, act.today, text, tuple(evidence)))


def return_finding(act: FindingTransaction, finding_id: str, revision: int, reason: str) -> bool:
    act.known(finding_id, rights.REVIEW_FINDING)
    refuse(list(_text_problems("reason", reason)))
    return act.execute(ReturnFinding(finding_id, revision, act.today, reason))


def close_finding(act: FindingTransaction, finding_id: str, revision: int, note: str, rectified_on: str) -> bool:
    """`rectified_on` empty: the day of the unit's answer, else today, so that a slow review costs no points."""
    state = act.known(finding_id, rights.REVIEW_FINDING)
    day = rectified_on or (state.answer.answered_on if state.answer else act.today)
    found_on = state.row.found_on if state.row else ""
    refuse([*_day_problems("rectified_on", day, found_on, act.today), *_text_problems("note", note, required=False)])
    if not act.execute(CloseFinding(finding_id, revision, act.person_id, act.today, note)):
        return False
    return act.submit(FindingRectifiedRow(finding_id, day))


def correct_finding(
    act: FindingTransaction, finding_id: str, revision: int, changes: Mapping[str, str], reason: str
) -> bool:
    """Correct the office's own texts; `changes`: by column.  Problem 403, 404, 409, 422."""
    state = _require_revision(act, finding_id, revision)
    fact = state.row
    cells = {name: str(getattr(fact, name, "")) for name in FindingRow._fields} | dict(changes)
    given = {name: value for name, value in changes.items() if value != getattr(fact, name, "")}
    problems = [*_row_problems(act, FindingRow(**cells), given), *_text_problems("reason", reason)]
    if "description" in given:
        problems += _text_problems("description", cells["description"])
    refuse(problems or ([] if given else [_wrong("reason", "nothing")]))
    return act.submit(ReportedCorrection("finding_corrected", (finding_id,), tuple(sorted(given.items())), reason))


def withdraw_finding(act: FindingTransaction, finding_id: str, revision: int, reason: str) -> bool:
    """Void a finding that should not have been raised."""
    if act.known(finding_id, rights.REVIEW_FINDING).status == "withdrawn":
        return False
    _require_revision(act, finding_id, revision)
    refuse(list(_text_problems("reason", reason)))
    return act.submit(ReportedCorrection("finding_voided", (finding_id,), (), reason))


def _require_revision(act: FindingTransaction, finding_id: str, revision: int) -> FindingLife:
    state = act.known(finding_id, rights.REVIEW_FINDING)
    if state.status == "withdrawn":
        raise _problem(FindingRefused("not_now", state.status), state.revision)
    if revision and revision != state.revision:
        raise _problem(FindingRefused("changed", state.status), state.revision)
    return state


def _row_problems(
    act: FindingTransaction, row: FindingRow, asked: Mapping[str, str] | None = None
) -> Iterator[FieldProblem]:
    """Checks besides the rules of rows: a listed category, days in order.  `asked`: the columns that a correction
    changes."""
    if (asked is None or "category" in asked) and row.category not in act.categories:
        yield _wrong("category", "not_a_choice")
    if asked is None or asked.keys() & {"found_on", "deadline"}:
        if is_day(row.found_on) and row.found_on > act.today:
            yield _wrong("found_on", "in_future")
        if is_day(row.found_on) and is_day(row.deadline) and row.deadline < row.found_on:
            yield _wrong("deadline", "too_early")


def _day_problems(name: str, day: str, earliest: str, latest: str) -> Iterator[FieldProblem]:
    if not is_day(day):
        yield row_problem(name, "bad_date", day)
    elif day < earliest:
        yield _wrong(name, "too_early")
    elif day > latest:
        yield _wrong(name, "in_future")


def _text_problems(name: str, text: str, required: bool = True) -> Iterator[FieldProblem]:
    if required and not text:
        yield _wrong(name, "missing")
    elif len(text) > LONGEST:
        yield _wrong(name, "too_long")
    elif not is_text(text, LONGEST):
        yield _wrong(name, "bad_text")


def _wrong(name: str, code: str) -> FieldProblem:
    return FieldProblem(name, code, _WORDS[code].format(title=_TITLES.get(name, name), max=LONGEST))
