"""Compares one row of a roster with all memberships of its person.  Pure.

A change without a day of its own happens on the roster's day: earlier facts stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.participation.roster.domain.lines import (
    APPLY,
    JOINED,
    KEEP,
    LEFT,
    MOVED,
    OTHER_NAME,
    RENAMED,
    ROLE_CHANGED,
    START_DIFFERS,
    UNCHANGED,
    UNSURE,
    Line,
    Option,
    Service,
)
from services.participation.roster.domain.meanings import ROLE_LABELS
from services.participation.roster.domain.resolved_row import ResolvedRow


def compare(
    row: ResolvedRow, memberships: Sequence[Service], as_of: str, later: str = "", known_start: str = ""
) -> Line:
    """The line of a row that identifies its person and has no fault; the caller sets key and rows.  `later`: the day of
    the next roster that was applied already, whose result stays; `known_start`: a first day that was confirmed."""
    return _Comparison(row, tuple(sorted(memberships, key=lambda item: item.since)), as_of, later, known_start).line()


def until_later(line: Line, later: str) -> Line:
    """Limit the line's change to the day on which a later roster found the person as before; the former state then
    returns."""
    option = line.options[0]
    before = option.before
    again = before.from_day(later) if before else None
    after = option.after
    if after and after != before and not (after.until and after.until <= later):
        after = after._replace(until=later)
    changed = option._replace(after=after, then=again)
    return replace(line, options=(changed, *line.options[1:])).with_notes("not_later")


def ask_who(line: Line) -> Line:
    """An id with a name that shares no character with the known one may have been reassigned: that must be answered
    before anything except the name is changed (docs/decisions/0326)."""
    option = line.options[0] if line.options else None
    known = (option and option.before) or (line.book[-1] if line.book else None)
    if option is None or option.after is None or known is None or line.group not in _OF_SOMEBODY:
        return line
    if not known.name or not option.after.name or set(known.name) & set(option.after.name):
        return line
    if line.group == RENAMED:
        return line.with_notes(OTHER_NAME)
    keep = Option(KEEP, option.person_id, option.before, option.before)
    return replace(line, group=UNSURE, options=(keep, option._replace(key="follow")), reason=OTHER_NAME,
                   column="name", value=known.name)  # fmt: skip


_OF_SOMEBODY: Final = (JOINED, MOVED, ROLE_CHANGED, RENAMED)


@dataclass(frozen=True)
class _Comparison:
    row: ResolvedRow
    memberships: tuple[Service, ...]
    as_of: str
    later: str
    known_start: str

    def line(self) -> Line:
        since, until = self.row.row.since, self.row.row.until
        if since and until and until <= since:
            return self._unsure("until", "bad_order", until)
        if until and until <= self.as_of:
            return self._compare_end(until)
        if self.current:
            return self._present(self.current)
        return self._begins_later(self.upcoming) if self.upcoming else self._absent()

    @property
    def current(self) -> Service | None:
        return next((item for item in self.memberships if item.covers(self.as_of)), None)

    @property
    def upcoming(self) -> Service | None:
        return next((item for item in self.memberships if item.since > self.as_of), None)

    def _compare_end(self, day: str) -> Line:
        """The file itself says that the service has ended."""
        unit_id = self.row.unit_id
        known = [item for item in self.memberships if item.unit_id == unit_id and item.since < day]
        last = known[-1] if known else None
        if last is None or (self.current and self.current != last):
            current = self.current
            if current and current.unit_id == unit_id:
                return self._unsure("until", "ends_before_it_began", day, before=current)
            return self._line(UNCHANGED, current, current, "ended_before")
        if last.until and last.until <= day:
            return self._line(UNCHANGED, last, last, *(("end_differs",) if last.until != day else ()))
        return self._line(LEFT, last, last._replace(until=day))

    def _absent(self) -> Line:
        """Nobody with that id serves or will serve."""
        start = self.row.row.since or self.as_of
        last = self.memberships[-1] if self.memberships else None
        new = self._new(start, last)
        if incomplete := self._incomplete(new):
            return incomplete
        if any(new.overlaps(item) for item in self.memberships):
            on_the_day = new._replace(since=self.as_of)
            return self._unsure("since", "overlapping", start, (self._option("on_as_of", None, on_the_day),))
        if self.later and new.since < self.later and not new.until:
            return self._line(JOINED, None, new._replace(until=self.later), "not_later")
        return self._line(JOINED, None, new, *(("returned", *self._other_name(last)) if last else ()))

    def _begins_later(self, upcoming: Service) -> Line:
        """In the registry the person begins after the roster's day."""
        start = self.row.row.since or self.as_of
        if upcoming.unit_id == self.row.unit_id and upcoming.since == start:
            return self._same_place(upcoming, "not_yet")
        new = self._new(start, upcoming)
        if start <= self.as_of and not new.until and (new.unit_id, new.role) != (upcoming.unit_id, upcoming.role):
            until_then = self._option("until_then", None, new._replace(until=upcoming.since))
        else:
            until_then = None
        return self._earlier(upcoming, new, *([until_then] if until_then else []))

    def _earlier(self, upcoming: Service, new: Service, *others: Option) -> Line:
        """In the registry this begins later: keep that, follow the file, or further options."""
        new = new._replace(until=new.until or upcoming.until)
        keep, follow = self._option(KEEP, upcoming, upcoming), self._option("follow", upcoming, new)
        return self._unsure("since", "begins_later", upcoming.since, (keep, follow, *others))

    def _present(self, current: Service) -> Line:
        if current.unit_id != self.row.unit_id:
            return self._compare_transfer(current)
        if self.row.role and self.row.role != current.role:
            return self._other_role(current)
        since = self.row.row.since
        if (
            since > current.since and since != self.known_start
        ):  # left and came back between two rosters, or the registry has another day
            keep, after = self._same_place(current).options[0], self._new(since, current)
            options = (keep._replace(key=KEEP), self._option("follow", current, after))
            return self._unsure("since", START_DIFFERS, since, options)
        line = self._same_place(current)
        return line.with_notes("start_differs") if since and since != current.since else line

    def _same_place(self, current: Service, *notes: str) -> Line:
        """The same unit and role: name or last day may differ."""
        name, until = self.row.row.name, self.row.row.until
        after = current
        if name and current.name and name != current.name:
            after = after._replace(name=name)
        if self.row.role:
            after = after._replace(role=self.row.role)
        if until and until != current.until:
            after = after._replace(until=until)
        if name and not current.name:
            notes = (*notes, "erased")
        group = (LEFT if after.until != current.until else ROLE_CHANGED if after.role != current.role
                 else RENAMED if after != current else UNCHANGED)  # fmt: skip
        return self._check_line(self._line(group, current, after, *notes))

    def _other_role(self, current: Service) -> Line:
        """From its own day if that is later than the membership's first, else from the roster's day; if that is the
        first day, the role is corrected."""
        since = self.row.row.since
        after = self._new(since if since > current.since else self.as_of, current)
        if after.since == current.since:
            after = after._replace(until=after.until or current.until)
            return self._check_line(self._line(ROLE_CHANGED, current, after, "corrected"))
        return self._compare_with_later(ROLE_CHANGED, current, after)

    def _compare_transfer(self, current: Service) -> Line:
        since = self.row.row.since
        if since and since <= current.since:
            on_the_day = self._new(self.as_of, current)
            return self._unsure("since", "start_before", since, (self._option("on_as_of", current, on_the_day),))
        after = self._new(since or self.as_of, current)
        return self._compare_with_later(MOVED, current, after, *(("replaces",) if after.since == current.since else ()))

    def _compare_with_later(self, group: str, current: Service, after: Service, *notes: str) -> Line:
        """The file's present state is applied before what the registry has for later days: if equal, it begins earlier
        or as in the registry; otherwise it lasts until then."""
        upcoming = self.upcoming
        if upcoming and after.overlaps(upcoming):
            if (upcoming.unit_id, upcoming.role) == (after.unit_id, after.role):
                if upcoming.since == after.since:
                    return self._same_place(upcoming, "not_yet")
                return self._earlier(upcoming, after)
            if after.since < upcoming.since and not after.until:
                after, notes = after._replace(until=upcoming.since), (*notes, "until_next")
        line = self._line(group, current, after, *notes, *self._other_name(current))
        return self._check_line(until_later(line, self.later) if after.since < self.later and not after.until else line)

    def _new(self, since: str, before: Service | None) -> Service:
        """The membership in the row; what the row does not have is as before."""
        name = self.row.row.name or (before.name if before else "")
        role = self.row.role or (before.role if before else "")
        return Service(self.row.unit_id, since, self.row.row.until, role, name)

    def _other_name(self, before: Service) -> tuple[str, ...]:
        name = self.row.row.name
        if name and not before.name:
            return ("erased",)
        return ("renamed",) if name and name != before.name else ()

    def _incomplete(self, new: Service) -> Line | None:
        if not new.name:
            return self._unsure("name", "missing", "")
        if not new.role:
            roles = tuple(self._option(f"role:{role}", None, new._replace(role=role)) for role in ROLE_LABELS)
            return self._unsure("role", "missing", "", roles)
        return None

    def _check_line(self, line: Line) -> Line:
        """A person who was erased is not recreated implicitly, and memberships must not overlap."""
        option = line.options[0]
        before, after = option.before, option.after
        if before is not None and after is not None and after != before:
            if not after.name:
                return self._unsure("name", "missing", "", before=before)
            if any(after.overlaps(item) for item in self.memberships if item != before):
                return self._unsure("since", "overlapping", after.since, before=before)
        if line.group not in (UNCHANGED, LEFT) and "erased" in line.notes:
            return self._unsure("name", "erased", "", (option,))
        return line

    def _option(self, key: str, before: Service | None, after: Service | None) -> Option:
        return Option(key, self.row.person_id, before, after)

    def _line(self, group: str, before: Service | None, after: Service | None, *notes: str) -> Line:
        name = self.row.row.name or (before.name if before else "")
        return Line("", group, self.row.person_id, name, (), (self._option(APPLY, before, after),), self.memberships,
                    notes=notes)  # fmt: skip

    def _unsure(self, column: str, code: str, value: str, options: tuple[Option, ...] = (),
                before: Service | None = None) -> Line:  # fmt: skip
        if before is not None and not options:
            options = (self._option(KEEP, before, before),)
        return Line("", UNSURE, self.row.person_id, self.row.row.name, (), options, self.memberships, code, column,
                    value)  # fmt: skip
