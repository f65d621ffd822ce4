"""Every route of every service, asked by every post, of its own unit and of another: 403 exactly where the rules say.
Posts are facts of each service's registry, the tokens name persons only; docs/security.md is made of these rules."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.http.routes import ROUTES, RouteDescription
from chassis.process import tokens
from chassis.process.settings import SERVICES, Settings
from chassis.runtime.extensions import unstarted
from chassis.store import event_log
from contracts import articles, publicity
from contracts.imports import ImportFinished, ImportRead, ImportStarted
from contracts.participation import CampaignLaunched, MembershipStarted, PostAssigned, UnitRegistered
from contracts.roster import RosterApplied
from services.participation.imports.domain import ImportProgress
from services.participation.imports.kept_dry_runs import KeptDryRun, keep
from services.participation.roster.previews import Preview
from services.participation.templates.routes import KINDS as TEMPLATES
from services.registry import rights
from services.registry.rights import DISTRICT, HeldPost, Party, Right, Subject, may
from tests.services.kept_evidence import BUNDLE, EVIDENCE, of_evidence, order_bundle, sent_headers
from tests.services.route_call import Call
from tests.support.campaigns import document_of
from tests.support.filings import filings_of_s1
from tests.support.findings import findings_of_s1
from tests.support.system import SAMPLES
from tests.support.unit_calls import UNIT_CALLS

STORES = ("sqlite", "postgresql")
SEMESTER, CONTENT = "2022-autumn", "0" * 64
UNITS = {"B1": ("bureau", "", ""), "S1": ("school", "", "O1"), "S2": ("school", "", "O3"), "O1": ("office", "", ""),
         "O2": ("office", "supervision_office", ""), "O3": ("office", "", ""),
         "O4": ("office", "research_office", "")}  # fmt: skip
POSTS = [*((post, unit) for post in ("head", "clerk", "inspector") for unit in ("S1", "S2")), ("leader", "B1"),
         ("campaign_office", "B1"), ("clerk", "O1"), ("head", "O2"), ("clerk", "O4")]  # fmt: skip
AUTHOR = "P-author"
"""Serves in S1; the works, the article, the anthology and the video are of S1.  Asked to review and read their own: to
whoever is not, there is neither work nor article (docs/decisions/0101)."""
PEOPLE = {**{f"P-{post}-{unit}": (post, unit) for post, unit in POSTS}, AUTHOR: None, "P-other": None}
ROSTER = "20221201-0123456789"
"""A roster of S1."""
DRY_RUN = "20221201-0123456781"
IMPORT, FILE = "20221201-0123456780", {"import_id": "20221201-0123456780", "name": "records.csv"}
"""An import of S1 that is finished."""
SYSTEM = ("operator", "service", "publisher")
ON_POSTGRESQL = ("operator", "P-clerk-S1", "P-clerk-S2")  # each statement is tried; by everybody in test_who_may.py
OF_UNIT, OF_AUTHOR = Subject("S1", "school", "O1"), Subject("S1", "school", "O1", AUTHOR)


def work(right: Right, body: Any = None, **more: Any) -> Call:
    return Call(right, OF_AUTHOR, {"work_id": "W1"}, body, **more)


READING = {"subject": "article", "subject_id": "A3", "stage": "first", "reader_id": AUTHOR}
CALLS: dict[tuple[str, str], Call] = {
    ("GET", "/api/history/<table>/<path:row>"): Call(rights.SEE_ROW, path={"table": "units", "row": "S1"}),
    ("POST", "/api/rosters"): Call(rights.KEEP_ROSTER, body="工号,姓名,岗位,单位\n".encode(),
                                   query="as_of=2022-12-01&unit_id=S1"),
    ("GET", "/api/units/<unit_id>/people"): Call(rights.KEEP_ROSTER, path={"unit_id": "S1"}),
    ("GET", "/api/rosters"): Call(rights.KEEP_ROSTER, listed="previews"),
    ("GET", "/api/rosters/<roster_id>"): Call(rights.KEEP_ROSTER, path={"roster_id": ROSTER}),
    ("GET", "/api/rosters/<roster_id>/progress"): Call(rights.KEEP_ROSTER, path={"roster_id": ROSTER}),
    ("POST", "/api/rosters/<roster_id>/compare"): Call(rights.KEEP_ROSTER, path={"roster_id": ROSTER}),
    ("POST", "/api/rosters/<roster_id>/confirm"): Call(
        rights.KEEP_ROSTER, path={"roster_id": ROSTER}, body={"revision": 1, "groups": ["joined"]}),
    ("POST", "/api/rosters/<roster_id>/undo"): Call(
        rights.KEEP_ROSTER, path={"roster_id": ROSTER}, body={"reason": "有误"}),
    ("GET", "/api/rosters/<roster_id>/outcomes"): Call(rights.KEEP_ROSTER, path={"roster_id": ROSTER}),
    ("GET", "/api/imports"): Call(rights.IMPORT_FILES, listed="imports"),
    ("POST", "/api/imports"): Call(rights.IMPORT_FILES, body={
        "files": [{"name": "records.csv", "size": 1, "sha256": CONTENT}], "unit_id": "S1", "dry_run": True}),
    **{("GET", f"/api/imports/<import_id>{what}"): Call(rights.IMPORT_FILES, path={"import_id": IMPORT})
       for what in ("", "/refused", "/notes")},
    ("POST", "/api/imports/<import_id>/advance"): Call(rights.IMPORT_FILES, path={"import_id": IMPORT}),
    ("PUT", "/api/imports/<import_id>/files/<name>"): Call(rights.IMPORT_FILES, path=FILE, body=b"x"),
    ("GET", "/api/imports/<import_id>/files/<name>/workbook"): Call(rights.IMPORT_FILES, path=FILE),
    ("GET", "/api/dry-runs"): Call(rights.IMPORT_FILES, listed="dry_runs"),
    **{("POST", f"/api/imports/<import_id>/{deed}"): Call(rights.IMPORT_FILES, path={"import_id": DRY_RUN})
       for deed in ("confirm", "discard")},
    ("POST", "/api/imports/<import_id>/undo"): Call(
        rights.IMPORT_FILES, path={"import_id": IMPORT}, body={"reason": "有误"}),
    ("GET", "/api/people/<person_id>/record"): Call(rights.SEE_OWN_RECORD, OF_AUTHOR, {"person_id": AUTHOR}),
    ("POST", "/api/evidence/uploads"): Call(
        rights.ADD_EVIDENCE,
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "unit_id {S1}"}),
    ("GET", "/api/evidence"): Call(rights.SEE_EVIDENCE, query="unit_id=S1"),
    ("GET", "/api/evidence/<content>"): Call(rights.SEE_EVIDENCE, path={"content": EVIDENCE}),
    ("POST", "/api/evidence/<content>/attach"): Call(
        rights.ADD_EVIDENCE, path={"content": EVIDENCE}, body={"record_id": "E1"}),
    ("POST", "/api/evidence/<content>/detach"): Call(
        rights.ADD_EVIDENCE, path={"content": EVIDENCE}, body={"record_id": "E1", "reason": "有误"}),
    ("GET", "/api/bundles"): Call(rights.MAKE_BUNDLE, query="unit_id=S1"),
    ("POST", "/api/bundles"): Call(rights.MAKE_BUNDLE, body={"unit_id": "S1", "semester": SEMESTER}),
    **{("GET", f"/api/bundles/<bundle_id>{rest}"): Call(rights.MAKE_BUNDLE, path={"bundle_id": BUNDLE})
       for rest in ("", "/file")},
    ("POST", "/api/look-up"): Call(rights.LOOK_UP, body={"text": "S1"}, listed="units"),
    ("GET", f"/api/templates/<any({','.join(TEMPLATES)}):kind>"): Call(
        rights.FILL_IN, path={"kind": "month"}, query="unit_id=S1&month=2022-11"),
    ("GET", "/api/duties"): Call(rights.SEE_DUTIES, query="unit_id=S1"),
    ("GET", "/api/duties/people"): Call(rights.SEE_DUTIES_BY_PERSON, query="unit_id=S1"),
    ("GET", "/api/inboxes/<recipient>"): Call(rights.INBOX, path={"recipient": "clerk-S1"}),
    ("POST", "/api/anthologies"): Call(rights.PUBLISH_FOR_UNIT, body={"unit_id": "S1", "semester": SEMESTER}),
    ("GET", "/api/anthologies"): Call(rights.SEE_PUBLICITY, listed="anthologies"),
    ("GET", "/api/anthologies/<anthology_id>/<any(docx,html,pdf):ending>"): Call(
        rights.SEE_PROOF, path={"anthology_id": "N1", "ending": "pdf"}),
    ("POST", "/api/anthologies/<anthology_id>/take-down"): Call(
        rights.PUBLISH_FOR_UNIT, path={"anthology_id": "N1"}, body={"reason": "有误"}),
    ("POST", "/api/articles"): Call(
        rights.PUBLISH_FOR_UNIT, body={"article_id": "A9", "unit_id": "S1", "title": "推文", "works": ["W1"]}),
    ("GET", "/api/articles"): Call(rights.SEE_PUBLICITY, listed="articles"),
    ("PUT", "/api/articles/<article_id>/confirmation"): Call(
        rights.PUBLISH_FOR_DISTRICT, path={"article_id": "A1"}, body=b"", query="link=https://mp.weixin.qq.com/s/1"),
    ("POST", "/api/articles/<article_id>/submit"): Call(rights.PUBLISH_FOR_DISTRICT, path={"article_id": "A1"}),
    ("POST", "/api/articles/<article_id>/take-down"): Call(
        rights.PUBLISH_FOR_UNIT, path={"article_id": "A2"}, body={"reason": "有误"}),
    ("POST", "/api/readings"): Call(rights.READ, OF_AUTHOR, body=READING),
    ("POST", "/api/readers"): Call(rights.APPOINT_READERS, body=READING),
    ("GET", "/api/readers/open"): Call(rights.APPOINT_READERS, query=f"unit_id=S1&person_id={AUTHOR}"),
    ("POST", "/api/readers/hand-over"): Call(
        rights.APPOINT_READERS, body={"unit_id": "S1", "person_id": "P-other", "successor_id": AUTHOR}),
    ("POST", "/api/works/<work_id>/marks"): work(rights.REVIEW, {"reviewer_id": AUTHOR, "marks": {"writing": "1"}}),
    ("POST", "/api/works/<work_id>/decline"): Call(
        rights.REVIEW, OF_AUTHOR, {"work_id": "W2"}, {"reviewer_id": AUTHOR, "cause": "unable"}),
    ("POST", "/api/works/<work_id>/put-forward"): work(rights.PUT_FORWARD),
    ("POST", "/api/works/<work_id>/return"): work(rights.RETURN_WORK, {"reason": "请补充"}),
    ("POST", "/api/videos"): Call(rights.PUBLISH_FOR_UNIT, body={
        "video_id": "V9", "unit_id": "S1", "title": "微党课", "link": "https://v.example.cn/1"}),
    ("POST", "/api/videos/<video_id>/withdraw"): Call(
        rights.PUBLISH_FOR_UNIT, path={"video_id": "V1"}, body={"reason": "有误"}),
    ("GET", "/api/videos"): Call(rights.SEE_PUBLICITY, listed="videos"),
    ("PUT", "/api/works/<work_id>"): Call(rights.SUBMIT_WORK, OF_AUTHOR, {"work_id": "W8"}, b"text",
                                          f"author_id={AUTHOR}&unit_id=S1&levels=inside"),
    ("GET", "/api/works"): Call(rights.SEE_WORK, OF_AUTHOR, listed="works"),
    ("GET", "/api/works/<work_id>/text"): work(rights.SEE_WORK),
    ("GET", "/api/works/<work_id>/proof"): work(rights.SUBMIT_WORK),
    ("POST", "/api/works/<work_id>/consent"): work(rights.GIVE_CONSENT, {"levels": ["inside"]}),
    ("POST", "/api/works/<work_id>/withdraw"): Call(
        rights.STOP_SHOWING, OF_AUTHOR, {"work_id": "W2"}, {"levels": ["inside"]}),
    ("POST", "/api/works/<work_id>/select"): work(rights.SELECT_FOR_UNIT, {}),
    ("POST", "/api/works/<work_id>/deselect"): work(rights.SELECT_FOR_UNIT, {"reason": "有误"}),
    **{route: Call(**how) for route, how in UNIT_CALLS.items()},
}  # fmt: skip
"""The routes whose subject is a unit or a person.  A right over the district is judged at the gate."""


def party(name: str) -> tokens.Actor:
    if name in SYSTEM:
        return tokens.Actor(name, name, frozenset({name}))
    held = PEOPLE[name]
    if held is None:
        return Party("console", name, frozenset({"person"}))
    post, unit_id = held
    kind, tags, _ = UNITS[unit_id]
    posts = (HeldPost(post, unit_id, kind, frozenset(filter(None, [tags]))),)
    return Party("console", name, frozenset({"person", post}), posts=posts)


class Asked:
    """One service on its store, asked without a socket, with the district above."""

    def __init__(self, service: str, folder: Path, database_url: str) -> None:
        for issuer in ("console", "operator", "participation", "assessment"):
            tokens.make_keys(folder / "keys" / f"{issuer}.key", folder / "keys" / f"{issuer}.pem")
        module = importlib.import_module(f"services.{service}.service")
        clock = folder / "clock"
        clock.write_text("2022-12-05T09:00:00+08:00")
        self.service = unstarted(
            module.Service, Settings(data=str(folder), database_url=database_url, rehearsal_clock=str(clock))
        )
        self.runtime, self.name, self.keys = self.service.runtime, service, folder / "keys"
        self.runtime.store.install(service, "district")
        with self.runtime.unit_of_work("service:test") as unit_of_work:
            here = (service, "filings", "findings") if service == "participation" else (service,)
            own = [event for event in district() if type(event).__module__.endswith(here)]
            own += [event for event in of_publicity() if service == "publicity"]
            own += of_evidence() if service == "participation" else []
            if service == "publicity":
                unit_of_work.keys.use_external_key(AUTHOR, b"k" * 32)
            unit_of_work.append(*own)
            received = [(event, recorded(event, at)) for at, event in enumerate(district(), 1) if event not in own]
            if service == "participation":
                applied = RosterApplied(
                    ROSTER, "S1", "2022-12-01", CONTENT, "花名册.csv", (("row-2", "apply", "accepted", "", ""),)
                )
                started = ImportStarted(IMPORT, (("records.csv", CONTENT, "1", ""),), unit_id="S1")
                for event in (applied, started, ImportRead(IMPORT, ()), ImportFinished(IMPORT)):
                    received.append((event, recorded(event, len(received) + 1)))
                order_bundle(folder)
                checked = ImportProgress(DRY_RUN, [["records.csv", CONTENT, "1", ""]], True, unit_id="S1")
                keep(folder / "participation" / "imports" / DRY_RUN, KeptDryRun(checked, IMPORT))
                self.service.rosters.wait_seconds = 0
                self.service.rosters.previews.make(
                    Preview(ROSTER, "S1", "2022-12-01", "花名册.csv", CONTENT, "operator:operator", "", [], 1),
                    [], [], {},
                )  # fmt: skip
            self.runtime.projections.apply(unit_of_work.rows, received)
            unit_of_work.rows.flush()

    def status(self, route: RouteDescription, who: str, call: Call | None) -> tuple[int, Any]:
        body = call.body if call is not None else b"{"
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        request = EnvironBuilder(
            method=route.method, data=raw if route.takes_body else None, query_string=call.query if call else "",
            content_type="application/octet-stream" if isinstance(body, bytes) and call else "application/json",
            headers={"Authorization": f"Bearer {self.token(who)}", **sent_headers(call.headers if call else {})},
        )  # fmt: skip
        names = {name: 1 if name in ("entry", "year", "partition") else "nobody" for name in names_in(route.url)}
        path = call.path if call is not None else names
        response = getattr(self.service, route.name)(Request(request.get_environ()), **path)
        return response.status_code, response.get_data()

    def token(self, who: str) -> str:
        issuer = {"operator": "operator", "service": "assessment", "publisher": "participation"}.get(who, "console")
        signer = tokens.Signer(issuer, "district", tokens.private_key(self.keys / f"{issuer}.key"))
        return signer.issue(who, [who if who in SYSTEM else "person"], 100)


def names_in(url: str) -> list[str]:
    return [part.partition(">")[0].rpartition(":")[2] for part in url.split("<")[1:]]


def recorded(event: Event, at: int) -> RecordedEvent:
    now = "2022-09-01T00:00:00.000000Z"
    return RecordedEvent(0, at, f"p-0-{at}", event.wire, event.stream, 1, now, now, "test", "", "", "{}", "")


def district() -> list[Event]:
    result: list[Event] = [CampaignLaunched("xue-lun-shu", 1, document_of((SAMPLES / "campaign.yaml").read_bytes()))]
    for unit_id, (kind, tags, liaison_id) in UNITS.items():
        listed = tuple(filter(None, [tags]))
        result.append(UnitRegistered(unit_id, unit_id, kind, listed, "", "", liaison_id, "2010-09-01", "", "d"))
    for person_id, held in PEOPLE.items():
        home = held[1] if held else "S1"
        result.append(MembershipStarted(person_id, home, "teacher", "2015-09-01", "", "d", "王某"))
        if held is not None:
            result.append(PostAssigned(held[1], held[0], person_id, "2022-09-01", "", "d"))
            result.append(PostAssigned("S1", "head", person_id, "2021-09-01", "2022-09-01", "d"))
    return [*result, *filings_of_s1(), *findings_of_s1()]


def of_publicity() -> list[Event]:
    work_of = ("S1", SEMESTER, "text", CONTENT, 9, "2022-12-01", "unit", "")
    works = [event for name in ("W1", "W2") for event in (
        publicity.WorkNominated(name, AUTHOR, *work_of),
        publicity.ConsentGiven(name, AUTHOR, ("inside", "unit"), "2022-12-01", "self"))]  # fmt: skip
    return [
        *works, *(publicity.ReviewerAssigned(name, AUTHOR, "2022-12-02") for name in ("W1", "W2")),
        *(articles.ArticleDrafted(name, "S1", "district", "推文", ("W1",), (AUTHOR,), CONTENT, 9, 0, "2022-12-02")
          for name in ("A1", "A2", "A3")),
        publicity.AnthologyCompiled("N1", "S1", SEMESTER, 1, 1, "unit", "汇编", ("W1",), (AUTHOR,), CONTENT, 9,
                                    "2022-12-02T00:00:00.000000Z"),
        articles.ReaderAppointed("article", "A3", "first", AUTHOR, "", "2022-12-02"),
        publicity.VideoPublished("V1", "S1", "微课", "https://v.example.cn/1", CONTENT, "2022-12-02T00:00:00.000000Z"),
    ]  # fmt: skip


@pytest.fixture(scope="module", params=[f"{service}-{store}" for service in SERVICES for store in STORES])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    service, _, store = request.param.partition("-")
    url = request.getfixturevalue("postgres").promise_database() if store == "postgresql" else ""
    patch = pytest.MonkeyPatch()
    patch.setattr("chassis.store.remote_subject_keys.RemoteKeys._from_participation",
                  lambda _, subjects: dict.fromkeys(subjects, b"k" * 32))  # fmt: skip
    result = Asked(service, tmp_path_factory.mktemp(service), url)
    yield result
    result.runtime.store.close()
    patch.undo()


def routes_of(service: str) -> list[RouteDescription]:
    mixed_in = {each.__module__ for each in importlib.import_module(f"services.{service}.service").Service.__mro__}
    own = (f"services.{service}.", "chassis.http.")
    return [route for route in ROUTES if route.module in mixed_in and route.module.startswith(own)]


def may_call(route: RouteDescription, call: Call | None, who: str) -> bool:
    if call is not None:
        return may(party(who), call.right, call.subject)
    if route.right is not None:
        return may(party(who), route.right, DISTRICT)
    return not route.roles or who in route.roles


def test_every_route_is_open_exactly_to_those_whom_the_rules_name(asked: Asked) -> None:
    wrong = []
    for route in (each for each in routes_of(asked.name) if not each.public):
        call = CALLS.get((route.method, route.url))
        assert route.right is None or route.right.district or call is not None, f"how is {route.url} asked?"
        for who in ON_POSTGRESQL if asked.runtime.store.postgresql else (*SYSTEM, *PEOPLE):
            allowed = may_call(route, call, who)
            if allowed and call is None and not route.right:
                continue  # what the operator's own routes do is tested elsewhere
            status, answer = asked.status(route, who, call)
            shown = status == 200 and bool(json.loads(answer)[call.listed]) if call and call.listed else status != 403
            if shown != allowed:
                wrong.append((route.method, route.url, who, status, answer[:120]))
    assert not wrong


@pytest.mark.parametrize("asked", [f"publicity-{store}" for store in STORES], indirect=True)
def test_what_a_person_does_by_a_post_is_recorded_under_person_and_post(asked: Asked) -> None:
    (route,) = (route for route in routes_of("publicity") if (route.method, route.url) == ("POST", "/api/videos"))
    call = Call(rights.PUBLISH_FOR_UNIT, body={"video_id": "V7", "unit_id": "S2", "title": "微课",
                                              "link": "https://v.example.cn/7"})  # fmt: skip
    assert asked.status(route, "P-clerk-S2", call)[0] == 201
    with asked.runtime.store.reading() as connection:
        (event,) = event_log.streams(connection, ["video-V7"])
    assert event.actor == "clerk:P-clerk-S2@S2"
