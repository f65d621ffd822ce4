"""Uploads by tus: resumed after any break, several at once, checked, and refused where a file is not what it may be."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import struct
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.participation.evidence_world import PDF, World, location, photo, video
from tests.support.hostile_files import picture_of_nothing


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    result = World(tmp_path)
    yield result
    result.close()


def patch(world: World, address: str, content: bytes, offset: int, who: str = "P-clerk", **headers: str) -> Any:
    return world.ask(who, "PATCH", address, content, Upload_Offset=str(offset), **headers)


def offset(world: World, address: str, who: str = "P-clerk") -> int:
    return int(world.ask(who, "HEAD", address).headers["Upload-Offset"])


def test_an_upload_goes_on_where_it_stopped_after_the_service_was_killed(world: World) -> None:
    given = video(500_000)
    address = location(world.begin("P-clerk", len(given), "片.mp4"))
    assert patch(world, address, given[:200_001], 0).status_code == 204
    world.close()
    world.restart()
    at = offset(world, address)
    assert at == 200_001
    assert patch(world, address, given[at:], at).status_code == 204
    kept = json.loads(world.ask("P-clerk", "POST", f"{address}/finish", {}).get_data())
    assert (kept["content"], kept["size"]) == (hashlib.sha256(given).hexdigest(), len(given))
    assert offset(world, address) == len(given), "a client that missed the answer sees that all has come"


def test_a_whole_upload_that_the_service_died_over_is_finished_later(world: World, monkeypatch: Any) -> None:
    address = location(world.begin("P-clerk", len(PDF), "a.pdf"))
    monkeypatch.setattr(world.replica.service.evidence, "take", lambda *_: None)
    assert patch(world, address, PDF, 0).status_code == 204
    world.close()
    world.restart()
    first = json.loads(world.ask("P-clerk", "POST", f"{address}/finish", {}).get_data())
    before = len(world.replica.log())
    again = json.loads(world.ask("P-clerk", "POST", f"{address}/finish", {}).get_data())
    assert first == again and first["content"] == hashlib.sha256(PDF).hexdigest()
    assert len(world.replica.log()) == before


def test_creation_with_upload_takes_all_in_one_request(world: World) -> None:
    begun = world.begin("P-clerk", len(PDF), "a.pdf", body=PDF)
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, str(len(PDF)))
    assert not begun.headers["Location"].startswith("/"), "it leads to the same place behind /s/"


def test_what_does_not_fit_is_refused_and_changes_nothing(world: World) -> None:
    address = location(world.begin("P-clerk", 10))
    assert patch(world, address, b"12345", 3).status_code == 409
    assert patch(world, address, b"x" * 11, 0).status_code == 413
    assert world.ask("P-clerk", "POST", f"{address}/finish", {}).status_code == 409
    assert world.ask("P-clerk", "HEAD", address, None, Tus_Resumable="0.2.2").status_code == 412
    assert world.ask("P-clerk", "PATCH", address, {"a": 1}, Upload_Offset="0").status_code == 415
    assert world.ask("P-clerk", "PATCH", address, b"1").status_code == 400
    assert world.begin("P-clerk", (200 << 20) + 1).status_code == 413
    assert world.begin("P-clerk", 5, unit_id="S2").status_code == 403
    assert world.begin("operator", 5, unit_id="S9").status_code == 404
    assert world.begin("operator", 5, person_id="P1", unit_id="S2").status_code == 422
    options = world.ask("P-clerk", "OPTIONS", "/api/evidence/uploads")
    assert (options.status_code, options.headers["Tus-Max-Size"]) == (204, str(200 << 20))


def test_a_part_that_arrived_wrong_is_not_kept(world: World) -> None:
    address = location(world.begin("P-clerk", len(PDF), "a.pdf"))
    right = base64.b64encode(hashlib.sha256(PDF[:9]).digest()).decode()
    assert patch(world, address, b"X" + PDF[1:9], 0, Upload_Checksum=f"sha256 {right}").status_code == 460
    assert offset(world, address) == 0
    assert patch(world, address, PDF[:9], 0, Upload_Checksum=f"sha256 {right}").status_code == 204
    assert patch(world, address, b"x", 9, Upload_Checksum="md5 AAAA").status_code == 400
    assert offset(world, address) == 9


def test_an_upload_is_of_who_began_it(world: World) -> None:
    address = location(world.begin("P-clerk", 10))
    for who in ("P-head", "operator", "P-other"):
        assert world.ask(who, "HEAD", address).status_code == 410
        assert patch(world, address, b"1", 0, who).status_code == 410
    assert world.ask("P-clerk", "DELETE", address).status_code == 204
    assert world.ask("P-clerk", "HEAD", address).status_code == 410
    assert world.ask("P-clerk", "HEAD", "/api/evidence/uploads/..").status_code == 410


def test_two_writers_at_one_upload_are_kept_apart_and_many_uploads_are_not(world: World) -> None:
    address = location(world.begin("P-clerk", len(PDF), "a.pdf"))
    uploads = world.replica.service.evidence.uploads
    with uploads.locked(address.rpartition("/")[2]):
        assert patch(world, address, PDF, 0).status_code == 423
    addresses = [location(world.begin("P-clerk", len(PDF) + 1, f"{at}.pdf")) for at in range(20)]
    for each in addresses:
        assert patch(world, each, PDF[:20], 0).status_code == 204
    for at, each in enumerate(addresses):
        assert patch(world, each, PDF[20:] + bytes([at]), 20).status_code == 204
    assert len({event.stream for event in world.replica.log() if event.type.startswith("participation.evidence")}) == 20


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "svg": (SVG, "file_type"), "bare svg": (SVG[21:], "file_type"), "page": (b"<!DOCTYPE html><script>", "file_type"),
    "archive": (zipped(a=b"1"), "file_type"), "program": (b"MZ" + b"\0" * 500, "file_type"),
    "nothing": (b"", "file_type"),
    "macros": (zipped(**{"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""}),
               "file_type"),
    "a PDF with an archive behind": (PDF + zipped(a=b"1"), "file_type"),
    "a video with an archive behind": (video(10_000) + zipped(a=b"1"), "file_type"),
    "a picture of 64 million pixels": (picture_of_nothing(8000, 8000), "too_many_pixels"),
    "half a picture": (photo()[:900], "broken_picture"),
    "the head of a picture": (b"\xff\xd8\xff\xe0", "broken_picture"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_words_and_leaves_nothing(world: World, what: str) -> None:
    content, code = HOSTILE[what]
    answer = world.upload("P-clerk", content, "照片.jpg")
    assert (answer["code"], answer["status"]) == (code, 422) and answer["detail"][-1] == "。"
    assert not [path for path in (world.folder / "participation" / "evidence").rglob("*") if path.is_file()]
    assert not [event for event in world.replica.log() if event.type.startswith("participation.evidence")]


def test_a_picture_that_is_a_page_too_is_kept_as_pixels_only(world: World) -> None:
    kept = world.upload("P-clerk", photo() + b"<script>alert(1)</script>" + zipped(a=b"evil"), "x.html")
    content = world.ask("P-clerk", "GET", f"/api/evidence/{kept['content']}").get_data()
    assert b"script" not in content and b"PK\x03\x04" not in content
    assert kept["media_type"] == "image/jpeg"


@pytest.mark.parametrize(("part", "ending"), [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx")])
def test_office_documents_are_kept_byte_for_byte(world: World, part: str, ending: str) -> None:
    given = zipped(**{"[Content_Types].xml": b"<Types/>", part: b"<a/>"})
    kept = world.upload("P-clerk", given, "方案")
    response = world.ask("P-clerk", "GET", f"/api/evidence/{kept['content']}")
    assert response.get_data() == given and response.headers["Content-Disposition"].endswith(f".{ending}")


class Scanner(threading.Thread):
    """Speaks clamd's INSTREAM; finds the word EICAR."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"

    def run(self) -> None:
        while True:
            connection, _ = self.server.accept()
            with connection, connection.makefile("rb") as source:
                assert source.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack(">I", source.read(4))[0]:
                    content += source.read(length)
                connection.sendall(b"stream: Eicar-Test FOUND\0" if b"EICAR" in content else b"stream: OK\0")


def test_what_the_scanner_finds_is_refused_and_its_absence_is_as_set(tmp_path: Path) -> None:
    scanner = Scanner()
    scanner.start()
    world = World(tmp_path, settings={"clamd": scanner.address})
    assert world.upload("P-clerk", PDF, "a.pdf")["size"] == len(PDF)
    assert world.upload("P-clerk", PDF + b"EICAR", "b.pdf")["code"] == "infected"
    world.close()
    world.settings = {"clamd": "127.0.0.1:1"}
    world.restart()
    begun = location(world.begin("P-clerk", len(PDF) + 1, "c.pdf"))
    away = patch(world, begun, PDF + b"1", 0)
    assert (away.status_code, json.loads(away.get_data())["code"]) == (503, "scanner_away")
    world.close()
    world.settings = {"clamd": "127.0.0.1:1", "clamd_away": "take"}
    world.restart()
    assert world.ask("P-clerk", "POST", f"{begun}/finish", {}).status_code == 200, "the same upload, once it may"
    world.close()
