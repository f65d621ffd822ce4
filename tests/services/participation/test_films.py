"""A film that a video names is kept and opened by the video's readers, for as long as they are appointed to read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.events.definition import Event
from contracts.articles import ArticleDrafted, ArticleStopped, ReaderAppointed, ReadingReturned
from tests.services.participation.evidence_world import World, video
from tests.services.publicity.district import recorded


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    result = World(tmp_path)
    yield result
    result.close()


def receive(world: World, *events: Event) -> None:
    runtime = world.replica.runtime
    with runtime.unit_of_work("service:participation") as work:
        runtime.projections.apply(work.rows, [(event, recorded(event, at)) for at, event in enumerate(events, 1)])
        work.rows.flush()


def status(world: World, who: str, content: str) -> int:
    return world.ask(who, "GET", f"/api/evidence/{content}").status_code


def drafted(content: str) -> ArticleDrafted:
    return ArticleDrafted("V1", "S1", "unit", "微党课", (), (), "c", 9, 0, "2022-12-05", film=content)


def appointed(reader_id: str) -> ReaderAppointed:
    return ReaderAppointed("article", "V1", "first", reader_id, "P-head", "2022-12-05")


def test_the_readers_of_a_video_open_its_film_and_nobody_else_does(world: World) -> None:
    film = world.upload("P-clerk", video(), "片.mp4")["content"]
    assert status(world, "P1", film) == 403
    receive(world, drafted(film), appointed("P1"))
    assert status(world, "P1", film) == 200
    part = world.ask("P1", "GET", f"/api/evidence/{film}", Range="bytes=0-9")
    assert part.status_code == 206 and len(part.get_data()) == 10, "a player asks for parts"
    assert status(world, "P2", film) == status(world, "P-other", film) == 403
    receive(world, appointed("P2"))
    assert status(world, "P1", film) == 403 and status(world, "P2", film) == 200, "replaced"
    receive(world, ReadingReturned("article", "V1", "first", "P2", "字幕有误", "2022-12-05"))
    assert status(world, "P2", film) == 403


def test_a_film_stays_while_a_video_names_it(world: World) -> None:
    film, other = (world.upload("P-clerk", video() + mark, "片.mp4")["content"] for mark in (b"1", b"2"))
    receive(world, drafted(film))
    world.clock.write_text("2023-01-20T09:00:00+08:00")
    world.replica.service.evidence.sweep()
    assert status(world, "P-clerk", film) == 200 and status(world, "P-clerk", other) == 403
    receive(world, ArticleStopped("V1", "不发了"))
    world.replica.service.evidence.sweep()
    assert status(world, "P-clerk", film) == 403
