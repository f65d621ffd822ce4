"""The `publicity` section of a campaign: how works are reviewed, shown and turned into deeds; absent, it has defaults.

Reads it and notes every problem; decides nothing about a work."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from duties.section_reader import Section

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
LEVELS: Final = ("inside", "unit", "district", "print")
"""What an author may agree to: shown inside the unit, on its account, on the district's, in print."""
SCOPES: Final = ("district", "zone")
"""Whose works may be shown by others: those of the whole district, by the bureau and the research office; those of its
zone (辖区), by a central school."""
STAGES: Final = ("first", "second", "final")
"""初审、复审、终审."""
DEEDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "selected_unit": "selected_unit",
        "selected_district": "selected_district",
        "article_unit": "wechat_school",
        "article_district": "wechat_district",
        "anthology": "anthology",
        "video": "video",
    }
)
"""What is done in publicity, and the record kind that it becomes unless the campaign says otherwise."""
_OF_PERSONS: Final = ("selected_unit", "selected_district")


@dataclass(frozen=True, slots=True)
class RubricItem:
    """One line of the reviewers' sheet."""

    id: str
    title: str
    max: Fraction


_RUBRIC: Final = (
    RubricItem("writing", "文字表达", Fraction(50)),
    RubricItem("usefulness", "借鉴价值", Fraction(50)),
)


@dataclass(frozen=True, slots=True)
class Publicity:
    """The rules of publicity.  A work passes when its reviewers' average total reaches `pass_mark`.  `article_hosts`:
    where articles may stand besides the platform itself; `compile_for`: of SCOPES."""

    reviewers: int = 2
    rubric: tuple[RubricItem, ...] = _RUBRIC
    pass_mark: Fraction = Fraction(60)
    levels: tuple[str, ...] = LEVELS
    deeds: Mapping[str, str] = field(default_factory=dict)
    article_hosts: frozenset[str] = frozenset()
    compile_for: frozenset[str] = frozenset()


def read_publicity(top: Section, record_kinds: Collection[str], person_kinds: Collection[str]) -> Publicity:
    """The section's rules; `deeds` holds only what becomes a record of this campaign."""
    row = top.section(
        "publicity", (), ("reviewers", "rubric", "pass_mark", "levels", "deeds", "article_hosts", "compile_for")
    )
    fitting = {what: kind for what, kind in DEEDS.items()
               if kind in record_kinds and (kind in person_kinds) == (what in _OF_PERSONS)}  # fmt: skip
    if row is None:
        return Publicity(deeds=fitting)
    rubric = _rubric(row) if row.gives("rubric") else _RUBRIC
    most = sum((item.max for item in rubric), Fraction(0))
    default = min(Fraction(60), most)
    return Publicity(
        reviewers=row.integer("reviewers", 1, 9, 2),
        rubric=rubric,
        pass_mark=row.exact("pass_mark", 0, int(most), default),
        levels=row.texts("levels", LEVELS) if row.gives("levels") else LEVELS,
        deeds=_deeds(row, fitting, record_kinds, person_kinds),
        article_hosts=_hosts(row),
        compile_for=frozenset(row.texts("compile_for", SCOPES) if row.gives("compile_for") else ()),
    )


def _hosts(row: Section) -> frozenset[str]:
    """Names of web sites, as they stand in an address."""
    hosts = row.texts("article_hosts") if row.gives("article_hosts") else ()
    for host in hosts:
        if not _HOST.fullmatch(host):
            row.report("bad_host", "article_hosts", value=host)
    return frozenset(hosts)


def _rubric(row: Section) -> tuple[RubricItem, ...]:
    items: dict[str, RubricItem] = {}
    for line in row.sections("rubric", ("id", "max"), ("title",)):
        name = line.text("id")
        if name and name in items:
            line.report("duplicate", "id", value=name)
        most = line.exact("max", 0, 1_000_000, Fraction(1), above=True)
        items.setdefault(name, RubricItem(name, line.text("title", name), most))
    if row.data.get("rubric") == []:
        row.report("empty", "rubric")
    return tuple(items.values())


def _deeds(
    row: Section, fitting: Mapping[str, str], record_kinds: Collection[str], person_kinds: Collection[str]
) -> Mapping[str, str]:
    """What is not named keeps its default; what is named null becomes no deed."""
    section = row.section("deeds", (), tuple(DEEDS))
    if section is None:
        return fitting
    result = {what: kind for what, kind in fitting.items() if what not in section.data}
    for what in DEEDS:
        if not (kind := section.text(what)):
            continue
        if kind not in record_kinds:
            section.report("unknown_record", what, value=kind)
        elif (kind in person_kinds) != (what in _OF_PERSONS):
            section.report("deed_of_person" if what in _OF_PERSONS else "deed_of_unit", what, value=kind)
        else:
            result[what] = kind
    return result
