"""What stands between two campaign files is said in words, item by item, and a file written out reads as the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from services.participation.campaign.differences import differences
from services.participation.campaign.file import CampaignFileProblems, load
from services.participation.campaign.file_messages import MESSAGES, REMEDIES
from services.participation.campaign.plain_text import campaign_text
from tests.domain.campaign.broken import GOOD, ROOT, changed

BEFORE = load((ROOT / "campaigns" / "xue-lun-shu.yaml").read_bytes())


def duty(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["duties"] if each["id"] == name)


def add_duty(document: dict[str, Any]) -> None:
    document["duties"].append(
        {
            "id": "reading",
            "title": "共读",
            "who": {"roles": ["teacher"]},
            "every": "month",
            "count": 1,
            "record": "read",
        }
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: duty(d, "book").update(due="2022-12-15"),
         "任务“书籍人手一本”：截止日由“2022-11-30”改为“2022-12-15”"),
        (lambda d: duty(d, "monthly-report").update(due_days=10), "任务“月汇报”：顺延天数由“5”改为“10”"),
        (lambda d: duty(d, "video").update(every="quarter"), "任务“视频展播”：周期由“每月”改为“每季度”"),
        (lambda d: duty(d, "forum")["who"].update(kinds=["school"]),
         "任务“专题论坛”：对象的单位类别由“股室（办）、二级单位、学校、幼儿园”改为“学校”"),
        (lambda d: d["duties"].remove(duty(d, "journal")), "取消任务“教育专刊”"),
        (add_duty, "新增任务“共读”：对象 人员身份 教师，周期 每月，次数 1，填报记录 read"),
        (lambda d: d["semesters"][1].update(due="06-30"), "学期“spring”：截止日由“07-10”改为“06-30”"),
        (lambda d: d.update(closes_on="2024-01-01"), "结束日由“不写”改为“2024-01-01”"),
        (lambda d: d["awards"]["units"].update(percent=20), "评选的先进单位的百分比由“15”改为“20”"),
        (lambda d: d["awards"]["individuals"]["points"][0].update(cap=50),
         "评选的先进个人的积分的“summary”的封顶分由“40”改为“50”"),
        (lambda d: d.update(pauses=[{"duties": ["video"], "kinds": ["school"], "periods": ["2023-07"]}]),
         "新增暂停：任务清单 视频展播，单位类别 学校，周期 2023-07"),
        (lambda d: d["duties"].reverse(), "任务清单：先后次序有调整"),
    ],
)  # fmt: skip
def test_a_change_is_one_sentence(change: Callable[[dict[str, Any]], Any], message: str) -> None:
    after = copy.deepcopy(BEFORE)
    change(after)
    assert [each.message for each in differences(BEFORE, after)] == [message]


def test_the_same_file_with_a_higher_version_differs_in_nothing() -> None:
    assert differences(BEFORE, {**BEFORE, "version": 2}) == []


def test_a_file_written_out_reads_as_the_same_and_begins_with_what_it_is() -> None:
    for document in (BEFORE, load(GOOD.encode())):
        text = campaign_text(dict(sorted(document.items())))
        assert load(text.encode()) == document
        assert text.startswith("campaign: ")


def test_a_problem_names_line_and_column_shows_what_stands_there_and_what_to_do() -> None:
    with pytest.raises(CampaignFileProblems) as caught:
        load(changed("weight: 12", "wieght: 12").encode())
    (problem,) = caught.value.problems
    line = changed("weight: 12", "wieght: 12").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("wieght: 12") and problem.text == line[:200]
    assert "weight" in problem.message and problem.remedy == "请核对拼写，或删去这一项"


def test_a_problem_whose_sentence_does_not_say_what_to_do_has_a_remedy() -> None:
    says_it = ("请", "应当", "只能", "必须", "不应", "才写", "不写", "才能写")
    assert {code for code, text in MESSAGES.items() if not any(word in text for word in says_it)} <= REMEDIES.keys()
    assert MESSAGES.keys() >= REMEDIES.keys()
