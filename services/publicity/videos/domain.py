"""The decider of videos shown on an official account (视频展播): the link and the day of its rotation.  Pure."""

import hashlib
from dataclasses import dataclass, replace

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.publicity import VideoPublished, VideoWithdrawn
from services.publicity.domain.links import checked_link
from services.publicity.domain.refusals import Refused


@dataclass(frozen=True, slots=True)
class Video:
    published: VideoPublished | None = None
    withdrawn: bool = False

    @property
    def known(self) -> VideoPublished:
        """The recorded publication.  Raises Refused if there is none."""
        if self.published is None:
            raise Refused("unknown_video", "video_id")
        return self.published


class _ToVideo:
    __slots__ = ()
    video_id: str

    @property
    def stream(self) -> str:
        return f"video-{self.video_id}"


@dataclass(frozen=True, slots=True)
class RecordVideo(_ToVideo):
    """每月至少在公众号轮播一次学习视频或学习成果; `at`: when it ran."""

    video_id: str
    unit_id: str
    title: str
    link: str
    at: str


@dataclass(frozen=True, slots=True)
class WithdrawVideo(_ToVideo):
    video_id: str
    reason: str
    at: str


def decide_video(state: Video, command: RecordVideo | WithdrawVideo) -> list[Event]:
    known = state.published
    match command:
        case RecordVideo(video_id=name, unit_id=unit_id, title=title, at=at):
            link = checked_link(command.link)
            if known is not None:
                if (known.unit_id, known.link, known.published_at) != (unit_id, link, at):
                    raise Refused("conflict", "video_id", name)
                return []
            return [VideoPublished(name, unit_id, title, link, hashlib.sha256(link.encode()).hexdigest(), at)]
        case WithdrawVideo():
            recorded = state.known
            if state.withdrawn:
                return []
            return [VideoWithdrawn(recorded.video_id, recorded.unit_id, command.reason, command.at)]


def evolve_video(state: Video, event: Event) -> Video:
    match event:
        case VideoPublished():
            return replace(state, published=event)
        case VideoWithdrawn():
            return replace(state, withdrawn=True)
    return state


VIDEOS = Decider(Video, decide_video, evolve_video)
