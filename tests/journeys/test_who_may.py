"""The matrix of rights over a running system: every route of every service, asked by every post about its own unit and
another, answers 403 exactly where the rules say.  On each store: tests/services/test_route_rights.py."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
import requests

from chassis.http.routes import RouteDescription
from chassis.process import tokens
from services.registry import rights
from services.registry.rights import Subject, may
from tests.journeys.conftest import AnySystem
from tests.journeys.forged_requests import FORGED, answers_of, statuses
from tests.journeys.small_district import compared_roster, finding, report_events, unit
from tests.services.kept_evidence import BUNDLE, EVIDENCE, EVIDENCE_FILE, sent_headers
from tests.services.test_route_rights import (
    AUTHOR,
    CALLS,
    DRY_RUN,
    IMPORT,
    PEOPLE,
    ROSTER,
    SEMESTER,
    SYSTEM,
    UNITS,
    Call,
    may_call,
    names_in,
    party,
    routes_of,
)
from tests.support.filings import AWAITING, FILED, FORM
from tests.support.findings import ANSWERED, OPEN
from tests.support.processes import wait_until
from tests.support.reported import event
from tests.support.system import PORTS, SERVICES, DistrictSystem

REVIEWER, READER = "P-clerk-S2", "P-head-S1"
IDS = re.compile(r"\b(P-[\w-]+|B1|S[12]|O[1-4]|[WAVE]\d)\b|\bN1\b")
OTHERS: dict[tuple[str, str], Call] = {
    ("POST", "/api/anthologies"): Call(rights.PUBLISH_FOR_UNIT, body={"unit_id": "S1", "semester": "none"}),
    ("POST", "/api/articles"): Call(
        rights.PUBLISH_FOR_UNIT, body={"article_id": "A9", "unit_id": "S1", "title": "推文", "works": ["none"]}),
    ("POST", "/api/articles/<article_id>/take-down"): dataclasses.replace(
        CALLS["POST", "/api/articles/<article_id>/take-down"], path={"article_id": "A1"}),
    ("POST", "/api/readers"): Call(rights.APPOINT_READERS, body={
        "subject": "article", "subject_id": "A1", "stage": "first", "reader_id": READER}),
    ("POST", "/api/readings"): Call(rights.READ, Subject(person_id=READER), body={
        "subject": "article", "subject_id": "A1", "stage": "first", "reader_id": READER}),
    ("POST", "/api/works/<work_id>/marks"): Call(rights.REVIEW, Subject(person_id=REVIEWER), {"work_id": "W1"}, {
        "reviewer_id": REVIEWER, "marks": {"writing": "1"}}),
    ("POST", "/api/works/<work_id>/decline"): Call(rights.REVIEW, Subject(person_id=REVIEWER), {"work_id": "W1"}, {
        "reviewer_id": REVIEWER, "cause": "unable"}),
    ("GET", "/api/works/<work_id>/text"): dataclasses.replace(
        CALLS["GET", "/api/works/<work_id>/text"], path={"work_id": "W2"}),
    ("GET", "/api/duties/supervised"): Call(rights.SUPERVISE, listed="units"),
}  # fmt: skip
"""Asked otherwise than on a store that events are written into: by who is really appointed, or without rendering; of a
text that no unit selected; of RS1 in a list where others have rows too."""
WALKED = {**CALLS, **OTHERS}
FEW = ("operator", "P-clerk-S1", "P-clerk-S2")
"""In one process: on its kind of store tests/services/test_route_rights.py has everybody ask each service alone."""
ONE_OF_EACH = (*SYSTEM, AUTHOR, *(who for who in PEOPLE if who.endswith(("-S1", "-B1", "-O1", "-O2", "-O4"))))
"""For routes whose right has no subject."""


def here(value: Any) -> Any:
    """The same with ids of this story: the system is shared."""
    if isinstance(value, str):
        return IDS.sub(lambda match: f"RS1.{SEMESTER}" if match[0] == "N1" else f"R{match[0]}", value)
    if isinstance(value, dict):
        return {key: here(item) for key, item in value.items()}
    return [here(item) for item in value] if isinstance(value, list) else value


class Walk:
    """One system, asked at the ports of its services by everybody."""

    def __init__(self, system: AnySystem) -> None:
        self.system, self.http = system, requests.Session()
        self.http.trust_env = False
        self.roster_id = self.bundle_id = self.import_id = self.dry_run_id = ""

    def token(self, who: str) -> str:
        """A new one for each request: the walk may take longer than a token is honoured."""
        issuer = {"operator": "operator", "service": "assessment", "publisher": "participation"}.get(who, "console")
        signer = tokens.Signer(issuer, "district", tokens.private_key(self.system.data / "keys" / f"{issuer}.key"))
        return signer.issue(here(who), [who if who in SYSTEM else "person"], 300)

    def ask(self, service: str, route: RouteDescription, who: str, call: Call | None) -> tuple[int, bytes]:
        body = call.body if call is not None else b"{"
        raw = body if isinstance(body, bytes) else json.dumps(here(body or {})).encode()
        path = call.path if call is not None else dict.fromkeys(names_in(route.url), "1")
        url = re.sub(r"<[^>]*?(\w+)>", lambda match: self._named(path[match[1]]), route.url)
        answer = self.http.request(
            route.method, f"http://127.0.0.1:{self.system.base + PORTS[service]}{url}", timeout=60,
            params=here(call.query) if call else None, data=raw if route.takes_body else None, allow_redirects=False,
            headers={"Authorization": f"Bearer {self.token(who)}", "Content-Type": "application/octet-stream"
                     if isinstance(body, bytes) and call else "application/json",
                     **sent_headers(call.headers if call else {}, "RS1")},
        )  # fmt: skip
        return answer.status_code, answer.content

    def _named(self, value: Any) -> str:
        ids = {
            ROSTER: self.roster_id,
            IMPORT: self.import_id,
            DRY_RUN: self.dry_run_id,
            BUNDLE: self.bundle_id,
            EVIDENCE: EVIDENCE,
        }
        return ids.get(value) or str(here(value))

    def keep_roster(self) -> None:
        """A roster of S1 with somebody new, confirmed."""
        call = CALLS["POST", "/api/rosters"]
        path = f"/api/rosters?{here(call.query)}&older=yes"
        body = call.body + "RP-new,王新,教师,RS1\n".encode()
        status, answer = self.system.ask("POST", "participation", path, body, token=self.token("P-clerk-S1"))
        assert status == 201, answer
        answer = compared_roster(self.system, answer)
        self.roster_id, revision = answer["roster_id"], answer["revision"]
        status, answer = self.system.ask(
            "POST",
            "participation",
            f"/api/rosters/{self.roster_id}/confirm",
            {"revision": revision, "groups": ["joined"]},
            token=self.token("operator"),
        )
        assert status == 200, answer

    def keep_evidence(self) -> None:
        """A file of S1, uploaded by its clerk and put to a record."""
        address = f"http://127.0.0.1:{self.system.base + PORTS['participation']}/api/evidence"
        own = {"Authorization": f"Bearer {self.token('P-clerk-S1')}", "Content-Type": "application/offset+octet-stream"}
        call = CALLS["POST", "/api/evidence/uploads"]
        about = sent_headers(call.headers, "RS1") | {"Upload-Length": str(len(EVIDENCE_FILE))}
        begun = self.http.post(f"{address}/uploads", data=EVIDENCE_FILE, headers=own | about, timeout=60)
        assert begun.status_code == 201, begun.text
        attached = self.http.post(f"{address}/{EVIDENCE}/attach", json={"record_id": "RE1"},
                                  headers={"Authorization": own["Authorization"]}, timeout=60)  # fmt: skip
        assert attached.status_code == 200, attached.text
        order = here(CALLS["POST", "/api/bundles"].body)
        self.bundle_id = self.system.ask("POST", "participation", "/api/bundles", order)[1]["bundle_id"]

    def keep_imports(self) -> None:
        """An empty file of S1, checked and brought in by its clerk; and as it is without a check."""
        clerk = self.token("P-clerk-S1")
        self.dry_run_id = self._import("日期,主题\n".encode(), clerk, dry_run=True)
        confirmed = self.system.ask("POST", "participation", f"/api/imports/{self.dry_run_id}/confirm", token=clerk)
        assert confirmed[0] == 201, confirmed
        self.import_id = self._import("日期,主题,说明\n".encode(), clerk, dry_run=False)

    def _import(self, body: bytes, clerk: str, *, dry_run: bool) -> str:
        file = {"name": "records.csv", "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        wanted = {"files": [file], "dry_run": dry_run}
        status, answer = self.system.ask("POST", "participation", "/api/imports", wanted, token=clerk)
        assert status == 201, answer
        path = f"/api/imports/{answer['import_id']}"
        uploads = f"{path}/files/{quote('records.csv')}"
        assert self.system.ask("PUT", "participation", uploads, body, token=clerk)[0] < 300
        wait_until(lambda: self.system.ask("POST", "participation", f"{path}/advance", {}, token=clerk)[1]["finished"],
                   30, "the import has ended")  # fmt: skip
        return str(answer["import_id"])

    def keep_filings(self) -> None:
        """Filings of S1: by its clerk, and on behalf of it."""
        for entry in (*FILED, *AWAITING):
            who = "operator" if entry in AWAITING else "P-clerk-S1"
            body = here({"entry_id": entry, "deeds": [FORM], "submit": True})
            status, answer = self.system.ask("POST", "participation", "/api/filings", body, token=self.token(who))
            assert status == 200, answer

    def keep_findings(self) -> None:
        """Of the findings in S1 its clerk answers one."""
        path, body = f"/api/findings/{ANSWERED}/answer", {"text": "已公示"}
        status, answer = self.system.ask("POST", "participation", path, body, token=self.token("P-clerk-S1"))
        assert (status, answer["status"]) == (200, "answered"), answer

    def videos(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.system.get("publicity", "/api/videos")["videos"]
        return rows

    def do(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> None:
        """A step before the walk."""
        raw = body if isinstance(body, bytes) else here(body)
        status, answer = self.system.ask(method, "publicity", here(path), raw, token=self.token(who), **headers)
        assert status < 300, (path, answer)


@pytest.fixture(scope="module")
def walk(small_system: AnySystem) -> Walk:
    """S1 has a work, an article, an anthology and a video, with a reviewer and a reader."""
    walk = Walk(small_system)
    units = [
        unit(here(name), kind, tags=tags, liaison_id=here(liaison)) for name, (kind, tags, liaison) in UNITS.items()
    ]
    people = [event("membership.reported", f"m-{who}", person_id=here(who), name="王某", role="teacher",
                    unit_id=here(held[1] if held else "S1"), from_="2015-09-01")
              for who, held in PEOPLE.items()]  # fmt: skip
    held_posts = {who: [(here(held[1]), held[0], "2022-09-01", ""), ("RS1", "head", "2021-09-01", "2022-09-01")]
                  for who, held in PEOPLE.items() if held}  # fmt: skip
    posts = [event("post.reported", f"p-{who}-{to}", unit_id=where, post=post, person_id=here(who), from_=since, to=to)
             for who, posts in held_posts.items() for where, post, since, to in posts]  # fmt: skip
    record = event("record.reported", "e-1", record_id="RE1", record="study_session", unit_id="RS1",
                   occurred_at="2022-12-01T09:00:00", title="集中学习")  # fmt: skip
    findings = [finding(name, "RS1", "RO1") for name in (*OPEN, ANSWERED)]
    assert set(report_events(small_system, *units, *people, *posts, record, *findings)) == {"accepted"}
    for service in SERVICES:
        wait_until(lambda service=service: caught_up(small_system, service), 60, f"{service} has applied everything")
    walk.keep_roster()
    walk.keep_imports()
    walk.keep_evidence()
    walk.keep_filings()
    walk.keep_findings()
    for work in ("W1", "W2"):
        walk.do(AUTHOR, "PUT", f"/api/works/{work}?author_id={AUTHOR}&unit_id=S1&semester={SEMESTER}"
                "&levels=inside,unit,district", "立德树人，久久为功。".encode(), X_Qihang_Title="work")  # fmt: skip
    reviewers = [REVIEWER, "P-head-S2"]
    walk.do("operator", "POST", "/api/works/W1/reviewers", {"reviewers": reviewers})
    for reviewer in reviewers:
        marks = {"writing": "43", "usefulness": "43.5"}
        walk.do(reviewer, "POST", "/api/works/W1/marks", {"reviewer_id": reviewer, "marks": marks})
    walk.do("P-clerk-S1", "POST", "/api/works/W1/select", {})
    walk.do("P-clerk-S1", "POST", "/api/anthologies", {"unit_id": "S1", "semester": SEMESTER})
    walk.do("P-clerk-S1", "POST", "/api/articles", {"article_id": "A1", "unit_id": "S1", "account": "district",
                                                    "title": "推文", "works": ["W1"]})  # fmt: skip
    walk.do("operator", "POST", "/api/readers", OTHERS["POST", "/api/readers"].body)
    walk.do("P-clerk-S1", "POST", "/api/videos", CALLS["POST", "/api/videos"].body | {"video_id": "V1"})
    return walk


def caught_up(system: AnySystem, service: str) -> bool:
    heads = {head["partition"]: head["position"] for head in system.get("participation", "/api/status")["heads"]}
    cursors = system.get(service, "/api/status")["cursors"] if service != "participation" else []
    applied = {item["partition"]: item["position"] for item in cursors if item["source"] == "participation"}
    return service == "participation" or heads == applied


NOT_IMPLEMENTED = 501
"""What waitress answers to a transfer coding that it does not know."""


def test_no_forged_request_reaches_what_is_another_s_or_the_machines_own(walk: Walk) -> None:
    """The sender is honest about one thing alone: their token."""
    reached = []
    for forged in FORGED:
        port = walk.system.base + PORTS[forged.service or "console"]
        answer = answers_of(port, forged.raw(walk.token("P-clerk-S2")))
        given = statuses(answer)
        done = any(status < 300 for status in given)
        shown = done and (b"RS1" in answer or not forged.harmless_when_answered)
        broken = not given or (max(given) >= 500 and NOT_IMPLEMENTED not in given)
        if shown or broken or b"qihang_" in answer or b'"openapi"' in answer:
            reached.append((forged.name, given, answer[-300:]))
    assert not reached, reached
    (video,) = [row for row in walk.videos() if row["video_id"] == "RV1"]
    assert not video["withdrawn_at"], "and nothing was done"


def test_after_them_everybody_gets_their_own_answer(walk: Walk) -> None:
    """No request hides behind another on the connections between console and services."""
    for number in range(20):
        status, answer = walk.system.ask("GET", "assessment", f"/api/duties?unit_id=RS{1 + number % 2}",
                                         token=walk.token("P-clerk-S2"))  # fmt: skip
        assert status == (403 if number % 2 == 0 else 200), answer


def test_what_was_selected_for_a_use_of_the_district_is_read_by_those_too_who_select_for_it(walk: Walk) -> None:
    """W1, with its author's consent (0222); the walk asks about W2, which no unit selected."""
    importlib.import_module("services.publicity.service")
    text = ("GET", "/api/works/<work_id>/text")
    (route,) = (each for each in routes_of("publicity") if (each.method, each.url) == text)
    own, ours = CALLS[text], dataclasses.replace(CALLS[text], right=rights.SELECT_FOR_DISTRICT)
    for who in (*SYSTEM, *PEOPLE):
        status, answer = walk.ask("publicity", route, who, own)
        assert (status != 403) == (may_call(route, own, who) or may_call(route, ours, who)), (who, status, answer)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_a_running_system_is_open_exactly_to_those_whom_the_rules_name(walk: Walk, service: str) -> None:
    importlib.import_module(f"services.{service}.service")
    wrong, asked = [], 0
    everybody = isinstance(walk.system, DistrictSystem)
    for route in routes_of(service):
        call = WALKED.get((route.method, route.url))
        for who in FEW if not everybody else (*SYSTEM, *PEOPLE) if call else ONE_OF_EACH:
            allowed = may_call(route, call, who)
            if route.public or (allowed and call is None and would_do(route)):
                continue
            status, answer = walk.ask(service, route, who, call)
            shown, asked = status != 403, asked + 1
            if call and call.listed:
                rows = json.loads(answer)[call.listed] if status == 200 else []
                shown = any(row.get("unit_id") == "RS1" for row in rows)
            if shown != allowed or status == 401 or status >= 500:
                wrong.append((route.method, route.url, who, status, answer[:200]))
    assert not wrong, "\n".join(map(str, wrong))
    assert asked > (100 if everybody else 15)


def would_do(route: RouteDescription) -> bool:
    """Whoever may would really do it, in a system that others use: it has no right to ask of, or no body to refuse."""
    return route.right is None or not (route.method == "GET" or isinstance(route.body, type))


def test_who_is_asked_has_other_rights_than_their_neighbour() -> None:
    """A walk in which all are alike would prove nothing."""
    subject = Subject("S1", "school", "O1", AUTHOR)
    answers = {who: tuple(may(party(who), right, subject) for right in rights.RIGHTS) for who in (*SYSTEM, *PEOPLE)}
    assert len(set(answers.values())) >= 10
