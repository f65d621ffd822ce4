"""Decisions after the platform was asked whether an article is public, or gone as recorded.  Pure."""

from chassis.events.definition import Event
from contracts import articles
from services.publicity.articles.domain.check_intervals import (
    BACKOFF,
    CHECKS,
    LOOKS,
    NO_RIGHT,
    later,
    next_try,
    next_try_if_any,
)
from services.publicity.articles.domain.state import Article


def after_check(state: Article, finding: str, now: str) -> list[Event]:
    """`finding`: public, gone, or the code of an error, after which nothing is known."""
    known = state.known
    events: list[Event] = []
    match state.status, finding:
        case "published", "gone":
            again_at = ""
            events = [articles.ArticleTakenDown(known.article_id, known.unit_id, "platform", "gone", now, known.units)]
        case "published", _:
            again_at = next_try(LOOKS, state.looks, now)
        case "taken_down", "gone":
            again_at = ""
        case "taken_down", "public":
            again_at = ""
            events = [articles.TakeDownDisproved(known.article_id, known.unit_id, now, known.units)]
        case "taken_down", _:
            again_at = next_try_if_any(CHECKS, state.looks + 1, now)
        case _:
            return []
    return [articles.PublicationLooked(known.article_id, finding, now, again_at), *events]


def after_link_check(state: Article, finding: str, now: str) -> list[Event]:
    """For an article published by hand, after reading its public page.  `finding`: public, gone, or undecided.  A
    single result of gone may be an error of the site: it must be confirmed an hour later or more."""
    if state.how != "hand" or state.status not in ("published", "taking_down", "taken_down"):
        return []
    known = state.known
    if finding == "gone" and not state.gone:
        return [articles.PublicationLooked(known.article_id, finding, now, later(now, 60))]
    if state.status != "taking_down":
        return after_check(state, finding, now)
    if finding != "gone":
        again_at = next_try(LOOKS, state.looks, now)
        return [articles.PublicationLooked(known.article_id, finding, now, again_at)]
    gone = articles.ArticleTakenDown(known.article_id, known.unit_id, "platform", state.stop_wanted, now, known.units)
    return [articles.PublicationLooked(known.article_id, finding, now, ""), gone]


def still_public(state: Article, code: str, detail: str, passing: bool, now: str, until: str = "") -> list[Event]:
    """The platform did not delete it.  `passing`: a later attempt may succeed; else a permission is missing."""
    known = state.known
    if state.status != "taking_down":
        return []
    again_at = until or next_try(BACKOFF if passing else NO_RIGHT, state.stalls, now)
    return [articles.TakeDownFailed(known.article_id, known.unit_id, code, detail[:200], state.stop_at, again_at)]
