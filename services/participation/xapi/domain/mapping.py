"""Maps a statement to a record by the campaign's file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from duties.learning_platforms import LearningPlatform, PlatformAccounts, PlatformDeed
from services.participation.xapi.domain.data_types import moment_of, seconds_of
from services.participation.xapi.domain.statements import activity_of, actor_key, keyed, one_text

Reason: TypeAlias = Literal["no_campaign", "no_platform", "no_statement", "no_person", "not_reached", "voided"]
REASONS: Final[Mapping[Reason, str]] = {
    "no_campaign": "活动尚未启动",
    "no_platform": "方案的 xapi 中没有本接入系统的来源",
    "no_statement": "方案的 xapi 中没有这样的动词和活动",
    "no_person": "学员账号对应不上人员",
    "not_reached": "未成功、未完成，或得分、时长不够",
    "voided": "已由学习平台撤销",
}
"""Explanations for operators of why a statement becomes no record."""
SIGNATURE: Final = "http://adlnet.gov/expapi/attachments/signature"
_LONGEST_TITLE: Final = 500
_HASH_DIGITS: Final = 64


@dataclass(frozen=True)
class MappedRecord:
    """A statement as a row: its source, and the cells."""

    source: str
    cells: dict[str, str]


@dataclass(frozen=True)
class NoRecord:
    """It becomes no record."""

    reason: Reason


def map_statement(
    statement: Mapping[str, Any], platforms: Iterable[LearningPlatform], known_actors: Mapping[str, str], secret: bytes
) -> MappedRecord | NoRecord:
    """By the first matching deed of all platforms of its publisher.  `known_actors`: persons by keyed identifiers."""
    reason: Reason = "no_platform"
    for platform in platforms:
        fitting = [deed for deed in platform.deeds if _fits(deed, statement)]
        reached = next((deed for deed in fitting if _is_reached(deed, statement.get("result", {}))), None)
        reason = "not_reached" if fitting else "no_statement" if reason == "no_platform" else reason
        if reached is None:
            continue
        person_id = person_of(statement["actor"], platform.accounts, known_actors, secret)
        if person_id:
            return MappedRecord(platform.source, _cells(statement, reached, person_id))
        reason = "no_person"
    return NoRecord(reason)


def person_of(
    actor: Mapping[str, Any], accounts: Sequence[PlatformAccounts], known_actors: Mapping[str, str], secret: bytes
) -> str:
    """The personnel number; empty if the actor is a group or unknown."""
    if actor.get("objectType", "Agent") != "Agent":
        return ""
    if known := known_actors.get(keyed(secret, actor_key(actor))):
        return known
    account = actor.get("account", {})
    for each in accounts:
        if account and account["homePage"].rstrip("/") == each.home_page:
            return _change_case(each.prefix + account["name"], each.letters)
    return ""


def _change_case(name: str, letters: str) -> str:
    return name.upper() if letters == "upper" else name.lower() if letters == "lower" else name


def _fits(deed: PlatformDeed, statement: Mapping[str, Any]) -> bool:
    activity, activity_type = activity_of(statement)
    return (
        statement["verb"]["id"] in deed.verbs
        and bool(activity)
        and (not deed.activity_types or activity_type in deed.activity_types)
        and (not deed.activities or any(_names(pattern, activity) for pattern in deed.activities))
    )


def _names(pattern: str, activity: str) -> bool:
    return activity.startswith(pattern[:-1]) if pattern.endswith("*") else activity == pattern


def _is_reached(deed: PlatformDeed, result: Mapping[str, Any]) -> bool:
    scaled = result.get("score", {}).get("scaled")
    seconds = seconds_of(str(result.get("duration", "")))
    return (
        (not deed.success or result.get("success") is True)
        and (not deed.completion or result.get("completion") is True)
        and (deed.score is None or (scaled is not None and Fraction(str(scaled)) >= deed.score))
        and (not deed.minutes or (seconds is not None and seconds >= deed.minutes * 60))
    )


def _cells(statement: Mapping[str, Any], deed: PlatformDeed, person_id: str) -> dict[str, str]:
    activity, _ = activity_of(statement)
    named = one_text(statement["object"].get("definition", {}).get("name", {}), ())
    cells = {
        "record_id": str(statement["id"]),
        "record": deed.record,
        "person_id": person_id,
        "occurred_at": occurred_at(statement["timestamp"]),
        "title": " ".join((deed.title or named).split())[:_LONGEST_TITLE],
        "content_sha256": _hash_of_work(statement.get("attachments", ())),
        "evidence": activity if activity.startswith(("http://", "https://")) else "",
    }
    return {column: cell for column, cell in cells.items() if cell}


def occurred_at(timestamp: str) -> str:
    """The cell of a row: UTC if it has an offset, else the local time as sent."""
    moment = moment_of(timestamp)
    if moment is None:  # validated before
        return timestamp
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


def _hash_of_work(attachments: Sequence[Mapping[str, Any]]) -> str:
    """The hash of its only attached file."""
    works = [str(each["sha2"]).lower() for each in attachments if each["usageType"] != SIGNATURE]
    return works[0] if len(works) == 1 and len(works[0]) == _HASH_DIGITS else ""
