"""A learning platform as a test sees it: registered, mapped by the campaign's file, speaking xAPI at the routes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from chassis.process import tokens
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.store.schema import statements
from services.participation.publishers.handlers import checked_rights
from services.participation.service import Service
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica

MOODLE = "https://moodle.example.cn"
COMPLETED = "http://id.tincanapi.com/verb/completed"
COURSE = "http://id.tincanapi.com/activitytype/lms/course"
VERSION = {"X-Experience-API-Version": "1.0.3"}
XAPI = [
    {
        "source": "/moodle",
        "accounts": [{"home_page": MOODLE, "letters": "upper"}],
        "statements": [
            {"record": "attendance", "verbs": [COMPLETED], "activity_types": [COURSE]},
            {"record": "attendance", "verbs": ["http://adlnet.gov/expapi/verbs/attended"], "success": True,
             "score": "0.6", "minutes": 40, "activities": [f"{MOODLE}/mod/*"], "title": "网络研修"},
        ],
    }
]  # fmt: skip


def completed(person: str = "p1", **more: Any) -> dict[str, Any]:
    """As logstore_xapi sends it: no id, no objectType."""
    return {
        "actor": {"name": "许悦", "account": {"homePage": MOODLE, "name": person}},
        "verb": {"id": COMPLETED, "display": {"en": "completed"}},
        "object": {"id": f"{MOODLE}/course/view.php?id=1",
                   "definition": {"type": COURSE, "name": {"en": "Course", "zh-CN": "师德研修"}}},
        "timestamp": "2022-12-01T09:00:00+08:00",
        **more,
    }  # fmt: skip


class Platform:
    """One that is registered under that name."""

    def __init__(self, replica: Replica, name: str = "moodle", **rights: Any) -> None:
        self.replica, self.name = replica, name
        given = {"types": ["record", "withdrawal"], "units": [], "sources": [], "unnamed": False} | rights
        added = replica.service.publishers.add_publisher(name, checked_rights(name, given), OPERATOR, "")
        self.token = added["token"]

    def call(self, method: str, path: str = "/xapi/statements", body: Any = None, query: Any = None,
             headers: dict[str, str] | None = None, raw: bytes | None = None) -> Response:  # fmt: skip
        """By Basic, as platforms do."""
        basic = base64.b64encode(f"{self.name}:{self.token}".encode()).decode()
        sent = {"Authorization": f"Basic {basic}", "Content-Type": "application/json", **VERSION, **(headers or {})}
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        builder = EnvironBuilder(path=path, method=method, data=data, query_string=query,
                                 headers=[(name, value) for name, value in sent.items() if value])  # fmt: skip
        route = {"GET": "xapi_statements", "PUT": "put_xapi_statement", "POST": "post_xapi_statements",
                 "HEAD": "xapi_statements"}[method]  # fmt: skip
        route = "about_xapi" if path == "/xapi/about" else route
        result: Response = getattr(self.replica.service, route)(Request(builder.get_environ()))
        return result

    def post(self, *sent: dict[str, Any], **more: Any) -> list[str]:
        response = self.call("POST", body=list(sent), **more)
        assert response.status_code == 200, response.get_data(as_text=True)
        ids: list[str] = json.loads(response.get_data())
        return ids

    def get(self, status: int = 200, **query: str) -> Any:
        response = self.call("GET", query=query)
        assert response.status_code == status, response.get_data(as_text=True)
        return json.loads(response.get_data())

    def states(self) -> list[str]:
        """What became of every statement of its own, oldest first."""
        rows = sorted((row for row in self.replica.rows(statements) if row.publisher == self.name),
                      key=lambda row: row.seq)  # fmt: skip
        return [f"{row.state} {row.code}".strip() for row in rows]


def district(folder: Path, url: str = "") -> Replica:
    """Two schools with a teacher each, P1 in S1 and P2 in S2, who learn on a platform that the campaign's file maps."""
    for issuer in ("operator", "participation"):
        tokens.make_keys(folder / "keys" / f"{issuer}.key", folder / "keys" / f"{issuer}.pem")
    settings = Settings(data=str(folder), database_url=url, check_responses=1)
    replica = Replica(unstarted(Service, settings))
    replica.runtime.store.install("participation", "district")
    cluster.campaign(replica)
    for number, unit_id in enumerate(("S1", "S2"), 1):
        replica.submit("unit", unit_id=unit_id, name=unit_id, kind="school", opened_on="2010-09-01")
        replica.submit("membership", person_id=f"P{number}", name="许悦", role="teacher", unit_id=unit_id,
                       from_="2020-09-01")  # fmt: skip
    return replica


def mapped(replica: Replica, **changed: Any) -> None:
    """The campaign's next version maps the platform."""
    document = {**cluster.DOCUMENT, "version": 2, "xapi": XAPI, **changed}
    cluster.amend(replica, **document)
