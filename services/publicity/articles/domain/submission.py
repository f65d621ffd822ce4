"""The state machine of publishing through the platform's API: the next step, and the meaning of each result.

Every call that could make something public is preceded by an intent event, so that after a crash the platform is asked
whether the call was made before it is repeated.  Pure: no clock, store or broker."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final, TypeAlias

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from contracts import articles
from services.publicity.articles.domain.check_intervals import BACKOFF, SEARCHES, next_try, next_try_if_any
from services.publicity.articles.domain.state import SUBMIT_REFUSED, Article

SETTLING: Final = timedelta(minutes=10)
"""How long an order whose response was lost may take to appear at the platform."""
MOST_INTENTS: Final = 2
"""An order that is unknown to the platform after SETTLING is repeated once, never twice."""
MOST_STALLS: Final = 20
STATUSES: Final = range(7)
"""The platform's status codes of an order: 0 public, 1 in progress, 5 and 6 public and removed again, else rejected."""


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """Nothing to do before `until`; empty: nothing to do at all."""

    until: str = ""


@dataclass(frozen=True, slots=True)
class UploadCover: ...


@dataclass(frozen=True, slots=True)
class AddDraft:
    """`find_first`: an earlier order may have been accepted, so look for the draft by its cover first."""

    find_first: bool


@dataclass(frozen=True, slots=True)
class SubmitDraft: ...


@dataclass(frozen=True, slots=True)
class FindPublication:
    """An order may have been accepted: look for it among public articles, then among drafts."""


@dataclass(frozen=True, slots=True)
class Poll: ...


@dataclass(frozen=True, slots=True)
class CheckPublic:
    """Check whether it is still public; also after a person recorded it as taken down."""


@dataclass(frozen=True, slots=True)
class Remove: ...


Step: TypeAlias = NothingToDo | UploadCover | AddDraft | SubmitDraft | FindPublication | Poll | CheckPublic | Remove


def next_step(state: Article, now: str) -> Step:
    """The next call to the platform for this article."""
    if state.until > now:
        return NothingToDo(state.until)
    match state.status:
        case "submitting" if not state.cover:
            return UploadCover()
        case "submitting" if not state.media_id:
            return AddDraft(find_first=state.draft_intents > 0)
        case "submitting" if not state.publish_intents:
            return SubmitDraft()
        case "submitting":
            return FindPublication()
        case "submitted":
            due = next_try(BACKOFF, len(state.polls), state.polls[-1] if state.polls else state.submitted_at)
            return Poll() if due <= now else NothingToDo(due)
        case "taking_down" if state.how == "api":
            return Remove()
        case "published" | "taken_down" | "failed" if state.look_at and state.how == "api":
            look = FindPublication() if state.status == "failed" else CheckPublic()
            return look if state.look_at <= now else NothingToDo(state.look_at)
    return NothingToDo()


def stalled(state: Article, step: str, code: str, now: str, until: str = "") -> list[Event]:
    """The step failed temporarily; after many attempts a person is asked to look.  An accepted order is polled without
    end."""
    if state.stalls >= MOST_STALLS and state.status == "submitting":
        return failed(state, step, code, "", now)
    again_at = until or next_try(BACKOFF, state.stalls, now)
    return [articles.SubmissionStalled(state.known.article_id, step, code, again_at)]


def failed(state: Article, step: str, code: str, detail: str, now: str) -> list[Event]:
    """The API rejects the step for good: publish by hand, or order again after correcting the cause.  An order that may
    have been accepted is still searched for."""
    if state.status not in ("submitting", "submitted"):
        return []  # a public article stays public whatever fails later
    orders = len(state.publish_intents) - (step == SUBMIT_REFUSED)
    again_at = next_try_if_any(SEARCHES, 0, now) if orders > 0 else ""
    return [articles.SubmissionFailed(state.known.article_id, step, code, detail[:200], again_at)]


def after_search(state: Article, platform_id: str, link: str, draft_exists: bool, now: str) -> list[Event]:
    """The events after the platform was searched for an order whose response was lost."""
    if platform_id:
        return published(state, platform_id, link, now)
    if state.status == "failed":
        return not_found(state, "not_found", now)
    waited = moment(now) - moment(state.publish_intents[-1])
    if waited < SETTLING:
        return [articles.SubmissionStalled(state.known.article_id, "find_publication", "not_seen_yet",
                                       instant(moment(state.publish_intents[-1]) + SETTLING))]  # fmt: skip
    if state.stop_wanted and draft_exists:
        return [articles.ArticleStopped(state.known.article_id, state.stop_wanted)]
    if draft_exists and len(state.publish_intents) < MOST_INTENTS:
        return [articles.PublishIntended(state.known.article_id, state.media_id, now)]
    if draft_exists:
        return failed(state, "find_publication", "unknown_outcome", "", now)
    return stalled(state, "find_publication", "draft_gone", now)


def not_found(state: Article, finding: str, now: str) -> list[Event]:
    """An order without a response was not found, or (`finding`: the error) could not be searched for."""
    known, again_at = state.known, next_try_if_any(SEARCHES, state.looks + 1, now)
    if finding != "not_found":
        again_at = again_at or next_try(SEARCHES, state.looks, now)
    events: list[Event] = [articles.PublicationLooked(known.article_id, finding, now, again_at)]
    if state.stop_wanted and not again_at:
        events.append(articles.ArticleStopped(known.article_id, state.stop_wanted))
    return events


def after_poll(state: Article, status: int, platform_id: str, link: str, now: str) -> list[Event]:
    """The result of polling an accepted order."""
    known = state.known
    if state.status != "submitted":
        return []
    polled = articles.PublicationPolled(known.article_id, known.account, state.publish_id, status, now)
    match status:
        case 0:
            return [polled, *published(state, platform_id, link, now)]
        case 1:
            return [polled]
        case 5 | 6:  # it was public between two polls
            gone = articles.ArticleTakenDown(
                known.article_id, known.unit_id, "platform", f"status {status}", now, known.units
            )
            return [polled, *published(state, platform_id, link, now), gone]
    return [polled, articles.ArticleRefused(known.article_id, status, "", now)]


def published(state: Article, platform_id: str, link: str, now: str) -> list[Event]:
    """The platform reports it public; recorded once."""
    known = state.known
    if state.status not in ("submitting", "submitted", "failed"):
        return []
    return [articles.ArticlePublished(known.article_id, known.unit_id, known.account, known.title, link, "api",
                                      platform_id, "", now, known.units)]  # fmt: skip


def next_midnight(now: str, zone: tzinfo) -> str:
    """When a daily quota is renewed: a few minutes after local midnight."""
    return instant(moment(last_midnight(now, zone)) + timedelta(days=1, minutes=5))


def last_midnight(now: str, zone: tzinfo) -> str:
    local = moment(now).astimezone(zone)
    return instant(local.replace(hour=0, minute=0, second=0, microsecond=0))
