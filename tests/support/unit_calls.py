"""How each route is asked whose subject is a unit, from the modules of its feature: for tests of rights."""

from __future__ import annotations

from typing import Any, Final

from tests.support.directory import DIRECTORY_CALLS
from tests.support.filings import FILING_CALLS
from tests.support.findings import FINDING_CALLS
from tests.support.publicity_calls import PUBLICITY_CALLS
from tests.support.quarter_sheets import SHEET_CALLS

UNIT_CALLS: Final[dict[tuple[str, str], dict[str, Any]]] = (
    FILING_CALLS | FINDING_CALLS | DIRECTORY_CALLS | PUBLICITY_CALLS | SHEET_CALLS
)
