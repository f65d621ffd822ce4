"""A unit's semester of publicity: works to anthology to a public article to deeds that meet its duties, by commands,
against the platform with a fifth of its answers faults, killed on the way."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
import yaml
from PIL import Image

from tests.journeys.conftest import AnyHouse, BuildHouse
from tests.support.house import SAMPLES, EmbeddedHouse
from tests.support.processes import WaitTimeout, wait_until
from tests.support.wechat_platform import APPID, SECRET, Platform

UNIT, OTHER, SEMESTER = "X007", "X004", "2022-autumn"
WINDOWS = "what,id,as_of\nscore,2022-12,2023-01-05\nscore,2022-autumn,2023-01-05\noutstanding,,2023-01-05\n"
FIGURES = ("unit_scores.csv", "individuals.csv", "outstanding.csv")
ARTICLES = 3


class Semester:
    """The house, its clock, the platform, and who lives in the two units."""

    def __init__(self, house: AnyHouse, clock: Path, platform: Platform) -> None:
        self.house, self.clock, self.platform = house, clock, platform
        self.people = {unit: _people(unit) for unit in (UNIT, OTHER)}

    def pass_time(self, **more: float) -> None:
        now = datetime.fromisoformat(self.clock.read_text()) + timedelta(**more)
        self.clock.write_text(now.isoformat())

    def next_round(self) -> None:
        """Some minutes later: until something moved, or the loop had time to find that nothing does."""
        before = self.statuses()
        self.pass_time(minutes=61)
        with contextlib.suppress(WaitTimeout):
            wait_until(lambda: self.statuses() != before, 3, interval=0.1)

    def look_after_what_nobody_can_tell(self) -> None:
        """Two orders in a row without an answer are a person's matter: who looks at the platform, and orders anew."""
        for number in range(ARTICLES):
            article = self.article(f"A{number}")
            if article["status"] == "failed":
                assert article["reason"] == "find_publication: unknown_outcome"
                assert article["title"] not in {one["title"] for one in self.platform.ever}
                self.house.qihang("publish-article", "submit", f"A{number}")

    def statuses(self) -> list[str]:
        found = {one["article_id"]: one["status"] for one in self.house.get("publicity", "/api/articles")["articles"]}
        return [found[f"A{number}"] for number in range(ARTICLES)]

    def article(self, article_id: str) -> Any:
        return self.house.get("publicity", "/api/articles", article_id=article_id)["articles"][0]

    def kill_and_start(self) -> None:
        """kill -9 of publicity (embedded: of the whole house), and up again."""
        if isinstance(self.house, EmbeddedHouse):
            self.house.kill()
            self.house.start()
        else:
            self.house.processes["publicity"].kill()
            self.house.start("publicity")


def _people(unit: str) -> list[str]:
    with (SAMPLES / "district" / "people.csv").open(encoding="utf-8") as file:
        return [row["person_id"] for row in csv.DictReader(file)
                if row["unit_id"] == unit and row["from"] <= "2022-12-01" and not row["to"]]  # fmt: skip


@pytest.fixture(scope="module")
def semester(build: BuildHouse, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("semester")
    platform = Platform(review_seconds=0.3, faults=0.2)
    server = platform.serve()
    clock = folder / "now"
    clock.write_text("2022-12-05T09:00:00+08:00")
    (folder / "secret").write_text(SECRET)
    account = {"appid": APPID, "secret_file": str(folder / "secret"), "url": platform.address, "author": "区教育局"}
    (folder / "accounts.yaml").write_text(yaml.safe_dump({"accounts": {"district": account}}))
    house = build(QIHANG_REHEARSAL_CLOCK=str(clock), QIHANG_WECHAT_ACCOUNTS=str(folder / "accounts.yaml"))
    house.start()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    house.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
    house.qihang("settle")
    yield Semester(house, clock, platform)
    server.shutdown()
    server.server_close()


def test_works_are_nominated_read_and_selected(semester: Semester, tmp_path: Path) -> None:
    qihang = semester.house.qihang
    for number, author in enumerate(semester.people[UNIT][: ARTICLES + 1]):
        file = tmp_path / f"{number}.txt"
        file.write_text(f"立德树人，久久为功。我的体会之{number}。\n" * 5, encoding="gb18030")
        levels = ("--level", "inside", "--level", "district") if number < ARTICLES else ("--level", "inside")
        qihang("work", "nominate", f"W{number}", file, "--author", author, "--unit", UNIT,
               "--title", f"体会之{number}", *levels)  # fmt: skip
        readers = semester.people[OTHER][:2]
        qihang("review", "assign", f"W{number}", "--reader", readers[0], "--reader", readers[1])
        for reader in readers:
            qihang("review", "mark", f"W{number}", "--reader", reader, "--mark", "bearing=28", "--mark", "depth=33.5",
                   "--mark", "practice=25")  # fmt: skip
        assert "已登记" in qihang("work", "select", f"W{number}")
    assert "体会之0" in qihang("work", "list", "--unit", UNIT)


def test_the_anthology_is_compiled_and_downloaded_in_three_forms(semester: Semester, tmp_path: Path) -> None:
    qihang = semester.house.qihang
    qihang("anthology", "compile", UNIT, SEMESTER)
    assert "无变化" in qihang("anthology", "compile", UNIT, SEMESTER)
    for ending in ("docx", "html", "pdf"):
        qihang("anthology", "download", f"{UNIT}.{SEMESTER}", "--out", tmp_path / f"a.{ending}")
    shown = docx.Document(str(tmp_path / "a.docx"))
    headings = [paragraph.text for paragraph in shown.paragraphs if paragraph.style.name == "Heading 1"]
    assert headings == [f"体会之{number}" for number in range(ARTICLES + 1)]
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF") and "立德树人" in (tmp_path / "a.html").read_text()
    qihang("publish-article", "draft", "X", "--unit", UNIT, "--account", "district", "--title", "未授权",
           "--work", f"W{ARTICLES}", fails=True)  # fmt: skip


def test_articles_become_public_once_each_through_faults_and_kills(semester: Semester) -> None:
    qihang = semester.house.qihang
    for number in range(ARTICLES):
        name = f"A{number}"
        qihang("publish-article", "draft", name, "--unit", UNIT, "--account", "district", "--title", f"选登之{number}",
               "--work", f"W{number}")  # fmt: skip
        qihang("publish-article", "submit", name, fails=True)  # nothing goes out unread
        for reader, stage in zip(semester.people[UNIT], ("first", "second", "final"), strict=False):
            qihang("reading", "article", name, stage, "--reader", reader)
        qihang("publish-article", "submit", name)
    for turn in range(40):
        if semester.statuses() == ["published"] * ARTICLES:
            break
        if turn in (0, 2, 4):
            semester.kill_and_start()
        semester.next_round()
        semester.look_after_what_nobody_can_tell()
    assert semester.statuses() == ["published"] * ARTICLES
    assert sorted(one["title"] for one in semester.platform.ever) == [f"选登之{number}" for number in range(ARTICLES)]
    assert not any("体会之3" in json.dumps(one) for one in semester.platform.ever)


def test_the_video_and_an_article_by_hand_are_recorded(semester: Semester, tmp_path: Path) -> None:
    qihang = semester.house.qihang
    qihang("video", "record", "V1", "--unit", UNIT, "--title", "微党课", "--link", "https://channels.example.cn/v/1")
    qihang("publish-article", "draft", "H1", "--unit", UNIT, "--account", "district", "--title", "手工选登",
           "--work", "W0")  # fmt: skip
    for reader, stage in zip(semester.people[UNIT], ("first", "second", "final"), strict=False):
        qihang("reading", "article", "H1", stage, "--reader", reader)
    qihang("publish-article", "by-hand", "H1", "--out", tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        assert "推文.html" in package.namelist()
    Image.new("RGB", (40, 40), "white").save(tmp_path / "shot.png")
    qihang("publish-article", "confirm", "H1", "--link", "https://mp.example.cn/s/h1", "--screenshot",
           tmp_path / "shot.png")  # fmt: skip
    assert "已发布" in qihang("publish-article", "list", "--unit", UNIT)


def test_every_showing_is_a_deed_and_the_figures_are_those_of_deeds_typed_by_hand(
    semester: Semester, build: BuildHouse, tmp_path: Path
) -> None:
    house = semester.house
    house.qihang("settle")
    semester.clock.write_text("2023-01-06T09:00:00+08:00")
    deeds = records(house)
    assert {one["record_id"] for one in deeds} == {
        *(f"publicity-work-W{n}-unit" for n in range(ARTICLES + 1)),
        *(f"publicity-article-A{n}" for n in range(ARTICLES)),
        "publicity-article-H1", f"publicity-anthology-{UNIT}.{SEMESTER}-1", "publicity-video-V1",
    }  # fmt: skip
    ours = figures(house, tmp_path / "ours")
    twin = build(QIHANG_REHEARSAL_CLOCK=str(semester.clock))
    twin.start()
    twin.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    twin.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
    without = figures(twin, tmp_path / "without")
    twin.qihang("import", typed(deeds, tmp_path))
    assert figures(twin, tmp_path / "theirs") == ours != without
    for duty in ("anthology", "wechat-district"):
        line = f"2023-01-05,{duty},{SEMESTER},{UNIT},"
        assert line in without["outstanding.csv"] and line not in ours["outstanding.csv"]
    twin.stop()


def test_a_take_down_undoes_the_deed(semester: Semester) -> None:
    semester.house.qihang("work", "withdraw", "W1", "--level", "district")
    for _ in range(20):
        if semester.article("A1")["status"] == "taken_down":
            break
        semester.next_round()
    assert semester.article("A1")["status"] == "taken_down"
    assert "选登之1" not in {one["title"] for one in semester.platform.public.values()}
    wait_until(lambda: "publicity-article-A1" in withdrawn(semester.house), 20, semester.house.logs)
    semester.house.qihang("publish-article", "take-down", "H1", "--reason", "更换", "--done")
    wait_until(lambda: "publicity-article-H1" in withdrawn(semester.house), 20, semester.house.logs)


def log_of(house: AnyHouse) -> list[Any]:
    found, after = [], 0
    while page := house.get("participation", "/feed/0", after=str(after), limit="2000")["events"]:
        found += page
        after += len(page)
    return found


def records(house: AnyHouse) -> list[Any]:
    return [one["data"] for one in log_of(house) if one["type"].endswith("record_submitted.v1")]


def withdrawn(house: AnyHouse) -> set[str]:
    return {one["data"]["record_id"] for one in log_of(house) if one["type"].endswith("record_withdrawn.v1")}


def typed(deeds: list[Any], folder: Path) -> Path:
    """The same deeds as a clerk would have typed them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["record_id", "record", "unit_id", "person_id", "occurred_at", "period", "title", "content_sha256",
                     "evidence"])  # fmt: skip
    for at, one in enumerate(deeds):
        content = one["content"] if one["content"] and not one["person_id"] else ""
        writer.writerow([f"R{at}", one["kind"], one["unit_id"], one["person_id"], one["done_at"], one["period"], "",
                         content, one["evidence"]])  # fmt: skip
    (folder / "records.csv").write_text(out.getvalue(), encoding="utf-8")
    return folder / "records.csv"


def figures(house: AnyHouse, into: Path) -> dict[str, str]:
    house.qihang("settle")
    windows = into.with_suffix(".csv")
    windows.write_text(WINDOWS, encoding="utf-8")
    house.qihang("report", "--windows", windows, "--out", into)
    return {name: (into / name).read_text(encoding="utf-8") for name in FIGURES}
