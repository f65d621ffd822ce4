"""Plants a word that stands nowhere else in everything that is kept of one person, by every way in, and finds it."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from contracts.personal_data import Fate, fate_of_column, fate_of_field
from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import finding, note, report_events, study, teacher, unit
from tests.journeys.test_signed_in import Browser, code_of
from tests.support.processes import wait_until
from tests.support.publisher_client import PublisherClient, register_publisher
from tests.support.reported import event
from tests.support.stores import every_cell
from tests.support.system import DistrictSystem

WORD, LATIN = "朱鹮", "zhuhuan"
OF_THINGS = "白鹳"
"""What is written into texts that are no person's, against the advice; a part of the name."""
NAME = f"欧阳{OF_THINGS}"
LOGS = ("log_events", "inbox_events")
REVIEWERS = ("EP13", "EP14")
OFFICE = unit("E4", "office", tags="supervision_office")
MARKS = {"writing": "44", "usefulness": "43.5"}


def forms(*words: str) -> set[bytes]:
    """As text, as JSON and addresses escape it, as other encodings write it."""
    return {form for word in words for form in (
        word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"), word.encode("gb18030"),
        urllib.parse.quote(word).encode(),
    )}  # fmt: skip


def places(system: AnySystem, *words: str) -> set[str]:
    """The columns, and of logs the fields of events, in which a cell of a store has one of the words."""
    result, wanted = set(), forms(*words)
    for _, table, row in every_cell(system):
        whole = "\0".join(row.values()).encode("utf-8", "replace")
        if not any(form in whole for form in wanted):
            continue  # hundred thousands of cells: a look a row
        for column, text in row.items():
            if any(form in text.encode("utf-8", "replace") for form in wanted):
                is_event = table in LOGS and column == "data"
                result |= _fields_of(row["type"], text, words) if is_event else {f"{table}.{column}"}
    return result


def _fields_of(wire: str, data: str, words: Sequence[str]) -> set[str]:
    named = {name for name, value in json.loads(data).items() if any(word in str(value) for word in words)}
    return {f"{wire.rpartition('.v')[0]}.{name}" for name in named}


def fate(place: str) -> Fate | None:
    """What the map of personal data says of it; nothing here is declared personal, or it would be enciphered."""
    owner, _, name = place.rpartition(".")
    return fate_of_field(owner, name, personal=False) if "." in owner else fate_of_column(owner, name)


def readable(system: AnySystem, *words: str) -> list[str]:
    """Files with one of the words: of all that a service or the console has written, and of the databases' files on
    PostgreSQL."""
    wanted = forms(*words)
    return [str(path) for path in _files(system) if any(form in path.read_bytes() for form in wanted)]


def _files(system: AnySystem) -> Iterator[Path]:
    yield from system.data.parent.glob(f"{system.data.name}.log")
    yield from (path for path in system.data.rglob("*") if path.is_file())
    if isinstance(system, DistrictSystem):
        names = [url.rpartition("/")[2] for url in system.databases.values()]
        with system.postgres.connect() as connection:
            connection.execute("CHECKPOINT")
            rows = connection.execute("SELECT oid FROM pg_database WHERE datname = ANY(%s)", [names]).fetchall()
        for (oid,) in rows:
            yield from (system.postgres.folder / "data" / "base" / str(oid)).iterdir()


def plant(system: AnySystem, folder: Path) -> None:
    """By file, by row, by event over both ways, with works and articles, contacts, an account, an import that runs."""
    others = (
        teacher("EP12", "E2"),
        unit("E3"),
        unit("E4", "office", tags="supervision_office"),
        *(teacher(reviewer, "E3") for reviewer in REVIEWERS),
    )
    assert set(report_events(system, unit("E2"), study("E2", "2022-11-08"), *others)) == {"accepted"}
    _by_file(system, folder)
    _by_event(system)
    if isinstance(system, DistrictSystem):
        _by_amqp(system)
    _by_row(system)
    contact = {"recipient": "person-EP11", "name": WORD, "email": f"{LATIN}@example.cn", "robot": f"{LATIN}-robot"}
    _ask(system, "POST", "notifications", "/api/contacts", {"contacts": [contact]})
    _works(system)
    _account(system)


def _ask(system: AnySystem, method: str, service: str, path: str, body: Any = None, **more: str) -> Any:
    status, answer = system.ask(method, service, path, body, **more)
    assert status < 300, (path, answer)
    return answer


def _by_file(system: AnySystem, folder: Path) -> None:
    files = {
        "people.csv": f"person_id,name,role,unit_id,from,to\nEP11,{NAME},teacher,E2,2015-09-01,\n",
        "posts.csv": "unit_id,post,person_id,from,to\nE2,clerk,EP11,2022-09-01,\nE2,head,EP12,2022-09-01,\n",
        "records.csv": "record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence\n"
        f"er1,note,,EP11,2022-12-08,,{WORD}题,,{WORD}/照片.jpg\n",
        "exemptions.csv": f"exemption_id,person_id,unit_id,duty,period,reason\nee1,EP11,,notes,2023-Q1,{WORD}病\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    system.qihang("import", *(folder / name for name in files))
    (folder / "records.csv").write_text(
        f"record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence\n"
        f"er2,note,,EP11,2022-11-08,,{WORD}补,,\n", "utf-8",
    )  # fmt: skip
    system.qihang("import", folder / "records.csv", "--late-entry", f"{OF_THINGS}请假")


def _by_event(system: AnySystem) -> None:
    titled, awaited = note("EP11", "2022-12-12"), note("EP11", "2022-12-13")
    titled["data"] |= {"title": f"{WORD}报", "evidence": WORD}
    awaited["data"] |= {"title": f"{WORD}候", "unit_id": "E-never"}
    withdrawn = event("withdrawal.reported", "ew1", record_id="er1", withdrawn_at="2023-01-05", reason=f"{WORD}误报")
    noted = finding("ef1", "E2", "E4", description=f"{NAME}未到场")
    assert report_events(system, titled, awaited, withdrawn, noted) == ["accepted", "waiting", "accepted", "accepted"]


def _by_amqp(system: DistrictSystem) -> None:
    publisher = register_publisher(system, f"canary-{system.vhost}", "--types", "qihang.*", "--sources", "canary")
    titled = note("EP11", "2022-12-14") | {"source": "canary"}
    titled["data"] |= {"title": f"{WORD}传"}
    refused = note("EP11", "2022-13-99") | {"source": "canary"}
    refused["data"] |= {"title": f"{WORD}拒"}
    with PublisherClient(publisher.amqp_url) as client:
        client.publish(titled)
        client.publish(refused)
        client.publish(json.dumps({"person_id": "EP11", "name": WORD}).encode()[:-1])
        assert client.receipt(titled["id"])["outcome"] == "accepted"
        assert client.receipt(refused["id"])["outcome"] == "refused"
    wait_until(lambda: "quarantine.body" in places(system, WORD), 30, "what cannot be read is in quarantine")


def _by_row(system: AnySystem) -> None:
    rows: dict[str, dict[str, str]] = {
        "decisions": {"decision_id": "ed1", "kind": "decline", "year": "2023", "person_id": "EP11", "document": "纪要1",
                      "decided_on": "2023-11-02", "reason": f"{WORD}自愿"},
        "corrections": {"correction_id": "ec1", "table": "records", "row": "er2", "column": "title",
                        "value": f"{WORD}改", "reason": f"{WORD}写错"},
    }  # fmt: skip
    of_unit = {"correction_id": "ec2", "table": "units", "row": "E2", "column": "name", "value": "二校",
               "reason": f"{OF_THINGS}来电"}  # fmt: skip
    for table, cells in (*rows.items(), ("corrections", of_unit)):
        _ask(system, "POST", "participation", f"/api/rows/{table}", {"cells": cells})
    body = f"person_id,name,role,unit_id,from,to\nEP11,{WORD}甲,teacher,E2,2016-09-01,\n".encode()
    file = {"name": "people.csv", "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    missing = {"name": "records.csv", "size": 1, "sha256": "0" * 64}  # so that the import waits
    begun = _ask(system, "POST", "participation", "/api/imports", {"files": [file, missing]})
    _ask(system, "PUT", "participation", f"/api/imports/{begun['import_id']}/files/people.csv", body)


def _works(system: AnySystem) -> None:
    query = "author_id=EP11&unit_id=E2&semester=2022-autumn&levels=inside,unit,district"
    headers = {"X_Qihang_Title": urllib.parse.quote(f"{WORD}体会")}
    for work_id, text in (("EW1", f"{WORD}的手稿。" * 400), ("EW2", f"{WORD}第二篇。")):
        _ask(system, "PUT", "publicity", f"/api/works/{work_id}?{query}", text.encode(), **headers)
    _ask(system, "POST", "publicity", "/api/works/EW1/reviewers", {"reviewers": REVIEWERS})
    for reviewer in REVIEWERS:
        marked = {"reviewer_id": reviewer, "marks": MARKS}
        _ask(system, "POST", "publicity", "/api/works/EW1/marks", marked, token=system.token_of_person(reviewer))
    _ask(system, "POST", "publicity", "/api/works/EW1/select", {})
    _ask(system, "POST", "publicity", "/api/anthologies", {"unit_id": "E2", "semester": "2022-autumn"})
    draft = {"article_id": "EA1", "unit_id": "E2", "title": f"访{NAME}", "works": ["EW1"]}
    _ask(system, "POST", "publicity", "/api/articles", draft)
    video = {
        "video_id": "EV1",
        "unit_id": "E2",
        "title": f"{OF_THINGS}微党课",
        "link": "https://channels.example.cn/v/e",
    }
    _ask(system, "POST", "publicity", "/api/videos", video)
    returned = {"reviewer_id": "", "reason": f"请{WORD}补充"}
    _ask(system, "POST", "publicity", "/api/works/EW2/return", returned, token=system.token_of_person("EP12"))
    _ask(system, "POST", "publicity", "/api/works/EW1/withdraw", {"levels": ["district"]})


def _account(system: AnySystem) -> None:
    code, browser = code_of(system, "EP11"), Browser(system)
    _ask(system, "POST", "console", "/api/accounts/EP11/name", {"sign_in_name": f"{LATIN}.x"})
    browser.submit("/signin", user=f"{LATIN}.typed", password="wrong")
    answer = browser.submit("/signin", user=f"{LATIN}.x", password=code)
    assert answer.url.endswith("/account/password"), answer.text
    assert re.search("EP11", str(system.get("console", "/api/accounts")))
    _ask(system, "GET", "participation", f"/api/people/search?text={urllib.parse.quote(WORD)}")
