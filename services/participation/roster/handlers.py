"""Compares rosters with the registry, keeps the previews, and applies what is confirmed of them.

Whatever is confirmed twice is applied once: how each line was settled is an event of the transaction that applied it
(docs/decisions/0148)."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.batch.handlers import release_pending_reports
from services.participation.domain import Accepted, Decision, Refused
from services.participation.domain.cells import is_day
from services.participation.roster import queries
from services.participation.roster.domain.changes import OPTIONS, ApplyOption
from services.participation.roster.domain.confirmed import (
    ANSWERS,
    APPLIED_LINES,
    WORDS,
    ApplyLines,
    ExplainWord,
    answer_of,
)
from services.participation.roster.domain.differences import lines_of
from services.participation.roster.domain.lines import APPLY, CERTAIN, END, MISSING, Line, Option, RosterRow
from services.participation.roster.domain.meanings import UNIT, word_of
from services.participation.roster.previews import Chosen, Preview, Previews
from services.participation.roster.uploads import read_upload
from services.registry import rights

BATCH: Final = 200
CONFIRM_SECONDS: Final = 1.0


def correlation_of(roster_id: str) -> str:
    """What every event that a roster causes bears: by it its undo finds them."""
    return f"roster-{roster_id}"


@dataclass(frozen=True)
class Selection:
    """What is confirmed: whole groups, and options by line; `missing_on`: the first day on which those not listed do
    not serve any more, empty: the roster's; `days`: the same by line."""

    groups: Sequence[str]
    lines: Mapping[str, str]
    missing_on: str = ""
    days: Mapping[str, str] | None = None


class Rosters:
    """The rosters of this service.  `on_commit`: wakes who decides pending reports."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, folder: Path, now: Callable[[], str],
        on_commit: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._units_of_work, self._now, self._on_commit = store, units_of_work, now, on_commit
        self.previews = Previews(folder)

    def begin(self, actor: Actor, unit_id: str, as_of: str, file: str, older: bool, chunks: Iterable[bytes]) -> Preview:
        """Reads a roster and compares it.  `unit_id` empty: the district's, or the one unit of the caller's post;
        `older`: it may be of a day before that of the last.  Problems 403, 404, 409, 422."""
        acting, unit_id = self._acting(actor, unit_id)
        if not is_day(as_of):
            raise Problem(422, "bad_date", f"“{as_of[:20]}”不是有效日期，请按 2022-11-01 的格式填写。", column="as_of")
        with self._store.reading() as connection:
            latest, named = queries.latest_day(connection, unit_id), queries.unit_words(connection)
        if as_of < latest and not older:
            raise Problem(409, "older_roster", f"已确认过 {latest} 的花名册，这一份是 {as_of} 的；"
                          "确需使用较早的花名册，请注明允许较早日期。", column="as_of")  # fmt: skip
        self.previews.sweep()
        upload = read_upload(self.previews.folder, file[:200], chunks, named)
        roster_id = f"{as_of.replace('-', '')}-{os.urandom(5).hex()}"
        preview = Preview(roster_id, unit_id, as_of, file[:200], upload.sha256, str(acting), self._now(), upload.notes)
        return self._compare(preview, upload.rows)

    def find(self, actor: Actor, roster_id: str) -> Preview:
        """Problems 403, 404."""
        preview = self.previews.find(roster_id)
        if preview is None:
            raise rights.KEEP_ROSTER.absent(actor, _no_preview(roster_id))
        rights.require(actor, rights.KEEP_ROSTER, rights.Subject(preview.unit_id))
        return preview

    def listed(self, actor: Actor) -> list[Preview]:
        """The previews that the caller may see."""
        return [item for item in self.previews.all()
                if rights.may(actor, rights.KEEP_ROSTER, rights.Subject(item.unit_id))]  # fmt: skip

    def compare_again(self, actor: Actor, roster_id: str) -> Preview:
        """Against the registry and the words as they are now.  Problems 403, 404."""
        preview = self.find(actor, roster_id)
        return self._compare(preview, self.previews.rows(roster_id))

    def explain_words(self, words: Sequence[Mapping[str, str]], actor: object, correlation: str) -> list[str]:
        """What words of rosters mean from now on (`column`, `word`, `value`).  The positions.  Problem 422."""
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            units = queries.unit_names(unit_of_work.connection)
            for word in words:
                known = word["column"] != UNIT or word["value"] in units
                command = ExplainWord(word["column"], word_of(word["word"]), word["value"])
                unit_of_work.execute(WORDS, command, known)
        return unit_of_work.positions

    def confirm(self, actor: Actor, roster_id: str, revision: int, selection: Selection) -> dict[str, Any]:
        """Applies what is selected for about a second, a batch a transaction: `left` says how many lines are to be
        confirmed again in the same words.  Problems 403, 404, 409, 422."""
        preview = self.find(actor, roster_id)
        acting = rights.require(actor, rights.KEEP_ROSTER, rights.Subject(preview.unit_id))
        if revision != preview.revision:
            raise Problem(409, "preview_changed", "预览已重新生成，请查看后再确认。")
        limit, positions = time.monotonic() + CONFIRM_SECONDS, [""][:0]
        with self.previews.opened(roster_id) as database:
            chosen = _chosen(database, selection)
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
        """How many lines of previews spoke of a person who is erased."""
        return self.previews.erase(person_id)

    def _acting(self, actor: Actor, unit_id: str) -> tuple[Actor, str]:
        """The caller by the post that allows it, and the unit: of the post where none is given."""
        if not unit_id and not rights.may(actor, rights.KEEP_ROSTER, rights.DISTRICT):
            own = {post.unit_id for post in rights.posts_of(actor) if post.post in rights.UNIT_POSTS}
            unit_id = own.pop() if len(own) == 1 else ""
        acting = rights.require(actor, rights.KEEP_ROSTER, rights.Subject(unit_id))
        with self._store.reading() as connection:
            if unit_id and unit_id not in queries.unit_names(connection):
                raise Problem(404, "unknown_unit", f"没有编号为 {unit_id[:40]} 的单位。", column="unit_id")
        return acting, unit_id

    def _compare(self, preview: Preview, rows: Sequence[RosterRow]) -> Preview:
        with self._store.reading() as connection:
            book = queries.read_book(connection, preview.as_of, preview.unit_id)
            outcomes = queries.settled_lines(connection, preview.roster_id)
        lines = lines_of(book, rows, preview.as_of, preview.unit_id, yield_control)
        names = {unit_id: unit.name for unit_id, unit in book.units.items()}
        settled = [key for key, state in outcomes.items() if state != "refused"]
        return self.previews.make(replace(preview, revision=preview.revision + 1), rows, lines, names, settled)

    def _apply(
        self, preview: Preview, batch: Sequence[tuple[Line, Option]], actor: Actor
    ) -> tuple[dict[str, str], list[str]]:
        """One transaction: the outcomes by line, and the positions.  A line that another call settled meanwhile is left
        aside."""
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
    """What was chosen stands for the next files too, unless it was refused."""
    for line, option in batch:
        answer = answer_of(line, option, roster_id)
        if answer and not isinstance(decisions.get(line.key, Refused("", "")), Refused):
            unit_of_work.execute(ANSWERS, answer, None)


def _chosen(database: sqlite3.Connection, selection: Selection) -> Chosen:
    """Problem 422."""
    if unknown := sorted(set(selection.groups) - {*CERTAIN, MISSING}):
        raise Problem(422, "bad_group", f"“{unknown[0]}”不能整组确认。", column="groups")
    if selection.missing_on and not is_day(selection.missing_on):
        raise _bad_day(selection.missing_on)
    groups = {group: END if group == MISSING else APPLY for group in selection.groups}
    chosen = Chosen(database, groups, selection.lines)
    for line, key in chosen.single():
        _option(line, key, selection)
    if unknown_key := chosen.unknown_key():
        raise Problem(422, "unknown_line", f"预览中没有 {unknown_key[:80]}。", column="lines")
    return chosen


def _option(line: Line, key: str, selection: Selection) -> Option:
    """Problem 422."""
    if (option := line.option(key)) is None:
        raise Problem(422, "bad_choice", f"{line.key} 没有选项“{key[:40]}”。", column="lines")
    day = (selection.days or {}).get(line.key) or (selection.missing_on if line.group == MISSING else "")
    return _ending_on(option, day) if day else option


def _bad_day(day: str) -> Problem:
    return Problem(422, "bad_date", f"“{day[:20]}”不是可用的离任日期。", column="missing_on")


def _ending_on(option: Option, day: str) -> Option:
    """Problem 422."""
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
    return Problem(404, "unknown_roster", f"没有编号为 {roster_id[:40]} 的花名册预览：预览保留 7 天，可再次提交文件。")
