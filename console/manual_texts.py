"""The manuals of console/manuals: one a post, each a text whose sections bear the titles of pages."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from console.page_registry import Page
from console.users import User

FOLDER = Path(__file__).parent / "manuals"
HEADING = re.compile(r"^(#{1,3}) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Manual:
    """One manual.  `post`: whoever holds it is shown the manual first; `right`: whoever has it, where posts of several
    units are meant; neither: everybody."""

    name: str
    post: str = ""
    right: str = ""

    @property
    def text(self) -> str:
        return _read(self.name)

    @property
    def title(self) -> str:
        return self.headings[0]

    @property
    def headings(self) -> tuple[str, ...]:
        """Of the manual and its sections, in their order."""
        return tuple(match[2].strip() for match in HEADING.finditer(self.text))

    def is_for(self, user: User) -> bool:
        """Whether it is the manual of a post that the user holds."""
        if self.post == "operator" or user.is_operator:
            return user.is_operator and self.post == "operator"
        if self.post:
            return any(post.post == self.post for post in user.profile.posts)
        return bool(self.right) and user.may(self.right)


MANUALS = (
    Manual("clerk", "clerk"),
    Manual("head", "head"),
    Manual("teacher", right="own"),
    Manual("campaign-office", "campaign_office"),
    Manual("leader", "leader"),
    Manual("supervision-office", right="assess_unit"),
    Manual("liaison-office", right="raise_finding"),
    Manual("research-office", right="arrange_reviews"),
    Manual("inspector", "inspector"),
    Manual("operator", "operator"),
    Manual("publisher"),
)
"""In the order of the list; the first that is for a user and has a page's section is where the page's help leads."""


@lru_cache(maxsize=32)
def _read(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def manual_of(name: str) -> Manual | None:
    return next((manual for manual in MANUALS if manual.name == name), None)


def manuals_of(user: User) -> list[Manual]:
    """All of them: those of the user's posts first."""
    return sorted(MANUALS, key=lambda manual: not manual.is_for(user))


def place_of(page: Page, user: User) -> tuple[Manual, str] | None:
    """The manual and the heading that a page's help leads to; None: no manual has the page."""
    return next(((manual, page.title) for manual in manuals_of(user) if page.title in manual.headings), None)
