"""Holds the letters against who was to be told: none twice, none missing, none for what was met, none at a bad time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from tests.semester.calendar import days, instant, local, works
from tests.semester.evidence import Evidence, Letter, Problem
from tests.semester.expected import AGAIN, LONG_AGO, Count, Expected, Key
from tests.semester.letters import CHOICE, READING, RETURN, REVIEW, Reader, Statement
from tests.semester.publicity_log import of_publicity

OFFICE = "campaign-office"
"""Its counts stand as of the decision (docs/notifications.md)."""
Range = tuple[Count | None, Count | None]


class Reminders:
    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.expected = Expected(evidence.facts, launched_on(evidence), of_publicity(evidence))
        self.rules, self.reader = self.expected.rules, Reader(evidence.facts)
        self.notified: dict[str, set[Key]] = defaultdict(set)
        self.missed: dict[str, set[Key]] = defaultdict(set)
        self.ids: dict[str, Letter] = {}
        self.by_day: dict[date, list[Letter]] = defaultdict(list)
        for letter in evidence.mails:
            self.by_day[local(letter.at).date()].append(letter)
        self.decided = {data["day"]: at for at, data in evidence.events("notifications.day_decided")}
        self.met = {(data["recipient"], data["day"]): at for at, data in evidence.events("notifications.delivery_ended")
                    if data["code"] == "met"}  # fmt: skip
        self.unknown = {(data["recipient"], data["day"])
                        for _, data in evidence.events("notifications.delivery_failed")
                        if data["code"].startswith("unknown_")}  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        yield from (Problem("outside", mail.to) for mail in self.evidence.mails
                    if not self.evidence.first <= local(mail.at).date() <= self.evidence.last)  # fmt: skip
        for day in days(self.evidence.first, self.evidence.last):
            for letter in self.by_day[day]:
                yield from self._time(letter)
            if works(day):
                yield from self._day(day)
            else:  # what is told on a rest day is wrong as it is
                for letter in self.by_day[day]:
                    self.notified[letter.to] |= {
                        key for statement in self.reader.read(letter) for key in _keys(statement)
                    }

    def _time(self, letter: Letter) -> Iterator[Problem]:
        moment = local(letter.at)
        time = f"{moment:%H:%M}"
        if not works(moment.date()):
            yield Problem("rest_day", f"{letter.to} on {moment:%Y-%m-%d}")
        if self.rules.is_quiet(time):
            yield Problem("quiet_hours", f"{letter.to} at {moment:%Y-%m-%d %H:%M}")
        elif time < self.rules.send_at:
            yield Problem("too_early", f"{letter.to} at {moment:%Y-%m-%d %H:%M}")

    def _day(self, day: date) -> Iterator[Problem]:
        decided = self.decided.get(day.isoformat())
        if decided is None:
            yield Problem("not_decided", f"{day}")
            decided = instant(f"{day}T{self.rules.send_at}+08:00")
        notified_at: dict[str, int] = {}
        for letter in self.by_day[day]:
            notified_at[letter.to] = letter.at
            yield from self._letter(letter, day, decided)
        for recipient, keys in self._range(day, decided).items():
            at = notified_at.get(recipient) or self.met.get((recipient, day.isoformat()), decided)
            still = self._range(day, decided if recipient == OFFICE else at).get(recipient, {})
            for key, (least, _) in keys.items():
                known = self.notified[recipient] | self.missed[recipient]
                if least and still.get(key, (None, None))[0] and key not in known:
                    self.missed[recipient].add(key)
                    yield Problem("missing", f"{recipient} on {day}: {_words(key)}")

    def _range(self, day: date, known: int) -> dict[str, dict[Key, Range]]:
        """What is surely and what is possibly to be told: whatever was recorded at that very instant may or may not
        have been received."""
        before, after = self.expected.at(day, known - 1), self.expected.at(day, known)
        return {
            who: {key: _between(before.get(who, {}).get(key), after.get(who, {}).get(key))
                  for key in before.get(who, {}).keys() | after.get(who, {}).keys()}
            for who in before.keys() | after.keys()
        }  # fmt: skip

    def _letter(self, letter: Letter, day: date, decided: int) -> Iterator[Problem]:
        first = self.ids.get(letter.id)
        self.ids[letter.id] = letter
        if first:
            same = self.reader.read(first) == self.reader.read(letter)
            excused = same and (letter.to, day.isoformat()) in self.unknown
            self.unknown.discard((letter.to, day.isoformat()))
            if not excused:
                yield Problem("twice", f"{letter.to} on {day}: the same mail")
            return
        possible = self._range(day, decided if letter.to == OFFICE else letter.at).get(letter.to, {})
        for statement in self.reader.read(letter):
            check = self._check_counted if statement.what in (REVIEW, READING, CHOICE) else self._check_statement
            yield from check(letter, day, statement, possible)

    def _check_statement(
        self, letter: Letter, day: date, statement: Statement, possible: dict[Key, Range]
    ) -> Iterator[Problem]:
        notified, keys = self.notified[letter.to], [_dated(key, possible) for key in _keys(statement)]
        key = next((item for item in keys if item in possible and item not in notified), keys[0])
        where = f"{letter.to} on {day}: {_words(key)}"
        if key in notified:
            yield Problem("twice", where)
        elif key not in possible:
            yield Problem("met" if self._is_met(key, day, letter.at) else "not_due", where)
        elif not _fits(statement, possible[key], letter.to):
            yield Problem("miscounted", f"{where}: {statement.many} of {statement.units}, not {possible[key]}")
        notified.add(key)

    def _check_counted(
        self, letter: Letter, day: date, statement: Statement, possible: dict[Key, Range]
    ) -> Iterator[Problem]:
        """The letter counts the works and names none: it stands for those of this day not yet told of."""
        notified, key = self.notified[letter.to], _keys(statement)[0]
        same = [item for item in possible if item[:4] == key[:4]]
        fresh = sorted((item for item in same if item not in notified), key=lambda item: not possible[item][0])
        where = f"{letter.to} on {day}: {_words(key)}"
        if not same:
            yield Problem("met" if self._is_met(key, day, letter.at) else "not_due", where)
        elif not fresh:
            yield Problem("twice", where)
        elif statement.many > len(fresh):
            yield Problem("miscounted", f"{where}: {statement.many}, not {len(fresh)}")
        notified.update(fresh[: statement.many])

    def _is_met(self, key: Key, day: date, at: int) -> bool:
        if key.what == RETURN:
            return any(item.place == key.place and item.until for item in self.expected.returns)
        if key.what == REVIEW:
            is_reached = key.stage == "to_review" or "" < key.due < day.isoformat()
            return is_reached and any(
                (item.reviewer, str(item.due or "")) == (key.place, key.due) and 0 < item.until <= at
                for item in self.expected.reviews
            )
        return not any(
            (item.what, item.period, item.due.isoformat()) == key[1:4]
            and key.place in ("", item.unit, item.person, item.ref)
            for known in (at - 1, at)
            for item in self.expected.owed(day, known)
        )


def launched_on(evidence: Evidence) -> date:
    """The day on which the campaign was launched first."""
    launched = evidence.events("participation.campaign_launched")
    return min((local(at).date() for at, _ in launched), default=LONG_AGO)


def _keys(statement: Statement) -> list[Key]:
    return [Key(*statement[:4], place) for place in statement.places]


def _dated(key: Key, possible: dict[Key, Range]) -> Key:
    """With the day since when it is said again, which the letter does not name."""
    same = (item for item in possible if item[1:] == key[1:] and item.stage.split(" ")[0] == key.stage)
    return next(same, key) if key.stage == AGAIN else key


def _between(item: Count | None, other: Count | None) -> Range:
    both = [count for count in (item, other) if count]
    return (min(both) if len(both) == 2 else None), max(both, default=None)


def _fits(statement: Statement, result: Range, to: str) -> bool:
    least, most = result
    assert most is not None
    low = least or Count(1, frozenset("?"))
    units = len(low.units) <= statement.units <= len(most.units) if to == OFFICE else True
    return low.many <= statement.many <= most.many and units


def _words(key: Key) -> str:
    return f"{key.what} {key.period} {key.stage} {key.place}, due {key.due or 'never'}"


def names_above(evidence: Evidence) -> Iterator[Problem]:
    """No person's name or id leaves the unit."""
    people = {word for row in evidence.facts.people for word in (row["person_id"], row["name"])}
    for letter in evidence.mails:
        if letter.to.startswith(("office-", OFFICE)):
            statement = letter.text + letter.html
            yield from (Problem("named_above", f"{letter.to}: {word}") for word in people if word in statement)
