"""Chinese labels of the services' English names, as the glossary has them."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from console.language import words

SERVICES = {"participation": "填报", "assessment": "考核", "publicity": "宣传", "notifications": "提醒"}
KINDS = {
    "bureau": "教育局",
    "office": "股室（办）",
    "secondary": "二级单位",
    "school": "学校",
    "kindergarten": "幼儿园",
}
BANDS = {"front": "前15%"}  # the only band that is shown: nobody is shown as being behind
FIGURES = {
    "score": "得分",
    "base": "任务完成分",
    "sheet": "季考核表",
    "deduction": "扣分",
    "rank": "名次",
    "completion": "完成率",
    "on_time": "按时率",
    "evidence": "印证资料",
}
"""Of a difference; a band is not among them: nobody is shown as being behind."""
RATES = ("completion", "on_time", "evidence")
AWARD_FIGURES = {"status": "结果", "position": "位次"}
PERSON_FIGURES = {"status": "结果"}
AWARD_STATUS = {"awarded": "拟表彰", "tied": "并列待定", "reserve": "递补"}
TABLES = {
    "units": "单位",
    "people": "任职",
    "exemptions": "免计",
    "records": "填报记录",
    "findings": "督查问题",
    "sheets": "季考核表",
    "decisions": "决定",
    "campaigns": "活动方案",
}
ROLES = {
    "operator": "运维",
    "publisher": "接入系统",
    "leader": "局领导",
    "campaign_office": "活动领导小组办公室",
    "head": "主要负责人",
    "clerk": "填报员",
    "person": "本人",
    "inspector": "检查人员",
    "service": "系统",
}
EVENTS = (
    ("_corrected", "更正"),
    ("_withdrawn", "撤回"),
    ("_ended", "任职结束"),
    ("_closed", "撤销"),
    ("rectification_", "整改"),
    ("campaign_amended", "方案更正"),
    ("rows_admitted", "准予计入"),
)
CHANNELS = {"email": "邮件", "wecom": "企业微信群机器人", "dingtalk": "钉钉群机器人", "wechat": "公众号接口"}
CHANNEL_STATES = {
    "on": "可用",
    "off": "未设置",
    "open": "暂停：对方不接收，稍后自动再试",
    "half_open": "暂停：正在再试",
}
CHANNELS_PAUSED = ("open", "half_open")
STATES = {
    "up": "正常",
    "running": "正常",
    "away": "连接不上",
    "stopped": "已停止",
    "off": "未使用",
}
REASONS = {
    "disk_full": "磁盘已满，无法写入",
    "read_only": "存储只能读取，无法写入",
    "no_connection": "存储连接不上",
    "locked": "存储被其他程序占用",
    "write_failed": "写入出错",
    "broker_memory": "消息服务内存不足，暂停接收",
    "broker_disk": "消息服务磁盘不足，暂停接收",
    "broker_blocked": "消息服务暂停接收",
    "broker_away": "消息服务连接不上",
    "partition_stopped": "事件处理已停止",
    "stalled": "处理停滞",
}
"""Why a service is not ready; cleared by itself when the cause is gone."""
SEMESTER = "学期"
PERIODS = (
    (re.compile(r"(\d{4})"), "{} 年", "年"),
    (re.compile(r"(\d{4})-spring"), "{} 年春季学期", SEMESTER),
    (re.compile(r"(\d{4})-autumn"), "{} 年秋季学期", SEMESTER),
    (re.compile(r"(\d{4})-Q([1-4])"), "{} 年第 {:d} 季度", "季度"),
    (re.compile(r"(\d{4})-(0[1-9]|1[0-2])"), "{} 年 {:d} 月", "月"),
)


def label(labels: Mapping[str, str], name: object) -> str:
    """The label of a name; a name without one is shown as it is."""
    return labels.get(str(name or ""), str(name or ""))


def event_label(event: str) -> str:
    """What an event did to a row, by its type."""
    return next((text for part, text in EVENTS if part in event), "报送")


def actor_label(actor: str) -> str:
    """`role:name` as people say it."""
    role, _, name = actor.partition(":")
    return f"{label(ROLES, role)} {name}".strip()


def window_label(window: str) -> str:
    """A window's id as a Chinese label; an id of no usual shape (a semester's own) is returned unchanged."""
    for pattern, template, _ in PERIODS:
        if match := pattern.fullmatch(window):
            year, *rest = match.groups()
            return words(template).format(year, *map(int, rest))
    return window


def period_label(period: str) -> str:
    """Of a duty or record: its window, or nothing where there is none."""
    return window_label(period) if period and period != "once" else "—"


def rate(share: str | None) -> str:
    """`0.9310` as people read it, with the same digits: 93.10%."""
    return f"{Decimal(share) * 100:.2f}%" if share else "—"


def figure_label(figure: str, text: str) -> str:
    """A figure of a difference: rates as percentages, what became of an award in words."""
    return rate(text) if figure in RATES else label(AWARD_STATUS, text) or "—"


def short_window_label(period: str, window: str) -> str:
    """A period's label; of a month in the year of the window without the year, since columns are narrow."""
    label = window_label(period)
    is_month = period[:4] == window[:4] and label.endswith("月")
    return label.partition("年")[2].strip() if is_month else label


def window_groups(windows: Iterable[str]) -> dict[str, list[str]]:
    """Windows under 年, 学期, 季度 and 月, each in the order given; an id of no usual shape is a semester's own."""
    groups: dict[str, list[str]] = {"年": [], SEMESTER: [], "季度": [], "月": []}
    for window in windows:
        kinds = (kind for pattern, _, kind in PERIODS if pattern.fullmatch(window))
        groups[next(kinds, SEMESTER)].append(window)
    return {kind: ids for kind, ids in groups.items() if ids}


def earlier_window(windows: Iterable[str], window: str) -> str:
    """The one before it of the same kind; empty: there is none."""
    group = next((ids for ids in window_groups(windows).values() if window in ids), [window])
    return next(iter(group[group.index(window) + 1 :]), "")


SIGN_IN_WAYS = {"password": "密码", "oidc": "统一身份认证", "code": "验证码", "recovery": "备用码"}


def signed_in_by(ways: str) -> str:
    """How somebody signed in, step by step: `password+code`."""
    return "、".join(SIGN_IN_WAYS.get(way, way) for way in ways.split("+"))
