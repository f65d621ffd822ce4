"""The `xapi` section of a campaign: whose statements of a learning platform become which records.

Reads it and notes every problem; what a statement says is looked at elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from duties.section_reader import Section

Letters: TypeAlias = Literal["as_is", "upper", "lower"]
LETTERS: Final[tuple[Letters, ...]] = ("as_is", "upper", "lower")
MOST_MINUTES: Final = 100_000
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class PlatformAccounts:
    """Accounts of one home page whose names are personnel numbers, once `prefix` is put before them and their letters
    are made upper or lower: Moodle keeps names of accounts in lower case."""

    home_page: str
    prefix: str = ""
    letters: Letters = "as_is"


@dataclass(frozen=True, slots=True)
class PlatformDeed:
    """Which statements become a record of this kind: one of the verbs, and (where they are named) of one of the
    activity types and of one of the activities, whose ids may end in `*`.  `title` empty: the activity's name."""

    record: str
    verbs: tuple[str, ...]
    activity_types: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    title: str = ""
    success: bool = False
    completion: bool = False
    score: Fraction | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class LearningPlatform:
    """What is sent by the publisher that owns `source`; a statement is the first deed that it fits."""

    source: str
    accounts: tuple[PlatformAccounts, ...]
    deeds: tuple[PlatformDeed, ...]


def read_platforms(
    top: Section, record_kinds: Collection[str], of_units: Collection[str]
) -> tuple[LearningPlatform, ...]:
    """`of_units`: the kinds that a unit's duty counts, which no person's statement can be."""
    platforms: dict[str, LearningPlatform] = {}
    for row in top.sections("xapi", ("source", "statements"), ("accounts",)):
        source = row.text("source")
        if source and source in platforms:
            row.report("duplicate", "source", value=source)
        if row.data.get("statements") == []:
            row.report("empty", "statements")
        deeds = tuple(_parse_deed(line, record_kinds, of_units) for line in _statements(row))
        accounts = tuple(map(_accounts, row.sections("accounts", ("home_page",), ("prefix", "letters"))))
        platforms.setdefault(source, LearningPlatform(source, accounts, deeds))
    return tuple(platforms.values())


def _statements(row: Section) -> list[Section]:
    return row.sections(
        "statements", ("record", "verbs"),
        ("activity_types", "activities", "title", "success", "completion", "score", "minutes"),
    )  # fmt: skip


def _accounts(row: Section) -> PlatformAccounts:
    home_page = row.text("home_page")
    _check_iris(row, "home_page", (home_page,) if home_page else (), alone=True)
    return PlatformAccounts(home_page.rstrip("/"), row.text("prefix"), row.choice("letters", LETTERS, "as_is"))


def _parse_deed(row: Section, record_kinds: Collection[str], of_units: Collection[str]) -> PlatformDeed:
    record = row.text("record")
    if record and record not in record_kinds:
        row.report("unknown_record", "record", value=record)
    elif record in of_units:
        row.report("deed_of_person", "record", value=record)
    return PlatformDeed(
        record=record,
        verbs=_iris(row, "verbs"),
        activity_types=_iris(row, "activity_types"),
        activities=_iris(row, "activities"),
        title=row.text("title"),
        success=row.flag("success", False),
        completion=row.flag("completion", False),
        score=row.exact("score", 0, 1, Fraction(0)) if row.gives("score") else None,
        minutes=row.integer("minutes", 0, MOST_MINUTES, 0),
    )


def _iris(row: Section, key: str) -> tuple[str, ...]:
    values = row.texts(key) if row.gives(key) else ()
    _check_iris(row, key, values)
    return values


def _check_iris(row: Section, key: str, values: Collection[str], *, alone: bool = False) -> None:
    """`alone`: the key bears one value and no list."""
    for place, value in enumerate(values):
        if not _IRI.fullmatch(value):
            row.report("bad_iri", key, *(() if alone else (place,)), value=value[:80])
