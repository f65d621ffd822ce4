"""An article's way to an official account: drafted, read three times, public by hand or by the platform's API,
taken down.  What the API does in between is submission.py.  Pure: no clock, store or broker."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from chassis.events.definition import Event
from contracts import articles
from services.publicity.domain.anthologies import ShownWork, check_shown
from services.publicity.domain.links import checked_link
from services.publicity.domain.readings import PassReading, Readings, ReturnReading, decide_reading, evolve_readings
from services.publicity.domain.refusals import Refused

LONGEST_TITLE = 32
"""Characters; the platform counts so (older pages of it say 64)."""
STILL_OURS = ("drafted", "refused", "failed")
"""Nothing of it is at the platform, or nothing that could still become public."""


@dataclass(frozen=True, slots=True)
class Article:
    """`status`: drafted, returned, stopped, submitting, submitted, refused, failed, published, taking_down,
    taken_down.  The fields after it are the memory of a submission."""

    draft: articles.ArticleDrafted | None = None
    status: str = ""
    readings: Readings = field(default_factory=Readings)
    how: str = ""
    platform_id: str = ""
    reason: str = ""
    stop_wanted: str = ""
    cover: str = ""
    draft_intents: int = 0
    media_id: str = ""
    publish_intents: tuple[str, ...] = ()
    publish_id: str = ""
    submitted_at: str = ""
    polls: tuple[str, ...] = ()
    stalls: int = 0
    until: str = ""

    @property
    def known(self) -> articles.ArticleDrafted:
        if self.draft is None:
            raise Refused("unknown_article", "article_id")
        return self.draft


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """`account`: unit or district, the level of consent that each work needs."""

    article_id: str
    unit_id: str
    account: str
    title: str
    works: tuple[ShownWork, ...]
    content: str
    size: int
    pictures: int
    on: str


@dataclass(frozen=True, slots=True)
class OrderSubmission:
    article_id: str
    at: str


@dataclass(frozen=True, slots=True)
class ConfirmByHand:
    """A person pasted it, and shows where it stands: the link and the (keyed) hash of a screenshot."""

    article_id: str
    link: str
    evidence: str
    at: str


@dataclass(frozen=True, slots=True)
class OrderTakeDown:
    article_id: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class NoteTakenDown:
    """`by`: hand, api (we asked the platform) or platform (it did so by itself)."""

    article_id: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class LoseConsent:
    """A work of it may no longer be shown at these levels."""

    article_id: str
    work_id: str
    levels: frozenset[str]
    at: str


ArticleCommand: TypeAlias = (
    DraftArticle | PassReading | ReturnReading | OrderSubmission | ConfirmByHand | OrderTakeDown | NoteTakenDown
    | LoseConsent
)  # fmt: skip


def decide_article(state: Article, command: ArticleCommand) -> list[Event]:
    """Refused says why not; a repeat is nothing."""
    match command:
        case DraftArticle():
            return _draft(state, command)
        case PassReading() | ReturnReading():
            if state.known and state.status != "drafted":
                raise Refused("not_in_draft", "article_id", state.status)
            return decide_reading(state.readings, state.known.content, command)
        case OrderSubmission():
            if (state.known and state.status in ("submitting", "submitted")) or (state.how == "api" and _public(state)):
                return []
            _check_cleared(state)
            return [articles.SubmissionOrdered(command.article_id, state.known.account, command.at)]
        case ConfirmByHand():
            return _confirm(state, command)
        case OrderTakeDown():
            return _take_down(state, command.reason, command.at)
        case NoteTakenDown():
            if state.known and state.status == "taken_down":
                return []
            if state.status not in ("published", "taking_down"):
                raise Refused("not_published", "article_id", state.status)
            return [articles.ArticleTakenDown(state.known.article_id, state.known.unit_id, command.by,
                                          command.reason or state.reason, command.at)]  # fmt: skip
        case LoseConsent():
            held = state.known
            lost = command.work_id in held.works and held.account in command.levels
            return _take_down(state, "consent_withdrawn", command.at) if lost else []


def _draft(state: Article, command: DraftArticle) -> list[Event]:
    works = tuple(work.work_id for work in command.works)
    if (held := state.draft) is not None:
        there = (held.unit_id, held.account, held.title, held.works)
        asked = (command.unit_id, command.account, command.title, works)
        # what a reading sent back comes again under its id, and is read from the beginning
        again = state.status == "returned" and there[:2] == asked[:2]
        if there == asked and not (again and held.content != command.content):
            return []
        if not again:
            raise Refused("conflict", "article_id", command.article_id)
    if not works:
        raise Refused("no_works", "works")
    if not 0 < len(command.title) <= LONGEST_TITLE:
        raise Refused("title_too_long", "title", str(LONGEST_TITLE))
    for work in command.works:
        check_shown(work, command.unit_id, command.account)
    authors = tuple(sorted({work.author_id for work in command.works}))
    return [articles.ArticleDrafted(command.article_id, command.unit_id, command.account, command.title, works, authors,
                                command.content, command.size, command.pictures, command.on)]  # fmt: skip


def _public(state: Article) -> bool:
    return state.status in ("published", "taking_down", "taken_down")


def _check_cleared(state: Article) -> None:
    """Before anything goes on an official account: three readings with names and dates."""
    if state.status not in STILL_OURS:
        raise Refused("not_in_draft", "article_id", state.status)
    if state.stop_wanted:
        raise Refused("no_consent", "works")
    if not state.readings.complete:
        raise Refused("readings_missing", "article_id", state.readings.next_stage)


def _confirm(state: Article, command: ConfirmByHand) -> list[Event]:
    held, link = state.known, checked_link(command.link)
    if _public(state):
        if state.how != "hand" or state.platform_id != link:
            raise Refused("conflict", "link")
        return []
    _check_cleared(state)
    if not command.evidence:
        raise Refused("screenshot_needed", "evidence")
    return [articles.ArticlePublished(held.article_id, held.unit_id, held.account, held.title, link, "hand", link,
                                  command.evidence, command.at)]  # fmt: skip


def _take_down(state: Article, reason: str, at: str) -> list[Event]:
    held = state.known
    match state.status:
        case "drafted" | "refused" | "failed":
            return [articles.ArticleStopped(held.article_id, reason)]
        case "submitting" if not state.publish_intents:
            return [articles.ArticleStopped(held.article_id, reason)]
        case "submitting" | "submitted" if not state.stop_wanted:
            # What is at the platform cannot be called back: it is taken down as soon as it is public.
            return [articles.TakeDownOrdered(held.article_id, reason, at)]
        case "published":
            return [articles.TakeDownOrdered(held.article_id, reason, at)]
    return []


def evolve_article(state: Article, event: Event) -> Article:
    match event:
        case articles.ArticleDrafted():
            return Article(draft=event, status="drafted")
        case articles.ReadingPassed():
            return replace(state, readings=evolve_readings(state.readings, event))
        case articles.ReadingReturned():
            return replace(state, status="returned", reason=event.reason)
        case articles.ArticleStopped():
            return replace(state, status="stopped", reason=event.reason)
        case articles.SubmissionOrdered():
            return Article(state.draft, "submitting", state.readings, "api")
        case articles.SubmissionFailed():
            return replace(state, status="failed", reason=event.code)
        case articles.ArticleRefused():
            return replace(state, status="refused", reason=str(event.status))
        case articles.ArticlePublished():
            status = "taking_down" if state.stop_wanted else "published"
            return replace(state, status=status, how=event.how, platform_id=event.platform_id, until="", stalls=0)
        case articles.TakeDownOrdered():
            status = "taking_down" if state.status == "published" else state.status
            return replace(state, status=status, stop_wanted=event.reason, reason=event.reason, until="", stalls=0)
        case articles.ArticleTakenDown():
            return replace(state, status="taken_down", reason=event.reason)
    return _evolve_submission(state, event)


def _evolve_submission(state: Article, event: Event) -> Article:
    match event:
        case articles.CoverUploaded():
            return replace(state, cover=event.media_id, until="", stalls=0)
        case articles.DraftIntended():
            return replace(state, draft_intents=state.draft_intents + 1)
        case articles.DraftAdded():
            return replace(state, media_id=event.media_id, until="", stalls=0)
        case articles.PublishIntended():
            return replace(state, publish_intents=(*state.publish_intents, event.intended_at))
        case articles.PublishSubmitted():
            return replace(state, status="submitted", publish_id=event.publish_id, submitted_at=event.submitted_at,
                           until="", stalls=0)  # fmt: skip
        case articles.PublicationPolled():
            return replace(state, polls=(*state.polls, event.polled_at), until="", stalls=0)
        case articles.SubmissionStalled():
            refused = event.step == "submit_refused"  # the platform said no to the order: it is as if never intended
            intents = state.publish_intents[:-1] if refused else state.publish_intents
            return replace(state, until=event.until, stalls=state.stalls + 1, publish_intents=intents)
    return state
