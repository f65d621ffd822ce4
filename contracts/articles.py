"""Events of publicity: articles from draft to take-down, and the three readings of what is published.

Instants are UTC as `canonical_json.instant` writes them; text that was not given is empty.  An intent is recorded
before the platform is asked, its answer after it, so that a crash in between is seen."""

from chassis.events.definition import Event, event, meaning

FILM = "SHA-256 of the film of a video, a file of evidence of `unit_id`; empty: no video"
UNITS = "whose deed it is, where works of other units are shown; empty: of `unit_id` alone"


class _OfArticle(Event):
    article_id: str

    @property
    def stream(self) -> str:
        return f"article-{self.article_id}"


@event("publicity.article_drafted", label="推文、视频起草")
class ArticleDrafted(_OfArticle):
    """An article of a unit, or a video with its script (`film`), was drafted, ready for the three readings."""

    article_id: str = meaning("the article")
    unit_id: str = meaning("the unit")
    account: str = meaning("`unit` or `district`: whose official account")
    title: str = meaning("its title")
    works: tuple[str, ...] = meaning("ids of its works, in their order")
    authors: tuple[str, ...] = meaning("ids of its authors")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    size: int = meaning("bytes")
    pictures: int = meaning("number of pictures")
    drafted_on: str = meaning("the day it was drafted")
    units: tuple[str, ...] = meaning(UNITS, default=())
    film: str = meaning(FILM, default="")


@event("publicity.reader_appointed", label="指定审读人")
class ReaderAppointed(Event):
    """Who reads an article or anthology at one of the three stages; a later one replaces the one before."""

    subject: str = meaning("`article` or `anthology`")
    subject_id: str = meaning("id of the article or anthology")
    stage: str = meaning("first, second, final: 初审、复审、终审")
    reader_id: str = meaning("the reader (a person's id)")
    appointed_by: str = meaning("the person who appointed them; empty: the operator or a unit's account")
    appointed_on: str = meaning("the day it was appointed")

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@event("publicity.proof_fetched", label="清样取阅")
class ProofFetched(Event):
    """An appointed reader was handed exactly this content of an article or anthology: what they can pass."""

    subject: str = meaning("`article` or `anthology`")
    subject_id: str = meaning("id of the article or anthology")
    reader_id: str = meaning("the reader (a person's id)")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    fetched_on: str = meaning("the day it was handed out")

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@event("publicity.reading_passed", label="审读通过")
class ReadingPassed(Event):
    """One of the three readings (初审、复审、终审) passed exactly this content of an article or anthology."""

    subject: str = meaning("`article` or `anthology`")
    subject_id: str = meaning("id of the article or anthology")
    stage: str = meaning("first, second, final: 初审、复审、终审")
    reader_id: str = meaning("the reader (a person's id)")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    read_on: str = meaning("the day it was read")

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@event("publicity.reading_returned", label="审读退回")
class ReadingReturned(Event):
    """A reading sent an article or anthology back."""

    subject: str = meaning("`article` or `anthology`")
    subject_id: str = meaning("id of the article or anthology")
    stage: str = meaning("first, second, final: 初审、复审、终审")
    reader_id: str = meaning("the reader (a person's id)")
    reason: str = meaning("why")
    read_on: str = meaning("the day it was read")

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@event("publicity.article_stopped", label="推文、视频停发")
class ArticleStopped(_OfArticle):
    """An article was stopped before it was published."""

    article_id: str = meaning("the article")
    reason: str = meaning("why")


@event("publicity.submission_ordered", label="推文提交")
class SubmissionOrdered(_OfArticle):
    """The article is to be published through the platform's API."""

    article_id: str = meaning("the article")
    account: str = meaning("`unit` or `district`: whose official account")
    ordered_at: str = meaning("when it was ordered, UTC")


@event("publicity.cover_uploaded", label="封面上传")
class CoverUploaded(_OfArticle):
    """The platform keeps the cover under this id, by which the draft and the publication are recognised."""

    article_id: str = meaning("the article")
    media_id: str = meaning("the platform's id of the cover")


@event("publicity.draft_intended", label="草稿待存")
class DraftIntended(_OfArticle):
    """From here on the platform may hold a draft, even if this process dies."""

    article_id: str = meaning("the article")
    intended_at: str = meaning("when it was intended, UTC")


@event("publicity.draft_added", label="草稿已存")
class DraftAdded(_OfArticle):
    """The platform holds the draft under this id."""

    article_id: str = meaning("the article")
    media_id: str = meaning("the platform's id of the draft")


@event("publicity.publish_intended", label="发布待提交")
class PublishIntended(_OfArticle):
    """From here on the platform may publish, even if this process dies."""

    article_id: str = meaning("the article")
    media_id: str = meaning("the platform's id of the draft")
    intended_at: str = meaning("when it was intended, UTC")


@event("publicity.publish_submitted", label="发布已提交")
class PublishSubmitted(_OfArticle):
    """The platform took the order; that is not yet publication."""

    article_id: str = meaning("the article")
    publish_id: str = meaning("the platform's id of the publication order")
    submitted_at: str = meaning("when it was submitted, UTC")


@event("publicity.publication_polled", label="发布结果查询")
class PublicationPolled(_OfArticle):
    """The platform was asked what became of the order."""

    article_id: str = meaning("the article")
    account: str = meaning("`unit` or `district`: whose official account")
    publish_id: str = meaning("the platform's id of the publication order")
    status: int = meaning("the platform's own number: 0 published, 1 under way, others refused")
    polled_at: str = meaning("when the platform was asked, UTC")


@event("publicity.submission_stalled", label="发布暂缓")
class SubmissionStalled(_OfArticle):
    """A step did not go through and is tried again at `until`."""

    article_id: str = meaning("the article")
    step: str = meaning("the step that was attempted")
    code: str = meaning("the platform's error, or ours")
    until: str = meaning("when it is tried again, UTC")


@event("publicity.submission_failed", label="接口发布未成")
class SubmissionFailed(_OfArticle):
    """The platform's API refused, or it is unknown what it did: a person decides, or publishes by hand."""

    article_id: str = meaning("the article")
    step: str = meaning("the step that was attempted")
    code: str = meaning("the platform's error, or ours")
    detail: str = meaning("more for operators")
    again_at: str = meaning("an order may have arrived: when what is public is looked through for it, UTC; empty: none")


@event("publicity.article_published", label="推文、视频发布")
class ArticlePublished(_OfArticle):
    """The article is public: the platform said so, or (`how` hand) a person recorded link and screenshot."""

    article_id: str = meaning("the article")
    unit_id: str = meaning("the unit")
    account: str = meaning("`unit` or `district`: whose official account")
    title: str = meaning("its title")
    link: str = meaning("address of its page")
    how: str = meaning("api or hand")
    platform_id: str = meaning("the platform's id of the article; published by hand: its link")
    evidence: str = meaning("by hand: keyed hash of the screenshot")
    published_at: str = meaning("when it was published, UTC")
    units: tuple[str, ...] = meaning(UNITS, default=())
    film: str = meaning(FILM, default="")

    @property
    def occurred(self) -> str:
        return self.published_at


@event("publicity.article_refused", label="推文被平台退回")
class ArticleRefused(_OfArticle):
    """The platform refused to publish, perhaps long after it had taken the order."""

    article_id: str = meaning("the article")
    status: int = meaning("the platform's own number: 0 published, 1 under way, others refused")
    detail: str = meaning("what the platform answered")
    refused_at: str = meaning("when it was refused, UTC")


@event("publicity.publication_looked", label="公开情况查看")
class PublicationLooked(_OfArticle):
    """The platform was asked whether something is public that should be, or should not."""

    article_id: str = meaning("the article")
    finding: str = meaning("`public`, `gone`, `not_found` (of an order without an answer), or the platform's error")
    looked_at: str = meaning("when it was looked at, UTC")
    again_at: str = meaning("when it is looked at again, UTC; empty: not again")


@event("publicity.take_down_ordered", label="撤稿待办")
class TakeDownOrdered(_OfArticle):
    """A public article is to be taken down."""

    article_id: str = meaning("the article")
    unit_id: str = meaning("the unit")
    how: str = meaning("api: the platform is asked to; hand: a person has to, at the platform")
    reason: str = meaning("why")
    ordered_at: str = meaning("when it was ordered, UTC")


@event("publicity.take_down_failed", label="接口撤稿未成")
class TakeDownFailed(_OfArticle):
    """The article is still public: the platform did not delete it, and is asked again at `until`."""

    article_id: str = meaning("the article")
    unit_id: str = meaning("the unit")
    code: str = meaning("the platform's error, or ours")
    detail: str = meaning("more for operators")
    ordered_at: str = meaning("when it was ordered, UTC")
    until: str = meaning("when it is tried again, UTC")


@event("publicity.take_down_disproved", label="撤稿未实")
class TakeDownDisproved(_OfArticle):
    """A person had recorded that it is gone, and the platform shows it still."""

    article_id: str = meaning("the article")
    unit_id: str = meaning("the unit")
    seen_at: str = meaning("when it was seen, UTC")
    units: tuple[str, ...] = meaning(UNITS, default=())


@event("publicity.article_taken_down", label="撤稿")
class ArticleTakenDown(_OfArticle):
    """The article is not public any more."""

    article_id: str = meaning("the article")
    unit_id: str = meaning("the unit")
    by: str = meaning("hand, api or platform (by itself)")
    reason: str = meaning("why")
    taken_down_at: str = meaning("when it was taken down, UTC")
    units: tuple[str, ...] = meaning(UNITS, default=())
