"""The section `notifications`: sensible without a word, and every wrong line told like the rest of the file."""

from __future__ import annotations

import pytest

from duties.campaign import Campaign
from duties.reminders import Reminders, Steps, is_address
from services.participation.campaign.file import load
from tests.domain.campaign.broken import GOOD, problems

WHOLE = """
notifications:
  due_soon_days: 2
  steps: {person: 1, clerk: 2, head: 4, office: 0, campaign_office: 9}
  send_at: 09:15
  quiet: {from: 12:00, to: 14:00}
  channels: [wecom, email]
  campaign_office: 办公室@教育局.中国
  catch_up_days: 20
  repeat_days: 5
"""


def read(section: str) -> Reminders:
    return Campaign.from_data(load((GOOD + section).encode())).reminders


def test_a_file_without_the_section_has_sensible_defaults() -> None:
    assert read("") == Reminders() == read("\nnotifications: {}\n")
    assert not Reminders().is_quiet(Reminders().send_at)


def test_the_section_is_read_whole() -> None:
    result = read(WHOLE)
    assert result == Reminders(
        2, Steps(1, 2, 4, 0, 9), 9 * 60 + 15, 12 * 60, 14 * 60, ("wecom", "email"), "办公室@教育局.中国", 20, 5
    )
    assert [result.is_quiet(m * 60) for m in (11, 12, 13, 14)] == [False, True, True, False]


def test_quiet_hours_pass_midnight() -> None:
    assert [Reminders().is_quiet(hour * 60) for hour in (7, 8, 19, 20, 23, 0)] == [True, False, False, True, True, True]


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("due_soon_days: 2", "due_soon_days: 61", "out_of_range", "提醒 notifications 的提前提醒的工作日数"),
        ("clerk: 2", "clerk: two", "not_integer", "逐级提醒 steps 的填报员 clerk 应当是整数"),
        ("head: 4", "head: 1", "step_too_early", "主要负责人 head 是第 1 个工作日，不应早于前一级的第 2 个工作日"),
        ("send_at: 09:15", "send_at: 25:00", "bad_time", "发送时刻 send_at 应当是时刻，请写成 08:30 这样"),
        ("send_at: 09:15", "send_at: 12:30", "send_in_quiet", "免打扰时段"),
        ("{from: 12:00, to: 14:00}", "{from: 12:00}", "missing_key", "终止时刻 to"),
        ("[wecom, email]", "[wecom, fax]", "not_a_choice", "“fax”，只能是：email, wecom, dingtalk"),
        ("办公室@教育局.中国", "教育局", "bad_address", "“教育局”不是电子邮箱地址"),
        ("repeat_days: 5", "repeat_days: 61", "out_of_range", "再次提醒间隔的工作日数"),
        ("catch_up_days: 20", "catchup_days: 20", "unknown_key", "是不是想写 catch_up_days？"),
    ],
)
def test_a_problem_is_reported_with_its_line(old: str, new: str, code: str, words: str) -> None:
    text = GOOD + WHOLE.replace(old, new)
    (result,) = problems(text)
    assert result.code == code
    assert words in result.message
    assert result.line == text[: text.index(new)].count("\n") + 1


MALFORMED = [
    "a@b", "a b@c.cn", "a@c.cn\nBcc: x@y.cn", "a@c.cn,b@c.cn", "@c.cn", "a@@c.cn", "a..b@c.cn", ".a@c.cn", "a.@c.cn",
    "a@.c.cn", "a@c..cn", "a@-c.cn", "a@c-.cn", "a@c_d.cn", "a@c.cn.", "a@192.168.1.10", "a@c.cn\u200b",
    "a\u00a0b@c.cn", "a@" + "c" * 64 + ".cn", "张" * 22 + "@c.cn", "a@c。。cn",
]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a@c.cn", "a.b+c_d-e@mail.edu.example.cn", "o'neil@c.cn", "办公室@教育局.中国", "a@c.xn--fiqs8s"]
)
def test_what_is_an_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)
