"""Kinds of records as the campaign file's `records` describes them: what a form asks.  No figure depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Of: TypeAlias = Literal["unit", "person"]
Confirm: TypeAlias = Literal["none", "head"]
Proposed: TypeAlias = Literal["chosen", "everybody"]
Work: TypeAlias = Literal["optional", "required"]
FieldType: TypeAlias = Literal[
    "text", "long_text", "number", "date", "choice", "choices", "people", "units", "files", "record", "lines"
]
OF: Final[tuple[Of, ...]] = ("unit", "person")
CONFIRM: Final[tuple[Confirm, ...]] = ("none", "head")
PROPOSED: Final[tuple[Proposed, ...]] = ("chosen", "everybody")
WORK: Final[tuple[Work, ...]] = ("optional", "required")
COLUMN_TYPES: Final[tuple[FieldType, ...]] = ("text", "number", "date", "choice")
"""What a column of lines may hold: one short value."""
FIELD_TYPES: Final[tuple[FieldType, ...]] = (
    *COLUMN_TYPES, "long_text", "choices", "people", "units", "files", "record", "lines",
)  # fmt: skip
WITH_CHOICES: Final = ("choice", "choices")
TEXTS: Final = ("text", "long_text")
WORKS: Final = (*TEXTS, "lines", "files")
"""Types of the fields in which a work itself may stand."""
FILE_TYPES: Final = ("image", "pdf", "document", "sheet", "slides", "video")
"""What a file may be, in words of the form: JPEG and its like, PDF, Word, Excel, PowerPoint and WPS's, film:
what the store of evidence keeps."""
MOST_TEXT: Final = 4_000
MOST_LONG_TEXT: Final = 20_000
MOST_LISTED: Final = 3_000
"""The most people, units, files or lines that one field may bear."""
MOST_FILES: Final = 200


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """The field is asked only where a choice field of the same form bears one of these codes."""

    field: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field.  `max`: characters of a text, the highest number, how many of a list.  `private`: only under the key
    of the person whose record it is.  `record`: the kind of which it names one filing.  `columns`: of lines.
    `default`: codes of a choice that a new form proposes."""

    id: str
    title: str
    type: FieldType
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    required: bool = False
    private: bool = False
    max: int = MOST_TEXT
    help: str = ""
    record: str = ""
    columns: tuple[RecordField, ...] = ()
    default: tuple[str, ...] = ()
    when: FieldCondition | None = None


@dataclass(frozen=True, slots=True)
class EvidenceAsked:
    """How many files are asked with a record, and of which types; no types: any.  `originals`: photos are kept byte for
    byte as they were uploaded."""

    min: int = 0
    max: int = 20
    types: tuple[str, ...] = ()
    originals: bool = False


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record.  `filed_by`: whose it is to file, a person's deeds may be the unit's to file (attendance);
    filed by somebody else it is on behalf (代填).  `files_with`: kinds that one entry may file too.  `people`: whom
    a new form of the unit names.  `work` required: it is not handed in without a text, a file or a hash.  `kinds`: of
    the units that file it; empty: all."""

    id: str
    title: str
    of: Of
    filed_by: Of
    fields: tuple[RecordField, ...] = ()
    evidence: EvidenceAsked = EvidenceAsked()
    confirm: Confirm = "none"
    files_with: tuple[str, ...] = ()
    people: Proposed = "chosen"
    work: Work = "optional"
    kinds: tuple[str, ...] = ()
    help: str = ""

    @property
    def private_fields(self) -> frozenset[str]:
        return frozenset(item.id for item in self.fields if item.private)

    def field(self, name: str) -> RecordField | None:
        return next((item for item in self.fields if item.id == name), None)
