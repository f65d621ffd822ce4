"""Who did what to what, of the services' logs and the security log, in words: actors, streams, and both by name."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from console.components import components
from console.language import words
from console.names import Names, names_of
from console.people_choice import PersonChoice, choose_person
from console.record_labels import ACTORS
from console.settings import SERVICES
from console.users import User

OPERATOR, INTAKE = "operator", "intake"
STREAMS = {
    "unit": "单位", "person": "人员", "record": "填报记录", "finding": "督查问题", "sheet": "季考核表",
    "decision": "会议决定", "exemption": "免计", "correction": "更正", "filing": "填报", "import": "导入",
    "evidence": "印证资料", "quarter_sheet": "季考核表", "publisher": "接入系统", "subscription": "订阅",
    "campaign": "活动方案", "roster": "花名册", "roster_answers": "花名册", "roster_word": "花名册的用词",
    "decision_proposal": "待复核决定", "bundle": "印证资料包", "freeze": "数据锁定", "article": "推文", "video": "视频",
    "anthology": "优秀成果汇编", "work": "作品", "contact": "联系方式", "digest": "提醒", "hold": "暂缓发送",
    "calendar": "工作日历", "channel": "通道", "preferences": "提醒方式", "quarantine": "异常件", "epoch": "数据重建",
}  # fmt: skip
"""What a stream is about, by the beginning of its name."""
TABLES = {
    "unit": "units", "person": "people", "record": "records", "finding": "findings", "sheet": "sheets",
    "decision": "decisions", "exemption": "exemptions",
}  # fmt: skip
"""The tables whose rows have a history (console/history.py), by stream."""


class ActSubject(NamedTuple):
    """What an act was about: what it is, its id, and the table of its history (empty: it has none)."""

    kind: str
    id: str
    table: str
    stream: str


class ActingParty(NamedTuple):
    """Who acted: as what, and the ids of the person (or program) and of the unit of the post."""

    role: str
    id: str
    unit_id: str = ""

    @property
    def is_person(self) -> bool:
        return bool(self.id) and self.role not in _PROGRAMS


_NOBODY = ("unknown",)
_PROGRAMS = (OPERATOR, "service", "broker", "publisher", "installation")


def thing_of(stream: str) -> ActSubject:
    kind, _, name = stream.partition("-")
    return ActSubject(STREAMS.get(kind, kind), name, TABLES.get(kind, ""), kind)


def who_of(text: str) -> ActingParty:
    """`clerk:P1@X1`, `person:P1`, `publisher:oa`; of the security log `P1`, `console:P1` or `operator`."""
    role, colon, name = text.partition(":")
    if not colon:
        return ActingParty(text, "") if text in ACTORS or text in _NOBODY else ActingParty("", text)
    person_id, _, unit_id = name.partition("@")
    return ActingParty("" if role == "console" else role, person_id, unit_id)


def names_of_acts(
    user: User, actors: Iterable[ActingParty], things: Iterable[ActSubject] = (), more: Iterable[Any] = ()
) -> Names:
    """In one question; `more`: details of the security log, which may name a person and a unit."""
    actors, things = list(actors), list(things)
    people = {each.id for each in actors if each.is_person} | {each.id for each in things if each.stream == "person"}
    units = {each.unit_id for each in actors} | {each.id for each in things if each.stream == "unit"}
    for detail in more:
        people.add(_text(detail, "person_id"))
        units.add(_text(detail, "unit_id"))
    return names_of(user, units, people)


def _text(detail: Mapping[str, Any], name: str) -> str:
    value = detail.get(name, "")
    return value if isinstance(value, str) else ""


def choose_actor(user: User, text: str) -> PersonChoice:
    """A person by name, or a program by its own.  What is neither stays in the form: it may be part of a name, and no
    address bears one."""
    if text in (OPERATOR, words(ACTORS[OPERATOR])):
        return PersonChoice(words(ACTORS[OPERATOR]), OPERATOR)
    choice = choose_person(user, text)
    return PersonChoice(text, text) if choice.error and not choice.options and _is_program(user, text) else choice


def _is_program(user: User, text: str) -> bool:
    """A service, the intake, or an outside system that is registered."""
    if text in (*SERVICES, INTAKE):
        return True
    publishers = components().services.get_json(user, "participation", "/api/publishers").body.get("publishers") or []
    return text in {each["name"] for each in publishers}


def actor_words(text: str, names: Names) -> str:
    """As what and who somebody acted: the person by name where the reader may know it, the unit of the post too."""
    who = who_of(text)
    role = words(ACTORS.get(who.role, who.role))
    return " ".join(filter(None, (role, names.people.get(who.id, who.id), names.units.get(who.unit_id, who.unit_id))))
