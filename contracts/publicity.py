"""What publicity says happened to works, reviews, anthologies and videos (articles: contracts/articles.py); never a
word of a work's text.

Days are `YYYY-MM-DD`, instants UTC as `canonical_json.instant` writes them; text that was not given is empty.
`content` is a keyed hash: equal for equal files of the same subjects, and says nothing to who has not their keys.
"""

from typing import Any

from chassis.events.definition import Event, event, personal


class _OfWork(Event):
    work_id: str

    @property
    def stream(self) -> str:
        return f"work-{self.work_id}"


class _OfAnthology(Event):
    anthology_id: str

    @property
    def stream(self) -> str:
        return f"anthology-{self.anthology_id}"


class _OfVideo(Event):
    video_id: str

    @property
    def stream(self) -> str:
        return f"video-{self.video_id}"


@event("publicity.work_nominated")
class WorkNominated(_OfWork):
    """A person's work was put forward, by the author or by the unit: that it exists, of which kind and size."""

    work_id: str
    author_id: str
    unit_id: str
    semester: str
    kind: str
    content: str
    size: int
    nominated_on: str
    by: str
    title: str = personal("author_id")


@event("publicity.consent_given")
class ConsentGiven(_OfWork):
    """The author agreed to these uses of the work, beside those agreed to before."""

    work_id: str
    author_id: str
    levels: tuple[str, ...]
    given_on: str
    how: str


@event("publicity.consent_withdrawn")
class ConsentWithdrawn(_OfWork):
    """The author took back these uses: nothing new appears, what is open is stopped or taken down."""

    work_id: str
    author_id: str
    levels: tuple[str, ...]
    withdrawn_on: str
    cause: str


@event("publicity.reader_assigned")
class ReaderAssigned(_OfWork):
    """A reader who is not of the author's unit was asked to review the work."""

    work_id: str
    reader_id: str
    assigned_on: str


@event("publicity.work_marked")
class WorkMarked(_OfWork):
    """A reader marked the work on the campaign's rubric.  `marks` maps items to decimal texts."""

    work_id: str
    reader_id: str
    marks: dict[str, Any]
    total: str
    marked_on: str


@event("publicity.work_returned")
class WorkReturned(_OfWork):
    """A reader of the work, or its unit, sent it back to the author to be revised."""

    work_id: str
    author_id: str
    unit_id: str
    by: str
    reader_id: str
    returned_on: str
    reason: str = personal("author_id")


@event("publicity.work_revised")
class WorkRevised(_OfWork):
    """The work came again as another file: what was marked before counts no more."""

    work_id: str
    author_id: str
    kind: str
    content: str
    size: int
    revised_on: str
    by: str
    title: str = personal("author_id")


@event("publicity.work_selected")
class WorkSelected(_OfWork):
    """The unit (`level` unit) or the district chose the work."""

    work_id: str
    author_id: str
    unit_id: str
    semester: str
    level: str
    selected_at: str


@event("publicity.work_deselected")
class WorkDeselected(_OfWork):
    """The choice was undone."""

    work_id: str
    author_id: str
    unit_id: str
    level: str
    reason: str
    deselected_at: str


@event("publicity.anthology_compiled")
class AnthologyCompiled(_OfAnthology):
    """An edition of a unit's semester anthology was compiled; `deed` is the first edition since the last take-down."""

    anthology_id: str
    unit_id: str
    semester: str
    edition: int
    deed: int
    level: str
    title: str
    works: tuple[str, ...]
    authors: tuple[str, ...]
    content: str
    size: int
    compiled_at: str


@event("publicity.anthology_outdated")
class AnthologyOutdated(_OfAnthology):
    """A work in it lost its consent: it may not be handed out until it is compiled without that work."""

    anthology_id: str
    work_id: str
    edition: int


@event("publicity.anthology_taken_down")
class AnthologyTakenDown(_OfAnthology):
    """The anthology counts and is handed out no more."""

    anthology_id: str
    unit_id: str
    deed: int
    reason: str
    taken_down_at: str


@event("publicity.video_published")
class VideoPublished(_OfVideo):
    """A learning video ran on an official account on that day; `content` is the SHA-256 of its link."""

    video_id: str
    unit_id: str
    title: str
    link: str
    content: str
    published_at: str


@event("publicity.video_withdrawn")
class VideoWithdrawn(_OfVideo):
    """The entry of a video was taken back."""

    video_id: str
    unit_id: str
    reason: str
    withdrawn_at: str
