"""docs/pages.md: the pages of the console's menu, and who is offered each."""

from console.page_registry import GROUPS, PAGES, Page
from console.users import OWN, SYSTEM
from services.registry import rights

HEAD = """# Pages of the console

Made by `make docs` from console/page_registry.py and services/registry/rights.py. A page is offered by right; what a
post may see on it, the service decides again.
"""
WITHOUT_RIGHT = {"": "everybody who is signed in", OWN: "persons", SYSTEM: "the operator"}
RIGHTS = {right.name: right for right in rights.RIGHTS}


def page() -> str:
    return HEAD + "".join(_section(group) for group in GROUPS)


def _section(group: str) -> str:
    rows = "".join(_row(each) for each in PAGES if each.group == group)
    return f"\n## {group}\n| page | address | offered to |\n|---|---|---|\n{rows}"


def _row(each: Page) -> str:
    return f"| {each.title} | `{each.path}` | {_offered_to(each)} |\n"


def _offered_to(each: Page) -> str:
    if each.right in WITHOUT_RIGHT:
        return WITHOUT_RIGHT[each.right]
    if each.posts:
        return ", ".join(each.posts)
    right = RIGHTS[each.right]
    who = [*right.bureau, *right.unit, *(f"head and clerk of the {tag}" for tag in right.offices)]
    who += ["liaison and supervision offices"] * right.supervisor + ["the person themselves"] * right.oneself
    return ", ".join(who if each.of_unit else ["operator", *who])
