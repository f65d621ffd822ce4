"""The commands to an article; results of the platform's API are handled in submission.py."""

from dataclasses import dataclass
from typing import TypeAlias

from services.publicity.domain.shown_works import ShownWork
from services.publicity.readings.domain import ReadingCommand


class _ToArticle:
    __slots__ = ()
    article_id: str

    @property
    def stream(self) -> str:
        return f"article-{self.article_id}"


@dataclass(frozen=True, slots=True)
class DraftArticle(_ToArticle):
    """`account`: unit or district, which is the level of consent that each work needs.  `may_show`: other units whose
    works this one may show by the campaign's rules."""

    article_id: str
    unit_id: str
    account: str
    title: str
    works: tuple[ShownWork, ...]
    content: str
    size: int
    pictures: int
    on: str
    may_show: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DraftVideo(_ToArticle):
    """A film and its script, which is in `content`; `author_id`: the person who handed them in, empty: none."""

    article_id: str
    unit_id: str
    account: str
    title: str
    film: str
    author_id: str
    content: str
    size: int
    pictures: int
    on: str


@dataclass(frozen=True, slots=True)
class OrderSubmission(_ToArticle):
    article_id: str
    at: str


@dataclass(frozen=True, slots=True)
class ConfirmPublication(_ToArticle):
    """A person has published it by hand: the link, and the address of a screenshot as evidence.  `on`: the local
    day."""

    article_id: str
    link: str
    evidence: str
    at: str
    on: str


@dataclass(frozen=True, slots=True)
class OrderTakeDown(_ToArticle):
    article_id: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class ConfirmTakenDown(_ToArticle):
    """`by`: hand, api (we asked the platform) or platform (removed by the platform itself)."""

    article_id: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class ApplyConsentWithdrawal(_ToArticle):
    """Consent to show one of its works at these levels was withdrawn."""

    article_id: str
    work_id: str
    levels: frozenset[str]
    at: str


ArticleCommand: TypeAlias = (
    DraftArticle | DraftVideo | ReadingCommand | OrderSubmission | ConfirmPublication | OrderTakeDown | ConfirmTakenDown
    | ApplyConsentWithdrawal
)  # fmt: skip
