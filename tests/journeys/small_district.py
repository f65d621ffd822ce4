"""Helpers of journeys in a small district: report events by HTTP, read the scoreboard."""

from __future__ import annotations

from typing import Any

from tests.support.processes import wait_until
from tests.support.reported import Event, event
from tests.support.system import System

BATCH = "application/cloudevents-batch+json"


def report_events(system: System, *events: Event) -> list[str]:
    """The outcome of each event as its receipt says it: `accepted`, or `refused column code`."""
    return outcomes(system, *events)[0]


def outcomes(system: System, *events: Event) -> tuple[list[str], str]:
    """The outcomes, and the positions as X-Qihang-After takes them."""
    status, answer = system.ask("POST", "participation", "/api/intake", list(events), Content_Type=BATCH)
    assert status == 200, answer
    receipts = [receipt["data"] for receipt in answer["receipts"]]
    words = [" ".join(item[key] for key in _shown(item) if item.get(key)) for item in receipts]
    return words, ",".join(answer["positions"])


def _shown(receipt: dict[str, str]) -> tuple[str, ...]:
    """Of a waiting one only that it waits."""
    return ("outcome", "column", "code") if receipt["outcome"] == "refused" else ("outcome",)


def figures(system: System, unit_id: str, window: str, as_of: str, known_at: str = "") -> dict[str, Any]:
    """A unit's line of the scoreboard once all reported events are applied."""
    wait_until(lambda: is_settled(system), 60, "assessment has applied everything")
    query = {"window": window, "as_of": as_of} | ({"known_at": known_at} if known_at else {})
    lines = system.get("assessment", "/api/scoreboard", **query)["units"]
    line: dict[str, Any] = next((line for line in lines if line["unit_id"] == unit_id), {})
    return line


def is_settled(system: System) -> bool:
    """Whether no report is in progress, and assessment has applied everything."""
    status = system.get("participation", "/api/status")
    all_cursors = system.get("assessment", "/api/status")["cursors"]
    heads = {head["partition"]: head["position"] for head in status["heads"]}
    cursors = {item["partition"]: item["position"] for item in all_cursors if item["source"] == "participation"}
    return not status["intake_pending"] and heads == cursors


def unit(unit_id: str, kind: str = "school", **cells: str) -> Event:
    given = {"unit_id": unit_id, "name": f"单位{unit_id}", "kind": kind, "opened_on": "2015-09-01"}
    return event("unit.reported", f"unit-{unit_id}", **given | cells)


def teacher(person_id: str, unit_id: str, **cells: str) -> Event:
    given = {"person_id": person_id, "name": f"教师{person_id}", "role": "teacher", "unit_id": unit_id}
    return event("membership.reported", f"person-{person_id}", **given | {"from": "2015-09-01"} | cells)


def study(unit_id: str, day: str, **cells: str) -> Event:
    record_id = cells.pop("record_id", f"study-{unit_id}-{day}")
    given = {"record_id": record_id, "record": "study_session", "unit_id": unit_id, "occurred_at": day}
    return event("record.reported", record_id, **given | cells)


def note(person_id: str, day: str) -> Event:
    record_id = f"note-{person_id}-{day}"
    return event("record.reported", record_id, record_id=record_id, record="note", person_id=person_id, occurred_at=day)


def withdrawal(record_id: str) -> Event:
    return event("withdrawal.reported", f"w-{record_id}", record_id=record_id, withdrawn_at="2023-01-05", reason="重复")


def finding(finding_id: str, unit_id: str, assessor_id: str, **cells: str) -> Event:
    given = {"finding_id": finding_id, "unit_id": unit_id, "assessor_id": assessor_id, "found_on": "2022-11-10"}
    return event("finding.reported", f"finding-{finding_id}", **given | {"points": "2.5"} | cells)


def compared_roster(system: System, begun: dict[str, Any]) -> dict[str, Any]:
    """The summary of a roster that was sent, once the service has compared it."""
    while begun["state"] in ("waiting", "reading", "comparing"):
        begun = system.get("participation", f"/api/rosters/{begun['roster_id']}/progress")
    assert begun["state"] == "compared", begun
    return begun
