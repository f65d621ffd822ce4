"""Six months of files of an office that knows nothing of the product, against books with every kind of change: whatever
order the months come in, each file brings the book to what the office says of its day."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from services.participation.domain import Accepted, Refused, Unchanged
from services.participation.roster.domain.differences import differences
from services.participation.roster.domain.lines import CERTAIN, Line, RosterRow
from tests.domain.participation.roster_books import UNITS, apply, book_of, ledger_of, serving_on

MONTHS = [f"2023-{month:02}-01" for month in range(3, 9)]
ROLES = {"teacher": "教师", "cadre": "干部", "other": "其他"}
State = dict[str, tuple[str, str, str]]


@dataclass
class Personnel:
    """Who serves on each month's day: name, role, unit by number of the person; and how the file spells it."""

    random: random.Random
    people: State = field(default_factory=dict)
    away: State = field(default_factory=dict)
    states: list[State] = field(default_factory=list)

    def number(self) -> str:
        number = len(self.people) + len(self.away) + 1
        return f"{number:05}" if number <= 40 else f"{10_000 + number}"

    def place(self) -> tuple[str, str, str]:
        name = self.random.choice("李王张赵") + self.random.choice(("明", "芳", "强", "丽娜"))
        return name, self.random.choice(list(ROLES)), self.random.choice(list(UNITS))

    def begin(self) -> None:
        for _ in range(40):
            self.people[self.number()] = self.place()

    def month(self) -> None:
        names = self.random.sample(sorted(self.people), 14)
        for at, person in enumerate(names):
            name, role, unit = self.people[person]
            other = self.place()
            match at % 7:
                case 0:
                    self.people[person] = (name, role, other[2])
                case 1:
                    self.people[person] = (name, other[1], unit)
                case 2:
                    self.people[person] = ("欧阳" + name[-1], role, unit)
                case 3:
                    self.people[person] = ("司马" + name[-1], other[1], other[2])
                case 4:
                    self.away[person] = self.people.pop(person)
                case 5:
                    self.people[self.number()] = (name, *other[1:])  # a namesake, or somebody under a new number
        for person in self.random.sample(sorted(self.away), min(2, len(self.away))):
            last = self.away.pop(person)
            self.people[person] = self.random.choice((last, (last[0], *self.place()[1:])))

    def series(self) -> None:
        self.begin()
        for at in range(len(MONTHS)):
            if at:
                self.month()
            self.states.append(dict(self.people))

    def rows(self, month: int, numbers: Callable[[str], str]) -> list[RosterRow]:
        listed = list(self.states[month].items())
        self.random.shuffle(listed)
        rows = []
        for person, (name, role, unit) in listed:
            rows += [RosterRow(0, numbers(person), name, ROLES[role], UNITS[unit])] * self.random.choice((1, 1, 1, 2))
        return [row._replace(number=at) for at, row in enumerate(rows, 2)]


def answer(line: Line, state: State) -> str:
    """What the office says to a line that asks: what makes its own state, else that the book stays."""
    wanted = state.get(line.person_id)
    for option in reversed(line.options):  # what leaves the most as it is comes last
        after = option.after
        if after and wanted == (after.name, after.role, after.unit_id) and option.key != "keep":
            return option.key
    raise AssertionError(line)


def bring(ledger: object, rows: list[RosterRow], day: str, state: State, later: str = "") -> list[str]:
    asked = []
    for line in differences(book_of(ledger, later=later), rows, day):  # type: ignore[arg-type]
        if line.group == "missing":
            key = "end"
        elif line.group in (*CERTAIN, "unchanged"):
            key = "apply"
        else:
            asked.append(line.reason)
            key = answer(line, state)
        decision = apply(ledger, line, key)  # type: ignore[arg-type]
        assert isinstance(decision, Accepted | Unchanged) and not isinstance(decision, Refused), (line, decision)
    return asked


def serving(ledger: object, day: str) -> State:
    services = serving_on(ledger, day)  # type: ignore[arg-type]
    return {person: (now.name, now.role, now.unit_id) for person, now in services.items()}


def places(state: State) -> dict[str, tuple[str, str]]:
    """Without names, which are corrected for all days."""
    return {person: (role, unit) for person, (_, role, unit) in state.items()}


@pytest.mark.parametrize("spelt", [str, lambda person: person.lstrip("0")], ids=["as text", "as numbers"])
@pytest.mark.parametrize("seed", range(25))
def test_months_in_their_order_ask_nothing(seed: int, spelt: Callable[[str], str]) -> None:
    office, ledger = Personnel(random.Random(seed)), ledger_of([])
    office.series()
    first = [(person, *place, "2020-09-01", "") for person, place in office.states[0].items()]
    ledger = ledger_of(first)
    for month, day in enumerate(MONTHS):
        state = office.states[month]
        rows = office.rows(month, lambda person: spelt(person) if person in known(ledger) else person)
        assert bring(ledger, rows, day, state) == [], "nothing of this has two meanings"
        assert serving(ledger, day) == state
        groups = {line.group for line in differences(book_of(ledger), rows, day)}
        assert groups == {"unchanged"}
    assert [places(serving(ledger, day)) for day in MONTHS] == [places(state) for state in office.states]


def known(ledger: object) -> set[str]:
    return set(book_of(ledger).people)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(40))
def test_months_in_any_order_come_to_the_same(seed: int) -> None:
    office = Personnel(random.Random(seed))
    office.series()
    ledger = ledger_of([(person, *place, "2020-09-01", "") for person, place in office.states[0].items()])
    order = list(range(1, len(MONTHS)))
    office.random.shuffle(order)
    for at, month in enumerate(order):
        state = office.states[month]
        later = min((MONTHS[other] for other in order[:at] if other > month), default="")
        bring(ledger, office.rows(month, str), MONTHS[month], state, later)
        mine = serving(ledger, MONTHS[month])
        assert places(mine) == places(state)
        for other in order[:at]:
            assert places(serving(ledger, MONTHS[other])) == places(office.states[other])
