"""The state of an article, and how events change it."""

from dataclasses import dataclass, field, replace

from chassis.events.definition import Event
from contracts import articles
from services.publicity.articles.domain.check_intervals import CHECKS, LOOKS, next_try
from services.publicity.domain.refusals import Refused
from services.publicity.readings.domain import Readings, evolve_readings

SUBMIT_REFUSED = "submit_refused"
"""The step of an error from which it is known that the order was not accepted."""
STILL_PUBLIC = "still_public"
"""The reason of a take-down that a person recorded but that did not happen."""
STUCK = 5
"""The number of consecutive errors about an order after which a person may settle it."""


@dataclass(frozen=True, slots=True)
class Article:
    """`status`: drafted, returned, stopped, submitting, submitted, refused, failed, published, taking_down,
    taken_down.  The fields from `cover` on belong to a submission through the API.  `earlier`: covers of former
    submissions whose outcome is unknown.  `look_at`: when to check whether it is public."""

    draft: articles.ArticleDrafted | None = None
    status: str = ""
    readings: Readings = field(default_factory=Readings)
    how: str = ""
    platform_id: str = ""
    reason: str = ""
    stop_wanted: str = ""
    stop_at: str = ""
    published_at: str = ""
    look_at: str = ""
    looked_at: str = ""
    looks: int = 0
    gone: int = 0
    earlier: tuple[str, ...] = ()
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

    @property
    def is_stuck(self) -> bool:
        """Ordered, and the platform does not report the outcome."""
        ordered = self.status in ("submitting", "submitted") and bool(self.publish_intents)
        return ordered and self.stalls >= STUCK

    @property
    def may_be_public(self) -> bool:
        """Whether the API was given up although an order may have been accepted."""
        return self.status == "failed" and bool(self.publish_intents)


def evolve_article(state: Article, event: Event) -> Article:
    match event:
        case articles.ArticleDrafted():
            return Article(draft=event, status="drafted")
        case articles.ReaderAppointed() | articles.ReadingPassed() | articles.ProofFetched():
            return replace(state, readings=evolve_readings(state.readings, event))
        case articles.ReadingReturned():
            return replace(state, status="returned", reason=event.reason)
        case articles.ArticleStopped():
            return replace(state, status="stopped", reason=event.reason)
        case articles.SubmissionOrdered():
            unknown = (state.cover,) if state.publish_intents and state.status != "refused" else ()
            return Article(state.draft, "submitting", state.readings, "api", earlier=(*state.earlier, *unknown))
        case articles.ArticleRefused():
            return replace(state, status="refused", reason=str(event.status))
        case articles.ArticlePublished():
            status = "taking_down" if state.stop_wanted else "published"
            look_at = next_try(LOOKS, 0, event.published_at)
            return replace(state, status=status, how=event.how, platform_id=event.platform_id, until="", stalls=0,
                           published_at=event.published_at, look_at=look_at, looks=0, gone=0)  # fmt: skip
    return _evolve_public(state, event)


def _evolve_public(state: Article, event: Event) -> Article:
    match event:
        case articles.PublicationLooked():
            gone = {"gone": state.gone + 1, "public": 0}.get(event.finding, state.gone)
            return replace(state, look_at=event.again_at, looks=state.looks + 1, gone=gone,
                           looked_at=event.looked_at)  # fmt: skip
        case articles.TakeDownOrdered():
            status = "taking_down" if state.status == "published" else state.status
            look_at = event.ordered_at if state.may_be_public else state.look_at
            return replace(state, status=status, stop_wanted=event.reason or "-", reason=event.reason, until="",
                           stalls=0, stop_at=event.ordered_at, look_at=look_at)  # fmt: skip
        case articles.TakeDownFailed():
            return replace(state, until=event.until, stalls=state.stalls + 1)
        case articles.TakeDownDisproved():
            return replace(state, status="taking_down", stop_wanted=STILL_PUBLIC, stop_at=event.seen_at, until="",
                           stalls=0, look_at=next_try(LOOKS, 0, event.seen_at), looks=0, gone=0)  # fmt: skip
        case articles.ArticleTakenDown():
            check = next_try(CHECKS, 0, event.taken_down_at) if event.by == "hand" else ""
            return replace(state, status="taken_down", reason=event.reason, until="", look_at=check, looks=0, gone=0)
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
            intents = _without_refused(state, event.step)
            return replace(state, until=event.until, stalls=state.stalls + 1, publish_intents=intents)
        case articles.SubmissionFailed() if state.status in ("submitting", "submitted"):
            intents = _without_refused(state, event.step)
            return replace(state, status="failed", reason=event.code, publish_intents=intents, until="",
                           look_at=event.again_at, looks=0)  # fmt: skip
    return state


def _without_refused(state: Article, step: str) -> tuple[str, ...]:
    """The platform rejected the order: as if it had never been intended."""
    return state.publish_intents[:-1] if step == SUBMIT_REFUSED else state.publish_intents
