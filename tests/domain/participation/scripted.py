"""given(accepted rows).when(a row).then(the decision): the words of these tests, and rows that are good."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.participation import PersonErased
from duties.campaign import Campaign
from services.participation.batch.domain import decide_row
from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Decision,
    Keys,
    Ledger,
    Pending,
    Refused,
    Row,
    Unchanged,
    row_of,
)
from services.participation.domain.rows import ROW_REASON
from tests.domain.participation.district import apply_decision, key_of, sample_rules

GOOD = {
    "unit": {
        "unit_id": "S1",
        "name": "第一中学",
        "kind": "school",
        "liaison_id": "O2",
        "opened_on": "2010-09-01",
    },
    "membership": {
        "person_id": "P1",
        "name": "许悦",
        "role": "teacher",
        "unit_id": "S1",
        "from": "2020-09-01",
    },
    "post": {
        "unit_id": "S1",
        "post": "clerk",
        "person_id": "P1",
        "from": "2022-09-01",
    },
    "exemption": {
        "exemption_id": "E1",
        "person_id": "P1",
        "duty": "summary",
        "period": "2022-autumn",
        "reason": "病假",
    },
    "record": {"record_id": "R1", "record": "forum", "unit_id": "S1", "occurred_at": "2022-11-20T10:00:00"},
    "withdrawal": {"record_id": "R1", "withdrawn_at": "2022-12-01", "reason": "重复"},
    "finding": {
        "finding_id": "F1",
        "unit_id": "S1",
        "assessor_id": "O2",
        "found_on": "2022-11-20",
        "deadline": "2022-12-20",
        "points": "1.5",
        "category": "学习笔记",
        "description": "部分教师未按时撰写学习笔记",
    },
    "sheet": {
        "sheet_id": "Q1",
        "unit_id": "O2",
        "assessor_id": "O1",
        "period": "2022-Q4",
        "item": "depth",
        "points": "26",
        "assessed_on": "2023-01-09",
    },
    "decision": {
        "decision_id": "D1",
        "kind": "veto",
        "year": "2022",
        "unit_id": "S1",
        "document": "纪要1号",
        "decided_on": "2023-01-18",
        "reason": "师德",
    },
    "correction": {
        "correction_id": "C1",
        "table": "units",
        "row": "S1",
        "column": "name",
        "value": "实验中学",
        "reason": "填写有误",
    },
    "unit_closed": {"unit_id": "S1", "closed_on": "2023-09-01"},
    "unit_related": {"unit_id": "S1", "liaison_id": "O3", "from": "2023-03-01"},
    "membership_ended": {"person_id": "P1", "unit_id": "S1", "from": "2020-09-01", "to": "2023-03-01"},
    "finding_rectified": {"finding_id": "F1", "rectified_on": "2022-12-10"},
}
GOOD |= {
    kind.name: {column: GOOD[kind.corrects].get(column, "") for column in kind.columns}
    | ({ROW_REASON: GOOD[kind.corrects]["reason"]} if ROW_REASON in kind.columns else {})
    | {"reason": "填写有误"}
    for kind in ROW_KINDS.values()
    if kind.corrects
}


def good(what: str, /, **cells: str) -> Row:
    """A row that the standing district accepts, with some cells otherwise; `from_` is the column `from`."""
    return row_of(what, {**GOOD[what], **{column.rstrip("_"): cell for column, cell in cells.items()}})


def person_record(**cells: str) -> Row:
    return good("record", **{"record": "summary", "unit_id": "", "person_id": "P1", **cells})


EXISTING = (
    good("unit", unit_id="B1", name="教育局", kind="bureau", liaison_id=""),
    good("unit", unit_id="O1", name="督查室", kind="office", tags="supervision_office", liaison_id=""),
    good("unit", unit_id="O2", name="办公室", kind="office", liaison_id=""),
    good("unit", unit_id="O3", name="人事股", kind="office", liaison_id=""),
    good("unit"),
    good("membership"),
)


@dataclass
class Given:
    """A book, and how rows are decided against it."""

    ledger: Ledger
    rules: Campaign | None
    keys: Keys = key_of

    def when(self, row: Row, *, allow_pending: bool = False) -> Outcome:
        return Outcome(decide_row(row, self.ledger, self.rules, self.keys, allow_pending=allow_pending))

    def erased(self, person_id: str) -> Given:
        """The person's key is destroyed; what they do later gets a new one."""
        self.ledger.evolve(PersonErased(person_id))
        return Given(self.ledger, self.rules, lambda item: b"new key" if item == person_id else self.keys(item))


@dataclass
class Outcome:
    decision: Decision

    def then(self, expected: Decision) -> None:
        assert self.decision == expected

    def then_refused(self, column: str, code: str) -> None:
        assert self.decision == Refused(column, code)

    def then_pending_for(self, *awaits: str) -> None:
        assert self.decision == Pending(frozenset(awaits))

    def then_unchanged(self) -> None:
        assert self.decision == Unchanged()

    def then_accepted(self, **expected: object) -> None:
        """Accepted by one event, which holds these fields among others."""
        assert isinstance(self.decision, Accepted), self.decision
        (event,) = self.decision.events
        assert {name: getattr(event, name) for name in expected} == expected


def given(*rows: Row, rules: Campaign | None = None) -> Given:
    """The standing district with further accepted rows, under the sample campaign."""
    under = rules or sample_rules()
    ledger = Ledger()
    for row in (*EXISTING, *rows):
        decision = decide_row(row, ledger, under, key_of)
        assert isinstance(decision, Accepted), (row, decision)
        apply_decision(decision, ledger)
    return Given(ledger, under)
