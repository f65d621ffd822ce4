"""`qihang person export`: both files whole, for the owner of the folder alone; a refusal is one line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import FakeGateway, problem


def test_both_files_are_written_for_their_owner_alone(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.on("GET", "/s/console/api/people/P1/record.json", {"person_id": "P1"})
    gateway.on("GET", "/s/console/api/people/P1/record.html", {"page": "P1"})
    result = qihang("person", "export", "P1", "--out", str(tmp_path / "record"))
    assert result.code == 0, result.err
    files = sorted((tmp_path / "record").iterdir())
    assert [file.name for file in files] == ["person-record.html", "person-record.json"]
    assert all(file.stat().st_mode & 0o077 == 0 and b"P1" in file.read_bytes() for file in files)


def test_a_record_that_is_not_whole_leaves_no_file(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    refusal = problem(409, "record_unavailable", "publicity 没有答复")
    gateway.on("GET", "/s/console/api/people/P1/record.json", refusal)
    result = qihang("person", "export", "P1", "--out", str(tmp_path / "record"))
    assert result.code == 1 and len(result.err.strip().splitlines()) == 1 and "publicity" in result.err
    assert not list((tmp_path / "record").iterdir())
