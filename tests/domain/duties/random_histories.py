"""Random histories of a small district: campaign versions, rows of every table and corrections, phase after phase.

What is reported is judged at once by the second program, so that later acts can be about rows that there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from duties.campaign import Campaign, campaign_data
from duties.problems import CampaignProblems
from tests.domain.duties.oracle_of_cells import (
    CORRECTED,
    DECISIONS,
    KINDS,
    ROLES,
    TABLES,
    TAGS,
    Row,
    corrected_columns,
)
from tests.domain.duties.oracle_of_history import Act, History
from tests.domain.duties.oracle_of_import import ImportOracle, Outcome
from tests.domain.duties.small_districts import PERIODS, TYPICAL, a_campaign, known_periods, some_day

PHASES = [datetime(2022, 10, 20, 1, tzinfo=UTC), datetime(2022, 12, 5, 1, tzinfo=UTC), datetime(2023, 1, 20, 16, 30,
          tzinfo=UTC), datetime(2023, 7, 12, 15, 30, tzinfo=UTC), datetime(2024, 2, 5, 1, tzinfo=UTC)]  # fmt: skip
BUREAU = "ZB"
MILD: dict[str, list[Any]] = {
    "weight": [1, 3, "1/7"], "count": [1, 2], "late_days": [0, 5, 60], "late_credit": [0, "2/3", 1],
    "report_days": [0, 3, 30, 300], "due_days": [0, 4, 30], "eligibility": [False, True],
    "min_service": [0, "1/2", 1], "evidence": ["required"], "distinct": ["content"],
}  # fmt: skip


class RandomHistory:
    """`history` and, act by act, the `outcomes` of its rows; the same for each seed."""

    def __init__(self, seed: int, phases: int = 4) -> None:
        self.rng, self.name = Random(seed), f"small-{seed}"
        self.history, self.outcomes = History(), list[list[Outcome]]()
        self.book = ImportOracle({})
        self.units = [f"U{number}" for number in range(self.rng.randint(2, 4))]
        self.people = [f"P{number}" for number in range(self.rng.randint(2, 5))]
        self.ends: list[datetime] = []
        self.spent = 0
        self.fills: set[str] = set()  # corrections that fill an empty cell
        for number in range(phases):
            self.instant = PHASES[number]
            self._phase(number)
            self.ends.append(self.instant)

    def _phase(self, number: int) -> None:
        if number == 0:
            self._record_act("campaign", [self._first_campaign()])
            units = [
                self._row("units", {"unit_id": name} | self._lasting("opened_on", "closed_on")) for name in self.units
            ]
            self._record_act("units", [*units, BUREAU_ROW])
            people = [self._row("people", {"person_id": name} | self._lasting("from", "to")) for name in self.people]
            self._record_act("people", people)
        elif self.rng.random() < 0.6:
            self._record_act("campaign", [self._amended()])
        self._record_act("records", self._diligent(PHASES[max(number - 1, 0)].date(), PHASES[number].date()))
        for _ in range(self.rng.randint(3, 8)):
            table = self.rng.choice([*TABLES, "records", "records", *["corrections"] * 6])
            rows = [self._row(table) for _ in range(self.rng.choice([1, 1, 3, 6]))]
            late_entry = "补录" if self.rng.random() < 0.2 else ""
            self._record_act(table, rows, late_entry)

    def _record_act(self, kind: str, rows: Sequence[Any], late_entry: str = "") -> None:
        if not rows:
            return
        self.instant += timedelta(minutes=1)
        self.history.acts.append(Act(self.instant, kind, rows, late_entry))
        if kind == "campaign":
            self.book.campaign = rows[-1]
        self.outcomes.append([] if kind == "campaign" else self.book.given(kind, rows, self.instant, late_entry))

    # campaigns
    def _first_campaign(self) -> dict[str, Any]:
        return self._valid(lambda: known_periods(a_campaign(self.rng)) | {"campaign": self.name})

    def _amended(self) -> dict[str, Any]:
        before = self.book.campaign
        version = {"version": before["version"] + 1}
        if self.rng.random() < 0.3:
            return self._valid(lambda: known_periods(a_campaign(self.rng)) | version | {"campaign": self.name})
        return self._valid(lambda: known_periods(before | version | {"duties": [*map(self._mild, before["duties"])]}))

    def _mild(self, duty: dict[str, Any]) -> dict[str, Any]:
        changed = {key: self.rng.choice(values) for key, values in MILD.items() if self.rng.random() < 0.15}
        return duty | changed

    def _valid(self, make: Any) -> dict[str, Any]:
        while True:
            try:
                document: dict[str, Any] = make()
                Campaign.from_data(campaign_data(document))
            except CampaignProblems:
                continue
            return document

    # rows
    def _diligent(self, first: date, last: date) -> list[Row]:
        """Nearly everybody does nearly everything in time."""
        rows = []
        for duty in self.book.campaign["duties"]:
            for period, day in TYPICAL[duty["every"]].items():
                for subject in self.people if "roles" in duty["who"] else self.units:
                    for _ in range(duty["count"] if first < day <= last and self.rng.random() < 0.85 else 0):
                        key = "person_id" if "roles" in duty["who"] else "unit_id"
                        cells = {key: subject, "record": duty["record"], "occurred_at": str(day), "period": period}
                        rows.append(self._row("records", {**cells, "content_sha256": "", "evidence": "e.pdf"}))
        return rows

    def _lasting(self, first: str, last: str) -> Row:
        return {first: "2015-09-01", last: ""} if self.rng.random() < 0.8 else {}

    def _row(self, table: str, given: Row | None = None) -> Row:
        if table == "corrections":
            return self._correction()
        past = list(self.book.accepted[table].values())
        if given is None and past and self.rng.random() < 0.1:
            return dict(self.rng.choice(past))
        if given is None and table in ("units", "people") and self.rng.random() < 0.5:
            names, column = (self.units, "unit_id") if table == "units" else (self.people, "person_id")
            names.append(f"{column[0].upper()}{len(names)}")
            given = {column: names[-1]}
        row = {column: self._cell(table, column) for column in TABLES[table]} | (given or {})
        return self._sensible(table, row, given or {})

    def _sensible(self, table: str, row: Row, given: Row) -> Row:
        """Mostly a row that can be accepted."""
        duties = {duty["record"]: duty for duty in self.book.campaign["duties"]}
        if table == "records" and "period" not in given:
            every = duties[row["record"]]["every"] if row["record"] in duties else ""
            row["period"] = self.rng.choice(["", *PERIODS[every]]) if every else ""
        if table == "exemptions":
            chosen = next(duty for duty in duties.values() if duty["id"] == row["duty"])
            row["period"] = self.rng.choice(PERIODS[chosen["every"]])
        if table in ("exemptions", "decisions"):
            row[self.rng.choice(["person_id", "unit_id"])] = ""
        if table in ("findings", "sheets") and self.rng.random() < 0.9:
            row["assessor_id"] = BUREAU
        return row

    def _cell(self, table: str, column: str) -> str:
        rng, campaign = self.rng, self.book.campaign
        if column == TABLES[table][0] and table not in ("units", "people"):
            if table == "withdrawals":
                return rng.choice([*self.book.now["records"], "none"])
            self.spent += 1
            return f"{table[0]}{self.spent:04}"
        if column.endswith("_id"):
            return self._id(column)
        if column in ("opened_on", "from") and rng.random() < 0.6:
            return "2015-09-01"
        if column in ("closed_on", "to", "deadline", "rectified_on") and rng.random() < 0.6:
            return ""
        kinds = [*(duty["record"] for duty in campaign["duties"]), "talk", "visit"]
        choices = {
            "kind": DECISIONS if table == "decisions" else KINDS, "role": ROLES, "year": ["2022", "2023"],
            "tags": ["", "", ";".join(rng.sample(TAGS, 2))], "duty": [duty["id"] for duty in campaign["duties"]],
            "period": PERIODS["quarter"], "item": ["a", "b"], "record": kinds, "evidence": ["", "e.pdf"],
            "content_sha256": ["", "", "a" * 64, "A" * 64], "points": ["0", "1", "2.5", "4.75", "12"],
            "title": ["", "题"], "name": ["甲", "乙"], "reason": ["有误", "病假"], "document": ["1号", "2号"],
        }  # fmt: skip
        if column == "occurred_at":
            return str(some_day(rng)) + rng.choice(["", "", "T08:00", "T23:30:00Z"])
        return rng.choice(choices[column]) if column in choices else str(some_day(rng))

    def _id(self, column: str) -> str:
        if column == "person_id":
            return self.rng.choice(self.people)
        if column in ("unit_id", "assessor_id"):
            return self.rng.choice(self.units)
        return self.rng.choice(["", "", *self.units])

    def _correction(self) -> Row:
        past = list(self.book.now["corrections"].values())
        if past and self.rng.random() < 0.05:
            return dict(self.rng.choice(past))
        self.spent += 1
        table = self.rng.choice([table for table in CORRECTED if self.book.now[table]])
        row_id = self.rng.choice([*self.book.now[table]])
        cells = {"correction_id": f"C{self.spent:04}", "table": table, "row": row_id, "reason": "有误"}
        if row_id not in self.book.live[table]:
            return cells | {"column": "*", "value": "restore"}
        if self.rng.random() < 0.25:
            return cells | {"column": "*", "value": ""}
        column = self.rng.choice(corrected_columns(table)[1:])
        value = "" if self.rng.random() < 0.1 else self._row(table, {TABLES[table][0]: ""})[column]
        was = self.book.now[table][row_id]
        earlier = column == "rectified_on" and value < was["found_on"]  # the event is refused, the cell is not
        if value and not was[column] and not earlier:
            self.fills.add(cells["correction_id"])
        return cells | {"column": column, "value": value}


BUREAU_ROW = {"unit_id": BUREAU, "name": "教育局", "kind": "bureau", "opened_on": "2010-09-01"}
