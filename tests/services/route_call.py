"""How the sweep over routes asks one (test_route_rights.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.registry.rights import Right, Subject

OF_S1 = Subject("S1", "school", "O1")


@dataclass(frozen=True)
class Call:
    """How a route is asked about S1 or its author, and the right that it then takes."""

    right: Right
    subject: Subject = OF_S1
    path: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    listed: str = ""
    """A list: who has the right finds the row of S1, others find none (or are kept out)."""
