"""Compares a roster with the registry: the change of each row, and who is not listed.  Pure.

A row with several possible meanings changes nothing by itself; its line offers them as options
(docs/decisions/0147)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from services.participation.domain.cells import is_id
from services.participation.roster.domain.comparison import ask_who, compare, until_later
from services.participation.roster.domain.lines import (
    CERTAIN,
    END,
    GROUPS,
    MISSING,
    UNCHANGED,
    UNSURE,
    Book,
    Line,
    Option,
    RosterRow,
    Service,
    missing_key,
)
from services.participation.roster.domain.meanings import Meanings
from services.participation.roster.domain.resolved_row import ResolvedRow
from services.participation.roster.domain.spellings import spelling, spellings


def differences(book: Book, rows: Sequence[RosterRow], as_of: str, scope: str = "") -> list[Line]:
    """The lines of a preview, ordered by group, then row; those not listed by unit and person.  `scope`: the only unit
    of the roster, empty: the whole district."""
    return sorted(lines_of(book, rows, as_of, scope), key=lambda line: (GROUPS.index(line.group), line.rows))


def lines_of(
    book: Book, rows: Sequence[RosterRow], as_of: str, scope: str = "", between: Callable[[], None] = lambda: None
) -> Iterator[Line]:
    """The same as a generator, unordered.  `between` is called every 200 lines."""
    comparing = _RosterComparison(book, rows, as_of, scope)
    for at, line in enumerate(chain(comparing.listed(), comparing.missing())):
        yield line
        if at % 200 == 0:
            between()


class _RosterComparison:
    """Compares one roster with one book."""

    def __init__(self, book: Book, rows: Sequence[RosterRow], as_of: str, scope: str) -> None:
        self.book, self.as_of, self.scope = book, as_of, scope
        self.meanings = Meanings(book, as_of)
        self.ids = {row.person_id for row in rows if row.person_id}
        self.spelt = spellings(book.people)
        self.lengths = set[int]()
        self.all_lost = self._all_lost(rows)
        self.by_name = self._serving_by_name() if any(not row.person_id for row in rows) else {}
        self.rows = [self._resolve(row) for row in rows]
        self.names = Counter(row.row.name for row in self.rows if row.row.person_id)
        self.known_names: dict[str, set[str]] = defaultdict(set)
        for person_id, memberships in book.people.items():
            if current := book.serving(person_id, as_of):
                self.known_names[current.name].add(person_id)
            elif memberships:
                self.known_names[_latest(memberships).name].add(person_id)

    def listed(self) -> Iterable[Line]:
        by_person: dict[str, list[ResolvedRow]] = defaultdict(list)
        for resolved in self.rows:
            by_person[resolved.person_id or f"\n{resolved.row.place}"].append(resolved)
        return (self._line(rows) for rows in by_person.values())

    def missing(self) -> Iterable[Line]:
        """Persons who serve by the registry and are not in the file, except those whom a row without an id may refer
        to."""
        listed = {row.person_id for row in self.rows} | {name for row in self.rows for name in row.candidates}
        named_units = {row.unit_id for row in self.rows}
        open_names = {row.row.name for row in self.rows if not row.person_id}
        absent = [
            (current.unit_id, person_id, current)
            for person_id in self.book.people.keys() - listed
            if (current := self.book.serving(person_id, self.as_of))
            and self.scope in ("", current.unit_id)
            and current.name not in open_names
        ]
        for unit_id, person_id, current in sorted(absent):
            after = current._replace(until=self.as_of) if current.since < self.as_of else None  # less than a day: void
            notes = () if unit_id in named_units or self.scope else ("unit_not_listed",)
            line = Line(missing_key(person_id), MISSING, person_id, current.name, (),
                        (Option(END, person_id, current, after),), tuple(self.book.people[person_id]),
                        notes=notes)  # fmt: skip
            yield until_later(line, self.book.later) if self.book.later else line

    def _serving_by_name(self) -> Mapping[tuple[str, str], list[str]]:
        result: dict[tuple[str, str], list[str]] = defaultdict(list)
        for person_id in self.book.people.keys() - self.ids:
            if (current := self.book.serving(person_id, self.as_of)) and current.name:
                result[current.unit_id, current.name].append(person_id)
        return result

    def _resolve(self, row: RosterRow) -> ResolvedRow:
        unit = self.meanings.unit(row.unit) if row.unit or not self.scope else self.meanings.unit(self.scope)
        role = self.meanings.role(row.role)
        fault = row.fault
        if not fault and row.person_id and not is_id(row.person_id):
            fault = ("person_id", "bad_text", row.person_id)
        elif not fault and unit.fault:
            fault = ("unit_id", unit.fault, row.unit)
        elif not fault and role.fault:
            fault = ("role", role.fault, row.role)
        elif not fault and self.scope and unit.value != self.scope:
            fault = ("unit_id", "other_unit", row.unit)
        candidates = tuple(sorted(self.by_name.get((unit.value, row.name), ()))) if not row.person_id else ()
        person_id = row.person_id or (candidates[0] if len(candidates) == 1 else "")
        if person_id and person_id not in self.book.people:
            known = self.spelt.get(spelling(person_id), [])
            if len(known) == 1 and known[0] not in self.ids and (self.all_lost or self._is_named(row, known[0])):
                return ResolvedRow(row, known[0], unit.value, role.value, fault, (), ("zeros_lost",))
            candidates = tuple(item for item in known if item not in self.ids) or self._with_zeros(person_id)
        return ResolvedRow(row, person_id, unit.value, role.value, fault, candidates)

    def _is_named(self, row: RosterRow, person_id: str) -> bool:
        """Whether the row has the person's current name; earlier names differ."""
        return row.name in ("", _latest(self.book.people[person_id]).name)

    def _all_lost(self, rows: Sequence[RosterRow]) -> bool:
        """Whether no id in the file has a leading zero, and most ids that lack one have their person's name: a
        spreadsheet took all ids for numbers."""
        if any(name.startswith("0") for name in self.ids):
            return False
        alike = [(row, known[0]) for row in rows if row.person_id and row.person_id not in self.book.people
                 and len(known := self.spelt.get(spelling(row.person_id), ())) == 1]  # fmt: skip
        self.lengths = {len(name) for _, name in alike if name.startswith("0")}
        return sum(self._is_named(row, name) for row, name in alike) * 2 >= len(alike)

    def _with_zeros(self, person_id: str) -> tuple[str, ...]:
        """What a new id may have been before a spreadsheet took all ids for numbers."""
        length = next(iter(self.lengths)) if self.all_lost and len(self.lengths) == 1 else 0
        return (person_id.zfill(length),) if person_id.isdecimal() and len(person_id) < length else ()

    def _line(self, rows: Sequence[ResolvedRow]) -> Line:
        """The line for all rows of one person."""
        alike = _without_repetitions(rows)
        present = [row for row in alike if row.serves_on(self.as_of)] if len(alike) > 1 else alike
        chosen = present if len(present) == 1 else alike
        counting = self._remaining_rows(chosen)
        chosen = counting or chosen
        line = self._of_row(chosen[0]) if len(chosen) == 1 else self._of_several(chosen)
        numbers = tuple(row.row.number for row in rows)
        notes = (*(["repeated_row"] if len(alike) < len(rows) else []), *(["further_posts"] if counting else []))
        placed = replace(line, rows=numbers, key=f"row-{rows[0].row.place}")
        return self._with_same_name_note(placed.with_notes(*notes))

    def _remaining_rows(self, rows: Sequence[ResolvedRow]) -> list[ResolvedRow]:
        """The remaining row, without those confirmed as further posts of the person; none unless exactly one of several
        remains."""
        further = self.book.further.get(rows[0].person_id, frozenset())
        counting = [row for row in rows if row.fault or row.post not in further]
        return counting if len(counting) == 1 < len(rows) else []

    def _with_same_name_note(self, line: Line) -> Line:
        others = self.known_names.get(line.name, set()) - {line.person_id}
        same = line.name and line.person_id and (others or self.names[line.name] > 1)
        return line.with_notes("same_name") if same and line.group in (*CERTAIN, UNSURE) else line

    def _compare_row(self, row: ResolvedRow) -> Line:
        known_start = self.book.starts.get(row.person_id, "")
        return compare(row, self._book_of(row.person_id), self.as_of, self.book.later, known_start)

    def _of_row(self, row: ResolvedRow) -> Line:
        if row.fault:
            column, code, value = row.fault
            return _unsure(row, column, code, value, (), self._book_of(row.person_id))
        if not row.person_id:
            return self._without_id(row)
        line = self._limit_to_scope(self._compare_row(row))
        asked = row.candidates and row.row.person_id
        return self._like_known(row, line) if asked else ask_who(line).with_notes(*row.notes)

    def _like_known(self, row: ResolvedRow, line: Line) -> Line:
        """An id that exists only if spelt differently, as by a spreadsheet: a new person, or one of these."""
        options = [line.options[0]._replace(key="new")] if line.options else []
        for at, name in enumerate(row.candidates, 1):
            known = self._limit_to_scope(self._compare_row(row._replace(person_id=name)))
            options += [item._replace(key=f"person:{at}", book=known.book) for item in known.options[:1]]
        is_known = any(name in self.book.people for name in row.candidates)
        reason = "like_known" if is_known else "zeros_lost"
        return _unsure(row, "person_id", reason, row.row.person_id, tuple(options))

    def _without_id(self, row: ResolvedRow) -> Line:
        if not row.candidates:
            return _unsure(row, "person_id", "no_such_person", row.row.name)
        lines = [self._compare_row(row._replace(person_id=name)) for name in row.candidates]
        options = tuple(
            option._replace(key=f"person:{at}", book=line.book)
            for at, line in enumerate(lines, 1)
            for option in line.options[:1]
        )
        return _unsure(row, "person_id", "several_people", row.row.name, options)

    def _of_several(self, rows: Sequence[ResolvedRow]) -> Line:
        """Rows that put one person in two places: which of them counts."""
        person_id, book, options = rows[0].person_id, self._book_of(rows[0].person_id), []
        for row in rows:
            line = self._compare_row(row) if not row.fault else None
            if line and line.options:
                others = tuple(item.post for item in rows if item.post != row.post and not item.fault)
                options.append(line.options[0]._replace(key=f"row:{row.row.place}", further=others))
        places = "、".join(row.row.unit for row in rows)
        return self._limit_to_scope(_unsure(rows[0], "unit_id", "two_rows", places, tuple(options), book, person_id))

    def _limit_to_scope(self, line: Line) -> Line:
        """A unit's own roster does not remove people from other units."""
        if not self.scope or line.group == UNCHANGED:
            return line
        options = tuple(item for item in line.options if item.before is None or item.before.unit_id == self.scope)
        if len(options) == len(line.options):
            return line
        return Line(line.key, UNSURE, line.person_id, line.name, line.rows, options, line.book,
                    "serves_elsewhere", "unit_id", "", line.notes)  # fmt: skip

    def _book_of(self, person_id: str) -> tuple[Service, ...]:
        return tuple(self.book.people.get(person_id, ()))


def _latest(memberships: Sequence[Service]) -> Service:
    return max(memberships, key=lambda item: item.since)


def _without_repetitions(rows: Sequence[ResolvedRow]) -> list[ResolvedRow]:
    seen: dict[tuple[object, ...], ResolvedRow] = {}
    for row in rows:
        seen.setdefault((row.unit_id, row.role, row.row.name, row.row.since, row.row.until, row.fault), row)
    return list(seen.values())


def _unsure(row: ResolvedRow, column: str, code: str, value: str, options: tuple[Option, ...] = (),
            book: tuple[Service, ...] = (), person_id: str = "") -> Line:  # fmt: skip
    return Line("", UNSURE, person_id or row.person_id, row.row.name, (), options, book, code, column, value)
