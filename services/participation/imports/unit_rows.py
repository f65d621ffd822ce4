"""The rows of a unit's own file: whose they are, which person a name refers to, which record a row is.  Pure.

Not applied to the district's files, whose rows state all of that themselves (docs/decisions/0152, 0153)."""

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from duties.campaign import Campaign
from services.participation.domain import Ledger, cells_of, kind_of, row_of
from services.participation.domain.cells import is_instant, moment_of
from services.participation.domain.digests import is_digest_of
from services.participation.domain.ledger import target_in
from services.participation.domain.rows import (
    CellsRow,
    CorrectionRow,
    FindingRow,
    MembershipRow,
    RecordRow,
    Row,
    SheetRow,
    WithdrawalRow,
)
from services.participation.domain.states import Fact, Membership, Person, Record
from services.participation.imports.values import word_key

_DRIFT: Final = re.compile("[\\s.\u00b7\uff0e\u2022\u2027\u30fb\uff65\u0387]+")
_DAYS: Final = (re.compile("[\\W\\d_a-z]+"), re.compile("\\d+(?:学年|年|月|日|号)?(?:份|度)?|[\\W_a-z]+"))
_ABOUT: Final = re.compile(
    "第?[一二三四春秋上下]?(?:学年|学期|季度)|一览|记录|登记|填报|汇总|统计|台账|情况|明细|名单|数据|表|副本"
)
"""Words in a file's name besides the kind of its rows."""
_LAST: Final = "9999-12-31"


class Member(NamedTuple):
    """A person's service in the unit, on the days `[since, until)`; an empty `until` is open."""

    person_id: str
    name: str
    since: str
    until: str

    def covers(self, day: str) -> bool:
        return self.since <= day < (self.until or _LAST)


class NamedPerson(NamedTuple):
    """The person that a name refers to, or why it refers to none."""

    person_id: str
    fault: str = ""


class RecordKey(NamedTuple):
    """What identifies a record whose row has no id.  `subject`: its person, else its unit."""

    person_id: str
    unit_id: str
    kind: str
    day: str
    title: str

    @property
    def subject(self) -> str:
        return self.person_id or self.unit_id

    @property
    def without_title(self) -> "RecordKey":
        return self._replace(title="")


class KnownRecord(NamedTuple):
    """A record of the registry.  `gone`: withdrawn or voided; `undone`: by undoing its import."""

    record_id: str
    key: RecordKey
    gone: bool = False
    undone: bool = False


def name_key(name: str) -> str:
    """Equal for spellings of one name that differ by blanks and dots."""
    return _DRIFT.sub("", unicodedata.normalize("NFKC", name))


def person_named(name: str, members: Iterable[Member], day: str) -> NamedPerson:
    """The person with that name in the unit: on that day (empty: unreadable), else at any time."""
    bearing = [member for member in members if name_key(member.name) == name_key(name)]
    serving = {member.person_id for member in bearing if member.covers(day)} or {item.person_id for item in bearing}
    if len(serving) == 1:
        return NamedPerson(serving.pop())
    return NamedPerson("", "ambiguous_name" if serving else "unknown_person")


def other_name(person_id: str, name: str, members: Sequence[Member]) -> str:
    """The unit's name for the person whose id has another name beside it; empty if it is the same, or the person is not
    of the unit."""
    known = [member.name for member in members if member.person_id == person_id and member.name]
    return "" if name_key(name) in map(name_key, known) or not known else known[-1]


def kind_from_names(names: Iterable[str], unit_name: str, rules: Campaign) -> tuple[str, str]:
    """The kind of records that the name of a sheet or file tells, and that name: without days, periods, the unit and
    words such as 记录 it is the title of one duty, or a kind's code."""
    words: dict[str, set[str]] = {}
    for duty in rules.duties:
        words.setdefault(word_key(duty.title), set()).add(duty.record)
    for name in names:
        stem = re.sub(r"\.[A-Za-z]{2,5}$", "", name)
        if stem in rules.record_kinds:
            return stem, name
        kinds = {kind for plain in _without_days(stem, unit_name) for kind in words.get(plain, ())}
        if len(kinds) == 1:
            return kinds.pop(), name
    return "", ""


def _without_days(stem: str, unit_name: str) -> Iterator[str]:
    plain = word_key(stem)
    plain = plain.replace(word_key(unit_name), "") if unit_name else plain
    for days in _DAYS:
        rest = days.sub("", plain)
        yield rest
        yield _ABOUT.sub("", rest)


def day_of(row: RecordRow, rules: Campaign) -> str:
    """Empty if its cell is unreadable."""
    return moment_of(row.occurred_at, rules.zone).day if is_instant(row.occurred_at) else ""


def key_of(row: RecordRow, unit_id: str, rules: Campaign) -> RecordKey:
    """The row's key; `unit_id`: the unit whose file it is."""
    own = "" if row.person_id else row.unit_id or unit_id
    return RecordKey(row.person_id, own, row.record, day_of(row, rules), row.title)


def new_id(key: RecordKey, secret: bytes | None, number: int = 1) -> str:
    """A record's id from its kind, day and title, keyed for a person's, so that it reveals nothing of an erased title.
    `number`: counts those whose earlier ones were undone."""
    content = json.dumps([key.subject, key.kind, key.day, key.title], ensure_ascii=True).encode()
    digest = hmac.digest(secret, content, "sha256").hex() if secret else hashlib.sha256(content).hexdigest()
    behind = f"-{number}" if number > 1 else ""
    return f"{key.subject[:64]}-{key.day or 'x'}-{digest[:12]}{behind}"


def record_meant(key: RecordKey, known: Sequence[KnownRecord], secret: bytes | None) -> KnownRecord:
    """The record that a row without an id is: one with the same key, else one with the id generated for it."""
    live = [record for record in known if not record.gone]
    withdrawn = [record for record in known if record.gone and not record.undone]
    if live or withdrawn:
        return min(live or withdrawn)
    undone, number = {record.record_id for record in known}, 1
    while (record_id := new_id(key, secret, number)) in undone:
        number += 1
    return KnownRecord(record_id, key)


class RecordsOfRegister:
    """The records of the registry that the rows of a batch (`asked`) may be, and similar ones."""

    def __init__(self, known: Iterable[KnownRecord], asked: frozenset[RecordKey]) -> None:
        self._by_key: dict[RecordKey, list[KnownRecord]] = {}
        self._others: dict[RecordKey, str] = {}
        self._first: dict[RecordKey, int] = {}
        for record in known:
            self._by_key.setdefault(record.key, []).append(record)
            if not record.gone and record.key not in asked:
                self._others.setdefault(record.key.without_title, record.record_id)

    def of(self, key: RecordKey) -> Sequence[KnownRecord]:
        return self._by_key.get(key, ())

    def notes_on(self, meant: KnownRecord, line: int) -> Iterator[tuple[str, str]]:
        """The notes on the row of this line: code, and the line or record that it refers to."""
        first = self._first.setdefault(meant.key, line)
        if first != line:
            yield "same_row", str(first)
        if meant.gone:
            yield "gone_record", meant.record_id
        elif meant.key not in self._by_key and meant.key.without_title in self._others:
            yield "beside_known", self._others[meant.key.without_title]


def as_accepted(row: RecordRow, unit_id: str, record: Record | None, secret: bytes | None) -> RecordRow:
    """The row with or without its unit, as in the accepted record: both mean the same."""
    if record is None or row.unit_id not in ("", unit_id):
        return row
    variants = (row, row._replace(unit_id=""), row._replace(unit_id=unit_id))
    same = (variant for variant in variants for kept in record.contents
            if kept.person_id == row.person_id and is_digest_of(kept.digest, variant, secret))  # fmt: skip
    return next(same, row)


@dataclass(frozen=True)
class OwnershipCheck:
    """Decides whether rows belong to the unit whose file it is."""

    unit_id: str
    rules: Campaign

    def outside(self, row: Row, ledger: Ledger) -> tuple[str, str] | None:
        """Column and code if the row is not the unit's, as it is or after the correction; None also for unknown ids,
        which the rules refuse."""
        match row:
            case MembershipRow():
                return self._unless_own("unit_id", row.unit_id)
            case RecordRow():
                return self._of_record(row, ledger)
            case FindingRow() | SheetRow():
                return self._unless_own("assessor_id", row.assessor_id)
            case WithdrawalRow():
                record = ledger.records.get(row.record_id)
                return self._unless_own("record_id", record.event.unit_id) if record else None
            case CorrectionRow():
                return self._of_correction(row, ledger)
        return kind_of(row).columns[0], "not_your_table"

    def _unless_own(self, column: str, unit_id: str) -> tuple[str, str] | None:
        return (column, "not_your_unit") if unit_id and unit_id != self.unit_id else None

    def _of_record(self, row: RecordRow, ledger: Ledger) -> tuple[str, str] | None:
        if foreign := self._unless_own("unit_id", row.unit_id):
            return foreign
        person = ledger.person(row.person_id)
        return self._unless_own("person_id", _unit_of(person, day_of(row, self.rules))) if person else None

    def _of_correction(self, row: CorrectionRow, ledger: Ledger) -> tuple[str, str] | None:
        if row.table in ("units", "posts", "exemptions", "decisions"):
            return "table", "not_your_table"
        known = target_in(ledger, row)
        if known is None:
            return None
        if self._owner(known[1]) != self.unit_id:
            return "row", "not_your_unit"
        before = known[1].row
        cells = cells_of(before)
        if row.column not in cells or isinstance(known[1], Membership):
            return None
        after = row_of(kind_of(before).name, cells | {row.column: row.value})
        return ("value", "not_your_unit") if self.outside(after, ledger) else None

    def _owner(self, fact: Fact) -> str:
        match fact:
            case Record():
                return fact.event.unit_id
            case Membership():
                return fact.unit_id
        return str(getattr(fact.row, "assessor_id", ""))


def _unit_of(person: Person, day: str) -> str:
    """Where they serve on that day, else by the last membership."""
    return (person.unit_on(day) if day else "") or max(person.memberships, key=lambda item: item.since).unit_id


def with_unit(row: CellsRow, unit_id: str, rules: Campaign) -> CellsRow:
    """The row with the post's unit if it has none; not for findings and sheets, where it is the assessor's.  A person's
    record belongs to the person's unit of that day in any case (scoring.md 1)."""
    match row:
        case MembershipRow(unit_id=""):
            return row._replace(unit_id=unit_id)
        case FindingRow(assessor_id="") | SheetRow(assessor_id=""):
            return row._replace(assessor_id=unit_id)
        case RecordRow(unit_id="") if not rules.is_person_kind(row.record):
            return row._replace(unit_id=unit_id)
    return row
