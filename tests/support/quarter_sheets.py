"""Sheets of the office O3, for tests of rights: how each route is asked about them."""

from __future__ import annotations

from typing import Any, Final

from services.registry import rights
from services.registry.rights import DISTRICT, Subject

QUARTER: Final = "2022-Q4"
OF_OFFICE: Final = Subject("O3", "office")
_SHEET: Final = "/api/quarter-sheets/<unit_id>/<period>"
_PATH: Final = {"unit_id": "O3", "period": QUARTER}
_WHICH: Final = {"period": QUARTER, "sheets": [{"unit_id": "O3"}]}
_DRAFT: Final = {"period": QUARTER, "sheets": [{"unit_id": "O3", "points": {"depth": "20"}}]}


def _how(path: dict[str, str], body: Any = None, subject: Subject = OF_OFFICE) -> dict[str, Any]:
    return {"right": rights.ASSESS_UNIT, "subject": subject, "path": path, "body": body}


SHEET_CALLS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("GET", "/api/quarter-sheets"): _how({}, subject=DISTRICT),
    ("GET", _SHEET): _how(_PATH),
    ("GET", "/api/units/<unit_id>/quarter-sheets"): _how({"unit_id": "O3"}) | {"right": rights.SEE_SHEET},
    ("POST", "/api/quarter-sheets/draft"): _how({}, _DRAFT),
    ("POST", "/api/quarter-sheets/complete"): _how({}, _WHICH),
    ("POST", "/api/quarter-sheets/confirm"): _how({}, _WHICH),
    ("POST", f"{_SHEET}/return"): _how(_PATH, {"reason": "请核对"}),
    ("POST", f"{_SHEET}/correct"): _how(_PATH, {"reason": "漏记"}),
}
