"""A clerk puts twenty photographs of a phone to what was filed: made smaller in the browser, kept upright and without
their place, seen by who may and by nobody else."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.console.test_files_field import AXE, choose, wait_for
from tests.journeys.console_system import ConsoleSystem, School, sign_in
from tests.support.chromium import Chromium
from tests.support.photos import photo

pytestmark = pytest.mark.endurance

FORM = {"kind": "study_session", "occurred_at": "2022-11-09T15:00:00+08:00", "title": "集中学习"}


def post(browser: Chromium, path: str, body: object) -> dict[str, object]:
    """As the pages' script would, by the gateway."""
    asked = f"""fetch({json.dumps(path)}, {{method: 'POST', body: {json.dumps(json.dumps(body))}, headers: {{
        'Content-Type': 'application/json', 'X-CSRF-Token': document.querySelector('[name=csrf]').value}}}})
        .then(answer => answer.json())"""
    answer: dict[str, object] = browser.run(asked)
    return answer


def take_pictures(chromium: Chromium, folder: Path) -> None:
    """To be looked at: the page at both widths, with the field open."""
    chromium.run("document.querySelector('[data-files]').closest('details').open = true; 0")
    for width in (1440, 390):
        chromium.width(width)
        shot = chromium.call("Page.captureScreenshot", captureBeyondViewport=True)
        (folder / f"filing-{width}.png").write_bytes(base64.b64decode(shot["data"]))


def test_twenty_photographs_are_put_to_a_filing(
    console_system: ConsoleSystem, school: School, chromium: Chromium, tmp_path: Path
) -> None:
    sign_in(console_system, chromium, school.clerk)
    chromium.open(f"{console_system.address}/records")
    filed = post(
        chromium, "/s/participation/api/filings", {"deeds": [FORM | {"unit_id": school.unit_id}], "submit": True}
    )
    (state,) = filed["filings"]  # type: ignore[misc]
    page = f"{console_system.address}/records/filing?filing={state['filing_id']}"
    chromium.open(page)
    wait_for(chromium, "document.querySelector('.files-choose') !== null")
    chromium.run("document.querySelector('[data-files]').closest('details').open = true; 0")
    photos = [photo(tmp_path / f"IMG_{number:04}.JPG", number) for number in range(20)]
    began = time.monotonic()
    choose(chromium, *photos)
    wait_for(chromium, "document.querySelectorAll('.file [name=evidence]').length === 20", 240)
    seconds = time.monotonic() - began
    chromium.run("document.querySelector('[data-files]').closest('form').requestSubmit(); 0")
    chromium.wait_for_page(".alert-success", 120)
    images = "[...document.querySelectorAll('.gallery img')]"
    chromium.run(f"{images}.forEach(each => each.loading = 'eager'); 0")
    wait_for(chromium, f"{images}.length === 20 && {images}.every(each => each.complete && each.naturalWidth > 0)")
    assert chromium.run(f"{images}.every(each => each.naturalHeight > each.naturalWidth)"), "upright"
    assert seconds < 200, seconds

    contents = chromium.run(f"{images}.map(each => each.src.match(/[0-9a-f]{{64}}/)[0])")
    files = [next(console_system.data.rglob(f"evidence/files/*/{content}")) for content in contents]
    assert sum(path.stat().st_size for path in files) < sum(path.stat().st_size for path in photos) / 2
    chromium.run(AXE.read_text(encoding="utf-8") + ";0")
    assert not chromium.run(
        "axe.run(document).then(found => found.violations.map(each => each.id + each.nodes[0].html))"
    )
    if folder := os.environ.get("QIHANG_PICTURES"):
        take_pictures(chromium, Path(folder))
    chromium.run(f"{images}[0].parentElement.click(); 0")
    chromium.wait_for_page(".picture-large")
    wait_for(chromium, "document.querySelector('.picture-large').naturalHeight === 1280")
    picture = Image.open(files[0])
    assert picture.size == (1920, 2560) and not picture.getexif() and b"CAMERA" not in files[0].read_bytes()


def test_nobody_else_reads_them(console_system: ConsoleSystem, chromium: Chromium) -> None:
    sign_in(console_system, chromium, "teacher")
    kept = next(console_system.data.rglob("evidence/files/*/*"))
    chromium.open(f"{console_system.address}/todo")
    status = chromium.run(f"fetch('/s/participation/api/evidence/{kept.name}').then(answer => answer.status)")
    assert status in (403, 404)
