"""Deciders of what was confirmed of a roster, of stored answers, and of the meanings of words: each with its own
streams.  Pure."""

from dataclasses import dataclass
from typing import Final

from chassis.events.definition import Event
from chassis.process.problems import Problem
from chassis.store.decider import Decider
from contracts.roster import RosterAnswerKept, RosterApplied, RosterWordExplained
from services.participation.roster.domain.lines import KEEP, START_DIFFERS, Line, Option
from services.participation.roster.domain.meanings import ROLE, ROLE_LABELS, UNIT, word_of

POSTS: Final = "posts"
SINCE: Final = "since"


@dataclass(frozen=True)
class ApplyLines:
    """[line, option, outcome, column, code] of lines that were decided just now and not settled before."""

    roster_id: str
    unit_id: str
    as_of: str
    sha256: str
    file: str
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class KeepAnswer:
    """The choice for a line applies to later rosters too: `about` posts or since, as in the event."""

    person_id: str
    roster_id: str
    about: str
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ExplainWord:
    """`value` empty: the word has no meaning any more."""

    column: str
    word: str
    value: str

    @property
    def stream(self) -> str:
        return f"roster_word-{self.column}-{self.word}"


def _decide_lines(_: None, command: ApplyLines, undone: bool) -> list[Event]:
    """The event of the applied lines; none without lines.  Problem 409 if the roster was undone."""
    if not command.lines:
        return []
    if undone:
        raise Problem(409, "roster_undone", "这份花名册已撤销；需要再次办理，请重新提交文件。")
    of_roster = (command.roster_id, command.unit_id, command.as_of, command.sha256, command.file)
    return [RosterApplied(*of_roster, command.lines)]


APPLIED_LINES: Final = Decider(lambda: None, _decide_lines, lambda state, _: state, streams=lambda _: ())
"""Reads no stream: a city's roster has 500 events, and settled lines are in rows of the same transaction.  Fact:
whether the roster was undone."""


def _decide_word(value: str, command: ExplainWord, unit_exists: bool) -> list[Event]:
    """The event of a word's meaning; none if it means that already.  Problem 422."""
    if command.column == UNIT and command.value and not unit_exists:
        raise Problem(422, "unknown_unit", f"没有编号为 {command.value} 的单位。", column="value")
    if command.column == ROLE and command.value and command.value not in ROLE_LABELS:
        raise Problem(422, "bad_role", f"身份应为 {'、'.join(ROLE_LABELS)}。", column="value")
    if not command.word or command.word != word_of(command.word):
        raise Problem(422, "missing", "请写明花名册中的原文。", column="word")
    return [] if command.value == value else [RosterWordExplained(command.column, command.word, command.value)]


def _evolve_word(value: str, event: Event) -> str:
    return event.value if isinstance(event, RosterWordExplained) else value


WORDS: Final = Decider(str, _decide_word, _evolve_word)
"""State: what a word means, empty: nothing.  Fact: whether the unit in the value exists."""


def answer_of(line: Line, option: Option, roster_id: str) -> KeepAnswer | None:
    """The answer in the chosen option that applies to later rosters too; None if there is none."""
    if option.further:
        return KeepAnswer(option.person_id, roster_id, POSTS, option.further)
    if (line.reason, option.key) == (START_DIFFERS, KEEP):
        return KeepAnswer(option.person_id, roster_id, SINCE, ((line.value,),))
    return None


def _decide_answer(_: None, command: KeepAnswer, __: None) -> list[Event]:
    return [RosterAnswerKept(command.person_id, command.roster_id, command.about, command.values)]


ANSWERS: Final = Decider(lambda: None, _decide_answer, lambda state, _: state, streams=lambda _: ())
"""Reads no stream: settled lines are in rows of the same transaction."""
