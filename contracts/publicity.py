"""Events of publicity: works, reviews, anthologies and videos (articles: contracts/articles.py); never a word of a
work's text.

Days are `YYYY-MM-DD`, instants UTC as `canonical_json.instant` writes them; text that was not given is empty.
`content` is a keyed hash: equal for equal files of the same subjects, and without their keys it tells nothing.
"""

from typing import Any

from chassis.events.definition import Event, event, meaning, personal


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


@event("publicity.work_nominated", label="推荐作品")
class WorkNominated(_OfWork):
    """A person's work was nominated, by the author or by the unit."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    unit_id: str = meaning("the unit")
    semester: str = meaning("id of the semester")
    kind: str = meaning("text, docx, picture")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    size: int = meaning("bytes of the file that was handed in")
    nominated_on: str = meaning("the day it was nominated")
    by: str = meaning("`author` or `unit`")
    title: str = personal("author_id", "its title")
    left_out: str = personal("author_id", "what of its file does not stand in it, a sentence a line", default="")
    fingerprint: str = meaning("equal for equal texts, whoever hands them in; keyed by publicity", default="")


@event("publicity.work_put_forward", label="单位推荐")
class WorkPutForward(_OfWork):
    """The unit put a work forward for review that its author had handed in."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    unit_id: str = meaning("the unit")
    put_forward_on: str = meaning("the day it was put forward")


@event("publicity.consent_given", label="作者授权")
class ConsentGiven(_OfWork):
    """The author agreed to these uses of the work, beside those agreed to before."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    levels: tuple[str, ...] = meaning("of inside, unit, district, print")
    given_on: str = meaning("the day the consent was given")
    how: str = meaning("`self` or `paper`")


@event("publicity.consent_withdrawn", label="撤回授权")
class ConsentWithdrawn(_OfWork):
    """The author took back these uses: nothing new appears, what is open is stopped or taken down."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    levels: tuple[str, ...] = meaning("of inside, unit, district, print")
    withdrawn_on: str = meaning("the day it was withdrawn")
    cause: str = meaning("author or erased")
    whole: bool = meaning("no use is agreed to any more", default=False)


@event("publicity.reviewer_assigned", label="指定评审人")
class ReviewerAssigned(_OfWork):
    """A reviewer who is not of the author's unit was asked to review the work."""

    work_id: str = meaning("the work")
    reviewer_id: str = meaning("the reviewer (a person's id)")
    assigned_on: str = meaning("the day it was assigned")
    review_id: str = meaning("the work's id as this reviewer sees it, by chance", default="")
    due_on: str = meaning("the day until which it is to be marked; empty: none", default="")


@event("publicity.reviewer_released", label="评审人退出评审")
class ReviewerReleased(_OfWork):
    """A reviewer who has not marked the work reviews it no more: they declined, or the office took it back."""

    work_id: str = meaning("the work")
    reviewer_id: str = meaning("the reviewer (a person's id)")
    cause: str = meaning("acquainted, involved, unable (the reviewer declined) or office (taken back)")
    released_on: str = meaning("the day it ended")


@event("publicity.work_marked", label="评审")
class WorkMarked(_OfWork):
    """A reviewer marked the work on the campaign's rubric."""

    work_id: str = meaning("the work")
    reviewer_id: str = meaning("the reviewer (a person's id)")
    marks: dict[str, Any] = meaning("item of the rubric -> decimal text")
    total: str = meaning("sum of the marks, decimal text")
    marked_on: str = meaning("the day it was marked")


@event("publicity.review_commented", label="评审意见")
class ReviewCommented(_OfWork):
    """What a reviewer who marked the work tells its author; it names no reviewer."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    review_id: str = meaning("the work's id as this reviewer sees it, by chance")
    commented_on: str = meaning("the day of the comment")
    comment: str = personal("author_id", "the comment")


@event("publicity.work_returned", label="作品退回修改")
class WorkReturned(_OfWork):
    """A reviewer of the work, or its unit, sent it back to the author to be revised."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    unit_id: str = meaning("the unit")
    by: str = meaning("reviewer or unit")
    reviewer_id: str = meaning("which of its reviewers; empty: its unit")
    returned_on: str = meaning("the day it was returned")
    reason: str = personal("author_id", "why")


@event("publicity.work_revised", label="作品修改稿")
class WorkRevised(_OfWork):
    """The work was handed in again as another file: marks given before count no more."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    kind: str = meaning("text, docx, picture")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    size: int = meaning("bytes")
    revised_on: str = meaning("the day it was revised")
    by: str = meaning("`author` or `unit`")
    title: str = personal("author_id", "its title")
    left_out: str = personal("author_id", "what of its file does not stand in it, a sentence a line", default="")
    fingerprint: str = meaning("equal for equal texts, whoever hands them in; keyed by publicity", default="")


@event("publicity.work_selected", label="作品入选")
class WorkSelected(_OfWork):
    """The unit or the district selected the work."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    unit_id: str = meaning("the unit")
    semester: str = meaning("id of the semester")
    level: str = meaning("`unit` or `district`")
    selected_at: str = meaning("when it was selected, UTC")
    turn: int = meaning("1; 2 when it was revised after its first selection was undone, and so on", default=1)
    reason: str = personal("author_id", "why it was chosen", default="")


@event("publicity.work_deselected", label="取消入选")
class WorkDeselected(_OfWork):
    """The selection was undone."""

    work_id: str = meaning("the work")
    author_id: str = meaning("the author (a person's id)")
    unit_id: str = meaning("the unit")
    level: str = meaning("`unit` or `district`")
    reason: str = meaning("why")
    deselected_at: str = meaning("when the selection was undone, UTC")
    turn: int = meaning("which of its selections at this level", default=1)


@event("publicity.anthology_compiled", label="优秀成果汇编成册")
class AnthologyCompiled(_OfAnthology):
    """An edition of a unit's semester anthology was compiled."""

    anthology_id: str = meaning("the anthology")
    unit_id: str = meaning("the unit")
    semester: str = meaning("id of the semester")
    edition: int = meaning("1, 2, ...")
    first_edition: int = meaning("the first edition since the last take-down: it identifies the record")
    level: str = meaning("inside, unit, district, print")
    title: str = meaning("its title")
    works: tuple[str, ...] = meaning("ids of its works, in their order")
    authors: tuple[str, ...] = meaning("ids of its authors")
    content: str = meaning("equal for equal files of one subject; keyed where the work is a person's")
    size: int = meaning("bytes")
    compiled_at: str = meaning("when it was compiled, UTC")


@event("publicity.anthology_outdated", label="汇编待重编")
class AnthologyOutdated(_OfAnthology):
    """A work in it lost its consent: the anthology may not be handed out until it is compiled without that work."""

    anthology_id: str = meaning("the anthology")
    work_id: str = meaning("the work that lost its consent")
    edition: int = meaning("the edition that is outdated")


@event("publicity.anthology_taken_down", label="汇编撤下")
class AnthologyTakenDown(_OfAnthology):
    """The anthology is withdrawn: it no longer counts and is no longer handed out."""

    anthology_id: str = meaning("the anthology")
    unit_id: str = meaning("the unit")
    first_edition: int = meaning("the first edition since the last take-down: it identifies the record")
    reason: str = meaning("why")
    taken_down_at: str = meaning("when it was taken down, UTC")


@event("publicity.video_published", label="视频展播")
class VideoPublished(_OfVideo):
    """A learning video was published on an official account on that day."""

    video_id: str = meaning("the video")
    unit_id: str = meaning("the unit")
    title: str = meaning("its title")
    link: str = meaning("address of its page")
    content: str = meaning("SHA-256 of the link: the same video counts once")
    published_at: str = meaning("when it was published, UTC")


@event("publicity.video_withdrawn", label="视频展播撤回")
class VideoWithdrawn(_OfVideo):
    """The record of a video was withdrawn."""

    video_id: str = meaning("the video")
    unit_id: str = meaning("the unit")
    reason: str = meaning("why")
    withdrawn_at: str = meaning("when the entry was taken back, UTC")
