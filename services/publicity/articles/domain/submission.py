"""What comes next in publishing by the platform's API, and what each of its answers means.

Every call that could make something public is preceded by an intent, so that after a crash the
platform is asked whether it was made, before it is made again.  Pure: no clock, store or broker."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Final, TypeAlias

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from contracts import articles
from services.publicity.articles.domain.looks import BACKOFF, SEARCHES, next_try, next_try_if_any
from services.publicity.articles.domain.state import SUBMIT_REFUSED, Article

SETTLING: Final = timedelta(minutes=10)
"""How long an order whose answer was lost may still be on its way at the platform."""
MOST_INTENTS: Final = 2
"""An order of which the platform knows nothing after SETTLING is repeated once, never twice."""
MOST_STALLS: Final = 20
STATUSES: Final = range(7)
"""The platform's own numbers of an order: 0 public, 1 under way, 5 and 6 public and removed again, else refused."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before `until`; empty: nothing to do at all."""

    until: str = ""


@dataclass(frozen=True, slots=True)
class UploadCover: ...


@dataclass(frozen=True, slots=True)
class AddDraft:
    """`find_first`: an earlier order may have arrived; look for the draft by its cover."""

    find_first: bool


@dataclass(frozen=True, slots=True)
class SubmitDraft: ...


@dataclass(frozen=True, slots=True)
class FindPublication:
    """An order may have arrived or not: look among what is public, then among the drafts."""


@dataclass(frozen=True, slots=True)
class Poll: ...


@dataclass(frozen=True, slots=True)
class Look:
    """Ask whether it is public still: what is shown, and what a person recorded as gone."""


@dataclass(frozen=True, slots=True)
class Remove: ...


Step: TypeAlias = Rest | UploadCover | AddDraft | SubmitDraft | FindPublication | Poll | Look | Remove


def next_step(state: Article, now: str) -> Step:
    """The next call to the platform for this article."""
    if state.until > now:
        return Rest(state.until)
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
            return Poll() if due <= now else Rest(due)
        case "taking_down" if state.how == "api":
            return Remove()
        case "published" | "taken_down" | "failed" if state.look_at and state.how == "api":
            look = FindPublication() if state.status == "failed" else Look()
            return look if state.look_at <= now else Rest(state.look_at)
    return Rest()


def stalled(state: Article, step: str, code: str, now: str, until: str = "") -> list[Event]:
    """The step did not go through and may later; after many tries a person has to look.  An order that the platform
    took is asked about for ever."""
    if state.stalls >= MOST_STALLS and state.status == "submitting":
        return failed(state, step, code, "", now)
    again_at = until or next_try(BACKOFF, state.stalls, now)
    return [articles.SubmissionStalled(state.known.article_id, step, code, again_at)]


def failed(state: Article, step: str, code: str, detail: str, now: str) -> list[Event]:
    """The API will not do it: by hand, or another order when the cause is mended.  What may have been ordered all the
    same is searched for."""
    if state.status not in ("submitting", "submitted"):
        return []  # nothing that comes later makes what is public less so
    orders = len(state.publish_intents) - (step == SUBMIT_REFUSED)
    again_at = next_try_if_any(SEARCHES, 0, now) if orders > 0 else ""
    return [articles.SubmissionFailed(state.known.article_id, step, code, detail[:200], again_at)]


def after_search(state: Article, platform_id: str, link: str, draft_exists: bool, now: str) -> list[Event]:
    """What is to be done when an order's answer was lost and the platform was looked through."""
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
    """An order without an answer was searched for, in vain or (`finding`: the fault) without a result."""
    known, again_at = state.known, next_try_if_any(SEARCHES, state.looks + 1, now)
    if finding != "not_found":
        again_at = again_at or next_try(SEARCHES, state.looks, now)
    events: list[Event] = [articles.PublicationLooked(known.article_id, finding, now, again_at)]
    if state.stop_wanted and not again_at:
        events.append(articles.ArticleStopped(known.article_id, state.stop_wanted))
    return events


def after_poll(state: Article, status: int, platform_id: str, link: str, now: str) -> list[Event]:
    """What became of an order that the platform had taken."""
    known = state.known
    if state.status != "submitted":
        return []
    polled = articles.PublicationPolled(known.article_id, known.account, state.publish_id, status, now)
    match status:
        case 0:
            return [polled, *published(state, platform_id, link, now)]
        case 1:
            return [polled]
        case 5 | 6:  # it had been public between two polls
            gone = articles.ArticleTakenDown(
                known.article_id, known.unit_id, "platform", f"status {status}", now, known.units
            )
            return [polled, *published(state, platform_id, link, now), gone]
    return [polled, articles.ArticleRefused(known.article_id, status, "", now)]


def published(state: Article, platform_id: str, link: str, now: str) -> list[Event]:
    """The platform says that it is public: once."""
    known = state.known
    if state.status not in ("submitting", "submitted", "failed"):
        return []
    return [articles.ArticlePublished(known.article_id, known.unit_id, known.account, known.title, link, "api",
                                      platform_id, "", now, known.units)]  # fmt: skip


def next_midnight(now: str, zone: tzinfo) -> str:
    """When a daily quota begins anew: a few minutes past the local midnight."""
    return instant(moment(last_midnight(now, zone)) + timedelta(days=1, minutes=5))


def last_midnight(now: str, zone: tzinfo) -> str:
    local = moment(now).astimezone(zone)
    return instant(local.replace(hour=0, minute=0, second=0, microsecond=0))
