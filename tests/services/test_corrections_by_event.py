"""Facts and corrections as events, shuffled, give the results that the files give, byte for byte.

What scoring.md lets depend on the order keeps it: corrections of one row, and those that other rows are judged by come
after all facts, in an order in which each is still accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.duties.oracle_of_cells import TABLES, Row
from tests.domain.duties.oracle_of_history import Act
from tests.domain.duties.oracle_of_import import ImportOracle
from tests.domain.duties.random_histories import RandomHistory
from tests.services.test_random_histories import WINDOWS, Build
from tests.services.test_random_histories import build_on_sqlite as build_on_sqlite
from tests.support.history_events import Report, cloud_event, correction_report, reports_of
from tests.support.reported import Event, shuffled

FACTS = [table for table in TABLES if table != "corrections"]
REPORTED_AT = datetime.fromisoformat("2023-01-20T09:00:00+08:00")
NO_RULE_ASKS = {
    "units": {"name"}, "people": {"name"}, "records": {"title", "evidence", "content_sha256"}, "sheets": {"points"},
    "findings": {"points", "deadline", "rectified_on"}, "decisions": {"document", "decided_on"}, "exemptions": set(),
}  # fmt: skip
"""The columns by which no other row is judged."""


@dataclass
class District:
    """The rows and corrections of a history that the second program accepts when they come as files."""

    campaign: dict[str, object]
    facts: dict[str, list[Row]]
    corrections: list[Row]

    @classmethod
    def random(cls, seed: int) -> District:
        history = RandomHistory(seed, phases=3)
        campaign = history.book.campaign
        rows = {table: [row for act in history.history.acts if act.kind == table for row in act.rows]
                for table in TABLES}  # fmt: skip
        book = ImportOracle(campaign)
        accepted = {}
        for table in TABLES:
            outcomes = book.given(table, rows[table])
            accepted[table] = [row for row, outcome in zip(rows[table], outcomes, strict=True) if outcome == "accepted"]
        corrections = [row for row in accepted.pop("corrections") if row["column"] != "reason"]
        return cls(campaign, accepted, _accepted_in(campaign, accepted, corrections))

    def parted(self) -> tuple[list[Row], list[Row]]:
        """The corrections that may come at any time, and the others."""
        withdrawn = {row["record_id"] for row in self.facts["withdrawals"]}

        def asked(row: Row) -> bool:
            return row["column"] not in NO_RULE_ASKS[row["table"]] or row["row"] in withdrawn

        fixed = {(row["table"], row["row"]) for row in self.corrections if asked(row)}
        free = [row for row in self.corrections if (row["table"], row["row"]) not in fixed]
        return free, [row for row in self.corrections if (row["table"], row["row"]) in fixed]

    def in_another_order(self, corrections: list[Row], rng: Random) -> list[Row]:
        """An order that keeps that of a row's corrections, and in which all are accepted."""
        for _ in range(5):
            turns = [(row["table"], row["row"]) for row in corrections]
            queues = {turn: iter([row for row in corrections if (row["table"], row["row"]) == turn]) for turn in turns}
            rng.shuffle(turns)
            order = [next(queues[turn]) for turn in turns]
            if _accepted_in(self.campaign, self.facts, order) == order:
                return order
        return corrections


def _accepted_in(campaign: dict[str, object], facts: dict[str, list[Row]], corrections: list[Row]) -> list[Row]:
    book = ImportOracle(campaign)
    for table in FACTS:
        assert set(book.given(table, facts[table])) <= {"accepted"}
    outcomes = book.given("corrections", corrections)
    return [row for row, outcome in zip(corrections, outcomes, strict=True) if outcome == "accepted"]


def in_any_order(facts: list[Report], corrections: list[Report], rng: Random) -> list[Event]:
    """A tenth of them twice; corrections may come before their row, but keep their order among themselves."""
    events = [cloud_event(report, f"fact-{at}") for at, report in enumerate(facts)]
    others = [cloud_event(report, f"correction-{at}") for at, report in enumerate(corrections)]
    result = shuffled(events, rng.randrange(1 << 30), again=0.1)
    places = sorted(rng.choices(range(len(result) + 1), k=len(others)))
    for place, item in reversed([*zip(places, others, strict=True)]):
        result.insert(place, item)
    return result


def of_facts(district: District) -> list[Report]:
    return [report for table in FACTS for report in reports_of(Act(REPORTED_AT, table, district.facts[table]))]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_events_in_any_order_give_the_results_of_the_files(build_on_sqlite: Build, seed: int) -> None:
    district, rng = District.random(seed), Random(seed)
    by_file, by_event = build_on_sqlite(), build_on_sqlite()
    for system in (by_file, by_event):
        system.at(REPORTED_AT)
        system.launch(district.campaign)
    for table in FACTS:
        assert set(by_file.give_file(table, district.facts[table])) <= {"accepted"}
    assert set(by_file.give_file("corrections", district.corrections)) <= {"accepted"}
    free, fixed = district.parted()
    first = in_any_order(of_facts(district), [correction_report(row, ()) for row in free], rng)
    for at in range(0, len(first), 40):
        assert set(by_event.submit(first[at : at + 40])) <= {"accepted", "unchanged", "waiting"}
    for row in district.in_another_order(fixed, rng):
        assert by_event.give_events(correction_report(row, ())) == ["accepted"], row
    expected, result = by_file.report(WINDOWS), by_event.report(WINDOWS)
    for system in (by_file, by_event):
        system.close()
    assert result == expected
