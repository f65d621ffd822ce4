"""What of a campaign's calendar and names will trouble whoever owes its duties, seen from a day; a file with warnings
may be launched all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from duties.campaign import Campaign
from duties.days import Day, iso
from duties.rules import Duty

AHEAD_DAYS: Final = 60
_WORDS: Final = {
    "bureau": "教育局", "office": "股室（办）", "secondary": "二级单位", "school": "学校", "kindergarten": "幼儿园",
    "central_school": "中心校", "community_core": "共同体核心校", "research_office": "教研室",
    "supervision_office": "督查室", "cadre": "干部", "teacher": "教师", "other": "其他人员",
}  # fmt: skip
_CADENCES: Final = {"month": "月", "quarter": "季度", "semester": "学期", "year": "年"}


@dataclass(frozen=True, slots=True)
class DistrictFacts:
    """What the district has that a campaign may name; an empty set: nothing of that sort is known yet, nor asked."""

    kinds: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CalendarWarning:
    """`duty` is empty where it concerns none; `message` is a Chinese sentence with the remedy."""

    code: str
    duty: str
    message: str


def calendar_warnings(campaign: Campaign, day: Day, facts: DistrictFacts) -> list[CalendarWarning]:
    """In the order of the duties; then kinds of record that no duty counts."""
    if campaign.closes_on is not None and campaign.closes_on <= day:
        return []
    warnings = [warning for duty in campaign.duties for warning in _of_duty(campaign, duty, day, facts)]
    return [*warnings, *_without_duty(campaign, day, facts)]


def _of_duty(campaign: Campaign, duty: Duty, day: Day, facts: DistrictFacts) -> Iterator[CalendarWarning]:
    name = f"任务“{duty.title}”"
    if (last := _runs_out(campaign, duty, day)) is not None:
        since = f"自 {iso(last)} 起没有{_CADENCES[duty.every]}可计" if last else f"没有{_CADENCES[duty.every]}可计"
        yield CalendarWarning("no_period_ahead", duty.id, f"{name}{since}，届时不再产生应完成事项；请在学期表 "
                              "semesters 中补上以后的学期，把 version 加 1 后重新发布。")  # fmt: skip
    for period in campaign.periods_begun(duty, max(day, campaign.starts_on) + AHEAD_DAYS)[-1:]:
        if (due := campaign.due(duty, period)) < period.start:
            yield CalendarWarning("due_before_start", duty.id, f"{name}的截止日 {iso(due)} 早于它的开始日 "
                                  f"{iso(period.start)}，开始前不会提醒；请改截止日，"
                                  "或写明筹备开始日 prepares_on。")  # fmt: skip
    yield from _nobody(duty, name, facts)
    if facts.records and duty.record not in facts.records and _was_due(campaign, duty, day):
        kind = _kind(campaign, duty.record)
        yield CalendarWarning("record_never_reported", duty.id, f"{name}已到过截止日，但填报记录{kind}至今没有任何人"
                              "报送；请核对方案中的写法与接入系统报送的类型是否一致。")  # fmt: skip


def _runs_out(campaign: Campaign, duty: Duty, day: Day) -> Day | None:
    """The first day without a period within the days ahead; 0 where it never had one; None: there is one."""
    ahead = max(day + AHEAD_DAYS, campaign.starts_on, duty.from_ or 0)
    if duty.until is not None and duty.until <= ahead:
        return None
    if duty.every == "once" or (campaign.closes_on is not None and campaign.closes_on <= ahead):
        return None
    if campaign.period_of(duty, ahead) is not None:
        return None
    periods = campaign.periods_begun(duty, ahead)
    return periods[-1].end if periods else 0


def _nobody(duty: Duty, name: str, facts: DistrictFacts) -> Iterator[CalendarWarning]:
    for code, what, named, known in (
        ("unknown_kinds", "单位类别", duty.who.kinds, facts.kinds),
        ("unknown_tags", "单位标记", duty.who.tags, facts.tags),
        ("unknown_roles", "人员身份", duty.who.roles, facts.roles),
    ):  # fmt: skip
        absent = sorted(named - known)
        words = "、".join(_WORDS.get(each, each) for each in absent)
        if absent and (known or (code == "unknown_tags" and facts.kinds)):
            yield CalendarWarning(code, duty.id, f"{name}的对象写了{what}“{words}”，但全区没有"
                                  f"这样的{'人员' if duty.of_persons else '单位'}；请核对方案，"
                                  "或补报相应的信息。")  # fmt: skip


def _kind(campaign: Campaign, record: str) -> str:
    """Its name where the campaign gives one, else as it is written in files."""
    known = campaign.kinds.get(record)
    return f"“{known.title}”" if known and known.title != record else f" {record} "


def _was_due(campaign: Campaign, duty: Duty, day: Day) -> bool:
    return any(campaign.due(duty, period) < day for period in campaign.periods_begun(duty, day))


def _without_duty(campaign: Campaign, day: Day, facts: DistrictFacts) -> Iterator[CalendarWarning]:
    """Kinds that earn points or are only kept, once the campaign has run for as long as one looks ahead."""
    absent = [_kind(campaign, kind) for kind in sorted(
        campaign.record_kinds - campaign.duty_by_record.keys() - facts.records)]  # fmt: skip
    if absent and facts.records and campaign.starts_on + AHEAD_DAYS <= day:
        yield CalendarWarning("record_never_reported", "", f"填报记录{'、'.join(absent)}至今没有任何人"
                              "报送；请核对方案中的写法与接入系统报送的类型是否一致。")  # fmt: skip
