"""The routes of filings of one service on its store, asked without a socket by persons with posts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.http.routes import ROUTES
from chassis.process import tokens
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.store import event_log
from cli.campaign_file import read_campaign_file
from contracts.participation import CampaignLaunched, MembershipStarted, PostAssigned, UnitRegistered
from services.participation.service import Service
from tests.support.campaigns import document_of

ROOT = Path(__file__).resolve().parents[3]
CAMPAIGN = document_of(read_campaign_file(ROOT / "campaigns" / "xue-lun-shu-in-full.yaml").text)
UNITS = {"B1": ("bureau", ()), "S1": ("school", ()), "S2": ("school", ()), "O1": ("office", ())}
POSTS = {"clerk1": ("clerk", "S1"), "head1": ("head", "S1"), "clerk2": ("clerk", "S2"),
         "office": ("campaign_office", "B1"),
         "liaison": ("clerk", "O1"), "leader": ("leader", "B1")}  # fmt: skip
TEACHERS = ("t1", "t2", "t3")
"""Of S1; `u1` is of S2."""
ROUTE_OF = {(route.method, route.url): route for route in ROUTES}
FILE = "a" * 64


class FilingClient:
    """A small district, at 9 o'clock of 5 December 2022."""

    def __init__(self, folder: Path, database_url: str, teachers: int = 0) -> None:
        for issuer in ("console", "operator", "participation"):
            tokens.make_keys(folder / "keys" / f"{issuer}.key", folder / "keys" / f"{issuer}.pem")
        clock = folder / "clock"
        clock.write_text("2022-12-05T09:00:00+08:00")
        settings = Settings(
            data=str(folder), database_url=database_url, rehearsal_clock=str(clock), check_responses=True
        )
        self.service = unstarted(Service, settings)
        self.runtime, self._keys = self.service.runtime, folder / "keys"
        self.runtime.store.install("participation", "district")
        with self.runtime.unit_of_work("service:test") as unit_of_work:
            unit_of_work.append(CampaignLaunched("xue-lun-shu", 1, CAMPAIGN))
            for unit_id, (kind, tags) in UNITS.items():
                liaison = "O1" if unit_id == "S1" else ""
                unit_of_work.append(
                    UnitRegistered(unit_id, f"单位{unit_id}", kind, tags, "", "", liaison, "2010-09-01", "", "d")
                )
            for person_id, (post, unit_id) in POSTS.items():
                unit_of_work.append(
                    MembershipStarted(person_id, unit_id, "teacher", "2015-09-01", "", "d", f"姓{person_id}"),
                    PostAssigned(unit_id, post, person_id, "2022-09-01", "", "d"),
                )
            crowd = [f"many{number:04}" for number in range(teachers)]
            for person_id in (*TEACHERS, "u1", *crowd):
                home = "S2" if person_id == "u1" else "S1"
                unit_of_work.append(
                    MembershipStarted(person_id, home, "teacher", "2015-09-01", "", "d", f"姓{person_id}")
                )

    def ask(self, who: str, method: str, url: str, body: Any = None, query: str = "", **path: str) -> tuple[int, Any]:
        route = ROUTE_OF[method, url]
        signer = tokens.Signer("console", "district", tokens.private_key(self._keys / "console.key"))
        builder = EnvironBuilder(
            method=method, data=json.dumps(body or {}).encode() if method != "GET" else None, query_string=query,
            content_type="application/json",
            headers={"Authorization": f"Bearer {signer.issue(who, ['person'], 100)}"},
        )  # fmt: skip
        response = getattr(self.service, route.name)(Request(builder.get_environ()), **path)
        return response.status_code, json.loads(response.get_data() or b"null")

    def file(self, who: str, *deeds: dict[str, Any], **more: Any) -> tuple[int, Any]:
        return self.ask(who, "POST", "/api/filings", {"deeds": list(deeds), **more})

    def act(self, who: str, filing_id: str, act: str, **body: Any) -> tuple[int, Any]:
        return self.ask(who, "POST", f"/api/filings/<filing_id>/{act}", body, filing_id=filing_id)

    def change(self, who: str, filing_id: str, content: dict[str, Any], **more: Any) -> tuple[int, Any]:
        return self.ask(
            who,
            "PUT",
            "/api/filings/<string(minlength=8):filing_id>",
            {"content": content, **more},
            filing_id=filing_id,
        )

    def read(self, who: str, filing_id: str) -> tuple[int, Any]:
        return self.ask(who, "GET", "/api/filings/<string(minlength=8):filing_id>", filing_id=filing_id)

    def listed(self, who: str, query: str = "") -> list[str]:
        status, answer = self.ask(who, "GET", "/api/filings", query=query)
        assert status == 200, answer
        return [row["filing_id"] for row in answer["filings"]]

    def records(self) -> dict[str, tuple[str, str, bool]]:
        """Each record of the log as it stands: kind, day, whether it counts."""
        with self.runtime.store.reading() as connection:
            rows = {}
            for each in event_log.read(connection, 0, 0, 100_000):
                if each.type.startswith("participation.record_"):
                    event: Any = each.event()
                    if each.type.startswith("participation.record_withdrawn"):
                        rows[event.record_id] = (*rows[event.record_id][:2], False)
                    else:
                        rows[event.record_id] = (event.kind, event.day, not getattr(event, "voided", False))
        return rows


def session(**more: Any) -> dict[str, Any]:
    fields = {"together": "together", "line": "offline", "guided": "self", "platform": "staff_meeting",
              "readings": [{"title": "第一篇", "version": "2022版"}]}  # fmt: skip
    return {"kind": "study_session", "unit_id": "S1", "occurred_at": "2022-11-09T15:00", "title": "学习",
            "fields": fields, "evidence": [FILE]} | more  # fmt: skip


def discussion(**more: Any) -> dict[str, Any]:
    fields = {"declared_on": "2022-11-09", "held": "as_declared", "parts": ["gains", "shortcomings", "plans"]}
    return {"kind": "discussion_day", "unit_id": "S1", "occurred_at": "2022-11-09", "fields": fields,
            "evidence": [FILE]} | more  # fmt: skip


def attendance(*people: str, **more: Any) -> dict[str, Any]:
    return {"kind": "attendance", "unit_id": "S1", "occurred_at": "2022-11-09", "people": list(people)} | more


def report(**more: Any) -> dict[str, Any]:
    """A kind that the head confirms."""
    return {
        "kind": "annual_plan",
        "unit_id": "S1",
        "occurred_at": "2022-12-01",
        "title": "计划",
        "evidence": [FILE],
    } | more


def summary(**more: Any) -> dict[str, Any]:
    return {
        "kind": "summary",
        "occurred_at": "2022-12-01",
        "title": "我的总结",
        "fields": {"text": "私人文字金丝雀"},
    } | more
