"""Which of ADL's requirements (xAPI 1.0.3) a test asks; what docs/xapi.md counts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from tests.intake.xapi.test_statement_requirements import PLAIN

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
CONSISTENT, VERSION = "X-Experience-API-Consistent-Through", "X-Experience-API-Version"
F = TypeVar("F", bound=Callable[..., None])
ASKED: set[int] = set()
"""By the tests of requests; those of one statement are data."""
THERE_ARE_NONE = {136}
"""Numbers that the document leaves out."""
NOT_APPLICABLE = {140, 141, *range(182, 315), 322}
"""Of documents, State, Agents, Activities and Profiles: there are no such resources here."""
NOT_FULFILLED = {167: "files of attachments are not kept"}
NOT_ASKED = {329: "a fault of the server cannot be caused by a request"}
WHOLE = set(range(1, 337)) - THERE_ARE_NONE


def requirement(*numbers: int) -> Callable[[F], F]:
    """The test asks these."""

    def wrap(test: F) -> F:
        ASKED.update(numbers)
        return test

    return wrap


def fresh() -> str:
    return str(uuid.uuid4())


def plain(**more: Any) -> dict[str, Any]:
    return {**PLAIN, "id": fresh(), **more}


def voiding(target: str) -> dict[str, Any]:
    return plain(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": target})


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["statements"]]
