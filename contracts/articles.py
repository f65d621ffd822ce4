"""What publicity says happened to articles, from draft to take-down, and to the three readings of what is shown.

Instants are UTC as `canonical_json.instant` writes them; text that was not given is empty.  An intent is said before
the platform is asked, its answer after: so a crash in between is seen."""

from chassis.events.definition import Event, event


class _OfArticle(Event):
    article_id: str

    @property
    def stream(self) -> str:
        return f"article-{self.article_id}"


@event("publicity.article_drafted")
class ArticleDrafted(_OfArticle):
    """An article of a unit stands ready to be read, for an account (unit or district)."""

    article_id: str
    unit_id: str
    account: str
    title: str
    works: tuple[str, ...]
    authors: tuple[str, ...]
    content: str
    size: int
    pictures: int
    drafted_on: str


@event("publicity.reading_passed")
class ReadingPassed(Event):
    """One of the three readings (初审、复审、终审) passed exactly this content of an article or anthology."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    content: str
    read_on: str

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@event("publicity.reading_returned")
class ReadingReturned(Event):
    """A reading sent an article or anthology back."""

    subject: str
    subject_id: str
    stage: str
    reader_id: str
    reason: str
    read_on: str

    @property
    def stream(self) -> str:
        return f"{self.subject}-{self.subject_id}"


@event("publicity.article_stopped")
class ArticleStopped(_OfArticle):
    """An article that had not appeared will not appear."""

    article_id: str
    reason: str


@event("publicity.submission_ordered")
class SubmissionOrdered(_OfArticle):
    """The article is to go out by the platform's API."""

    article_id: str
    account: str
    ordered_at: str


@event("publicity.cover_uploaded")
class CoverUploaded(_OfArticle):
    """The platform keeps the cover under this id, by which the draft and the publication are known again."""

    article_id: str
    media_id: str


@event("publicity.draft_intended")
class DraftIntended(_OfArticle):
    """From here on the platform may hold a draft, whatever becomes of us."""

    article_id: str
    intended_at: str


@event("publicity.draft_added")
class DraftAdded(_OfArticle):
    """The platform holds the draft under this id."""

    article_id: str
    media_id: str


@event("publicity.publish_intended")
class PublishIntended(_OfArticle):
    """From here on the platform may publish, whatever becomes of us."""

    article_id: str
    media_id: str
    intended_at: str


@event("publicity.publish_submitted")
class PublishSubmitted(_OfArticle):
    """The platform took the order; that is not yet publication."""

    article_id: str
    publish_id: str
    submitted_at: str


@event("publicity.publication_polled")
class PublicationPolled(_OfArticle):
    """The platform was asked what became of the order; `status` is its own number."""

    article_id: str
    account: str
    publish_id: str
    status: int
    polled_at: str


@event("publicity.submission_stalled")
class SubmissionStalled(_OfArticle):
    """A step did not go through and is tried again at `until`."""

    article_id: str
    step: str
    code: str
    until: str


@event("publicity.submission_failed")
class SubmissionFailed(_OfArticle):
    """The platform's API will not do it, or nobody can tell what it did: a person decides, or publishes by hand."""

    article_id: str
    step: str
    code: str
    detail: str


@event("publicity.article_published")
class ArticlePublished(_OfArticle):
    """The article is public: the platform said so, or (`how` hand) a person recorded link and screenshot."""

    article_id: str
    unit_id: str
    account: str
    title: str
    link: str
    how: str
    platform_id: str
    evidence: str
    published_at: str

    @property
    def occurred(self) -> str:
        return self.published_at


@event("publicity.article_refused")
class ArticleRefused(_OfArticle):
    """The platform refused to publish, perhaps long after it had taken the order."""

    article_id: str
    status: int
    detail: str
    refused_at: str


@event("publicity.take_down_ordered")
class TakeDownOrdered(_OfArticle):
    """A public article is to disappear."""

    article_id: str
    reason: str
    ordered_at: str


@event("publicity.article_taken_down")
class ArticleTakenDown(_OfArticle):
    """The article is not public any more."""

    article_id: str
    unit_id: str
    by: str
    reason: str
    taken_down_at: str
