"""The commands to an article; what the platform's API answers is decided in submission.py."""

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
    """`account`: unit or district, the level of consent that each work needs.  `may_show`: other units whose works the
    campaign lets this one show."""

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
    """A film and its script, which is in `content`; `author_id`: the person who hands them in, empty: no person."""

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
    """A person published it by hand: the link, and the address of a screenshot as evidence.  `on`: the local day."""

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
    """`by`: hand, api (we asked the platform) or platform (it did so by itself)."""

    article_id: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class ApplyConsentWithdrawal(_ToArticle):
    """A work of it may no longer be shown at these levels."""

    article_id: str
    work_id: str
    levels: frozenset[str]
    at: str


ArticleCommand: TypeAlias = (
    DraftArticle | DraftVideo | ReadingCommand | OrderSubmission | ConfirmPublication | OrderTakeDown | ConfirmTakenDown
    | ApplyConsentWithdrawal
)  # fmt: skip
