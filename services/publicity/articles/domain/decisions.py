"""The decider of an article: drafted, read three times, published by hand or through the platform's API, taken down.
The steps of the API are in submission.py."""

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts import articles
from services.publicity.articles.domain.commands import (
    ApplyConsentWithdrawal,
    ArticleCommand,
    ConfirmPublication,
    ConfirmTakenDown,
    DraftArticle,
    DraftVideo,
    OrderSubmission,
    OrderTakeDown,
)
from services.publicity.articles.domain.state import Article, evolve_article
from services.publicity.domain.links import checked_link
from services.publicity.domain.refusals import Refused
from services.publicity.domain.shown_works import check_shown
from services.publicity.readings.domain import (
    AppointReader,
    FetchProof,
    PassReading,
    ReturnReading,
    decide_fetch,
    decide_reading,
)

LONGEST_TITLE = 32
"""Characters, as the platform counts (older documentation says 64)."""
NOT_AT_THE_PLATFORM = ("drafted", "refused", "failed")
"""Statuses in which nothing is at the platform that is or could still become public."""


def decide_article(state: Article, command: ArticleCommand) -> list[Event]:
    """The resulting events; none for a repeated command.  Raises Refused."""
    match command:
        case DraftArticle():
            return _draft(state, command)
        case DraftVideo():
            return _draft_video(state, command)
        case FetchProof():
            return decide_fetch(state.readings, state.known.content, command) if state.status == "drafted" else []
        case AppointReader() | PassReading() | ReturnReading():
            if state.known and state.status != "drafted":
                raise Refused("not_in_draft", "article_id", state.status)
            return decide_reading(state.readings, state.known.content, state.known.authors, command)
        case OrderSubmission():
            under_way = state.known and state.status in ("submitting", "submitted") and not state.is_stuck
            if under_way or (state.how == "api" and _is_or_was_public(state)):
                return []
            _check_cleared(state)
            if state.known.film:
                raise Refused("no_api_for_videos", "article_id")
            return [articles.SubmissionOrdered(command.article_id, state.known.account, command.at)]
        case ConfirmPublication():
            return _confirm(state, command)
        case OrderTakeDown() if state.status == "returned":  # given up: it is not submitted again
            return [articles.ArticleStopped(state.known.article_id, command.reason)]
        case OrderTakeDown():
            return _take_down(state, command.reason, command.at)
        case ConfirmTakenDown():
            return _confirm_taken_down(state, command)
        case ApplyConsentWithdrawal():
            known = state.known
            lost = command.work_id in known.works and known.account in command.levels
            return _take_down(state, "consent_withdrawn", command.at) if lost else []


def _draft(state: Article, command: DraftArticle) -> list[Event]:
    works = tuple(work.work_id for work in command.works)
    if _is_repeat(state, command, works, ""):
        return []
    if not works:
        raise Refused("no_works", "works")
    _check_title(command.title)
    for work in command.works:
        check_shown(work, command.unit_id, command.account, command.may_show)
    authors = tuple(sorted({work.author_id for work in command.works}))
    return [articles.ArticleDrafted(command.article_id, command.unit_id, command.account, command.title, works, authors,
                                command.content, command.size, command.pictures, command.on,
                                _units_credited(command))]  # fmt: skip


def _draft_video(state: Article, command: DraftVideo) -> list[Event]:
    if _is_repeat(state, command, (), command.film):
        return []
    _check_title(command.title)
    authors = (command.author_id,) if command.author_id else ()
    return [articles.ArticleDrafted(command.article_id, command.unit_id, command.account, command.title, (), authors,
                                command.content, command.size, command.pictures, command.on,
                                film=command.film)]  # fmt: skip


def _is_repeat(state: Article, command: DraftArticle | DraftVideo, works: tuple[str, ...], film: str) -> bool:
    """Whether the draft is a repetition.  A draft that a reading returned may be handed in again under its id, and is
    read from the first stage.  Raises Refused if the id belongs to another draft."""
    known = state.draft
    if known is None:
        return False
    drafted = (known.unit_id, known.account, bool(known.film), known.title, known.works, known.film)
    wanted = (command.unit_id, command.account, bool(film), command.title, works, film)
    again = state.status == "returned" and drafted[:3] == wanted[:3]
    same = drafted == wanted and (not film or known.content == command.content)
    if same and not (again and known.content != command.content):
        return True
    if not again:
        raise Refused("conflict", "article_id", command.article_id)
    return False


def _check_title(title: str) -> None:
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Refused("title_too_long", "title", str(LONGEST_TITLE))


def _units_credited(command: DraftArticle) -> tuple[str, ...]:
    """The units credited with the deed: on the district's account those whose works are shown, on a unit's account that
    unit."""
    units = tuple(sorted({work.unit_id for work in command.works}))
    return units if command.account == "district" and units != (command.unit_id,) else ()


def _is_or_was_public(state: Article) -> bool:
    return state.status in ("published", "taking_down", "taken_down")


def _check_cleared(state: Article) -> None:
    """Nothing is published without three readings with names and dates.  Raises Refused."""
    if state.status not in NOT_AT_THE_PLATFORM and not state.is_stuck:
        raise Refused("not_in_draft", "article_id", state.status)
    if state.stop_wanted:
        raise Refused("no_consent", "works")
    if not state.readings.complete:
        raise Refused("readings_missing", "article_id", state.readings.next_stage)


def _confirm(state: Article, command: ConfirmPublication) -> list[Event]:
    known, link = state.known, checked_link(command.link)
    if _is_or_was_public(state):
        if state.how != "hand" or state.platform_id != link:
            raise Refused("conflict", "link")
        return []
    _check_cleared(state)
    if not command.evidence:
        raise Refused("screenshot_needed", "evidence")
    cleared_on = max(known.drafted_on, *(read_on for _, _, read_on in state.readings.passed))
    if command.on < cleared_on:
        raise Refused("before_cleared", "at", cleared_on)
    return [articles.ArticlePublished(known.article_id, known.unit_id, known.account, known.title, link, "hand", link,
                                  command.evidence, command.at, known.units, known.film)]  # fmt: skip


def _take_down(state: Article, reason: str, at: str) -> list[Event]:
    known = state.known
    order = articles.TakeDownOrdered(known.article_id, known.unit_id, state.how, reason, at)
    match state.status:
        case "failed" if state.may_be_public:
            return [] if state.stop_wanted else [order]
        case "drafted" | "refused" | "failed":
            return [articles.ArticleStopped(known.article_id, reason)]
        case "submitting" if not state.publish_intents:
            return [articles.ArticleStopped(known.article_id, reason)]
        case "submitting" | "submitted" if not state.stop_wanted:
            # an order at the platform cannot be cancelled: the article is taken down as soon as it is public
            return [order]
        case "published":
            return [order]
    return []


def _confirm_taken_down(state: Article, command: ConfirmTakenDown) -> list[Event]:
    known, reason = state.known, command.reason or state.reason
    if state.status == "taken_down":
        return []
    if state.may_be_public and state.stop_wanted:
        return [articles.ArticleStopped(known.article_id, reason)]
    if state.status not in ("published", "taking_down"):
        raise Refused("not_published", "article_id", state.status)
    if command.at < state.published_at:
        raise Refused("before_publication", "at")
    return [articles.ArticleTakenDown(known.article_id, known.unit_id, command.by, reason, command.at, known.units)]


ARTICLES = Decider(Article, decide_article, evolve_article)
