"""What a campaign file can get wrong, each told with its line in words that a clerk understands."""

from __future__ import annotations

import re

import pytest

from tests.domain.campaign.broken import GOOD, changed, line_of, problems, the_problem

FORUM = "{id: forum,           title: 专题论坛,        " + (
    "who: {kinds: [office, secondary, school, kindergarten]}, every: semester,"
)
SPRING = "{id: 2023-spring, start: 2023-02-01, end: 2023-09-01, due: 2023-07-10}"
PAUSE = "pauses: [{duties: [video], kinds: [school], periods: [2023-07, 2023-08]}]"


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("campaign: xue-lun-shu", "campaign: ''", "empty", "活动编号 campaign 不能为空"),
        ("version: 1", "version: one", "not_integer", "方案版本 version 应当是整数"),
        ("version: 1", "version: 0", "out_of_range", "1 到 1000000"),
        ("version: 1", "version: 99999999999999999999", "not_integer", "整数"),
        ("version: 1", "version: true", "not_integer", "整数"),
        ("title: 学论述", "title: [a]   #", "not_text", "名称 title 应当是文字"),
        ("Asia/Shanghai", "Asia/Nowhere", "bad_timezone", "Asia/Nowhere”不存在"),
        ("Asia/Shanghai", "../etc/passwd", "bad_timezone", "不存在"),
        ("starts_on: 2022-11-01", "starts_on: 2022-11-31", "bad_date", "开始日 starts_on 不是有效日期"),
        ("starts_on: 2022-11-01", "starts_on: 20221101", "bad_date", "2022-11-01"),
        ("starts_on: 2022-11-01", "starts_on: 0202-11-01", "bad_date", "日期"),
        ("closes_on: null", "closes_on: 2022-11-01", "closes_too_early", "结束日 closes_on 应当晚于开始日"),
        ("due: 2022-12-31}", "due: 2023-02-01}", "semester_due", "学期 2022-autumn 的截止日 due 不在学期内"),
        ("start: 2022-09-01, end: 2023-02-01", "start: 2022-09-01, end: 2022-08-01", "semester_order", "晚于起始日"),
        ("id: 2022-autumn", "id: 2022-10", "semester_id", "混淆"),
        ("id: 2023-spring", "id: 2022-autumn", "duplicate", "“2022-autumn”与前面重复"),
        ("late_credit: 1/2", "late_credit: 3/2", "out_of_range", "补报折算 late_credit 应当在 0 到 1 之间"),
        ("late_credit: 1/2", "late_credit: 1/0", "not_a_number", "分数"),
        ("late_credit: 1/2", "late_credit: 1e9", "not_a_number", "分数"),
        ("min_service: 1/2", "min_service: -1", "out_of_range", "最低任职比例"),
        ("late_days: 10", "late_days: 10.5", "not_integer", "补报天数"),
        ("late_days: 10", "late_days: -1", "out_of_range", "补报天数"),
        (FORUM, FORUM.replace("semester", "weekly"), "not_a_choice", "forum 的周期 every 写的是“weekly”，只能是：once"),
        (FORUM, FORUM + " due: 2022-12-31,", "due_of_another_cadence", "任务 forum 的截止日 due 只有一次性任务"),
        (FORUM, FORUM.replace("semester,", "once,"), "once_without_due", "任务 forum 是一次性任务"),
        (FORUM, FORUM.replace("kinds:", "roles: [cadre], kinds:"), "who_both", "不能同时"),
        (FORUM, FORUM.replace("kinds: [office, secondary, school, kindergarten]", ""), "who_neither", "要写明"),
        (FORUM, FORUM.replace("[office,", "[academy,"), "not_a_choice", "单位类别 kinds 第 1 项写的是“academy”"),
        (FORUM, FORUM.replace("[office,", "[school,"), "duplicate", "“school”与前面重复"),
        (FORUM, FORUM.replace("[office, secondary, school, kindergarten]", "[]"), "empty", "不能为空"),
        (FORUM, FORUM.replace("[office, secondary, school, kindergarten]", "school"), "not_list", "列表"),
        (FORUM, FORUM.replace("id: forum", "id: display"), "duplicate", "“display”与前面重复"),
        (FORUM, FORUM.replace("id: forum,", ""), "missing_key", "缺少编号 id"),
        (FORUM, FORUM + " evidence: yes,", "not_a_choice", "印证资料 evidence"),
        (FORUM, FORUM + " distinct: title,", "not_a_choice", "去重 distinct"),
        (FORUM, FORUM + " eligibility: no,", "not_boolean", "true 或 false"),
        (FORUM, FORUM + " late_credits: 1/2,", "unknown_key", "是不是想写 late_credit？"),
        ("weight: 10}", "weight: 0}", "not_above", "权重 weight 应当大于 0"),
        ("count: 2,", "count: 0,", "out_of_range", "次数 count 应当在 1 到 1000 之间"),
        ("count: 2,", "", "missing_key", "任务 summary 缺少次数 count"),
        ("record: internal_display", "record: summary", "counted_twice", "“summary”已由任务 summary 计数"),
        ("pauses: []", PAUSE.replace("[video]", "[vidio]"), "unknown_duty", "“vidio”不是任务清单里的任务"),
        ("pauses: []", PAUSE.replace("[school]", "[scool]"), "not_a_choice", "“scool”"),
        ("pauses: []", PAUSE.replace("2023-08", "2022-10"), "unknown_period", "“2022-10”不是所列任务的周期"),
        ("pauses: []", PAUSE.replace("2023-08", "2023-spring"), "unknown_period", "不是所列任务的周期"),
        ("pauses: []", "pauses: {}", "not_list", "暂停 pauses 应当是一个列表"),
        ("[attendance, forum_talk", "[attendance, attendance", "duplicate", "“attendance”与前面重复"),
        ("max_points: 5", "max_points: five", "not_a_number", "最多扣分"),
        ("share: 3/10", "share: 1.01", "out_of_range", "占比 share"),
        ("id: depth,  ", "id: organisation,", "duplicate", "与前面重复"),
        ("max: 40", "max: 0", "not_above", "季考核项目 organisation 的满分 max 应当大于 0"),
        ("percent: 15", "percent: 101", "out_of_range", "百分比 percent 应当在 0 到 100 之间"),
        ("rounding: floor", "rounding: up", "not_a_choice", "只能是：floor, half_up, ceil"),
        ("[school], [kindergarten]]", "[school, office]]", "pool_overlap", "“office”已在另一组"),
        ("[school], [kindergarten]]", "[school], []]", "empty", "评选组别 pools 第 3 项不能为空"),
        ("[school], [kindergarten]]", "[academy]]", "not_a_choice", "“academy”"),
        ("seats: 100", "seats: -1", "out_of_range", "名额 seats"),
        ("allocation: by_unit", "allocation: lottery", "not_a_choice", "名额分配 allocation"),
        ("on_time: 10, late: 5", "on_time: -10, late: 5", "out_of_range", "积分项 summary 的按时得分 on_time"),
        ("{record: note, ", "{record: summary,", "duplicate", "“summary”与前面重复"),
        ("pauses: []", "pauses: []\nnotes: 旧版", "unknown_key", "“notes”不是认识的项目"),
        ("title: 活动方案", "title: '  '", "empty", "任务 plan 的名称 title 不能为空"),
        ("title: 活动方案", 'title: "a\\nb"', "control_character", "任务 plan 的名称 title"),
        ("title: 活动方案", "title: ' 活动方案'", "spaces_around", "前后有多余的空格"),
    ],
)  # fmt: skip
def test_a_problem_is_reported_with_its_line(old: str, new: str, code: str, words: str) -> None:
    result = the_problem(old, new)
    assert result.code == code
    assert words in result.message
    assert str(result) == f"第 {result.line} 行：{result.message}"


def test_semesters_never_overlap() -> None:
    result = the_problem(SPRING, SPRING.replace("2023-02-01", "2023-01-31"))
    assert result.code == "semester_overlap"
    assert "应当从 2023-02-01 开始" in result.message


@pytest.mark.parametrize("key", ["campaign", "version", "title", "timezone", "starts_on"])
def test_a_missing_key_is_reported_at_the_first_line_of_what_lacks_it(key: str) -> None:
    text = re.sub(rf"(?m)^{key}:.*\n", "", GOOD, count=1)
    result = problems(text)
    assert [(item.line, item.code) for item in result] == [(_first_key(text), "missing_key")]
    assert result[0].message.endswith(f" {key}")


def test_semester_duties_need_a_table() -> None:
    text = re.sub(r"(?ms)^semesters:.*?^defaults:", "semesters: []\ndefaults:", GOOD)
    codes = {problem.code for problem in problems(text)}
    assert codes == {"no_semesters"}


def test_every_problem_of_a_file_is_reported_at_once_in_the_order_of_lines() -> None:
    text = GOOD
    for old, new in [
        ("rounding: floor", "rounding: up"),
        ("version: 1", "version: -1"),
        ("due: 2022-12-31}", "due: 2022-02-30}"),
        ("weight: 12", "wieght: 12"),
        ("percent: 15", "percent: 15\n    percent: 16"),
        ("count: 2,", "count: many,"),
    ]:
        text = changed(old, new, text)
    result = problems(text)
    assert [item.code for item in result] == [
        *("out_of_range", "bad_date", "unknown_key", "not_integer", "doubled_key", "not_a_choice"),
    ]
    assert [item.line for item in result] == [
        line_of(text, words)
        for words in ("version: -1", "2022-02-30", "wieght", "count: many", "percent: 16", "rounding: up")
    ]


def test_a_wrong_calendar_is_not_blamed_on_the_pauses() -> None:
    text = changed("closes_on: null", "closes_on: 2021-01-01", changed("pauses: []", PAUSE))
    assert [problem.code for problem in problems(text)] == ["closes_too_early"]


def _first_key(text: str) -> int:
    """The first line that is no comment."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if not line.startswith("#"))
