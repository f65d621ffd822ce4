"""Every page of the console, by each post, in a district with a year's records: server time of the page and of its
calls of services, and what a cold page sends."""

import csv
import gzip
import http.client
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks import district_rows, running
from benchmarks.district_rows import Cells, person_id, unit_id
from benchmarks.results import Results
from benchmarks.suites.pages_anew import CHANGES, file_deed, first_looks, looks_after_a_change
from benchmarks.suites.pages_data import FINDINGS, LIAISON, RESEARCH, SUPERVISION, Cast, DataLoader, findings, offices
from benchmarks.suites.visible import year_of_records
from benchmarks.workspace import Workspace
from console.page_registry import DISTRICT_GROUP, PAGES, SYSTEM_GROUP
from tests.support.system import DistrictSystem, EmbeddedSystem, System

CAMPAIGN = running.ROOT / "campaigns" / "xue-lun-shu-in-full.yaml"
NOW, SINCE, PASSWORD = "2023-12-20T10:00:00+08:00", "2015-09-01", "春江潮水连海平，海上明月"
LOOKS, FILED, FEWEST_OF_UNIT = 25, 360, 10
ONE_UNIT, WHOLE_DISTRICT = 150, 400
"""Milliseconds within which 95 of 100 looks are to be answered."""
MOST_REQUESTS, MOST_KILOBYTES = 12, 250
BUREAU = "B00001"
CAST = {
    "leader": (("leader", BUREAU),), "campaign_office": (("campaign_office", BUREAU),),
    "liaison": (("head", LIAISON),), "supervision": (("head", SUPERVISION),),
    "head": (("head", unit_id(0)),), "clerk": (("clerk", unit_id(0)),), "inspector": (("inspector", unit_id(0)),),
    "research": (("head", RESEARCH),), "person": (),
}  # fmt: skip
MORE = (
    "/duties/records?duty=summary&period=2023-spring", "/not-handed-in?window=2023", "/scoreboard?window=2023",
    "/scoreboard/differences?window=2023", f"/accounts?unit={unit_id(0)}", "/accounts?search=P00000",
    f"/posts?unit={unit_id(0)}", "/history?table=records&id=N0", f"/duties?unit={unit_id(0)}",
    "/file/form?kind=study_session", "/file/form?kind=attendance", "/registry/units", "/campaign/revise",
    f"/registry?unit={unit_id(0)}", f"/registry/unit?unit={unit_id(0)}", f"/registry/person?person={person_id(0)}",
    "/campaign/versions", "/campaign/pauses", "/campaign/exemptions", "/campaign/calendar", "/campaign/freezes",
    f"/unit-detail?unit={unit_id(0)}", "/overview?window=2023&kind=school",
    f"/score?unit={unit_id(0)}", f"/records?unit={unit_id(0)}&text=计划",
)  # fmt: skip
"""Under the menu's pages: what forms and links lead to."""
OF_DISTRICT = {page.path for page in PAGES if page.group in (DISTRICT_GROUP, SYSTEM_GROUP)}
TIMING = re.compile(r'([a-z]+)(?:;desc="([^"]*)")?;dur=([0-9.]+)')
GZIP = b"\x1f\x8b"
LINKED = re.compile(r'(?:src|href)="(/static/[^"#]+)["#]')


@dataclass
class Looks:
    """Milliseconds at the console, by page, and of calls, by service and path."""

    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, tuple[int, float]] = field(default_factory=dict)


def run(workspace: Workspace, results: Results, _: int, scale: float) -> None:
    """Embedded: one process, SQLite, the console as its child."""
    system = EmbeddedSystem(workspace.folder / "pages")
    try:
        measure(workspace, system, results, scale)
        workspace.peaks["embedded"] = running.peak_of(system.processes["system"].pid)
    finally:
        system.discard()


def on_servers(workspace: Workspace, results: Results, _: int, scale: float) -> None:
    """A process a service and the console, RabbitMQ, PostgreSQL."""
    with workspace.system() as system:
        measure(workspace, system, results, scale)


def measure(workspace: Workspace, system: EmbeddedSystem | DistrictSystem, results: Results, scale: float) -> None:
    (workspace.folder / "now").write_text(NOW)
    clock = {"QIHANG_REHEARSAL_CLOCK": str(workspace.folder / "now"), "QIHANG_OPERATOR_MUST_CHANGE": "0"}
    system.settings |= clock
    system.start()
    units, people = max(10, int(district_rows.UNITS * scale)), max(100, int(district_rows.PEOPLE * scale))
    addresses = settle(system, units, people, scale)
    system.stop()
    system.start()
    look(system, results, units, max(1, int(LOOKS * scale)), addresses)


def settle(system: System, units: int, people: int, scale: float) -> list[str]:
    """The district, its posts, a year of records, some hundreds of filings, and what pages_data.py gives; addresses of
    single things."""
    folder = system.data.parent / "pages-district"
    folder.mkdir(exist_ok=True)
    district = district_rows.district(units, people)
    bureau = {"unit_id": BUREAU, "name": "区教育局", "kind": "bureau", "tags": ""}
    schools = [row | {"tags": "", "liaison_id": LIAISON} for row in district["units.csv"]]
    rows = [row | {"liaison_id": "", "opened_on": "2010-09-01"} for row in (bureau, *offices())] + schools
    files = {"units.csv": rows, "people.csv": district["people.csv"], "posts.csv": list(posts(units)),
             "records.csv": list(year_of_records(units, people)),
             "findings.csv": list(findings(units, max(60, int(FINDINGS * scale))))}  # fmt: skip
    for name, lines in files.items():
        write_csv(folder / name, lines)
    system.qihang("campaign", "launch", CAMPAIGN)
    system.qihang("import", folder, limit=3600)
    file_records(system, units, max(60, int(FILED * scale)))
    system.qihang("settle", "--timeout", "1800", limit=1900)
    who = ("supervision", "campaign_office", "head", "person", "research")
    addresses = DataLoader(system, units, people, Cast(*(person_of(each, units) for each in who)), scale).give()
    system.qihang("settle", "--timeout", "1800", limit=1900)
    return addresses


def write_csv(path: Path, rows: Sequence[Cells]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def person_of(who: str, units: int) -> str:
    """People of the first unit: every unit's number is the remainder of its people's."""
    return person_id(units * (list(CAST).index(who) + 1))


def posts(units: int) -> Iterator[Cells]:
    held = [(unit, post, person_of(who, units)) for who, each in CAST.items() for post, unit in each]
    held += [(unit_id(number), post, person_id(number)) for number in range(1, units) for post in ("head", "clerk")]
    for unit, post, person in held:
        yield {"unit_id": unit, "post": post, "person_id": person, "from": SINCE, "to": ""}


def file_records(system: System, units: int, filed: int) -> None:
    """By the clerk of one unit, month after month: books given to its people, and plans that await its head."""
    token = system.token_of_person(person_of("clerk", units))
    for number in range(filed):
        deed: dict[str, Any] = {"unit_id": unit_id(0), "occurred_at": f"2023-{number % 11 + 1:02}-{number % 27 + 1:02}"}
        if number % 6:
            person = person_id(units * (number % FEWEST_OF_UNIT))
            deed |= {"kind": "book_issue", "people": [person], "fields": {"book": f"第{number}册"}}
        else:
            deed |= {"kind": "study_plan", "title": f"学习计划 {number}",
                     "fields": {"lines": [{"content": f"第{number}册"}]}}  # fmt: skip
        file_deed(system, token, deed, submit=number % 10 > 0)


def look(system: System, results: Results, units: int, rounds: int, more: Sequence[str]) -> None:
    """Every page by everybody, in rounds, and once what each sends to a browser that has nothing."""
    browsers = {"operator": Browser(system.base), **{who: Browser(system.base) for who in CAST}}
    printed = system.qihang("accounts", "create", *(person_of(who, units) for who in CAST))
    codes = dict(re.findall(r"(p\d+)\s+(\w{4}-\w{4}-\w{4})", printed))
    browsers["operator"].sign_in("operator", (system.data / "operator.password").read_text().strip())
    for who in CAST:
        browsers[who].sign_in(person_of(who, units), codes[person_of(who, units).lower()], PASSWORD)
    addresses = [*(page.path for page in PAGES), *MORE, *more]
    first = {(who, path): browser.get(path) for who, browser in browsers.items() for path in addresses}
    asked = [key for key, answer in first.items() if answer.status == 200]
    if unseen := set(addresses) - {path for _, path in asked}:
        raise running.SubjectFailed(f"opened by nobody: {sorted(unseen)}")
    waited: dict[str, float] = {}
    for who, path in asked:
        waited[path] = max(waited.get(path, 0.0), first[who, path].timing[0][2])
    first_looks(results, waited, at_most)
    if rounds == 1:  # figures that mean nothing: each page by one of those who may
        asked = [(who, path) for path, who in {path: who for who, path in asked}.items()]
    looks = Looks()
    files: dict[str, int] = {}
    for number in range(rounds):
        for who, path in asked:
            answer = browsers[who].get(path)
            if number == 0:
                looks.sizes[path] = max(looks.sizes.get(path, (0, 0.0)), browsers[who].weigh(answer, files))
            for name, words, milliseconds in answer.timing:
                times = looks.pages[path] if name == "console" else looks.calls[f"{name} {words}"]
                times.append(milliseconds)
    token = system.token_of_person(person_of("clerk", units))
    changes = min(CHANGES, max(2, rounds))
    looks_after_a_change(system, results, token, lambda who, path: browsers[who].get(path).timing[0][2], at_most,
                         changes)  # fmt: skip
    must_run(system)
    report(results, looks)


def must_run(system: System) -> None:
    """A service that ended would be measured as a very quick one."""
    ended = [name for name, process in system.processes.items() if not process.running]
    if ended:
        raise running.SubjectFailed(f"{', '.join(ended)} ended\n{system.logs()}")


def report(results: Results, looks: Looks) -> None:
    for path, times in sorted(looks.pages.items()):
        p50, p95, p99 = shares(times)
        results.cost(f"page {path}: p95 (runs: p50, p99)", p95, "ms", (p50, p99), at_most=at_most(path))
    for call, times in sorted(looks.calls.items()):
        p50, p95, p99 = shares(times)
        results.cost(f"call {call}: p95 (runs: p50, p99)", p95, "ms", (p50, p99))
    heaviest = max(looks.sizes, key=lambda path: looks.sizes[path][1])
    results.cost(f"cold page {heaviest}, the heaviest: sent, compressed", looks.sizes[heaviest][1], "kB",
                 at_most=MOST_KILOBYTES)  # fmt: skip
    most = max(requests for requests, _ in looks.sizes.values())
    results.cost("cold page: most requests of one", most, "", at_most=MOST_REQUESTS)


def at_most(path: str) -> float:
    of_district = path.partition("?")[0] in OF_DISTRICT or path.startswith(("/scoreboard", "/overview"))
    return WHOLE_DISTRICT if of_district else ONE_UNIT


def shares(times: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[len(ordered) * 95 // 100], ordered[len(ordered) * 99 // 100]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    timing: list[tuple[str, str, float]]

    @property
    def text(self) -> str:
        return (gzip.decompress(self.body) if self.body.startswith(GZIP) else self.body).decode()


class Browser:
    """A signed-in user: one cookie, pages as they travel."""

    def __init__(self, port: int) -> None:
        self._port, self._cookie = port, ""

    def sign_in(self, user: str, password: str, changed: str = "") -> None:
        self._send_form("/signin", user=user, password=password)
        if changed:
            self._send_form("/account/password", old=password, new=changed, again=changed)

    def get(self, path: str) -> Answer:
        return self._request("GET", path, None, {"Accept-Encoding": "gzip"})

    def weigh(self, page: Answer, files: dict[str, int]) -> tuple[int, float]:
        """Requests and kilobytes of the page with what it names; `files`: bytes of those that were weighed before."""
        named = set(LINKED.findall(page.text))
        for path in named - files.keys():
            files[path] = len(self.get(path).body)
        return len(named) + 1, (len(page.body) + sum(files[path] for path in named)) / 1000

    def _send_form(self, path: str, **fields: str) -> None:
        match = re.search(r'name="csrf" value="([^"]+)"', self._request("GET", path, None, {}).body.decode())
        if match is None:
            raise running.SubjectFailed(f"no form at {path}")
        body = urlencode({**fields, "csrf": match[1]})
        answer = self._request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status != 303:
            raise running.SubjectFailed(f"{path}: {answer.status} {answer.body[-2000:].decode()}")

    def _request(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=running.LIMIT)
        try:
            connection.request(method, quote(path, safe="/?&=%"), body, {**headers, "Cookie": self._cookie})
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie") or []:
                self._cookie = cookie.partition(";")[0]
            timing = [(name, words, float(milliseconds)) for name, words, milliseconds in
                      TIMING.findall(response.headers.get("Server-Timing", ""))]  # fmt: skip
            return Answer(response.status, response.read(), timing)
        finally:
            connection.close()
