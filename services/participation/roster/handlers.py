"""Use cases of rosters: compare with the registry, keep previews, apply what is confirmed.

A repeated confirmation is applied once: the outcome of each line is an event in the transaction that applied it
(docs/decisions/0148)."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from chassis.process.greenlets import yield_control
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.batch.handlers import release_pending_reports
from services.participation.domain import Accepted, Decision, Refused
from services.participation.domain.cells import is_day
from services.participation.roster import queries
from services.participation.roster.comparisons import UNREADABLE, Comparison, Comparisons
from services.participation.roster.domain.changes import OPTIONS, ApplyOption
from services.participation.roster.domain.confirmation import (
    ANSWERS,
    APPLIED_LINES,
    WORDS,
    ApplyLines,
    ExplainWord,
    answer_of,
)
from services.participation.roster.domain.lines import APPLY, CERTAIN, END, MISSING, Line, Option
from services.participation.roster.domain.meanings import UNIT, word_of
from services.participation.roster.job import RosterJob
from services.participation.roster.previews import Preview, Previews, SelectedLines
from services.registry import rights

BATCH: Final = 200
CONFIRM_SECONDS: Final = 1.0
WAIT_SECONDS: Final = 1.0
"""How long an upload waits for its preview; after that the client polls."""
LOOK_SECONDS: Final = 0.25


def correlation_of(roster_id: str) -> str:
    """The correlation id of all events that a roster causes, by which its undo finds them."""
    return f"roster-{roster_id}"


@dataclass(frozen=True)
class Selection:
    """What is confirmed: whole groups, and options by line; `missing_on`: the first day on which unlisted persons no
    longer serve, empty: the roster's; `days`: the same by line."""

    groups: Sequence[str]
    lines: Mapping[str, str]
    missing_on: str = ""
    days: Mapping[str, str] | None = None


class VisibleRoster(NamedTuple):
    """A roster as the caller may see it: `preview`, or `comparison` while it is compared."""

    preview: Preview
    comparison: Comparison | None = None

    @property
    def has_lines(self) -> bool:
        """Also while it is compared again."""
        return self.comparison is None or self.preview is not self.comparison.head


class Rosters:
    """The rosters of this service.  `on_commit`: wakes the loop that decides pending reports."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, folder: Path, now: Callable[[], str],
        on_commit: Callable[[], None], monitor: LoopMonitor,
    ) -> None:  # fmt: skip
        self._store, self._units_of_work, self._now, self._on_commit = store, units_of_work, now, on_commit
        self.previews, self._comparisons = Previews(folder), Comparisons(folder)
        self.wait_seconds = WAIT_SECONDS
        self.job = RosterJob(store, self.previews, self._comparisons, monitor)

    def begin(
        self, actor: Actor, unit_id: str, as_of: str, file: str, older: bool, chunks: Iterable[bytes]
    ) -> VisibleRoster:
        """Accept a roster to be read and compared; a small one is compared before the answer.  `unit_id` empty: the
        district's, or the only unit of the caller's post; `older`: its day may be before that of the last roster.
        Problem 403, 404, 409, 422."""
        acting, unit_id = self._acting_by_post(actor, unit_id)
        if not is_day(as_of):
            raise Problem(422, "bad_date", f"“{as_of[:20]}”不是有效日期，请按 2022-11-01 的格式填写。", column="as_of")
        with self._store.reading() as connection:
            latest = queries.latest_day(connection, unit_id)
        if as_of < latest and not older:
            raise Problem(409, "older_roster", f"已确认过 {latest} 的花名册，这一份是 {as_of} 的；"
                          "确需使用较早的花名册，请注明允许较早日期。", column="as_of")  # fmt: skip
        self.previews.sweep()
        roster_id = f"{as_of.replace('-', '')}-{os.urandom(5).hex()}"
        head = Preview(roster_id, unit_id, as_of, file[:200], "", str(acting), self._now(), [], revision=1)
        self._comparisons.begin(head, chunks)
        self._wait(roster_id)
        comparison = self._comparisons.find(roster_id)
        if comparison and comparison.state == UNREADABLE:
            self._comparisons.end(roster_id)
            raise Problem(422, UNREADABLE, comparison.fault)
        return self.look(actor, roster_id)

    def look(self, actor: Actor, roster_id: str) -> VisibleRoster:
        """The progress.  Problem 403, 404."""
        comparison = self._comparisons.find(roster_id)  # read first: when it is removed, the preview exists
        preview = self.previews.find(roster_id)
        if preview is None and comparison is None:
            raise rights.KEEP_ROSTER.absent(actor, _no_preview(roster_id))
        seen = VisibleRoster(preview or comparison.head, comparison)  # type: ignore[union-attr]  # one of the two is there
        rights.require(actor, rights.KEEP_ROSTER, rights.Subject(seen.preview.unit_id))
        return seen

    def wait(self, actor: Actor, roster_id: str) -> VisibleRoster:
        """The progress after at most a second.  Problem 403, 404."""
        self.look(actor, roster_id)
        self._wait(roster_id)
        return self.look(actor, roster_id)

    def find(self, actor: Actor, roster_id: str) -> Preview:
        """Problem 403, 404; 409 if there is no preview yet."""
        seen = self.look(actor, roster_id)
        if seen.comparison and not seen.has_lines:
            raise Problem(409, "not_compared", seen.comparison.fault or "正在比对，请稍候再办理。")
        return seen.preview

    def listed(self, actor: Actor) -> list[VisibleRoster]:
        """Those that the caller may see, latest first."""
        open_ones = {each.head.roster_id: each for each in self._comparisons.all()}
        compared = [VisibleRoster(preview, open_ones.pop(preview.roster_id, None)) for preview in self.previews.all()]
        seen = [*(VisibleRoster(each.head, each) for each in open_ones.values()), *compared]
        seen.sort(key=lambda each: each.preview.created_at, reverse=True)
        return [each for each in seen
                if rights.may(actor, rights.KEEP_ROSTER, rights.Subject(each.preview.unit_id))]  # fmt: skip

    def compare_again(self, actor: Actor, roster_id: str) -> VisibleRoster:
        """Compare with the current registry and meanings.  Problem 403, 404, 409."""
        preview = self.find(actor, roster_id)
        self._comparisons.begin_again(replace(preview, revision=preview.revision + 1))
        return self.wait(actor, roster_id)

    def explain_words(self, words: Sequence[Mapping[str, str]], actor: object, correlation: str) -> list[str]:
        """Define words of rosters (`column`, `word`, `value`).  Returns the positions.  Problem 422."""
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            units = queries.unit_names(unit_of_work.connection)
            for word in words:
                known = word["column"] != UNIT or word["value"] in units
                command = ExplainWord(word["column"], word_of(word["word"]), word["value"])
                unit_of_work.execute(WORDS, command, known)
        return unit_of_work.positions

    def confirm(self, actor: Actor, roster_id: str, revision: int, selection: Selection) -> dict[str, Any]:
        """Apply the selection for about a second, in one transaction per batch: `left` is the number of lines for which
        the same request must be repeated.  Problem 403, 404, 409, 422."""
        preview = self.find(actor, roster_id)
        acting = rights.require(actor, rights.KEEP_ROSTER, rights.Subject(preview.unit_id))
        if revision != preview.revision:
            raise Problem(409, "preview_changed", "预览已重新生成，请查看后再确认。")
        limit, positions = time.monotonic() + CONFIRM_SECONDS, [""][:0]
        with self.previews.opened(roster_id) as database:
            chosen = _lines_of_selection(database, selection)
            while (batch := chosen.next(BATCH)) and time.monotonic() < limit:
                options = [(line, _option(line, key, selection)) for line, key in batch]
                outcomes, appended = self._apply(preview, options, acting)
                chosen.settle(outcomes)
                positions = appended or positions
                yield_control()
            left = chosen.left()
        with self._store.reading() as connection:
            return {"left": left, "positions": positions} | queries.count_outcomes(connection, roster_id)

    def erase(self, person_id: str) -> int:
        """The number of preview lines about an erased person that were deleted."""
        return self.previews.erase(person_id)

    def _acting_by_post(self, actor: Actor, unit_id: str) -> tuple[Actor, str]:
        """The caller, acting by the post that allows it, and the unit: the post's if none is given."""
        if not unit_id and not rights.may(actor, rights.KEEP_ROSTER, rights.DISTRICT):
            own = {post.unit_id for post in rights.posts_of(actor) if post.post in rights.UNIT_POSTS}
            unit_id = own.pop() if len(own) == 1 else ""
        acting = rights.require(actor, rights.KEEP_ROSTER, rights.Subject(unit_id))
        with self._store.reading() as connection:
            if unit_id and unit_id not in queries.unit_names(connection):
                raise Problem(404, "unknown_unit", f"没有编号为 {unit_id[:40]} 的单位。", column="unit_id")
        return acting, unit_id

    def _wait(self, roster_id: str) -> None:
        """Wait a second, or until it is done; another replica may be doing it."""
        until = time.monotonic() + self.wait_seconds
        while (open_still := self._comparisons.find(roster_id)) and open_still.is_open:
            self.job.wakeup.set()
            if (left := until - time.monotonic()) <= 0:
                return
            self.job.moved.wait(min(left, LOOK_SECONDS))

    def _apply(
        self, preview: Preview, batch: Sequence[tuple[Line, Option]], actor: Actor
    ) -> tuple[dict[str, str], list[str]]:
        """One transaction: the outcomes by line, and the positions.  Lines that another request settled meanwhile are
        skipped."""
        reason = f"花名册（截至 {preview.as_of}）"
        with self._units_of_work.begin(actor, correlation_of(preview.roster_id)) as unit_of_work:
            keys = [line.key for line, _ in batch]
            settled = queries.settled_among(unit_of_work.connection, preview.roster_id, keys)
            commands = [ApplyOption(line.key, option, option.book or line.book, reason) for line, option in batch
                        if line.key not in settled]  # fmt: skip
            unit_of_work.keys.load(sorted({command.option.person_id for command in commands}))
            decisions = unit_of_work.execute_all(OPTIONS, commands, unit_of_work.keys.of)
            lines = tuple(_outcome(command, decision) for command, decision in zip(commands, decisions, strict=True))
            undone = queries.is_undone(unit_of_work.connection, preview.roster_id)
            unit_of_work.execute(APPLIED_LINES, ApplyLines(
                preview.roster_id, preview.unit_id, preview.as_of, preview.sha256, preview.file, lines),
                undone)  # fmt: skip
            of_lines = {command.key: decision for command, decision in zip(commands, decisions, strict=True)}
            keep_answers(unit_of_work, preview.roster_id, batch, of_lines)
            self._release(unit_of_work, decisions)
        return settled | {line[0]: line[2] for line in lines}, unit_of_work.positions

    def _release(self, unit_of_work: UnitOfWork, decisions: Sequence[Decision]) -> None:
        events = [event for decision in decisions if isinstance(decision, Accepted) for event in decision.events]
        if events:
            release_pending_reports(unit_of_work, events)
            unit_of_work.after_commit(self._on_commit)


def keep_answers(
    unit_of_work: UnitOfWork, roster_id: str, batch: Sequence[tuple[Line, Option]], decisions: Mapping[str, Decision]
) -> None:
    """Store choices for later rosters, unless they were refused."""
    for line, option in batch:
        answer = answer_of(line, option, roster_id)
        if answer and not isinstance(decisions.get(line.key, Refused("", "")), Refused):
            unit_of_work.execute(ANSWERS, answer, None)


def _lines_of_selection(database: sqlite3.Connection, selection: Selection) -> SelectedLines:
    """The lines to apply, with the options chosen.  Problem 422 for an unknown group, line, option or day."""
    if unknown := sorted(set(selection.groups) - {*CERTAIN, MISSING}):
        raise Problem(422, "bad_group", f"“{unknown[0]}”不能整组确认。", column="groups")
    if selection.missing_on and not is_day(selection.missing_on):
        raise _bad_day(selection.missing_on)
    groups = {group: END if group == MISSING else APPLY for group in selection.groups}
    chosen = SelectedLines(database, groups, selection.lines)
    for line, key in chosen.single():
        _option(line, key, selection)
    if unknown_key := chosen.unknown_key():
        raise Problem(422, "unknown_line", f"预览中没有 {unknown_key[:80]}。", column="lines")
    return chosen


def _option(line: Line, key: str, selection: Selection) -> Option:
    """The line's option with this key, ended on the day that was chosen.  Problem 422."""
    if (option := line.option(key)) is None:
        raise Problem(422, "bad_choice", f"{line.key} 没有选项“{key[:40]}”。", column="lines")
    day = (selection.days or {}).get(line.key) or (selection.missing_on if line.group == MISSING else "")
    return _ending_on(option, day) if day else option


def _bad_day(day: str) -> Problem:
    return Problem(422, "bad_date", f"“{day[:20]}”不是可用的离任日期。", column="missing_on")


def _ending_on(option: Option, day: str) -> Option:
    """The option with the membership ending on that day.  Problem 422 if it ends none, or the day is none."""
    if not is_day(day) or option.key != END or option.before is None:
        raise _bad_day(day)
    return option._replace(after=option.before._replace(until=day))


def _outcome(command: ApplyOption, decision: Decision) -> tuple[str, ...]:
    match decision:
        case Accepted():
            return (command.key, command.option.key, "accepted", "", "")
        case Refused(column=column, code=code):
            return (command.key, command.option.key, "refused", column, code)
    return (command.key, command.option.key, "unchanged", "", "")


def _no_preview(roster_id: str) -> Problem:
    return Problem(
        404,
        "unknown_roster",
        f"没有编号为 {roster_id[:40]} 的花名册预览：预览保留 7 天，有人的个人信息被清除时全部删除；可再次提交文件。",
    )
