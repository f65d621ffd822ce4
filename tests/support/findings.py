"""Findings of unit S1 by its liaison office O1, for tests of rights: how each route is asked about them."""

from __future__ import annotations

from typing import Any, Final

from chassis.events.definition import Event
from contracts.findings import FindingAnswered
from contracts.participation import FindingReported
from services.registry import rights
from services.registry.rights import Right, Subject

OPEN: Final = ("finding-open-a", "finding-open-b", "finding-open-c")
ANSWERED: Final = "finding-answered"
OF_UNIT, OF_OFFICE = Subject("S1", "school", "O1"), Subject("O1", "office")
OVER_SOME: Final = Right("supervise", "查看包联单位", offices=("supervision_office",), supervisor=True)
"""Of a list of all units that somebody stands over: the supervision office stands over O1 and O3, if not over S1."""
How = dict[str, Any]
_ID: Final = "/api/findings/<finding_id>"
_NEW: Final = {"unit_id": "S1", "category": "其他", "description": "没有公示"}


def _how(right: Right, subject: Subject, name: str = "", body: Any = None, query: str = "", listed: str = "") -> How:
    path = {"finding_id": name} if name else {}
    return {"right": right, "subject": subject, "path": path, "body": body, "query": query, "listed": listed}


FINDING_CALLS: Final[dict[tuple[str, str], How]] = {
    ("GET", "/api/duties/supervised"): _how(OVER_SOME, OF_UNIT, listed="units"),
    ("GET", "/api/findings"): _how(rights.SEE_FINDINGS, OF_UNIT, query="unit_id=S1"),
    ("GET", "/api/finding-form"): _how(rights.RAISE_FINDING, OF_UNIT, listed="units"),
    ("GET", _ID): _how(rights.SEE_FINDINGS, OF_UNIT, OPEN[0]),
    ("POST", "/api/findings"): _how(rights.RAISE_FINDING, OF_UNIT, body=_NEW),
    ("PUT", _ID): _how(rights.REVIEW_FINDING, OF_OFFICE, OPEN[0], {"reason": "有误", "points": "2"}),
    ("POST", f"{_ID}/answer"): _how(rights.ANSWER_FINDING, OF_UNIT, OPEN[1], {"text": "已公示"}),
    ("POST", f"{_ID}/return"): _how(rights.REVIEW_FINDING, OF_OFFICE, ANSWERED, {"reason": "看不清"}),
    ("POST", f"{_ID}/close"): _how(rights.REVIEW_FINDING, OF_OFFICE, OPEN[0], {"note": "已整改"}),
    ("POST", f"{_ID}/withdraw"): _how(rights.REVIEW_FINDING, OF_OFFICE, OPEN[2], {"reason": "重复"}),
}


def findings_of_s1() -> list[Event]:
    row = ("S1", "O1", "2022-11-08", "2022-12-20", "1", "", "d", "xue-lun-shu", "其他", "没有公示")
    return [
        *(FindingReported(name, *row) for name in (*OPEN, ANSWERED)),
        FindingAnswered(ANSWERED, "S1", "O1", "P-clerk-S1", "2022-11-09", "已公示", ()),
    ]
