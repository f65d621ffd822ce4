"""How routes of the directory are asked about the unit S1, for the sweep over all routes."""

from __future__ import annotations

from typing import Any, Final

from services.registry import rights
from tests.support.preference_calls import PREFERENCE_CALLS

_PERSON: Final = "P-author"
DIRECTORY_CALLS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("GET", "/api/directory/units"): {"right": rights.SEE_DIRECTORY, "query": "text=S1", "listed": "units"},
    ("GET", "/api/directory/units/<unit_id>"): {"right": rights.SEE_DIRECTORY, "path": {"unit_id": "S1"}},
    ("GET", "/api/directory/people"): {"right": rights.SEE_DIRECTORY, "query": "unit_id=S1"},
    ("GET", "/api/directory/people/<person_id>"): {"right": rights.SEE_DIRECTORY, "path": {"person_id": _PERSON}},
    ("POST", "/api/directory/memberships"): {"right": rights.KEEP_PEOPLE, "body": {
        "change": "join", "person_id": "P-new", "unit_id": "S1", "since": "2022-12-01", "name": "王", "role": "teacher",
        "preview": True}},
    ("GET", "/api/posts"): {"right": rights.KEEP_POSTS, "query": "unit_id=S1"},
    ("POST", "/api/posts/hand-over"): {"right": rights.KEEP_POSTS, "body": {
        "unit_id": "S1", "post": "clerk", "person_id": "P-clerk-S1", "since": "2022-09-01",
        "successor_id": "P-clerk-S1", "day": "2022-12-01"}},
    ("POST", "/api/directory/posts"): {"right": rights.KEEP_POSTS, "body": {
        "change": "assign", "unit_id": "S1", "post": "clerk", "person_id": _PERSON, "since": "2022-12-01",
        "preview": True}},
    **PREFERENCE_CALLS,
}  # fmt: skip
"""By method and address: the right that it takes, and what is sent."""
