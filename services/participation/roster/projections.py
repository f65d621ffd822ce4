"""Projects applied rosters, the outcomes of their lines, stored answers, and the meanings of words."""

import json

from sqlalchemy import Column, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.roster import RosterAnswerKept, RosterApplied, RosterUndone, RosterWordExplained
from services.participation.tables import METADATA

rosters = Table(
    "rosters", METADATA,
    Column("roster_id", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("undone_at", Text, nullable=False),
)  # fmt: skip

roster_lines = Table(
    "roster_lines", METADATA,
    Column("roster_id", Text, primary_key=True),
    Column("row", Text, primary_key=True),
    Column("choice", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
)  # fmt: skip

roster_answers = Table(
    "roster_answers", METADATA,
    Column("person_id", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("roster_id", Text, nullable=False),
    Column("answer", Text, nullable=False),
)  # fmt: skip
"""The latest answer for a person; `answer`: the event's values as JSON."""

roster_words = Table(
    "roster_words", METADATA,
    Column("field", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Text, nullable=False),
)  # fmt: skip


def store_roster(rows: Rows, event: RosterApplied, recorded: RecordedEvent) -> None:
    rows.put(rosters, roster_id=event.roster_id, unit_id=event.unit_id, as_of=event.as_of, file=event.file,
             actor=recorded.actor, at=recorded.recorded_at, undone_at="")  # fmt: skip
    for line, choice, state, column, code in event.lines:
        rows.put(roster_lines, roster_id=event.roster_id, row=line, choice=choice, state=state, field=column,
                 code=code)  # fmt: skip


def mark_roster_undone(rows: Rows, event: RosterUndone, recorded: RecordedEvent) -> None:
    rows.amend(rosters, {"roster_id": event.roster_id}, undone_at=recorded.recorded_at)


def store_answer(rows: Rows, event: RosterAnswerKept, _: RecordedEvent) -> None:
    rows.put(roster_answers, person_id=event.person_id, about=event.about, roster_id=event.roster_id,
             answer=json.dumps(event.values, separators=(",", ":")))  # fmt: skip


def store_word(rows: Rows, event: RosterWordExplained, recorded: RecordedEvent) -> None:
    rows.put(roster_words, field=event.column, word=event.word, value=event.value, actor=recorded.actor,
             at=recorded.recorded_at)  # fmt: skip
