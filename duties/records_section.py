"""Reads the campaign file's section `records` into kinds of records, and notes every problem."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from duties.record_kinds import (
    COLUMN_TYPES,
    CONFIRM,
    FIELD_TYPES,
    FILE_TYPES,
    MOST_FILES,
    MOST_LISTED,
    MOST_LONG_TEXT,
    MOST_TEXT,
    OF,
    PROPOSED,
    TEXTS,
    WITH_CHOICES,
    WORK,
    EvidenceAsked,
    FieldCondition,
    FieldType,
    Of,
    Proposed,
    RecordField,
    RecordKind,
    Work,
)
from duties.rules import UNIT_KINDS
from duties.section_reader import Section

_OF_KIND: Final = ("of", "filed_by", "fields", "evidence", "confirm", "files_with", "people", "work", "kinds", "help")
_OF_FIELD: Final = ("type", "choices", "required", "private", "max", "help", "record", "columns", "when",
                    "default")  # fmt: skip
_OF_COLUMN: Final = ("type", "choices", "required", "max", "help")
_MOST: Final[Mapping[str, int]] = {
    "text": MOST_TEXT, "long_text": MOST_LONG_TEXT, "number": 1_000_000_000, "files": MOST_FILES,
    **dict.fromkeys(("people", "units", "lines", "choices"), MOST_LISTED),
}  # fmt: skip
"""The highest `max` of a field by its type; the others have none."""
_RESERVED: Final = ("unit_id", "person_id", "occurred_at", "period", "title", "evidence", "record_id", "kind")
"""What every record has: no field may be called so."""


@dataclass(frozen=True, slots=True)
class CampaignNames:
    """What of the rest of the campaign the section is held to: all record kinds, those of persons (scoring.md 1), those
    that a unit duty counts, those counted by their content, and the title of each kind's duty."""

    kinds: Collection[str]
    of_persons: Collection[str]
    of_units: Collection[str]
    by_content: Collection[str]
    titles: Mapping[str, str]

    def plain_kind(self, name: str) -> RecordKind:
        """A kind that the section does not describe."""
        of: Of = "person" if name in self.of_persons else "unit"
        work: Work = "required" if name in self.by_content else "optional"
        return RecordKind(name, self.titles.get(name, name), of, of, work=work)


def read_record_kinds(top: Section, known: CampaignNames) -> Mapping[str, RecordKind]:
    """Every kind of the campaign by its id: the described ones in the file's order, then the others by id."""
    described: dict[str, RecordKind] = {}
    for row in top.sections("records", ("id",), ("title", *_OF_KIND)):
        kind = _read_kind(row, known)
        if kind.id in described:
            row.report("duplicate", "id", value=kind.id)
        elif kind.id and kind.id not in known.kinds:
            row.report("unknown_record", "id", value=kind.id)
        described.setdefault(kind.id, kind)
    described.pop("", None)
    return {**described, **{name: known.plain_kind(name) for name in sorted(known.kinds) if name not in described}}


def _read_kind(row: Section, known: CampaignNames) -> RecordKind:
    plain = known.plain_kind(row.text("id"))
    of = row.choice("of", OF, plain.of)
    if plain.id in known.of_persons and of != "person":
        row.report("of_a_person", "of")
    elif plain.id in known.of_units and of != "unit":
        row.report("of_a_unit", "of")
    filed_by = row.choice("filed_by", OF, of)
    if of == "unit" and filed_by == "person":
        row.report("filed_by_a_person", "filed_by")
    fields = _fields(row, of, known)
    private = any(item.private for item in fields)
    return RecordKind(
        id=plain.id,
        title=row.text("title", plain.title),
        of=of,
        filed_by=filed_by,
        fields=fields,
        evidence=_evidence(row),
        confirm=row.choice("confirm", CONFIRM, "none"),
        files_with=_files_with(row, plain.id, known),
        people=_people(row, of, filed_by),
        work=row.choice("work", WORK, "required" if private else plain.work),
        kinds=row.texts("kinds", UNIT_KINDS),
        help=row.text("help"),
    )


def _files_with(row: Section, own: str, known: CampaignNames) -> tuple[str, ...]:
    kinds = row.texts("files_with", known.kinds, may_be_empty=True, code="unknown_record")
    if own in kinds:
        row.report("files_with_itself", "files_with", kinds.index(own))
    return kinds


def _people(row: Section, of: Of, filed_by: Of) -> Proposed:
    if row.gives("people") and (of, filed_by) != ("person", "unit"):
        row.report("people_of_others", "people")
    return row.choice("people", PROPOSED, "chosen")


def _evidence(row: Section) -> EvidenceAsked:
    section = row.section("evidence", (), ("min", "max", "types", "originals"))
    if section is None:
        return EvidenceAsked()
    least = section.integer("min", 0, MOST_FILES, 0)
    most = section.integer("max", 0, MOST_FILES, max(20, least))
    if most < least:
        section.report("max_below_min", "max", low=least)
    types = section.texts("types", FILE_TYPES) if section.gives("types") else ()
    return EvidenceAsked(least, most, types, section.flag("originals", False))


def _fields(row: Section, of: Of, known: CampaignNames) -> tuple[RecordField, ...]:
    fields: dict[str, RecordField] = {}
    for line in row.sections("fields", ("id", "title"), _OF_FIELD):
        item = _read_field(line, FIELD_TYPES)
        if item.id in fields:
            line.report("duplicate", "id", value=item.id)
        if item.id in _RESERVED:
            line.report("reserved_field", "id", value=item.id)
        item = replace(item, private=_is_private(line, item.type, of), record=_reference(line, item.type, known),
                       columns=_columns(line, item.type), when=_parse_when(line, fields),
                       default=_default(line, item))  # fmt: skip
        fields.setdefault(item.id, item)
    return tuple(fields.values())


def _read_field(line: Section, types: Collection[FieldType]) -> RecordField:
    kind = line.choice("type", types, "text")
    most = _MOST.get(kind, 0)
    if line.gives("max") and not most:
        line.report("key_of_other_type", "max", type=kind)
    return RecordField(
        id=line.text("id"),
        title=line.text("title"),
        type=kind,
        choices=_choices(line, kind),
        required=line.flag("required", False),
        max=line.integer("max", 1, most or 1, most),
        help=line.text("help"),
    )


def _choices(line: Section, kind: str) -> Mapping[str, str]:
    if kind not in WITH_CHOICES:
        if line.gives("choices"):
            line.report("key_of_other_type", "choices", type=kind)
        return {}
    if not line.gives("choices"):
        line.report("missing_key", key="choices")
        return {}
    choices: dict[str, str] = {}
    for choice in line.sections("choices", ("id", "title")):
        code = choice.text("id")
        if code and code in choices:
            choice.report("duplicate", "id", value=code)
        choices.setdefault(code, choice.text("title"))
    if line.data["choices"] == []:
        line.report("empty", "choices")
    return choices


def _default(line: Section, item: RecordField) -> tuple[str, ...]:
    """What a new form proposes: one code of a choice, a list of codes of choices."""
    if item.type == "choices":
        return line.texts("default", item.choices)
    if line.gives("default") and item.type != "choice":
        line.report("key_of_other_type", "default", type=item.type)
        return ()
    code = line.choice("default", tuple(item.choices), "")
    return (code,) if code else ()


def _is_private(line: Section, kind: str, of: Of) -> bool:
    private = line.flag("private", False)
    if private and kind not in TEXTS:
        line.report("key_of_other_type", "private", type=kind)
    elif private and of != "person":
        line.report("private_of_a_unit", "private")
    return private


def _reference(line: Section, kind: str, known: CampaignNames) -> str:
    if kind != "record":
        if line.gives("record"):
            line.report("key_of_other_type", "record", type=kind)
        return ""
    name = line.text("record")
    if not line.gives("record"):
        line.report("missing_key", key="record")
    elif name and name not in known.kinds:
        line.report("unknown_record", "record", value=name)
    return name


def _columns(line: Section, kind: str) -> tuple[RecordField, ...]:
    if kind != "lines":
        if line.gives("columns"):
            line.report("key_of_other_type", "columns", type=kind)
        return ()
    if not line.gives("columns"):
        line.report("missing_key", key="columns")
    columns: dict[str, RecordField] = {}
    for part in line.sections("columns", ("id", "title"), _OF_COLUMN):
        item = _read_field(part, COLUMN_TYPES)
        if item.id in columns:
            part.report("duplicate", "id", value=item.id)
        columns.setdefault(item.id, item)
    return tuple(columns.values())


def _parse_when(line: Section, before: Mapping[str, RecordField]) -> FieldCondition | None:
    """Only on a choice field that stands before it: a form is filled in from above."""
    section = line.section("when", ("field", "is"))
    if section is None:
        return None
    name = section.text("field")
    asked = before.get(name)
    if name and (asked is None or asked.type not in WITH_CHOICES):
        section.report("when_of_no_choice", "field", value=name)
        return None
    return FieldCondition(name, section.texts("is", tuple(asked.choices) if asked else None))
