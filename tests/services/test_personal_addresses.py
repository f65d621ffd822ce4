"""Every route that can be read is known to hand out personal data or not: `/s/` writes down the one kind."""

from __future__ import annotations

import importlib
import re

from chassis.http.routes import ROUTES
from chassis.process.settings import SERVICES
from console.gateway import INSIDE_ONLY, PERSONAL

WITHOUT_PERSONS = {
    *(f"participation/api/{path}" for path in (
        "bundles", "bundles/x", "inspection", "dry-runs",
        "campaign", "campaign/file", "campaign/periods", "campaign/versions", "campaign/warnings",
        "campaigns", "directory/unit-names", "directory/units",
        "imports", "imports/x", "me", "publishers", "subscriptions", "subscriptions/x/failures", "quarter-sheets",
        "units/x/quarter-sheets", "record-kinds",
        "campaigns", "exemptions/candidates", "finding-form", "findings",
        "imports", "imports/x", "me", "publishers", "record-kinds",
        "publisher", "publisher/holdings", "publisher/holdings/x", "publisher/receipts", "publisher/reference",
        "publisher/rows/x", "publisher/units", "publisher/waiting",
        "roster-words", "rosters", "rosters/x/outcomes", "rosters/x/progress", "units", "verify/files")),
    *(f"assessment/api/{path}" for path in (
        "campaign/effects/x", "collected", "differences", "duties", "duties/supervised", "freezes", "overview",
        "reports",
        "reports/x", "scoreboard")),
    *(f"publicity/{path}" for path in (
        "api/anthologies", "api/articles", "api/mine/publicity", "api/mine/works", "api/readers/open",
        "api/reviewers/x/may-review/x", "api/videos",
        "api/verify/files", "wechat/x")),
    *(f"notifications/api/{path}" for path in (
        "calendar/x", "deliveries", "holds", "inboxes", "preferences/x", "runs", "runs/x", "units/x/line")),
    *(f"participation/{path}" for path in (
        "xapi/about", "xapi/activities", "xapi/activities/x", "xapi/agents", "xapi/agents/x", "api/xapi/statements/x",
        "api/xapi/unmapped")),
    *(f"{service}/api/{path}" for service in SERVICES for path in (
        "acts", "heads", "quarantine/groups", "rebuild", "security-events", "status", "verify", "verify/log",
        "verify/files/progress")),
}  # fmt: skip
"""Figures, ids and settings only (`me` is about the caller)."""


def readable() -> set[str]:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.service")
    addresses = set()
    for route in ROUTES:
        place, name, *_ = route.module.split(".")
        if route.method != "GET" or place not in ("services", "chassis"):
            continue
        path = re.sub(r"<[^>]*>", "x", route.url).strip("/")
        addresses |= {f"{service}/{path}" for service in ([name] if place == "services" else SERVICES)}
    return {address for address in addresses if address.partition("/")[2] not in INSIDE_ONLY}


def test_every_route_is_sorted_by_whether_it_hands_out_personal_data() -> None:
    personal = {address for address in readable() if PERSONAL.fullmatch(f"GET {address}")}
    assert readable() - personal == WITHOUT_PERSONS
