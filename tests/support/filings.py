"""Filings of unit S1, for tests of rights: how each route is asked about them, and what makes them."""

from __future__ import annotations

from typing import Any, Final

from chassis.events.definition import Event
from contracts.filings import FilingDrafted, FilingSubmitted
from services.registry import rights
from services.registry.rights import Right, Subject

FILED: Final = ("entry-by-the-unit-a", "entry-by-the-unit-b")
"""Entries of its clerk, which count; the filing of each is `ENTRY-1`."""
AWAITING: Final = ("entry-on-behalf-a", "entry-on-behalf-b")
"""Entered on behalf of it, awaiting it."""
FORM: Final = {"kind": "study_session", "unit_id": "S1", "occurred_at": "2022-11-08"}
OF_UNIT: Final = Subject("S1", "school", "O1")
How = dict[str, Any]


def _how(right: Right, name: str = "", body: Any = None, query: str = "", listed: str = "") -> How:
    path = {"filing_id": name} if name else {}
    return {"right": right, "subject": OF_UNIT, "path": path, "body": body, "query": query, "listed": listed}


_ID: Final = "/api/filings/<filing_id>"
_SHORTEST: Final = "/api/filings/<string(minlength=8):filing_id>"
"""So that `confirm` is no filing."""
FILING_CALLS: Final[dict[tuple[str, str], How]] = {
    ("GET", "/api/inspection"): _how(rights.INSPECT, query="unit_id=S1"),
    ("GET", "/api/filings"): _how(rights.SEE_RECORDS, query=f"entry_id={FILED[0]}", listed="filings"),
    ("POST", "/api/filings"): _how(rights.FILE_RECORD, body={"deeds": [FORM]}),
    ("POST", "/api/filings/confirm"): _how(rights.CONFIRM_ENTRY, body={"filings": [f"{AWAITING[1]}-1"]}),
    ("GET", _SHORTEST): _how(rights.SEE_RECORDS, f"{FILED[0]}-1"),
    ("GET", f"{_ID}/first-responses"): _how(rights.SEE_RECORDS, f"{FILED[0]}-1"),
    ("PUT", _SHORTEST): _how(rights.FILE_RECORD, f"{FILED[0]}-1", {"content": FORM}),
    ("POST", f"{_ID}/submit"): _how(rights.FILE_RECORD, f"{FILED[0]}-1", {}),
    ("POST", f"{_ID}/withdraw"): _how(rights.FILE_RECORD, f"{FILED[1]}-1", {"reason": "重复"}),
    ("POST", f"{_ID}/return"): _how(rights.CONFIRM_ENTRY, f"{AWAITING[0]}-1", {"reason": "请补充"}),
    ("POST", "/api/records/<path:record_id>/return"): _how(rights.RETURN_REPORT, body={"reason": "请补充"})
    | {"path": {"record_id": "E1"}},
    ("POST", f"{_ID}/confirm"): _how(rights.CONFIRM_ENTRY, f"{AWAITING[1]}-1", {}),
}


def filings_of_s1() -> list[Event]:
    result: list[Event] = []
    for entry in (*FILED, *AWAITING):
        awaits = "owner" if entry in AWAITING else ""
        content = ("study_session", "S1", "", (), "2022-11-08", "", (), "", bool(awaits), "d", "学习", "", "{}", "")
        result.append(FilingDrafted(f"{entry}-1", entry, *content))
        result.append(FilingSubmitted(f"{entry}-1", awaits, "xue-lun-shu", 1))
    return result
