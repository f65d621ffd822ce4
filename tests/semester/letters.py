"""Reads the letters: under which heading a line stands, of which duty, period and due day, for whom or how many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from tests.domain.duties.oracle_of_credit import CreditOracle
from tests.domain.duties.oracle_of_instances import Facts
from tests.semester.evidence import Letter

STAGES = {"即将到期": "soon", "请在今天完成": "today", "逾期未完成": "over", "逾期仍未完成": "again",
          "督查问题": "raised", "季考核表": "scored",
          "退回修改": "returned", "待撤稿": "take_down",
          "待评审": "to_review", "评审逾期": "review_late", "待审读": "to_read",
          "作品入选": "selected", "取消入选": "deselected"}  # fmt: skip
SUBJECTS = {"作品": "work", "推文": "article", "汇编": "anthology"}
FINDING, SHEET, RETURN, REVIEW, READING, CHOICE = "finding", "sheet", "returned", "review", "reading", "choice"
_BACK = re.compile(r"(\d+)年(\d+)月(\d+)日退回，请修改后重新提交：(.+)")
_SHOWN = re.compile(r"仍在平台上公开，请在平台上删除后登记：(.+)")
_ASKED = re.compile(r"请您评审的作品：([1-9]\d*) 件(?:，评审截止日 (\d+)年(\d+)月(\d+)日)?")
_READ = re.compile(r"请您审读的推文、视频或汇编：([1-9]\d*) 件，见“三审三校”")
_CHOSEN = re.compile(r"作品(\d+)年(\d+)月(\d+)日(?:取消)?选用（[^（）]+）：([1-9]\d*) 件")
_LINE = re.compile(r"(.+?)(?:，(?:截止日|整改期限) (\d+)年(\d+)月(\d+)日)?(?:，已完成 \d+/\d+)?([（：].*)?")


class Statement(NamedTuple):
    """One thing that a letter says.  `place` is whose: a person, a unit, a finding, an item of a sheet, or empty;
    several where they bear one name.  `many`: how many it stands for, `units`: of how many units, where it is said."""

    stage: str
    what: str
    period: str
    due: str
    places: tuple[str, ...] = ("",)
    many: int = 1
    units: int = 1


class Reader:
    """Knows the words that a letter of this district can say."""

    def __init__(self, facts: Facts) -> None:
        oracle, campaign = CreditOracle(facts), facts.campaign
        self.titles = {
            titled(duty["title"], period): (duty["id"], period)
            for duty in campaign["duties"] for period in oracle.names(duty["every"])
        }  # fmt: skip
        self.titles |= {titled("季考核表", period): (SHEET, period) for period in oracle.names("quarter")}
        self.titles["督查问题"] = FINDING, ""
        self.units = {unit.get("name", unit["unit_id"]): unit["unit_id"] for unit in facts.units}
        items = (campaign.get("sheets") or {}).get("items", [])
        self.items = {item["title"]: item["id"] for item in items}
        names = {row["person_id"]: row["name"] for row in sorted(facts.people, key=lambda row: row["from"])}
        self.people: dict[tuple[str, str], set[str]] = {}
        for row in facts.people:
            self.people.setdefault((row["unit_id"], names[row["person_id"]]), set()).add(row["person_id"])

    def read(self, letter: Letter) -> list[Statement]:
        """ValueError where a line cannot be read."""
        result: list[Statement] = []
        stage = ""
        for line in letter.text.splitlines():
            if line.startswith("【"):
                stage = STAGES[line.strip("【】")]
            elif line.startswith("  · "):
                result += self._line(letter.to, stage, line.removeprefix("  · "))
        return result

    def _line(self, to: str, stage: str, line: str) -> Iterable[Statement]:
        if back := _BACK.fullmatch(line):
            return _returned(stage, back)
        if shown := _SHOWN.fullmatch(line):
            return [Statement(stage, RETURN, "", "", (f"public_article {name.removeprefix('推文 ')}",))
                    for name in shown[1].split("、")]  # fmt: skip
        if asked := _ASKED.fullmatch(line):  # it names no work: its reviewer is not to know whose it is
            due = _day(asked, 2) if asked[2] else ""
            return [Statement(stage, REVIEW, "", due, (to.removeprefix("person-"),), int(asked[1]))]
        if read := _READ.fullmatch(line):
            return [Statement(stage, READING, "", "", many=int(read[1]))]
        if chosen := _CHOSEN.fullmatch(line):
            return [Statement(stage, CHOICE, _day(chosen, 1), "", many=int(chosen[4]))]
        title = next((item for item in sorted(self.titles, key=len, reverse=True) if line.startswith(item)), "")
        match = _LINE.fullmatch("-" + line[len(title) :])
        if not title or match is None or match[1] != "-":
            raise ValueError(f"a letter to {to} says {line!r}")
        what, period = self.titles[title]
        due = _day(match, 2) if match[2] else ""
        first, rest = Statement(stage, what, period, due), (match[5] or "")
        if to == "campaign-office":
            units, many = re.fullmatch(r"：(\d+) 个单位，共 (\d+) 项", rest).groups()  # type: ignore[union-attr]
            return [first._replace(many=int(many), units=int(units))]
        if to.startswith("office-"):
            return [first._replace(places=(self.units[name],), many=many) for name, many in _counts(rest)]
        return [first._replace(places=tuple(sorted(places))) for places in self._inside(to, what, rest)]

    def _inside(self, to: str, what: str, rest: str) -> list[set[str]]:
        """Whose a line in a unit's or a person's letter is, place by place."""
        names = re.split("、", rest[rest.find("（") + 1 : -1]) if rest.endswith("）") else []
        if what == FINDING:
            return [{name} for name in names]
        if what == SHEET:
            return [{self.items[scored.split(" ")[0]]} for scored in rest.removeprefix("：").split("、")]
        if to.startswith("person-"):
            return [{to.removeprefix("person-")}]
        if not names:
            return [{""}]
        if f"：{len(names)} 人（" not in rest:
            raise ValueError(f"a letter to {to} counts {rest!r}")
        return [self.people.get((to.partition("-")[2], name), {name}) for name in names]


def _returned(stage: str, line: re.Match[str]) -> list[Statement]:
    """`作品 W1（审读人退回，王甲）、推文 A1（初审退回）`."""
    day = _day(line, 1)
    result = re.findall(r"(\S+) (\S+?)（[^（）]*）(?:、|$)", line[4])
    return [Statement(stage, RETURN, day, "", (f"{SUBJECTS[subject]} {name}",)) for subject, name in result]


def _day(line: re.Match[str], first: int) -> str:
    """The day whose year, month and day are this group and the next two."""
    return f"{line[first]}-{int(line[first + 1]):02}-{int(line[first + 2]):02}"


def _counts(rest: str) -> list[tuple[str, int]]:
    """`：第1中学 3 项、第2小学`."""
    result = [re.fullmatch(r"(.+?)(?: (\d+) 项)?", item) for item in rest.removeprefix("：").split("、")]
    return [(match[1], int(match[2] or 1)) for match in result if match]


def titled(title: str, period: str) -> str:
    """A duty of a period as a letter names it."""
    if period == "once":
        return title
    year, _, part = period.partition("-")
    words = {"autumn": "年秋季学期", "spring": "年春季学期", "": "年"}.get(part)
    words = words or (f"年第{part[1:]}季度" if part.startswith("Q") else f"年{int(part)}月")
    return f"{title}（{year}{words}）"
