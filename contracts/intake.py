"""What outside systems report at the intake, and the receipt that they get: event types, columns and their meanings.

The columns are those of the files of an import (docs/interfaces.md); every value is text, absent or null where it is
not given.  Days are `YYYY-MM-DD`."""

from dataclasses import dataclass

import marshmallow
from marshmallow import fields, validate


@dataclass(frozen=True)
class Column:
    """One member of a report's data."""

    name: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class ReportType:
    """One CloudEvents type that the intake takes; `label` is what people call it, Chinese."""

    wire: str
    label: str
    summary: str
    columns: tuple[Column, ...]


def _required_column(name: str, meaning: str) -> Column:
    return Column(name, meaning, required=True)


UNIT_REPORTED = ReportType(
    "qihang.unit.reported.v1", "单位", "A row of units.csv, reported by an outside system.", (
        _required_column("unit_id", "the unit"),
        _required_column("name", "its name"),
        _required_column("kind", "bureau, office, secondary, school or kindergarten"),
        Column("tags", "central_school, community_core, research_office, supervision_office"),
        Column("zone_id", "the central school that leads its zone"),
        Column("community_id", "the core school of its community"),
        Column("liaison_id", "the office that supervises it"),
        _required_column("opened_on", "first day in service"),
        Column("closed_on", "first day out of service; empty: open"),
    ),
)  # fmt: skip
MEMBERSHIP_REPORTED = ReportType(
    "qihang.membership.reported.v1", "任职", "A row of people.csv, reported by an outside system.", (
        _required_column("person_id", "the person"),
        _required_column("name", "the person's name"),
        _required_column("role", "cadre, teacher or other"),
        _required_column("unit_id", "the unit"),
        _required_column("from", "first day in service"),
        Column("to", "first day out of service; empty: open"),
    ),
)  # fmt: skip
POST_REPORTED = ReportType(
    "qihang.post.reported.v1", "岗位职务", "A row of posts.csv, reported by an outside system.", (
        _required_column("unit_id", "the unit; of an inspector the one that is inspected"),
        _required_column("post", "head, clerk, leader, campaign_office or inspector"),
        _required_column("person_id", "who holds it"),
        _required_column("from", "first day in the post"),
        Column("to", "first day out of the post; empty: open"),
    ),
)  # fmt: skip
EXEMPTION_REPORTED = ReportType(
    "qihang.exemption.reported.v1", "免计", "A row of exemptions.csv, reported by an outside system.", (
        _required_column("exemption_id", "the exemption"),
        Column("person_id", "the person; empty: none"),
        Column("unit_id", "the unit; empty: none"),
        _required_column("duty", "id of a duty of the campaign"),
        _required_column("period", "`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`"),
        _required_column("reason", "why"),
    ),
)  # fmt: skip
RECORD_REPORTED = ReportType(
    "qihang.record.reported.v1", "填报记录", "A row of records.csv, reported by an outside system.", (
        _required_column("record_id", "the record"),
        _required_column("record", "the kind of record, as the campaign names it"),
        Column("unit_id", "the unit; empty: the person's on that day"),
        Column("person_id", "the person; empty: a record of the unit"),
        _required_column("occurred_at", "when it was done: an instant, ISO 8601; without an offset local time"),
        Column("period", "`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day"),
        Column("title", "title of the work"),
        Column("content_sha256", "SHA-256 of the file, 64 hex digits"),
        Column("evidence", "where the evidence is kept"),
    ),
)  # fmt: skip
WITHDRAWAL_REPORTED = ReportType(
    "qihang.withdrawal.reported.v1", "撤回", "A row of withdrawals.csv, reported by an outside system.", (
        _required_column("record_id", "the record"),
        _required_column("withdrawn_at", "when it was withdrawn: an instant, ISO 8601"),
        _required_column("reason", "why"),
    ),
)  # fmt: skip
FINDING_REPORTED = ReportType(
    "qihang.finding.reported.v1", "督查问题", "A row of findings.csv, reported by an outside system.", (
        _required_column("finding_id", "the finding"),
        _required_column("unit_id", "the unit that it is about"),
        _required_column("assessor_id", "the unit that assesses"),
        _required_column("found_on", "the day it was found"),
        Column("deadline", "the day by which it must be rectified; empty: at once"),
        _required_column("points", "decimal text"),
        Column("rectified_on", "the day it was rectified; empty: not yet"),
        Column("category", "what kind of finding it is; not scored"),
        Column("description", "what was found, in words; not scored"),
    ),
)  # fmt: skip
SHEET_REPORTED = ReportType(
    "qihang.sheet.reported.v1", "季考核表", "A row of sheets.csv, reported by an outside system.", (
        _required_column("sheet_id", "the entry of the assessment sheet"),
        _required_column("unit_id", "the unit that it is about"),
        _required_column("assessor_id", "the unit that assesses"),
        _required_column("period", "the quarter, such as `2022-Q4`"),
        _required_column("item", "id of an item of the campaign's assessment sheet"),
        _required_column("points", "decimal text"),
        _required_column("assessed_on", "the day of the assessment"),
    ),
)  # fmt: skip
UNIT_CLOSED = ReportType(
    "qihang.unit.closed.v1", "单位撤销",
    "A unit is not in service from `closed_on` on, reported by an outside system.", (
        _required_column("unit_id", "the unit"),
        _required_column("closed_on", "first day out of service"),
    ),
)  # fmt: skip
UNIT_RELATED = ReportType(
    "qihang.unit.related.v1", "单位关系变更",
    "A unit's zone, community or liaison office changes from the day `from`; what is not given stays.", (
        _required_column("unit_id", "the unit"),
        Column("zone_id", "the central school that leads its zone"),
        Column("community_id", "the core school of its community"),
        Column("liaison_id", "the office that supervises it"),
        _required_column("from", "the day from which it is so"),
    ),
)  # fmt: skip
MEMBERSHIP_ENDED = ReportType(
    "qihang.membership.ended.v1", "任职结束",
    "The membership (person_id, unit_id, from) ends: `to` is its first day out of service.", (
        _required_column("person_id", "the person"),
        _required_column("unit_id", "the unit"),
        _required_column("from", "first day in service"),
        _required_column("to", "first day out of service"),
    ),
)  # fmt: skip
FINDING_RECTIFIED = ReportType(
    "qihang.finding.rectified.v1", "整改", "A finding was rectified on that day.", (
        _required_column("finding_id", "the finding"),
        _required_column("rectified_on", "the day it was rectified"),
    ),
)  # fmt: skip

DECISION_REPORTED = ReportType(
    "qihang.decision.reported.v1", "会议决定", "A row of decisions.csv, reported by an outside system.", (
        _required_column("decision_id", "the decision"),
        _required_column("kind", "veto, decline or choose"),
        _required_column("year", "the year of the awards, four digits"),
        Column("unit_id", "the unit; empty: it is on a person"),
        Column("person_id", "the person; empty: it is on a unit"),
        _required_column("document", "number of the minutes"),
        _required_column("decided_on", "the day of the decision"),
        _required_column("reason", "why"),
    ),
)  # fmt: skip


def _change_of(column: Column) -> Column:
    name, meaning = ("row_reason", "the row's own reason") if column.name == "reason" else (column.name, column.meaning)
    return Column(name, f"{meaning}; absent: stays, empty text: is emptied")


REPORT_CANCELLED = ReportType(
    "qihang.report.cancelled.v1", "撤销报送",
    "An own report that is still waiting is cancelled: it is not decided any more, and its id is free.", (
        _required_column("source", "the source of the report that waits"),
        _required_column("id", "its id"),
    ),
)  # fmt: skip
_ID_COLUMNS = {"membership": ("person_id", "unit_id", "from"), "post": ("unit_id", "post", "person_id", "from")}


def _corrections_of(reported: ReportType) -> tuple[ReportType, ReportType, ReportType]:
    """What corrects, voids and restores a reported row.  `reason` is why; a row's own reason is `row_reason`."""
    what = reported.wire.split(".")[1]
    named = _ID_COLUMNS.get(what, (f"{what}_id",))
    given = {column.name: column for column in reported.columns}
    ids = tuple(given[name] for name in named)
    changes = tuple(_change_of(column) for name, column in given.items() if name not in named)
    why = _required_column("reason", "why it is corrected")
    return (
        ReportType(f"qihang.{what}.corrected.v1", f"{reported.label}更正",
                   f"An accepted {what} is corrected: the given columns are judged together.", (*ids, *changes, why)),
        ReportType(f"qihang.{what}.voided.v1", f"{reported.label}作废",
                   f"An accepted {what} is void from now on; its id is spent.", (*ids, why)),
        ReportType(f"qihang.{what}.restored.v1", f"{reported.label}恢复",
                   f"A void {what} stands again.", (*ids, why)),
    )  # fmt: skip


CORRECTIONS = tuple(
    correction
    for reported in (UNIT_REPORTED, MEMBERSHIP_REPORTED, EXEMPTION_REPORTED, RECORD_REPORTED, FINDING_REPORTED,
                     SHEET_REPORTED, DECISION_REPORTED, POST_REPORTED)
    for correction in _corrections_of(reported)
)  # fmt: skip

REPORT_TYPES = (
    UNIT_REPORTED, MEMBERSHIP_REPORTED, EXEMPTION_REPORTED, RECORD_REPORTED, WITHDRAWAL_REPORTED, FINDING_REPORTED,
    SHEET_REPORTED, UNIT_CLOSED, UNIT_RELATED, MEMBERSHIP_ENDED, FINDING_RECTIFIED, DECISION_REPORTED,
    POST_REPORTED, *CORRECTIONS,
    REPORT_CANCELLED,
)  # fmt: skip

RECEIPT, RECEIPT_LABEL = "qihang.receipt.v1", "接收回执"


def _text(required: bool, description: str) -> fields.String:
    return fields.String(required=required, metadata={"description": description})


def _number(description: str) -> fields.Integer:
    return fields.Integer(strict=True, metadata={"description": description})


class ReceiptData(marshmallow.Schema):
    """What became of a reported event: accepted, unchanged, waiting or refused (both with column, code, message)."""

    source = _text(True, "the source of the reported event; empty where it could not be read")
    id = _text(True, "the id of the reported event; empty where it could not be read")
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(("accepted", "unchanged", "waiting", "refused")),
        metadata={"description": "what became of it"},
    )
    revision = _number("the revision that is answered; absent: 0")
    column = _text(False, "of a refused one the column at fault; of a waiting one the column that it waits for")
    code = _text(False, "why it is refused, or waits, see [intake.md](intake.md)")
    message = _text(False, "for people, Chinese")
    path = _text(False, "where in the body the event is at fault, a JSON pointer")
    line = _number("line of the body (of the data in binary mode) where it is no JSON or no UTF-8, from 1")
    position = _number("character of that line, from 1")
    excerpt = _text(False, "what stood there: a character, a number, a key or an attribute, never a column's content")
    message_id = _text(False, "of a message that cannot be read: the `message_id` that its sender gave it")
    bytes = _number("of a message that cannot be read: its size")
