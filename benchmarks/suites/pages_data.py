"""What stands on the pages of a district beside its year of records: findings, sheets of offices, works with their
reviews, selections and articles, videos, a roster, reports of an outside system that wait."""

import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import running
from benchmarks.district_rows import Cells, person_id, unit_id
from tests.support.system import System

LIAISON, SUPERVISION, RESEARCH = "O00001", "O00002", "S00001"
OFFICES, QUARTERS = 40, ("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4")
FINDINGS, WORKS, VIDEOS, REPORTS, LISTED = 3_000, 2_000, 1_000, 300, 8
"""At full size; `LISTED`: how many works and articles those of the cast have to do with."""
TEXT = "立德树人，是教师的根本任务。通过学习，我对它有了更深的理解，也在课堂里这样做。" * 12
MARKS = {"writing": "44", "usefulness": "43"}
EVENTS = "application/cloudevents-batch+json"


@dataclass(frozen=True)
class Cast:
    """The persons of the bench that have to do with this, by what they do."""

    supervision: str
    second_hand: str
    head: str
    author: str
    research: str


def offices() -> list[Cells]:
    """Those of the bureau whose work is assessed; the first have posts."""
    named = [(LIAISON, "基础教育股", "office", ""), (SUPERVISION, "督查室", "office", "supervision_office"),
             (RESEARCH, "教研室", "secondary", "research_office")]  # fmt: skip
    more = [(f"O{number:05}", f"第{number}股", "office", "") for number in range(3, OFFICES * 2 // 3)]
    more += [(f"S{number:05}", f"第{number}中心", "secondary", "") for number in range(2, OFFICES // 3)]
    return [{"unit_id": unit, "name": name, "kind": kind, "tags": tags} for unit, name, kind, tags in named + more]


def findings(units: int, count: int) -> Iterator[Cells]:
    """Half of them are rectified."""
    for number in range(count):
        month, day = number % 11 + 1, number % 27 + 1
        yield {"finding_id": f"F{number:05}", "unit_id": unit_id(number % units), "assessor_id": LIAISON,
               "found_on": f"2023-{month:02}-{day:02}", "deadline": f"2023-{month + 1:02}-{day:02}",
               "points": "0.1", "rectified_on": f"2023-{month + 1:02}-{day:02}" if number % 2 else "",
               "category": "印证资料", "description": f"第 {number} 次检查，签到表不全"}  # fmt: skip


class DataLoader:
    """Brings it into a running system."""

    def __init__(self, system: System, units: int, people: int, cast: Cast, scale: float) -> None:
        self._system, self._units, self._people, self._cast, self._scale = system, units, people, cast, scale
        self.addresses: list[str] = []

    def give(self) -> list[str]:
        """Addresses of single things, which no menu has."""
        self._sheets()
        self._works(max(40, int(WORKS * self._scale)))
        self._publicity(max(20, int(VIDEOS * self._scale)))
        self._roster()
        self._reports(max(10, int(REPORTS * self._scale)))
        return [*self.addresses, f"/findings/finding?finding=F{0:05}", f"/findings/new?unit={unit_id(0)}",
                f"/sheets/unit?unit={SUPERVISION}&period=2023-Q3", "/sheets/item?item=depth&period=2023-Q4",
                f"/sheets/own?unit={LIAISON}", f"/findings?unit={unit_id(0)}&status=all"]  # fmt: skip

    def _request(self, service: str, method: str, path: str, body: Any = None, person: str = "", **headers: str) -> Any:
        token = self._system.token_of_person(person) if person else ""
        status, answer = self._system.ask(method, service, path, body, token=token, **headers)
        if status >= 300:
            raise running.SubjectFailed(f"{path}: {answer}")
        return answer

    def _sheets(self) -> None:
        """Three quarters confirmed by a second hand, the last one a draft."""
        items = {"organisation": "36", "depth": "27.5", "results": "20"}
        for at, period in enumerate(QUARTERS):
            self._of_sheets("draft", period, self._cast.supervision, items)
            if at + 1 < len(QUARTERS):
                self._of_sheets("complete", period, self._cast.supervision)
                self._of_sheets("confirm", period, self._cast.second_hand)

    def _of_sheets(self, deed: str, period: str, person: str, points: dict[str, str] | None = None) -> None:
        """The supervision office itself is assessed by the bureau."""
        path = "/api/quarter-sheets"
        sheets = self._request("participation", "GET", f"{path}?period={period}", None, person)["sheets"]
        rows = [{"unit_id": sheet["unit_id"], "revision": sheet["revision"], **({"points": points} if points else {})}
                for sheet in sheets if sheet["unit_id"] != SUPERVISION]  # fmt: skip
        self._request("participation", "POST", f"{path}/{deed}", {"period": period, "sheets": rows}, person)

    def _works(self, count: int) -> None:
        """Half are reviewed by two of other units, a tenth is selected."""
        for number in range(count):
            own = number < LISTED
            author = self._cast.author if own else person_id(self._units * 20 % self._people + number % self._people)
            unit = unit_id(0) if own else unit_id(int(author[1:]) % self._units)
            query = urllib.parse.urlencode(
                {"author_id": author, "unit_id": unit, "levels": "inside,unit,district,print"}
            )
            text = f"{TEXT}第 {number} 篇。".encode()
            path, title = f"/api/works/BW{number:05}", urllib.parse.quote(f"学习体会 {number}")
            self._request("publicity", "PUT", f"{path}?{query}", text, X_Qihang_Title=title)
            if number % 2 == 0:
                self._review_work(path, number, unit)

    def _review_work(self, path: str, number: int, unit: str) -> None:
        reviewers = [each for each in (person_id(number % self._people + further) for further in range(1, 5))
                     if unit_id(int(each[1:]) % self._units) != unit][:2]  # fmt: skip
        if number < 4 * LISTED and unit != unit_id(0):
            reviewers[0] = self._cast.author
        self._request("publicity", "POST", f"{path}/reviewers", {"reviewers": reviewers})
        if number % 10 == 0 and self._cast.author not in reviewers:
            for reviewer in reviewers:
                self._request("publicity", "POST", f"{path}/marks", {"reviewer_id": reviewer, "marks": MARKS}, reviewer)
            self._request("publicity", "POST", f"{path}/select", {})

    def _publicity(self, count: int) -> None:
        """Videos, and articles of the author's selected work that the head is to read."""
        for number in range(count):
            self._request("publicity", "POST", "/api/videos", {
                "video_id": f"BV{number:05}", "unit_id": unit_id(number % self._units), "title": f"微党课 {number}",
                "link": f"https://channels.example.cn/v/{number}"})  # fmt: skip
        for number in range(LISTED):
            article = f"BA{number:05}"
            self._request("publicity", "POST", "/api/articles", {
                "article_id": article, "unit_id": unit_id(0), "account": "district", "title": f"选登 {number}",
                "works": ["BW00000"]})  # fmt: skip
            reading = {"subject": "article", "subject_id": article, "stage": "first", "reader_id": self._cast.head}
            self._request("publicity", "POST", "/api/readers", reading)
        query = f"/api/works?reviewer_id={self._cast.author}"
        asked = self._request("publicity", "GET", query, None, self._cast.author)["works"][0]["work_id"]
        self.addresses += ["/works/work?work=BW00000", "/works/hand-in", f"/reviews/work?work={asked}",
                           "/assignments?progress=to_assign", "/selections?of=district",
                           "/selections/work?work=BW00000",
                           "/articles/article?article=BA00000", "/articles/draft", "/anthologies/compile",
                           "/readings/read?subject=article&id=BA00000", "/videos/new"]  # fmt: skip

    def _roster(self) -> None:
        """All people, a few of them new."""
        rows = [f"{person_id(number)},教师{number},教师,第{number % self._units}中学"
                for number in range(self._people + LISTED)]  # fmt: skip
        body = "\n".join(["工号,姓名,岗位,单位", *rows]).encode()
        begun = self._request("participation", "POST", "/api/rosters?as_of=2023-12-01&name=roster.csv", body,
                          Content_Type="application/octet-stream")  # fmt: skip
        while begun["state"] != "compared":
            if begun["fault"]:
                raise running.SubjectFailed(begun["fault"])
            begun = self._request("participation", "GET", f"/api/rosters/{begun['roster_id']}/progress")
        self.addresses += [
            f"/rosters/preview?roster={begun['roster_id']}&group={group}" for group in ("joined", "unchanged")
        ]

    def _reports(self, count: int) -> None:
        """Of a system of attendance, about a unit that nobody has registered."""
        details = self._system.qihang("publisher", "add", "attendance", "--types", "qihang.*").splitlines()
        token = dict(line.split(": ", 1) for line in details if ": " in line)["token"]
        for first in range(0, count, 100):
            events = [_report(number) for number in range(first, min(count, first + 100))]
            status, answer = self._system.ask("POST", "participation", "/api/intake", events, token=token,
                                              Content_Type=EVENTS)  # fmt: skip
            if status != 200:
                raise running.SubjectFailed(f"not reported: {answer}")
        self.addresses.append("/publishers/publisher?name=attendance")


def _report(number: int) -> dict[str, Any]:
    data = {"record_id": f"BR{number}", "record": "study_session", "unit_id": f"later-{number % 9}",
            "occurred_at": "2023-11-08"}  # fmt: skip
    return {"specversion": "1.0", "type": "qihang.record.reported.v1", "source": "/attendance", "id": f"BR{number}",
            "data": data}  # fmt: skip
