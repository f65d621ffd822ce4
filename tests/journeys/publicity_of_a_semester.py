"""What three schools do for publicity in a semester, each step on its day: works, reviews, anthologies, articles."""

from __future__ import annotations

import contextlib
import urllib.parse
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
from PIL import Image

from tests.journeys.simulated import Simulated
from tests.semester.book import accepted
from tests.support.processes import WaitTimeout, wait_until

SEMESTER, REVIEWERS_OF = "2022-autumn", "X005"
AUTHORS = {"W0": "X007", "W1": "X007", "W2": "X007", "W3": "X009", "W4": "X009", "W5": "X004"}
INSIDE_ONLY = "W2"
ARTICLES = {"A0": "W0", "A1": "W1", "A3": "W3", "A4": "W4", "A5": "W5"}
RETURNED = "W4"
"""A reviewer sends it back for revision: until it comes again nobody is reminded of it."""
LATE = "W3"
"""It is marked the day after the last day, when both reviewers have been reminded once more."""
WITHDRAWN = "A5"
"""Its author takes the consent back once it is public."""
DELETE = "/cgi-bin/freepublish/delete"
MARKS = {"writing": "43", "usefulness": "43.5"}
STAGES = ("first", "second", "final")


def words_of(work: str) -> str:
    return f"立德树人，久久为功：我的体会之{work}。"


class Publicity:
    """`today` does what is to be done on a day: `plan` says on which day each step is taken, by its name."""

    def __init__(self, simulated: Simulated, folder: Path, plan: Mapping[str, date]) -> None:
        self.simulated, self.folder, self.system = simulated, folder, simulated.system
        self.plan = plan
        self.people: dict[str, list[str]] = {}
        for row in accepted("people.csv"):
            if row["from"] <= "2022-11-01" and not row["to"]:
                self.people.setdefault(row["unit_id"], []).append(row["person_id"])
        self.steps: dict[str, Callable[[], None]] = {
            "nominate": self.nominate, "review": self.review, "revise": self.revise, "select": self.select,
            "compile": self.compile, "draft": self.draft,
            **{stage: lambda stage=stage: self.read(stage) for stage in STAGES},
            "submit": self.submit, "by_hand": self.by_hand,
        }  # fmt: skip
        assert {*self.steps, "withdraw"} == plan.keys()

    def today(self, day: date) -> None:
        for name, step in self.steps.items():
            if self.plan[name] == day:
                step()
        if day > self.plan["submit"]:
            self.wait_for_the_platform()
            self.settle_unknown_outcomes()
        if day >= self.plan["withdraw"]:
            match self.status(WITHDRAWN):
                case "published":
                    self.withdraw(day)
                case "taking_down":
                    self.take_down()

    def ask(self, method: str, path: str, body: Any = None, person: str = "", **headers: str) -> Any:
        """As the operator, or as a person who has signed in."""
        token = self.system.token_of_person(person) if person else ""
        status, answer = self.system.ask(method, "publicity", path, body, token=token, **headers)
        assert status < 300, answer
        return answer

    def author(self, work: str) -> str:
        return self.people[AUTHORS[work]][int(work[1:])]

    def nominate(self) -> None:
        (self.folder / "W0.txt").write_text(words_of("W0") * 5, encoding="gb18030")
        self.system.qihang("work", "nominate", "W0", self.folder / "W0.txt", "--author", self.author("W0"), "--unit",
                          "X007", "--title", "体会W0", "--level", "inside", "--level", "district")  # fmt: skip
        for work in list(AUTHORS)[1:]:
            self._nominate(work, words_of(work) * 5)

    def _nominate(self, work: str, text: str) -> None:
        levels = "inside" if work == INSIDE_ONLY else "inside,district"
        query = f"author_id={self.author(work)}&unit_id={AUTHORS[work]}&levels={levels}"
        title = urllib.parse.quote(f"体会{work}")
        self.ask("PUT", f"/api/works/{work}?{query}", text.encode(), X_Qihang_Title=title)

    def review(self) -> None:
        """Until the day before the one that is sent back comes again: that morning another is late."""
        reviewers, due = self.people[REVIEWERS_OF][:2], self.plan["revise"] - timedelta(days=1)
        for work in AUTHORS:
            self.ask("POST", f"/api/works/{work}/reviewers", {"reviewers": reviewers, "due_on": str(due)})
            if work == RETURNED:
                reason = {"reviewer_id": reviewers[0], "reason": "请补充事例"}
                self.ask("POST", f"/api/works/{work}/return", reason, reviewers[0])
            elif work != LATE:
                self._mark(work)

    def _mark(self, work: str) -> None:
        for reviewer in self.people[REVIEWERS_OF][:2]:
            self.ask("POST", f"/api/works/{work}/marks", {"reviewer_id": reviewer, "marks": MARKS}, reviewer)

    def revise(self) -> None:
        self._nominate(RETURNED, words_of(RETURNED) * 5 + "事例一则。")
        self._mark(RETURNED)
        self._mark(LATE)

    def select(self) -> None:
        assert "已登记" in self.system.qihang("work", "select", "W0")
        for work in list(AUTHORS)[1:]:
            self.ask("POST", f"/api/works/{work}/select", {})
        assert "体会W0" in self.system.qihang("work", "list", "--unit", "X007")

    def compile(self) -> None:
        """The anthology in three forms."""
        qihang = self.system.qihang
        qihang("anthology", "compile", "X007", SEMESTER)
        assert "无变化" in qihang("anthology", "compile", "X007", SEMESTER)
        for ending in ("docx", "html", "pdf"):
            qihang("anthology", "download", f"X007.{SEMESTER}", "--out", self.folder / f"a.{ending}")
        shown = docx.Document(str(self.folder / "a.docx"))
        headings = [paragraph.text for paragraph in shown.paragraphs if paragraph.style.name == "Heading 1"]
        assert headings == ["体会W0", "体会W1", "体会W2"]
        assert (self.folder / "a.pdf").read_bytes().startswith(b"%PDF")
        assert "立德树人" in (self.folder / "a.html").read_text()
        self.ask("POST", "/api/anthologies", {"unit_id": "X004", "semester": SEMESTER})

    def draft(self) -> None:
        """Nothing is drafted without consent, and nothing goes out unread."""
        for article, work in ARTICLES.items():
            self._draft(article, work, f"选登{article}")
            assert (
                self.system.ask("POST", "publicity", f"/api/articles/{article}/submit")[1]["code"] == "readings_missing"
            )
        refused = {
            "article_id": "X",
            "unit_id": "X007",
            "account": "district",
            "title": "未授权",
            "works": [INSIDE_ONLY],
        }
        assert self.system.ask("POST", "publicity", "/api/articles", refused)[1]["code"] == "no_consent"

    def _draft(self, article: str, work: str, title: str) -> None:
        self.ask("POST", "/api/articles", {"article_id": article, "unit_id": AUTHORS[work], "account": "district",
                                           "title": title, "works": [work]})  # fmt: skip

    def read(self, stage: str, *articles: str) -> None:
        for article in articles or ARTICLES:
            work = ARTICLES.get(article, "W3")
            colleagues = [person for person in self.people[AUTHORS[work]] if person != self.author(work)]
            reader = colleagues[STAGES.index(stage)]
            reading = {"subject": "article", "subject_id": article, "stage": stage, "reader_id": reader}
            self.ask("POST", "/api/readers", reading)
            self.ask("GET", f"/api/articles/{article}/package", person=reader)
            self.ask("POST", "/api/readings", reading, reader)

    def submit(self) -> None:
        """Ordered, and killed while the platform is asked: for a draft, and for a publication."""
        platform = self.simulated.platform
        faults, platform.faults = platform.faults, 0.0  # the clock stands still: what failed is not tried again
        calls = [platform.hold(path) for path in ("/cgi-bin/draft/add", "/cgi-bin/freepublish/submit")]
        self.system.qihang("publish-article", "submit", "A0")
        for article in list(ARTICLES)[1:]:
            self.ask("POST", f"/api/articles/{article}/submit")
        for call in calls:
            assert call.reached.wait(60), self.system.logs()
            self.simulated.kill_and_start("publicity")
            call.released.set()
        platform.faults = faults

    def wait_for_the_platform(self) -> None:
        """A call without an answer takes real seconds, in which the moved clock would pass days: what is ordered is
        answered while it stands, unless it waits for a later minute."""
        with contextlib.suppress(WaitTimeout):
            wait_until(lambda: not {"submitting", "submitted"} & {*self.statuses().values()}, 10, interval=0.2)

    def settle_unknown_outcomes(self) -> None:
        """Two orders in a row without an answer are a person's matter: who looks at the platform, and orders anew."""
        for article in self.system.get("publicity", "/api/articles", status="failed")["articles"]:
            assert article["reason"] == "find_publication: unknown_outcome"
            assert article["title"] not in {shown["title"] for shown in self.simulated.platform.ever}
            self.ask("POST", f"/api/articles/{article['article_id']}/submit")

    def by_hand(self) -> None:
        """A video, and an article that is pasted by hand and confirmed with link and screenshot."""
        qihang, folder = self.system.qihang, self.folder
        qihang(
            "video", "record", "V1", "--unit", "X007", "--title", "微党课", "--link", "https://channels.example.cn/v/1"
        )
        self._draft("H1", "W3", "手工选登")
        for stage in STAGES:
            self.read(stage, "H1")
        qihang("publish-article", "by-hand", "H1", "--out", folder / "package.zip")
        with zipfile.ZipFile(folder / "package.zip") as package:
            assert "推文.html" in package.namelist()
        Image.new("RGB", (40, 40), "white").save(folder / "shot.png")
        qihang("publish-article", "confirm", "H1", "--link", "https://mp.weixin.qq.com/s/h1", "--screenshot",
               folder / "shot.png")  # fmt: skip
        assert "已发布" in qihang("publish-article", "list", "--unit", "X009")

    def withdraw(self, day: date) -> None:
        """The author takes the consent back, and the platform grants no deletion: it stays to be taken down."""
        platform = self.simulated.platform
        platform.failing[DELETE] = 48001
        self.system.qihang("work", "withdraw", ARTICLES[WITHDRAWN], "--level", "district")
        for hour in range(13, 19):
            self.simulated.at(day, f"{hour}:30")
            with contextlib.suppress(WaitTimeout):
                wait_until(lambda: self._article(WITHDRAWN)["reason"] == "remove: 48001", 10, interval=0.1)
                break
        assert self.status(WITHDRAWN) == "taking_down"
        refused = self.system.ask("POST", "publicity", f"/api/articles/{WITHDRAWN}/submit")
        assert refused[1].get("changed") is False, refused

    def take_down(self) -> None:
        """The unit was reminded in the morning: one deletes it at the platform and says so."""
        platform = self.simulated.platform
        with platform.lock:
            for article_id, shown in list(platform.public.items()):
                if shown["title"] == f"选登{WITHDRAWN}":
                    platform.public.pop(article_id)["gone_at"] = platform.clock()
        self.system.qihang("publish-article", "take-down", WITHDRAWN, "--reason", "作者撤回授权", "--done")
        assert self._article(WITHDRAWN)["taken_down_by"].startswith("operator:")
        del platform.failing[DELETE]

    def status(self, article_id: str) -> str:
        return str(self._article(article_id)["status"])

    def _article(self, article_id: str) -> dict[str, Any]:
        result: dict[str, Any] = self.system.get("publicity", "/api/articles", article_id=article_id)["articles"][0]
        return result

    def statuses(self) -> dict[str, str]:
        result = self.system.get("publicity", "/api/articles")["articles"]
        return {item["article_id"]: item["status"] for item in result}
