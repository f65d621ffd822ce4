"""Three weeks of one school and its two teachers as they should have gone: letters, an article and logs by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle_of_instances import Facts
from tests.semester.calendar import days, instant, works
from tests.semester.evidence import Event, Evidence, Letter, Publication
from tests.semester.figures import by_the_page

CAMPAIGN: dict[str, Any] = {
    "starts_on": "2022-11-01", "closes_on": None, "pauses": [],
    "semesters": [{"id": "2022-autumn", "start": "2022-09-01", "end": "2023-02-01", "due": "2022-12-31"}],
    "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"},
    "duties": [
        {"id": "video", "title": "视频展播", "who": {"kinds": ["school"]}, "every": "month", "count": 1,
         "record": "video", "weight": 2},
        {"id": "book", "title": "书籍", "who": {"roles": ["teacher"]}, "every": "once", "due": "2022-11-30", "count": 1,
         "record": "book_issue", "weight": 1},
        {"id": "wechat", "title": "区级宣传", "who": {"kinds": ["school"]}, "every": "semester", "count": 1,
         "record": "wechat_district", "weight": 1},
    ],
    "publicity": {"deeds": {"article_district": "wechat_district"}},
}  # fmt: skip
FIRST, LAST = date(2022, 11, 25), date(2022, 12, 15)
WINDOWS = [("score", "2022-11", date(2022, 11, 30)), ("outstanding", "", date(2022, 12, 15))]
OLD = date(2015, 9, 1)


def _unit(unit_id: str, name: str, kind: str, *tags: str, liaison_id: str = "") -> dict[str, Any]:
    return {"unit_id": unit_id, "name": name, "kind": kind, "tags": list(tags), "liaison_id": liaison_id,
            "opened_on": OLD, "closed_on": None}  # fmt: skip


def _person(person_id: str, name: str) -> dict[str, Any]:
    return {"person_id": person_id, "name": name, "role": "teacher", "unit_id": "X1", "from": OLD, "to": None}


def record(record_id: str, kind: str, at: str, unit_id: str = "X1", person_id: str = "") -> dict[str, Any]:
    """Done and known at once."""
    return {"record_id": record_id, "record": kind, "unit_id": unit_id, "person_id": person_id,
            "day": date.fromisoformat(at[:10]), "instant": instant(at), "period": "", "content": "",
            "evidence": False, "recorded": instant(at), "withdrawn": None}  # fmt: skip


def facts() -> Facts:
    finding = {"finding_id": "F1", "unit_id": "X1", "found_on": date(2022, 12, 6), "deadline": None,
               "points": Fraction(1), "rectified_on": None, "rectified_recorded": None,
               "recorded": instant("2022-12-06T12:00")}  # fmt: skip
    return Facts(
        CAMPAIGN,
        units=[_unit("X1", "第一小学", "school", liaison_id="O1"), _unit("O1", "人事股", "office"),
               _unit("O2", "督查室", "office", "supervision_office")],
        people=[_person("P1", "王甲"), _person("P2", "李乙")],
        records=[record("R2", "book_issue", "2022-11-28T15:00", person_id="P2"),
                 record("R1", "book_issue", "2022-12-02T09:00", person_id="P1"),
                 record("publicity-article-A1", "wechat_district", "2022-12-12T10:00")],
        findings=[finding],
    )  # fmt: skip


def letter(to: str, at: str, *lines: str) -> Letter:
    text = "\n".join(
        ["您好！", *(line if line.startswith("【") else f"  · {line}" for line in lines), "谢谢您的支持！"]
    )
    return Letter(to, instant(at), f"<{to}/{at[:10]}>", text)


NOVEMBER, BOOK = "视频展播（2022年11月），截止日 2022年11月30日", "书籍，截止日 2022年11月30日"
SOON, TODAY, OVER, AGAIN, RAISED = (
    "【即将到期】",
    "【请在今天完成】",
    "【逾期未完成】",
    "【逾期仍未完成】",
    "【督查问题】",
)
BACK, RETURNED = "2022年12月2日退回，请修改后重新提交", "【退回修改】"
TO_REVIEW, REVIEW_LATE, UNTIL = "【待评审】", "【评审逾期】", "评审截止日 2022年12月8日"


DESELECTED, CHOSEN = "【取消入选】", "作品2022年12月8日取消选用（单位）：1 件"
TO_READ, READ = "【待审读】", "请您审读的推文、视频或汇编：1 件，见“三审三校”"


def letters() -> list[Letter]:
    return [
        letter("clerk-X1", "2022-11-25T08:30", SOON, NOVEMBER),
        letter("person-P1", "2022-11-25T08:30", SOON, BOOK),
        letter("person-P2", "2022-11-25T08:30", SOON, BOOK),
        letter("clerk-X1", "2022-11-30T08:30", TODAY, NOVEMBER),
        letter("person-P1", "2022-11-30T08:30", TODAY, BOOK),
        letter("clerk-X1", "2022-12-01T08:30", OVER, NOVEMBER, f"{BOOK}：1 人（王甲）"),
        letter("person-P1", "2022-12-01T08:30", OVER, BOOK),
        letter("clerk-X1", "2022-12-05T08:30", RETURNED, f"{BACK}：作品 W1（审读人退回，王甲）"),
        letter("head-X1", "2022-12-05T08:30", OVER, NOVEMBER),
        letter("person-P1", "2022-12-05T08:30", RETURNED, f"{BACK}：作品 W1（审读人退回）"),
        letter("clerk-X1", "2022-12-07T08:30", RAISED, "督查问题（F1）"),
        letter("head-X1", "2022-12-07T08:30", RAISED, "督查问题（F1）"),
        letter("person-P2", "2022-12-07T08:30", TO_REVIEW, f"请您评审的作品：2 件，{UNTIL}"),
        letter("office-O1", "2022-12-08T08:30", OVER, f"{NOVEMBER}：第一小学"),
        letter("person-P1", "2022-12-09T08:30", DESELECTED, CHOSEN),
        letter("person-P2", "2022-12-09T08:30", REVIEW_LATE, f"请您评审的作品：1 件，{UNTIL}"),
        letter("person-P2", "2022-12-12T08:30", TO_READ, READ),
        letter("campaign-office", "2022-12-14T08:30", OVER, f"{NOVEMBER}：1 个单位，共 1 项"),
    ]


def event(wire: str, at: str, **data: Any) -> Event:
    return {"type": f"qihang.{wire}.v1", "recordedat": f"{at}:00+08:00", "data": data}


def logs() -> dict[str, list[Event]]:
    decided = [event("notifications.day_decided", f"{day}T08:30", day=str(day))
               for day in days(FIRST, LAST) if works(day)]  # fmt: skip
    publicity = [
        event("publicity.consent_given", "2022-12-01T09:00", work_id="W1", levels=["inside", "district"]),
        event("publicity.work_returned", "2022-12-02T16:00", work_id="W1", unit_id="X1", author_id="P1",
              returned_on="2022-12-02"),
        event("publicity.work_revised", "2022-12-06T16:00", work_id="W1", revised_on="2022-12-06"),
        *(event("publicity.reviewer_assigned", "2022-12-06T17:00", work_id=work, reviewer_id="P2",
                assigned_on="2022-12-06", due_on="2022-12-08") for work in ("W7", "W8", "W9")),
        event("publicity.reviewer_released", "2022-12-06T17:00", work_id="W9", reviewer_id="P2"),
        event("publicity.work_marked", "2022-12-08T16:00", work_id="W7", reviewer_id="P2"),
        event("publicity.work_marked", "2022-12-09T16:00", work_id="W8", reviewer_id="P2"),
        event("publicity.work_deselected", "2022-12-08T17:00", work_id="W1", unit_id="X1", author_id="P1",
              level="unit"),
        event("publicity.article_drafted", "2022-12-09T17:00", article_id="A1", unit_id="X1", title="选登",
              account="district", drafted_on="2022-12-09"),
        event("publicity.reader_appointed", "2022-12-09T17:30", subject="article", subject_id="A1", stage="first",
              reader_id="P2", appointed_on="2022-12-09"),
        event("publicity.article_published", "2022-12-12T10:00", article_id="A1", unit_id="X1", account="district",
              title="选登", how="api", published_at="2022-12-12T10:00:00+08:00"),
    ]  # fmt: skip
    return {"notifications": decided, "publicity": publicity}


def semester() -> Evidence:
    """Nothing is wrong with it."""
    evidence = Evidence(facts(), FIRST, LAST, letters(), logs=logs(), works={"W1": "立德树人"}, windows=WINDOWS)
    evidence.publications = [Publication("选登", "<p>立德树人，久久为功</p>", instant("2022-12-12T09:55"))]
    return replace(evidence, results=by_the_page(evidence))
