"""What an article has come to, and how events change it."""

from dataclasses import dataclass, field, replace

from chassis.events.definition import Event
from contracts import articles
from services.publicity.domain.refusals import Refused
from services.publicity.readings.domain import Readings, evolve_readings


@dataclass(frozen=True, slots=True)
class Article:
    """`status`: drafted, returned, stopped, submitting, submitted, refused, failed, published, taking_down,
    taken_down.  The fields from `cover` on belong to a submission by the API."""

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


def evolve_article(state: Article, event: Event) -> Article:
    match event:
        case articles.ArticleDrafted():
            return Article(draft=event, status="drafted")
        case articles.ReaderAppointed() | articles.ReadingPassed():
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
            refused = event.step == "submit_refused"  # the platform refused the order: as if never intended
            intents = state.publish_intents[:-1] if refused else state.publish_intents
            return replace(state, until=event.until, stalls=state.stalls + 1, publish_intents=intents)
    return state
