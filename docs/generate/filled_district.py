"""What the sample district lacks for pictures of every page: works, reviews, articles, findings, sheets, contacts, an
outside system with reports that wait and stand aside, imports and notices.  What is refused is told, and left out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.system import SAMPLES, EmbeddedSystem

FILM = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41\0\0\0\x08free"
STAGES = ("first", "second", "final")
SEMESTER, QUARTER = "2023-autumn", "2023-Q4"
TEXT = "立德树人，是教师的根本任务。我在课堂上这样做：先让学生说，再让学生写，最后一起改。"
EVENT = "application/cloudevents+json"
CONTACTS = "recipient,name,email\nclerk-X001,实验小学填报员,x001@edu.example\nhead-X001,实验小学,head@edu.example\n"
FINDINGS = (("X001", "O01", "印证资料", "签到表不全，缺三个人的签名"), ("X007", "O03", "学习落实", "没有研讨记录"))


def fill(system: EmbeddedSystem, folder: Path, cast: dict[str, str]) -> None:
    District(system, folder, cast).fill()


class District:
    def __init__(self, system: EmbeddedSystem, folder: Path, cast: dict[str, str]) -> None:
        self.system, self.folder, self.cast = system, folder, cast
        self.staff: dict[str, list[str]] = {}

    def fill(self) -> None:
        for step in (self.findings, self.publicity, self.sheets, self.outside, self.notices, self.imported):
            step()
        self.system.qihang("settle")

    def ask(self, method: str, service: str, path: str, body: Any = None, who: str = "", **headers: str) -> Any:
        token = self.system.token_of_person(self.cast.get(who, who)) if who else ""
        status, answer = self.system.ask(method, service, path, body, token=token, **headers)
        if status >= 300:
            sys.stderr.write(f"{method} {path}: {status} {answer}\n")
        return answer

    def people_of(self, unit: str) -> list[str]:
        """Who holds no post."""
        if unit not in self.staff:
            answer = self.ask("GET", "participation", f"/api/units/{unit}/people?on=2023-11-15")
            serving = sorted(each["person_id"] for each in answer["people"])
            self.staff[unit] = [person for person in serving if person not in self.cast.values()]
        return self.staff[unit]

    def findings(self) -> None:
        for unit, office, category, text in FINDINGS:
            form = {"unit_id": unit, "category": category, "description": text, "deadline": "2023-11-24",
                    "points": "1", "found_on": "2023-11-10"}  # fmt: skip
            self.ask("POST", "participation", "/api/findings", form, "liaison" if office == "O03" else "supervision")

    def publicity(self) -> None:
        authors = {f"W{number}": unit for number, unit in enumerate(("X001", "X001", "X007", "X007", "X009"))}
        for number, (work, unit) in enumerate(authors.items()):
            author = self.people_of(unit)[number]
            query = f"author_id={author}&unit_id={unit}&levels=inside,unit,district"
            title = quote(("做引路人", "一堂思政课的改进", "家访三题", "我和我的学生", "读书札记")[number])
            self.ask("PUT", "publicity", f"/api/works/{work}?{query}", (TEXT * 12).encode(), X_Qihang_Title=title)
        reviewers = [self.people_of("X005")[0], self.cast["teacher"]]
        for work in list(authors)[:4]:
            body = {"reviewers": reviewers, "due_on": "2023-11-20"}
            self.ask("POST", "publicity", f"/api/works/{work}/reviewers", body)
        for work in ("W0", "W2"):
            for reviewer in reviewers:
                marks = {"reviewer_id": reviewer, "marks": {"writing": "43", "usefulness": "43.5"}}
                self.ask("POST", "publicity", f"/api/works/{work}/marks", marks, reviewer)
            self.ask("POST", "publicity", f"/api/works/{work}/select", {})
        self.ask("POST", "publicity", "/api/anthologies", {"unit_id": "X001", "semester": SEMESTER})
        for article, unit, work in (("A0", "X001", "W0"), ("A1", "X007", "W2")):
            body = {
                "article_id": article,
                "unit_id": unit,
                "account": "district",
                "title": f"选登：{work}",
                "works": [work],
            }
            self.ask("POST", "publicity", "/api/articles", body)
            reader = {"subject": "article", "subject_id": article, "stage": "first", "reader_id": self.cast["head"]}
            self.ask("POST", "publicity", "/api/readers", reader)
        video = {"video_id": "V1", "unit_id": "X001", "title": "教师节主题班会", "link": "https://video.example/1"}
        self.ask("POST", "publicity", "/api/videos", video)

        self.ready(people=self.people_of("X001")[3:6])

    def ready(self, people: list[str]) -> None:
        """An article that may be published, one and a video that the teacher is to read."""
        for article, readers in (("A2", people), ("A3", [self.cast["teacher"]])):
            body = {"article_id": article, "unit_id": "X001", "account": "unit", "title": f"读书札记 {article}",
                    "works": ["W0"]}  # fmt: skip
            self.ask("POST", "publicity", "/api/articles", body)
            self.appoint(article, readers)
        for stage, reader in zip(STAGES, people, strict=True):
            content = self.ask("GET", "publicity", "/api/proofs/article/A2", None, reader).get("content", "")
            body = {"subject": "article", "subject_id": "A2", "stage": stage, "reader_id": reader, "content": content}
            self.ask("POST", "publicity", "/api/readings", body, reader)
        (self.folder / "film.mp4").write_bytes(FILM)
        (self.folder / "script.txt").write_text(TEXT, encoding="utf-8")
        self.system.qihang("video", "draft", "V2", self.folder / "film.mp4", "--script", self.folder / "script.txt",
                           "--unit", "X001", "--title", "微党课：立德树人")  # fmt: skip
        self.appoint("V2", [self.cast["teacher"]])

    def appoint(self, article: str, readers: list[str]) -> None:
        for stage, reader in zip(STAGES, readers, strict=False):
            body = {"subject": "article", "subject_id": article, "stage": stage, "reader_id": reader}
            self.ask("POST", "publicity", "/api/readers", body)

    def sheets(self) -> None:
        drafts = [{"unit_id": unit, "points": {"depth": "20"}} for unit in ("S01", "O02")]
        body = {"period": QUARTER, "sheets": drafts}
        self.ask("POST", "participation", "/api/quarter-sheets/draft", body, "supervision")

    def outside(self) -> None:
        printed = self.system.qihang("publisher", "add", "attendance", "--types", "record", "--sources", "/attend/*")
        token = next(line.split()[1] for line in printed.splitlines() if line.startswith("token:"))
        for number, data in enumerate((
            {"record": "study_session", "unit_id": "X001", "occurred_at": "2023-11-08"},
            {"record": "study_session", "unit_id": "X999", "occurred_at": "2023-11-08"},
            {"record": "note", "person_id": "P99999", "occurred_at": "2023-11-08"}, {"record": "unknown"},
        )):  # fmt: skip
            event = {"specversion": "1.0", "id": f"e{number}", "type": "qihang.record.reported.v1",
                     "source": "/attend/1", "data": {"record_id": f"attend-{number}", **data}}  # fmt: skip
            self.system.ask("POST", "participation", "/api/intake", event, token=token, Content_Type=EVENT)

    def notices(self) -> None:
        (self.folder / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
        self.system.qihang("notify", "contacts", "import", self.folder / "contacts.csv")
        self.system.qihang("notify", "run")

    def imported(self) -> None:
        files = sorted((SAMPLES / "imports").glob("*.csv"))[:2]
        if files:
            self.system.qihang("import", *files)
