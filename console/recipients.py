"""Recipients of reminders (`clerk-X001`) as forms name them: a kind, and a person or unit; and what they are called."""

from collections.abc import Iterable, Mapping

from console.names import Names, names_of
from console.users import User

LONGEST = 140
PERSON = "person"
KINDS = {"clerk": "填报员", "head": "主要负责人", PERSON: "个人", "office": "包联股室或督查室"}
CAMPAIGN_OFFICE = "campaign-office"
CAMPAIGN_OFFICE_LABEL = "活动领导小组办公室"


def named_recipient(given: Mapping[str, str]) -> str:
    """The recipient that an address or a form names, whole or by kind and id; empty: none that could be."""
    whole = given.get("recipient", "").strip()[:LONGEST]
    if not whole:
        kind, of = given.get("kind", ""), given.get("of", "").strip()[:LONGEST]
        whole = CAMPAIGN_OFFICE if kind == CAMPAIGN_OFFICE else f"{kind}-{of}"
    kind, _, of = whole.partition("-")
    is_path = "/" in whole or ".." in whole or not whole.isprintable()
    return whole if (whole == CAMPAIGN_OFFICE or (kind in KINDS and of)) and not is_path else ""


def names_of_recipients(user: User, recipients: Iterable[str], units: bool = False) -> Names:
    """Of persons; with `units` also of the units of posts, where no service says them."""
    people, posts = set[str](), set[str]()
    for recipient in recipients:
        kind, _, of = recipient.partition("-")
        if kind == PERSON:
            people.add(of)
        elif kind in KINDS and units:
            posts.add(of)
    return names_of(user, posts, people)
