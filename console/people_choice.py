"""Whom a form means (macros/choose.html): a person by name, pinyin, initials or id.  What is not certain is asked
back.  A name stands in no address: whoever looks for one posts."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from console.components import components
from console.language import words
from console.own_units import LONGEST_ID
from console.service_client import ServiceResponse
from console.users import User
from console.viewed_people import write_viewed_people

RIGHT = "look_up"
MOST = 20
_WITH_ID = re.compile(r"（([^（）]+)）$")


class PersonChoice(NamedTuple):
    """What stands in the field, whom it means (empty: nobody, or it is not certain), who else it may mean, and what is
    wrong with it."""

    text: str = ""
    person_id: str = ""
    options: tuple[Mapping[str, Any], ...] = ()
    error: str = ""


def typed_person(form: Mapping[str, str], name: str) -> str:
    """What a form's field says: the one that was ticked, unless something else was typed since."""
    text, ticked = (form.get(field, "").strip()[:LONGEST_ID] for field in (name, f"{name}.ticked"))
    return ticked if ticked and form.get(f"{name}.listed_for", "").strip()[:LONGEST_ID] == text else text


def choose_person(user: User, text: str) -> PersonChoice:
    """An id, a whole name that one person bears, or one who was listed, is certain."""
    if not text:
        return PersonChoice()
    with_id = _WITH_ID.search(text)
    wanted = with_id[1] if with_id else text
    response = look_up(user, wanted)
    if not response.ok:
        why = response.detail if response.status < 500 else words("填报服务暂时没有答复，查不到人员，稍后再试即可。")
        return PersonChoice(text, error=why or words("现在查不到人员。"))
    people = response.body.get("people") or []
    by_id = [each for each in people if each["person_id"].casefold() == wanted.casefold()]
    certain = by_id or [each for each in people if each["name"] == wanted]
    if len(certain) == 1:
        return PersonChoice(shown_as(certain[0]), certain[0]["person_id"])
    if not people:
        return PersonChoice(text, error=words("没有这样的人员，请换一个写法：姓名、拼音、首字母或工号。"))
    which = words("请看是不是这一位。") if len(people) == 1 else words("不止一个人符合，请选定一位。")
    return PersonChoice(text, "", tuple(people), which)


def shown_as(person: Mapping[str, Any]) -> str:
    """As the field has whoever was chosen."""
    return f"{person['name']}（{person['person_id']}）" if person["name"] else str(person["person_id"])


def look_up(user: User, text: str) -> ServiceResponse:
    """Units, people and records that the text names; whose names they are stands in the security log."""
    response = components().services.post_json(user, "participation", "/api/look-up", {"text": text, "limit": MOST})
    people = response.body.get("people") or []
    write_viewed_people(user, "POST participation/api/look-up", [each["person_id"] for each in people])
    return response
