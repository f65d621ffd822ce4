"""How the routes of preferences are asked, in the sweeps over routes."""

from __future__ import annotations

from typing import Any, Final

from services.registry import rights

_OF_CLERK: Final[dict[str, Any]] = {"right": rights.SET_REMINDERS, "path": {"recipient": "clerk-S1"}}
PREFERENCE_CALLS: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("GET", "/api/preferences/<recipient>"): _OF_CLERK,
    ("POST", "/api/preferences/<recipient>"): _OF_CLERK | {"body": {"muted": ["due_soon"]}},
    ("POST", "/api/own-addresses/<recipient>/code"): _OF_CLERK | {"body": {"email": "a@b.example.cn"}},
    ("POST", "/api/own-addresses/<recipient>"): _OF_CLERK | {"body": {"code": "ABCD2345", "proof": "x.y"}},
    ("POST", "/api/own-addresses/<recipient>/remove"): _OF_CLERK,
}
