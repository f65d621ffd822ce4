"""Evidence from its upload to its reader: what is kept, who may read it, what an erasure leaves, on both stores."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from duties.record_kinds import FILE_TYPES
from services.participation.campaign.handlers import launch_campaign
from services.participation.evidence.file_types import TYPE_IN_WORDS
from services.participation.evidence.projections import evidence_files
from services.participation.evidence.uploads import EXPIRE_SECONDS
from services.participation.registry.handlers import erase_person
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR
from tests.services.participation.evidence_world import PDF, World, location, photo, video


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = request.getfixturevalue("new_database")() if request.param == "postgresql" else ""
    result = World(tmp_path, url)
    yield result
    result.close()


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[World]:
    """Of one store: what a store has no part in."""
    result = World(tmp_path)
    yield result
    result.close()


def read(world: World, who: str, content: str, query: str = "", **headers: str) -> tuple[int, bytes, Any]:
    response = world.ask(who, "GET", f"/api/evidence/{content}{query}", **headers)
    return response.status_code, response.get_data(), response.headers


def kept_files(world: World) -> list[Path]:
    return [path for path in (world.folder / "participation" / "evidence").rglob("*") if path.is_file()]


def test_a_picture_is_kept_upright_and_without_its_place(world: World) -> None:
    given = photo(640, 480)
    kept = world.upload("P-clerk", given, "IMG_1.JPG")
    assert kept["media_type"] == "image/jpeg" and kept["uploaded"] == hashlib.sha256(given).hexdigest()
    status, content, headers = read(world, "P-clerk", kept["content"])
    assert status == 200 and hashlib.sha256(content).hexdigest() == kept["content"]
    image = Image.open(io.BytesIO(content))
    assert image.size == (480, 640) and not image.getexif() and b"OWNER-OF-PHONE" not in content
    red, _, blue = image.getpixel((470, 10))  # type: ignore[misc]
    assert red > 150 > blue, "it was turned to the right"
    small = Image.open(io.BytesIO(read(world, "P-clerk", kept["content"], "?form=small")[1]))
    assert max(small.size) <= 1280 and small.size[1] > small.size[0]
    assert headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''IMG_1.jpg")
    assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]


def test_a_picture_in_heic_is_kept_as_jpeg_and_without_its_place(small_world: World) -> None:
    given = (Path(__file__).parent / "pictures" / "phone.heic").read_bytes()
    kept = small_world.upload("P-clerk", given, "IMG_2.HEIC")
    assert kept.get("media_type") == "image/jpeg" and kept["uploaded"] == hashlib.sha256(given).hexdigest(), kept
    content = read(small_world, "P-clerk", kept["content"])[1]
    image = Image.open(io.BytesIO(content))
    assert image.size == (640, 480) and not image.getexif() and b"OWNER-OF-PHONE" not in content
    red, _, blue = image.getpixel((10, 10))  # type: ignore[misc]
    assert red > 150 > blue, "HEIC says itself how it is turned; its EXIF says it once more"
    thumb = Image.open(io.BytesIO(read(small_world, "P-clerk", kept["content"], "?form=thumb")[1]))
    assert max(thumb.size) == 320
    broken = small_world.upload("P-clerk", given[:600], "IMG_3.HEIC")
    assert broken["code"] in ("broken_picture", "picture_format"), broken


def test_the_same_file_twice_is_kept_once(world: World) -> None:
    assert world.upload("P-clerk", PDF, "a.pdf")["content"] == world.upload("P-head", PDF, "b.pdf")["content"]
    assert len(world.replica.rows(evidence_files)) == 1
    assert world.upload("P-other", PDF, "c.pdf", unit_id="S2")["content"] == hashlib.sha256(PDF).hexdigest()
    assert len(world.replica.rows(evidence_files)) == 2


def test_who_may_read_a_unit_s_file(world: World) -> None:
    content = world.upload("P-clerk", PDF, "a.pdf")["content"]
    readers = ("operator", "P-clerk", "P-head", "P-inspector", "P-liaison", "P-office")
    for who in (*readers, "P-other", "P-leader", "P1"):
        assert read(world, who, content)[0] == (200 if who in readers else 403), who
    assert read(world, "P-other", "0" * 64)[0] == 403, "nobody learns what there is"
    assert read(world, "P-office", "0" * 64)[0] == 404


def test_a_private_file_is_its_person_s_and_lies_under_their_key(world: World) -> None:
    kept = world.upload("P1", PDF + b"SECRET-THOUGHT", "心得.pdf", person_id="P1", private="1")
    assert kept["content"] != hashlib.sha256(PDF + b"SECRET-THOUGHT").hexdigest(), "no hash to try guesses on"
    assert read(world, "P1", kept["content"])[1] == PDF + b"SECRET-THOUGHT"
    assert {read(world, who, kept["content"])[0] for who in ("P-clerk", "P-office", "P2", "P-inspector")} <= {403, 404}
    assert not [path for path in kept_files(world) if b"SECRET-THOUGHT" in path.read_bytes()]
    assert all("心得" not in event.data for event in world.replica.log())
    assert world.upload("P-clerk", PDF, person_id="P1", private="1")["code"] == "not_allowed"
    listed = json.loads(world.ask("P-clerk", "GET", "/api/evidence?unit_id=S1").get_data())
    assert listed["files"] == []


def test_an_erasure_leaves_no_file_of_the_person(world: World) -> None:
    mine = world.upload("P1", photo(), person_id="P1")["content"]
    theirs = world.upload("P2", photo(), person_id="P2")["content"]
    begun = world.begin("P1", 100, person_id="P1")
    service = world.replica.service
    erased = erase_person(service.store, service.units_of_work, service.erase_files, "P1", OPERATOR, "")
    assert erased["erased"]["import_rows"] == 3, "the file, what became of its upload, the other upload"
    assert not [path for path in kept_files(world) if mine in path.name]
    assert read(world, "P-clerk", mine)[0] in (403, 404)
    assert read(world, "P2", theirs)[0] == 200
    assert world.ask("P1", "HEAD", location(begun)).status_code == 410
    row = next(row for row in world.replica.rows(evidence_files) if row.content == mine)
    assert (row.name, row.uploaded) == ("", "")


def test_a_scan_is_put_to_a_record_later_and_taken_away_with_a_reason(world: World) -> None:
    world.record("R1")
    content = world.upload("P-clerk", PDF, "签到表.pdf")["content"]
    attach, detach = f"/api/evidence/{content}/attach", f"/api/evidence/{content}/detach"
    assert world.ask("P-clerk", "POST", attach, {"record_id": "R1"}).status_code == 200
    before = len(world.replica.log())
    assert world.ask("P-head", "POST", attach, {"record_id": "R1"}).status_code == 200
    assert len(world.replica.log()) == before, "again changes nothing"
    files = json.loads(world.ask("P-liaison", "GET", "/api/evidence?record_id=R1").get_data())["files"]
    assert [(file["name"], file["records"]) for file in files] == [("签到表.pdf", ["R1"])]
    assert world.ask("P-inspector", "POST", detach, {"record_id": "R1", "reason": "x"}).status_code == 403
    assert world.ask("P-clerk", "POST", detach, {"record_id": "R1", "reason": "传错了"}).status_code == 200
    assert world.ask("P-clerk", "POST", detach, {"record_id": "R1", "reason": "传错了"}).status_code == 409
    assert json.loads(world.ask("P-clerk", "GET", "/api/evidence?record_id=R1").get_data())["files"] == []


def test_a_file_belongs_to_records_of_its_own_unit_and_person(world: World) -> None:
    world.record("R2", unit_id="S2")
    world.record("R3", "attendance", person_id="P1")
    content = world.upload("P-clerk", PDF, "a.pdf")["content"]
    of_p2 = world.upload("P2", PDF, "a.pdf", person_id="P2")["content"]
    answer = world.ask("operator", "POST", f"/api/evidence/{content}/attach", {"record_id": "R2"})
    assert json.loads(answer.get_data())["code"] == "file_of_another"
    answer = world.ask("P-clerk", "POST", f"/api/evidence/{of_p2}/attach", {"record_id": "R3"})
    assert json.loads(answer.get_data())["code"] == "file_of_another"
    assert world.ask("P-clerk", "POST", f"/api/evidence/{content}/attach", {"record_id": "R3"}).status_code == 200
    assert read(world, "P1", content)[0] == 200, "a unit's file at a person's record is that person's to read"
    assert read(world, "P2", content)[0] == 403


def test_a_unit_has_so_much_room_and_says_so_in_words(tmp_path: Path) -> None:
    world = World(tmp_path, settings={"evidence_quota": 1})
    begun = world.begin("P-clerk", 700_000)
    assert begun.status_code == 201
    refused = world.begin("P-clerk", 700_000)
    assert refused.status_code == 413
    assert "空间已满" in json.loads(refused.get_data())["detail"] and "1 MB" in json.loads(refused.get_data())["detail"]
    assert world.begin("P-other", 700_000, unit_id="S2").status_code == 201
    assert world.ask("P-clerk", "DELETE", location(begun)).status_code == 204
    assert world.begin("P-clerk", 700_000).status_code == 201
    world.close()


def test_ranges_of_a_video_are_read_from_open_and_sealed_files_alike(small_world: World) -> None:
    given = video()
    for about in ({}, {"person_id": "P1"}):
        kept = small_world.upload("P1" if about else "P-clerk", given, "片.mp4", **about)
        assert kept["media_type"] == "video/mp4"
        for start, end in ((0, 9), (65_530, 65_545), (0, 131_071), (65_536, 131_071), (299_000, len(given) - 1)):
            status, part, headers = read(small_world, "P1" if about else "P-clerk", kept["content"],
                                         Range=f"bytes={start}-{end}")  # fmt: skip
            assert (status, part) == (206, given[start : end + 1])
            assert headers["Content-Range"] == f"bytes {start}-{end}/{len(given)}"
        assert read(small_world, "operator", kept["content"], Range="bytes=-5")[1] == given[-5:]
        assert read(small_world, "operator", kept["content"], Range="bytes=900000-")[0] == 416
        assert read(small_world, "operator", kept["content"], Range="bytes=0-5", If_Range='"other"')[0] == 200
        etag = f'"{kept["content"]}"'
        assert read(small_world, "operator", kept["content"], If_None_Match=etag)[0] == 304


def test_what_nobody_puts_to_a_record_goes_after_a_month(small_world: World) -> None:
    world = small_world
    world.record("R1")
    used, unused = (world.upload("P-clerk", PDF + mark, "a.pdf")["content"] for mark in (b"1", b"2"))
    world.ask("P-clerk", "POST", f"/api/evidence/{used}/attach", {"record_id": "R1"})
    mine = world.upload("P1", PDF, "心得.pdf", person_id="P1", private="1")["content"]
    service = world.replica.service
    for path in kept_files(world):
        os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
    assert service.evidence.sweep() >= 0 and read(world, "P-clerk", unused)[0] == 200
    world.clock.write_text("2023-01-20T09:00:00+08:00")
    service.evidence.sweep()
    assert read(world, "P-office", unused)[0] == 404 and read(world, "P-clerk", used)[0] == 200
    assert {path.name for path in kept_files(world) if len(path.name) == 64} == {used, mine}


def test_an_upload_that_nobody_goes_on_with_expires(small_world: World) -> None:
    begun = small_world.begin("P-clerk", 100)
    assert begun.headers["Upload-Expires"].endswith("GMT")
    folder = small_world.folder / "participation" / "evidence" / "uploads"
    old = time.time() - EXPIRE_SECONDS - 60
    for path in [*folder.glob("*/*"), *folder.glob("*")]:
        os.utime(path, (old, old))
    assert small_world.replica.service.evidence.sweep() == 1
    assert small_world.ask("P-clerk", "HEAD", location(begun)).status_code == 410


def test_a_campaign_may_ask_for_every_type_that_is_kept_and_no_other() -> None:
    assert set(FILE_TYPES) == set(TYPE_IN_WORDS.values())


def test_files_are_compared_with_the_log(world: World) -> None:
    """Missing and changed ones are named, erased ones counted, those of nobody found."""
    comparison = world.replica.service.evidence_comparison
    folder = world.folder / "participation" / "evidence" / "files"
    whole, missing, changed = (world.upload("P-clerk", photo(640 + at, 480))["content"] for at in range(3))
    sealed = world.upload("P1", PDF, "心得.pdf", person_id="P1", private="1")["content"]
    cut = world.upload("P1", PDF + b"2", "心得.pdf", person_id="P1")["content"]
    of_erased = world.upload("P2", PDF, "心得.pdf", person_id="P2")["content"]
    part = comparison.compare(0, 0)
    assert (part.checked, part.erased, part.problems, part.position) == (6, 0, [], part.head)
    (folder / missing[:2] / missing).unlink()
    (folder / changed[:2] / changed).write_bytes(b"x")
    (folder / cut[:2] / cut).write_bytes((folder / cut[:2] / cut).read_bytes()[:-1])
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / ("ab" * 32)).write_bytes(b"of nobody")
    service = world.replica.service
    erase_person(service.store, service.units_of_work, service.erase_files, "P2", OPERATOR, "")
    part = comparison.compare(0, 0)
    assert {(each["file"], each["state"]) for each in part.problems} == {
        (missing, "missing"), (changed, "changed"), (cut, "changed")}  # fmt: skip
    assert (part.checked, part.erased) == (6, 1) and comparison.orphans() == ["ab" * 32]
    assert {whole, sealed, of_erased} & {each["file"] for each in part.problems} == set()


def test_a_comparison_goes_on_where_its_page_ended(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.participation.evidence.comparison.MOST_BYTES", 1)
    for at in range(3):
        small_world.upload("P-clerk", photo(640 + at, 480))
    comparison = small_world.replica.service.evidence_comparison
    parts = [comparison.compare(0, 0)]
    while parts[-1].position < parts[-1].head:
        parts.append(comparison.compare(0, parts[-1].position))
    assert [part.checked for part in parts] == [1, 1, 1]


@pytest.fixture
def originals(small_world: World) -> World:
    """Photos of study sessions are asked for as they are."""
    kinds = [{"id": "study_session", "evidence": {"originals": True}}]
    document = cluster.DOCUMENT | {"version": int(str(cluster.DOCUMENT["version"])) + 1, "records": kinds}
    launch_campaign(small_world.replica.runtime.units_of_work, document, OPERATOR, "", lambda: None)
    return small_world


@pytest.mark.parametrize(("name", "ending"), [("photo", "jpg"), ("heic", "heic"), ("webp", "webp"), ("bmp", "jpg")])
def test_a_photo_of_a_kind_that_asks_for_originals_is_kept_byte_for_byte(
    originals: World, name: str, ending: str
) -> None:
    pixels = Image.new("RGB", (40, 30), "red")
    given = photo() if name == "photo" else b""
    if name == "heic":
        given = (Path(__file__).parent / "pictures" / "phone.heic").read_bytes()
    elif not given:
        out = io.BytesIO()
        pixels.save(out, name.upper())
        given = out.getvalue()
    kept = originals.upload("P-clerk", given, "原图.x", kind="study_session")
    status, content, headers = read(originals, "P-clerk", kept["content"])
    assert (status, content == given) == (200, name != "bmp"), "what is no photo's format is made one"
    assert headers["Content-Disposition"].endswith(f".{ending}"), headers
    assert hashlib.sha256(content).hexdigest() == kept["content"]
    for form in ("small", "thumb"):
        copy = read(originals, "P-clerk", kept["content"], f"?form={form}")[1]
        assert not Image.open(io.BytesIO(copy)).getexif() and b"OWNER-OF-PHONE" not in copy
    comparison = originals.replica.service.evidence_comparison
    assert comparison.compare(0, 0).problems == []


def test_of_other_kinds_and_with_an_archive_behind_a_photo_is_no_original(originals: World) -> None:
    assert originals.upload("P-clerk", photo(), kind="plan")["content"] != hashlib.sha256(photo()).hexdigest()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("a", "b")
    refused = originals.upload("P-clerk", photo() + archive.getvalue(), kind="study_session")
    assert refused["code"] == "file_type", refused
