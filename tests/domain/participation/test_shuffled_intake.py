"""Rows that come in any order end as the files would: what may still arrive is waited for, order of one id is kept."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.events.definition import text_of
from services.participation.batch.domain import decide_row
from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Decision,
    Ledger,
    Pending,
    Row,
    UnitRow,
    id_lock,
    kind_of,
    row_of,
)
from services.participation.domain.ledger import claim_of
from services.participation.domain.rows import DecisionRow, SheetRow
from services.participation.registry.domain.units import decide_units
from tests.domain.participation.district import decide_file, key_of, sample_rows, sample_rules

FILES = [kind.name for kind in ROW_KINDS.values() if kind.file and kind.wire]


class Intake:
    """The intake in small: rows are pending in the order of their arrival, and what arrives releases them."""

    def __init__(self) -> None:
        self.ledger, self.written, self.pending = Ledger(), set[str](), list[Row]()

    def arrive(self, row: Row) -> None:
        """Decides the row behind all pending ones, and goes on while something new is accepted."""
        self.pending.append(row)
        while self.look():
            pass

    def look(self) -> bool:
        """Decides every pending row once: the units together, the others where no earlier row locks their id."""
        before, rows, held = len(self.written), self.pending, set[str]()
        units = [row for row in rows if isinstance(row, UnitRow)]
        decided = iter(decide_units(units, self.ledger, allow_pending=True))
        self.pending = []
        for row in rows:
            decision = next(decided) if isinstance(row, UnitRow) else self.decide_row(row, held)
            if isinstance(decision, Pending):
                held.add(id_lock(row))
                self.pending.append(row)
            elif isinstance(decision, Accepted):
                self.write(decision)
        return len(self.written) > before

    def decide_row(self, row: Row, held: set[str]) -> Decision:
        if id_lock(row) in held:
            return Pending(frozenset())
        return decide_row(row, self.ledger, sample_rules(), key_of, allow_pending=True)

    def write(self, decision: Accepted) -> None:
        self.ledger.fold(decision.events)
        self.written.update(f"{event.wire} {text_of(event)}" for event in decision.events)

    def lose_patience(self) -> None:
        """Refuses pending rows, file by file, the first row of every id; those behind it get their turn."""
        for kind in FILES:
            while first := next((row for row in self.pending if kind_of(row).name == kind), None):
                self.pending.remove(first)
                while self.look():
                    pass


def by_files(rows: list[Row]) -> set[str]:
    ledger, written = Ledger(), set[str]()
    for kind in FILES:
        for decision in decide_file([row for row in rows if kind_of(row).name == kind], ledger, sample_rules()):
            if isinstance(decision, Accepted):
                written.update(f"{event.wire} {text_of(event)}" for event in decision.events)
    return written


def by_intake(rows: list[Row]) -> set[str]:
    intake = Intake()
    for row in rows:
        intake.arrive(row)
    intake.lose_patience()
    assert intake.pending == []
    return intake.written


def shuffled(rows: list[Row], shuffle: Callable[[list[Row]], object]) -> list[Row]:
    """Another order, in which rows that hold the same id keep theirs."""
    other = list(rows)
    shuffle(other)
    turns: dict[str, list[Row]] = {}
    for row in rows:
        turns.setdefault(id_lock(row), []).append(row)
    queues = {key: iter(queue) for key, queue in turns.items()}
    return [next(queues[id_lock(row)]) for row in other]


UNIT, PERSON = st.sampled_from(["A", "B", "C", "D", "Z"]), st.sampled_from(["P1", "P2", "P9"])
MAYBE_UNIT = st.sampled_from(["", "", "A", "B", "C", "D", "Z"])
DAY = st.sampled_from(["2022-11-01", "2022-12-01", "2023-01-01", "2023-02-01"])


def rows_of_kind(kind: str, **cells: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(dict(cells)).map(lambda result: row_of(kind, result))


def unit_rows(unit_id: str) -> st.SearchStrategy[list[Row]]:
    """One to three rows of a unit that name the same units, so that patience ends for all of them alike."""
    named = st.tuples(MAYBE_UNIT, MAYBE_UNIT)
    changing = st.lists(st.sampled_from(["office", "school", "bureau", "academy"]), min_size=1, max_size=3)
    return st.builds(
        lambda units, kinds: [
            row_of(
                "unit",
                {**_UNIT, "unit_id": unit_id, "kind": kind, "zone_id": units[0], "liaison_id": units[1]},
            )
            for kind in kinds
        ],
        named,
        changing,
    )


_UNIT = {"name": "单位", "opened_on": "2022-11-15"}
ROWS = st.builds(
    lambda units, others: [row for rows in units for row in rows] + others,
    st.tuples(*[unit_rows(unit_id) for unit_id in "ABCD"]),
    st.lists(
        st.one_of(
            rows_of_kind(
                "membership",
                person_id=PERSON,
                name=st.just("人"),
                role=st.sampled_from(["teacher", "x"]),
                **{"unit_id": UNIT, "from": DAY, "to": st.one_of(st.just(""), DAY)},
            ),
            rows_of_kind(
                "record",
                record_id=st.sampled_from(["R1", "R2"]),
                record=st.sampled_from(["forum", "summary"]),
                unit_id=MAYBE_UNIT,
                person_id=st.one_of(st.just(""), PERSON),
                occurred_at=DAY,
            ),
            rows_of_kind(
                "withdrawal",
                record_id=st.sampled_from(["R1", "R2", "R9"]),
                withdrawn_at=DAY,
                reason=st.just("重复"),
            ),
            rows_of_kind(
                "exemption",
                exemption_id=st.sampled_from(["E1", "E2"]),
                person_id=PERSON,
                duty=st.just("summary"),
                period=st.just("2022-autumn"),
                reason=st.sampled_from(["病假", "产假"]),
            ),
            rows_of_kind(
                "finding",
                finding_id=st.sampled_from(["F1", "F2"]),
                unit_id=UNIT,
                assessor_id=UNIT,
                found_on=DAY,
                points=st.sampled_from(["1", "9"]),
            ),
            rows_of_kind(
                "sheet",
                sheet_id=st.sampled_from(["Q1", "Q2"]),
                unit_id=UNIT,
                assessor_id=UNIT,
                period=st.just("2022-Q4"),
                item=st.just("depth"),
                points=st.just("1"),
                assessed_on=DAY,
            ),
        ),
        max_size=14,
    ),
)


@settings(max_examples=300, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_any_order_of_arrival_writes_what_the_files_write(rows: list[Row], chance: random.Random) -> None:
    arriving = shuffled(rows, chance.shuffle)
    assert by_intake(arriving) == by_files(rows)


def test_the_sample_district_backwards_writes_what_its_files_write() -> None:
    """Every unit, person, exemption, assessment and decision, and each thirtieth record; of rows that claim the same
    the one that comes first is accepted, so only that is asked."""
    rows: list[Row] = []
    claims = set[str]()
    for kind in FILES:
        for line, row in sample_rows(kind):
            claim = claim_of(row) if isinstance(row, SheetRow | DecisionRow) else f"{kind}:{line}"
            if claim not in claims and (kind != "record" or line % 30 == 0):
                rows.append(row)
            claims.add(claim)
    assert by_intake(shuffled(rows, list.reverse)) == by_files(rows)
