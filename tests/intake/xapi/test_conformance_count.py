"""What docs/xapi.md counts of ADL's requirements is what is asked here."""

from __future__ import annotations

import re

from tests.architecture.kept import ROOT
from tests.intake.xapi import test_request_requirements, test_sending_requirements, test_signed_statements
from tests.intake.xapi.requirements import ASKED, NOT_APPLICABLE, NOT_ASKED, NOT_FULFILLED, WHOLE
from tests.intake.xapi.test_statement_requirements import ALL, CASES

ASKING = (test_request_requirements, test_sending_requirements, test_signed_statements)


def test_the_documentation_counts_what_is_asked_here() -> None:
    numbers = {int(number) for number in re.findall(r"^- id: XAPI-(\d+)$", CASES.read_text("utf-8"), re.MULTILINE)}
    asked = numbers | ASKED
    assert ASKING
    assert asked & (NOT_APPLICABLE | NOT_FULFILLED.keys()) == set()
    assert WHOLE - asked - NOT_APPLICABLE - NOT_FULFILLED.keys() == set(NOT_ASKED)
    line = (f"| {len(WHOLE)} | {len(asked)}, by {len(ALL)} statements and the requests beside them "
            f"| {len(NOT_FULFILLED)} | {len(NOT_ASKED)} | {len(NOT_APPLICABLE)} |")  # fmt: skip
    assert line in (ROOT / "docs" / "xapi.md").read_text(encoding="utf-8")
