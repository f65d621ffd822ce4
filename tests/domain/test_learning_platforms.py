"""The `xapi` section of a campaign file: what it gives, and its problems in words, by line."""

from __future__ import annotations

from fractions import Fraction

import pytest

from duties.campaign import Campaign
from services.participation.campaign.differences import differences
from services.participation.campaign.file import CampaignFileProblems, load
from tests.support.system import SAMPLES

FILE = (SAMPLES / "campaign.yaml").read_text(encoding="utf-8")
GOOD = """
xapi:
  - source: /moodle
    accounts:
      - {home_page: "https://moodle.example.cn/", letters: upper, prefix: T}
    statements:
      - {record: attendance, verbs: ["http://id.tincanapi.com/verb/completed"], score: 0.6, minutes: 40}
"""


def problems(section: str) -> list[str]:
    with pytest.raises(CampaignFileProblems) as caught:
        load((FILE + section).encode())
    return [f"{each.line - FILE.count(chr(10))} {each.message}" for each in caught.value.problems]


def test_the_section_is_read_as_rules() -> None:
    (platform,) = Campaign.from_data(load((FILE + GOOD).encode())).platforms
    (account,), (deed,) = platform.accounts, platform.deeds
    assert (platform.source, account.home_page, account.prefix) == ("/moodle", "https://moodle.example.cn", "T")
    assert (deed.record, deed.score, deed.minutes, deed.success) == ("attendance", Fraction(3, 5), 40, False)
    assert Campaign.from_data(load(FILE.encode())).platforms == ()


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("record: attendance", "record: dancing", 7, "的填报记录 record“dancing”不是本方案的填报记录"),
        ("record: attendance", "record: forum", 7, "的填报记录 record“forum”是单位的填报记录，这里要写人员的"),
        ('"http://id.tincanapi.com/verb/completed"', "completed", 7,
         "verbs 第 1 项写的是“completed”，应当是完整的标识"),
        ("letters: upper", "letters: big", 5, "字母大小写 letters 写的是“big”，只能是：as_is, upper, lower"),
        ("source: /moodle", "origin: /moodle", 3, "缺少来源 source"),
        ("score: 0.6", "score: 2", 7, "最低得分率 score 应当在 0 到 1 之间"),
    ],
)  # fmt: skip
def test_a_problem_is_worded_with_its_line(before: str, after: str, line: int, message: str) -> None:
    worded = problems(GOOD.replace(before, after))
    assert any(each.startswith(f"{line} 学习平台") and message in each for each in worded), worded


def test_a_source_stands_once() -> None:
    twice = GOOD + GOOD.split("xapi:\n")[1]
    assert any("“/moodle”与前面重复" in each for each in problems(twice))


def test_what_changed_between_two_versions_is_worded() -> None:
    before, after = load(FILE.encode()), load((FILE + GOOD).encode())
    (added,) = differences(before, after)
    assert added.section == "xapi" and added.message.startswith("新增学习平台：来源 /moodle")
