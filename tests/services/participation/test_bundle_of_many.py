"""A bundle of very many photographs: made within the memory that its maker may take, each picture at its place."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.participation.bundle.handlers import LIMITS, MAKE
from services.participation.bundle.placed_pictures import PictureNotPlaced, placeholder, with_pictures
from tests.support import forks

MANY, A_RECORD = 1000, 25
"""Decoded side by side they would take 3.7 GB.  3,000 of 310 KB took 243 MB, 25 s (docs/decisions/0206)."""


def photograph(number: int) -> bytes:
    """Unlike any other; every second one stands upright."""
    picture, note = coloured(number % 16), f"number {number}".encode()
    return picture[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + picture[2:]


@functools.cache
def coloured(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1280, 960) if shade % 2 else (960, 1280), (shade * 16, 90, 30)).save(out, "JPEG", quality=40)
    return out.getvalue()


def contents(folder: Path, count: int) -> dict[str, Any]:
    files = []
    for number in range(count):
        content = photograph(number)
        address = hashlib.sha256(content).hexdigest()
        for form in ("files", "small"):
            path = folder / form / address[:2] / address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        files.append({"content": address, "name": f"{number}.jpg", "media_type": "image/jpeg", "size": len(content),
                      "uploaded": address, "ending": ".jpg", "key": "", "events": []})  # fmt: skip
    records = [{"record_id": f"R{at}", "kind": "study_session", "person_id": "", "day": "2022-11-09", "period": "",
                "duty": f"任务{at % 4}", "title": "学习", "files": files[at : at + A_RECORD]}
               for at in range(0, count, A_RECORD)]  # fmt: skip
    return {"unit_id": "S1", "unit": "一小", "semester": "2022-autumn", "campaign": "学习", "from": "2022-09-01",
            "to": "2023-01-31", "made_at": "", "folder": str(folder), "fonts": "", "records": records}  # fmt: skip


def pictures_of(pdf: bytes) -> list[bytes]:
    """The JPEG files of all objects that a reader sees, by the last table of cross-references that names them."""
    offsets: dict[int, int] = {}
    at = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    while at >= 0:
        assert pdf[at : at + 5] == b"xref\n"
        end = pdf.index(b"trailer", at)
        lines = pdf[at + 5 : end].splitlines()
        while lines:
            first, count = map(int, lines.pop(0).split())
            for item, line in enumerate(lines[:count], first):
                offsets.setdefault(item, int(line[:10]) if line[17:18] == b"n" else -1)
            del lines[:count]
        before = re.search(rb"/Prev (\d+)", pdf[end : pdf.index(b"startxref", end)])
        at = int(before[1]) if before else -1
    result = []
    for item, offset in sorted(offsets.items()):
        head = re.match(rb"%d 0 obj\n<<(.*?)>>\nstream\n" % item, pdf[max(offset, 0) : offset + 400], re.DOTALL)
        if head and b"/DCTDecode" in head[1]:
            length = re.search(rb"/Length (\d+)", head[1])
            assert length
            start = offset + head.end()
            result.append(pdf[start : start + int(length[1])])
    return result


def test_a_bundle_of_a_thousand_photographs_is_made_within_the_limit(tmp_path: Path) -> None:
    given = json.dumps(contents(tmp_path, MANY)).encode()
    command = [forks.PYTHON, "-m", "chassis.process.run_limited", str(LIMITS.memory), "300", MAKE]
    process = subprocess.run([*command, str(tmp_path / "a.zip")], input=given, capture_output=True, check=False)
    assert process.returncode == 0, process.stderr[-800:]
    assert json.loads(process.stdout)["documents"] == MANY
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        pdf, manifest = bundle.read("一校一档.pdf"), json.loads(bundle.read("manifest.json"))
    assert sorted(pictures_of(pdf)) == sorted(photograph(number) for number in range(MANY))
    listed = {each["path"]: each for each in manifest["documents"]}["一校一档.pdf"]
    assert (listed["size"], listed["sha256"]) == (len(pdf), hashlib.sha256(pdf).hexdigest())


def test_a_pdf_without_a_place_for_each_picture_is_refused() -> None:
    with pytest.raises(PictureNotPlaced):
        list(with_pictures(b"%PDF-1.7\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n", 1, placeholder))
    assert placeholder(1) != placeholder(2)
