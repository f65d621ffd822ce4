"""What outside systems that subscribe read: public events, a contract apart from the services' own ones.

A field that is added is optional; a change of meaning is a new version, and the old one is sent beside it for a year.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a field bears, and so who reads it."""

    OPEN = "of no person: everybody reads it"
    NAMED = "an id that whoever reported it chose: a pseudonym without `--personal`"
    PERSON = "whose it is: a pseudonym without `--personal`; absent where the person was erased"
    PERSONAL = "absent without `--personal`, and where the person was erased"


@dataclass(frozen=True)
class PublicField:
    """A member of `data`; `type` is that of JSON Schema."""

    name: str
    meaning: str
    kind: Kind = Kind.OPEN
    type: str = "string"


@dataclass(frozen=True)
class PublicType:
    """A type of public event; its first field names the subject, of which `subject` says the kind.
    `personal`: it is read with `--personal` alone."""

    wire: str
    label: str
    summary: str
    subject: str
    fields: tuple[PublicField, ...]
    personal: bool = False


_UNIT: Final = PublicField("unit_id", "the unit")
_PERSON: Final = PublicField("person_id", "the person", Kind.PERSON)
_CAMPAIGN: Final = PublicField("campaign", "id of the campaign whose rules decided")
_CLOSED: Final = PublicField("closed_on", "first day out of service; empty: open")
_RELATIONS: Final = (
    PublicField("zone_id", "the central school that leads its zone; empty: none, or as it was"),
    PublicField("community_id", "the core school of its community; empty: none, or as it was"),
    PublicField("liaison_id", "the office that supervises it; empty: none, or as it was"),
)
_WHOLE_UNIT: Final = (
    _UNIT,
    PublicField("name", "its name"),
    PublicField("kind", "bureau, office, secondary, school or kindergarten"),
    PublicField("tags", "central_school, community_core, research_office, supervision_office", type="array"),
    *_RELATIONS,
    PublicField("opened_on", "first day in service"),
    _CLOSED,
)
_SINCE: Final = PublicField("since", "first day in service")
_UNTIL: Final = PublicField("until", "first day out of service; empty: open")
_MEMBERSHIP: Final = (
    _PERSON,
    _UNIT,
    PublicField("role", "cadre, teacher or other"),
    _SINCE,
    _UNTIL,
    PublicField("name", "the person's name", Kind.PERSONAL),
)
_RECORD_ID: Final = PublicField("record_id", "the record", Kind.NAMED)
_KIND: Final = PublicField("kind", "the kind of deed, as the campaign names it")
_PERIOD: Final = PublicField("period", "`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
_TITLE: Final = PublicField("title", "title of the work", Kind.PERSONAL)
_RECORD: Final = (
    _RECORD_ID,
    _KIND,
    _UNIT,
    _PERSON,
    PublicField("day", "the day of the deed in the campaign's timezone"),
    _PERIOD,
    _CAMPAIGN,
    _TITLE,
)
_CORRECTION: Final = (
    PublicField("voided", "whether it counts for nothing from now on", type="boolean"),
    PublicField("columns", "the columns that were changed; `*`: voided or restored", type="array"),
)

PUBLIC_TYPES: Final = (
    PublicType("qihang.public.unit.registered.v1", "单位登记", "A unit of the district is known.", "unit", _WHOLE_UNIT),
    PublicType("qihang.public.unit.corrected.v1", "单位更正", "A unit stands as this says it, whole.", "unit",
               (*_WHOLE_UNIT, *_CORRECTION)),
    PublicType("qihang.public.unit.related.v1", "单位关系变更", "A unit belongs elsewhere from a day on.", "unit",
               (_UNIT, *_RELATIONS, PublicField("since", "the day from which it is so"))),
    PublicType("qihang.public.unit.closed.v1", "单位撤销", "A unit is not in service from a day on.", "unit",
               (_UNIT, _CLOSED)),
    PublicType("qihang.public.membership.started.v1", "任职开始", "A person serves in a unit.", "person", _MEMBERSHIP),
    PublicType("qihang.public.membership.corrected.v1", "任职更正", "A membership stands as this says it, whole.",
               "person", (*_MEMBERSHIP, *_CORRECTION)),
    PublicType("qihang.public.membership.ended.v1", "任职结束", "A person serves in a unit no more from a day on.",
               "person", (_PERSON, _UNIT, _SINCE, _UNTIL)),
    PublicType("qihang.public.person.erased.v1", "个人信息删除",
               "The person was erased here: whatever names or describes them is to be deleted there too.", "person",
               (PublicField("person_id", "the person"),), personal=True),
    PublicType("qihang.public.record.accepted.v1", "填报记录接收", "A record counts.", "record", _RECORD),
    PublicType("qihang.public.record.corrected.v1", "填报记录更正",
               "A record stands as this says it, whole; it may be new to whoever reads only some units.", "record",
               (*_RECORD, *_CORRECTION)),
    PublicType("qihang.public.record.withdrawn.v1", "填报记录撤回",
               "A record counts no more, or no more for the units that are read.", "record",
               (_RECORD_ID, _KIND, _UNIT, _PERSON, _PERIOD, _CAMPAIGN)),
    PublicType("qihang.public.filing.confirmed.v1", "填报确认",
               "What was filled in at a form counts: it was confirmed, or handed in where nobody has to confirm it.",
               "filing",
               (PublicField("filing_id", "the filing", Kind.NAMED), _KIND, _UNIT, _PERSON,
                PublicField("people_count", "how many persons' deeds it is", type="integer"), _PERIOD, _CAMPAIGN,
                _TITLE)),
)  # fmt: skip
PUBLIC_TYPE_OF: Final = {each.wire: each for each in PUBLIC_TYPES}
