"""The content of a template: its sheets with columns, choices and rows.  Pure: registry and campaign are passed in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from duties.campaign import Campaign
from duties.days import Day, iso
from duties.periods import Period
from duties.rules import Duty
from services.participation.imports.catalogue import code_labels, column_of, table_kind
from services.reading.catalogue import Column, ColumnType
from services.reading.headers import SHOWN_ONLY

MONTH: Final = "month"
"""The template of everything that a unit and its people owe in a month."""


@dataclass(frozen=True)
class UnitFacts:
    """A unit; `name`: what a cell may call it."""

    unit_id: str
    name: str
    kind: str
    tags: frozenset[str]


@dataclass(frozen=True)
class Member:
    """A membership in the unit, days as text; `until` empty: open."""

    person_id: str
    name: str
    role: str
    since: str
    until: str


@dataclass(frozen=True)
class TemplateColumn:
    """A column: `choices` become a drop-down; one with an empty `name` is displayed, but ignored when read."""

    name: str
    label: str
    type: ColumnType
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class TemplateSheet:
    """A sheet for one kind of table.  `trigger`: the column whose cell, once filled in, makes the rest of its row
    appear; until then the row is empty.  No trigger: the rows are plain."""

    title: str
    columns: tuple[TemplateColumn, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    trigger: str = ""
    typed: tuple[str, ...] = ()
    """The columns that a person fills in, where a trigger makes the others appear."""


def sheet_of_kind(
    table: str, units: Sequence[UnitFacts], campaign: Campaign | None, unit: UnitFacts | None, members: Sequence[Member]
) -> TemplateSheet:
    """An empty sheet with every column of the kind; for people filled with those who serve in the unit."""
    kind = table_kind(table)
    columns = tuple(_column(table, column, units, campaign) for column in kind.columns)
    rows = _memberships(columns, unit, members) if table == "people" and unit else ()
    return TemplateSheet(kind.label, columns, rows)


def sheets_of_month(
    unit: UnitFacts, members: Sequence[Member], campaign: Campaign, month: Period
) -> list[TemplateSheet]:
    """A row for each deed that the unit may report for the month, and for each that each of its people may."""
    return [
        TemplateSheet("单位填报", _month_columns(campaign, of_persons=False), tuple(_unit_rows(unit, campaign, month)),
                      "occurred_at", _TYPED),
        TemplateSheet("个人填报", _month_columns(campaign, of_persons=True),
                      tuple(_person_rows(members, campaign, month)), "occurred_at", _TYPED),
    ]  # fmt: skip


_TYPED: Final = ("occurred_at", "title", "evidence")


def _column(table: str, column: Column, units: Sequence[UnitFacts], campaign: Campaign | None) -> TemplateColumn:
    return TemplateColumn(
        column.name, column.labels[0], column.type, column.required, _choices(table, column, units, campaign)
    )


def _choices(table: str, column: Column, units: Sequence[UnitFacts], campaign: Campaign | None) -> tuple[str, ...]:
    codes = code_labels(table, column.name)
    if codes:
        return () if column.type is ColumnType.CODES else tuple(labels[0] for labels in codes.values())
    if column.type is ColumnType.UNIT and table != "units":
        return tuple(unit.name for unit in units)
    return tuple(_of_campaign(column.name, campaign)) if campaign else ()


def _of_campaign(column: str, campaign: Campaign) -> Iterable[str]:
    match column:
        case "duty":
            return [duty.title for duty in campaign.duties]
        case "record":
            others = sorted(campaign.record_kinds - set(campaign.duty_by_record))
            return [*(duty.title for duty in campaign.duties), *others]
        case "item":
            return [item.title for item in campaign.sheets.items] if campaign.sheets else []
    return []


def _memberships(
    columns: Sequence[TemplateColumn], unit: UnitFacts, members: Sequence[Member]
) -> tuple[tuple[str, ...], ...]:
    roles = code_labels("people", "role")
    rows = []
    for member in members:
        cells = {"person_id": member.person_id, "name": member.name, "role": roles[member.role][0],
                 "unit_id": unit.name, "from": member.since, "to": member.until}  # fmt: skip
        rows.append(tuple(cells[column.name] for column in columns))
    return tuple(rows)


def _month_columns(campaign: Campaign, *, of_persons: bool) -> tuple[TemplateColumn, ...]:
    shown = SHOWN_ONLY if of_persons else SHOWN_ONLY[1:]
    names = ("occurred_at", "title", "evidence", "record", "person_id" if of_persons else "unit_id", "period",
             "record_id")  # fmt: skip
    return (
        *(TemplateColumn("", label, ColumnType.TEXT, required=False) for label in shown),
        *(_column("records", column_of("records", name), (), campaign) for name in names),
    )


def _unit_rows(unit: UnitFacts, campaign: Campaign, month: Period) -> Iterable[tuple[str, ...]]:
    for duty, period in _open_in(campaign, month):
        if duty.of_persons or not (unit.kind in duty.who.kinds or unit.tags & duty.who.tags):
            continue
        for number in range(1, duty.count + 1):
            yield (*_title_and_due(campaign, duty, period, number), "", "", "", duty.title, unit.name, period.id,
                   f"{unit.unit_id}-{period.id}-{duty.record}-{number}")  # fmt: skip


def _person_rows(members: Sequence[Member], campaign: Campaign, month: Period) -> Iterable[tuple[str, ...]]:
    for member in members:
        for duty, period in _open_in(campaign, month):
            if member.role not in duty.who.roles:
                continue
            for number in range(1, duty.count + 1):
                yield (
                    member.name,
                    *_title_and_due(campaign, duty, period, number),
                    "",
                    "",
                    "",
                    duty.title,
                    member.person_id,
                    period.id,
                    f"{member.person_id}-{period.id}-{duty.record}-{number}",
                )


def _title_and_due(campaign: Campaign, duty: Duty, period: Period, number: int) -> tuple[str, str]:
    title = f"{duty.title}（第{number}次）" if duty.count > 1 else duty.title
    return title, iso(campaign.due(duty, period))


def _open_in(campaign: Campaign, month: Period) -> list[tuple[Duty, Period]]:
    """The duties with the period of each that may be reported in the month."""
    last = month.end - 1
    return [(duty, period) for duty in campaign.duties for period in _periods_of(campaign, duty, month.start, last)
            if campaign.is_owed_in(duty, period)]  # fmt: skip


def _periods_of(campaign: Campaign, duty: Duty, first: Day, last: Day) -> list[Period]:
    """For a once-duty until its late limit."""
    if duty.every == "once":
        return [period for period in campaign.periods_begun(duty, last) if first <= campaign.late_limit(duty, period)
                and (period.start <= last or duty.joiners_days is not None)]  # fmt: skip
    return [period for period in campaign.periods_between(duty.every, first, last) if campaign.exists(period)]
