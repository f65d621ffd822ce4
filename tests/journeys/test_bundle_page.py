"""A clerk looks at what the bundle of the semester will have, has it made on the page, downloads it, and it is checked
without the system."""

from __future__ import annotations

import base64
import json
import os
import zipfile
from pathlib import Path

import pytest
import requests

from tests.console.test_files_field import wait_for
from tests.journeys.console_system import ConsoleSystem, School, import_rows, sign_in
from tests.journeys.test_accessible import here
from tests.support.chromium import Chromium
from tests.support.photos import photo
from tests.support.system import PORTS

RECORDS = (
    "record_id,record,unit_id,person_id,occurred_at,title\nBP1,study_session,{unit_id},,2022-11-02T15:00:00,集中学习\n"
)


@pytest.fixture(scope="module")
def district(console_system: ConsoleSystem) -> ConsoleSystem:
    return console_system


@pytest.fixture(scope="module")
def school(console_system: ConsoleSystem) -> School:
    return console_system.school()


def put_photo(district: ConsoleSystem, school: School, file: Path) -> None:
    """By the clerk to the record BP1."""
    participation = f"http://127.0.0.1:{district.base + PORTS['participation']}/api/evidence"
    own = {"Authorization": f"Bearer {district.token_of_person(school.clerk)}", "Tus-Resumable": "1.0.0"}
    named = {"filename": "会场.jpg", "unit_id": school.unit_id}
    about = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in named.items())
    body = file.read_bytes()
    sent = {
        "Upload-Length": str(len(body)),
        "Upload-Metadata": about,
        "Content-Type": "application/offset+octet-stream",
    }
    begun = requests.post(f"{participation}/uploads", data=body, headers=own | sent, timeout=60)
    assert begun.status_code == 201, begun.text
    address = f"{participation}/uploads/{begun.headers['Location'].rpartition('/')[2]}"
    kept = requests.post(f"{address}/finish", json={}, headers=own, timeout=60).json()
    path = f"{participation}/{kept['content']}/attach"
    attached = requests.post(path, json={"record_id": "BP1"}, headers=own, timeout=60)
    assert attached.status_code == 200, attached.text


def take_pictures(chromium: Chromium, folder: Path, name: str) -> None:
    """To be looked at: the page at both widths."""
    for width in (390, 1440):
        chromium.width(width)
        shot = chromium.call("Page.captureScreenshot", captureBeyondViewport=True)
        (folder / f"bundles-{name}-{width}.png").write_bytes(base64.b64decode(shot["data"]))


def test_a_bundle_is_made_on_the_page_and_checked_without_the_system(
    district: ConsoleSystem, school: School, chromium: Chromium, tmp_path: Path
) -> None:
    import_rows(district, "records", RECORDS.format(unit_id=school.unit_id))
    put_photo(district, school, photo(tmp_path / "IMG.JPG", 1))
    sign_in(district, chromium, school.clerk)
    chromium.open(f"{district.address}/bundles?semester=2022-autumn")
    facts = "[...document.querySelectorAll('.facts dd')].map(each => each.textContent)"
    assert chromium.run(facts)[1:3] == ["1", "1"], "a record with evidence, a file"
    folder = os.environ.get("QIHANG_PICTURES", "")
    if folder:
        take_pictures(chromium, Path(folder), "before")
    chromium.run("document.querySelector('form[method=post] .btn-primary').click(); 0")
    chromium.wait_for_page("#made table")
    wait_for(chromium, "document.querySelector('#made a[download]') !== null", 60)
    assert here(chromium) == []
    if folder:
        take_pictures(chromium, Path(folder), "made")
    address = chromium.run("document.querySelector('#made a[download]').href")
    cookies = chromium.call("Network.getCookies", urls=[district.address])["cookies"]
    answer = requests.get(address, cookies={each["name"]: each["value"] for each in cookies}, timeout=60)
    assert answer.status_code == 200 and "filename*=UTF-8''%E4%B8%80%E6%A0%A1" in answer.headers["Content-Disposition"]
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(answer.content)
    assert "一致" in district.qihang("bundle", "verify", bundle)
    with zipfile.ZipFile(bundle) as archive:
        assert [each["record_id"] for each in json.loads(archive.read("manifest.json"))["files"]] == ["BP1"]
        broken = tmp_path / "broken.zip"
        with zipfile.ZipFile(broken, "w") as other:
            for name in archive.namelist():
                other.writestr(name, archive.read(name) + (b"x" if name.startswith("files/") else b""))
    assert "被改动 files/" in district.qihang("bundle", "verify", broken, fails=True)


def test_the_campaign_office_chooses_a_unit(district: ConsoleSystem, school: School, chromium: Chromium) -> None:
    sign_in(district, chromium, "campaign_office")
    chromium.open(f"{district.address}/bundles")
    units = "document.querySelectorAll('select[name=unit] option').length"
    assert chromium.run(units) > 20
    if folder := os.environ.get("QIHANG_PICTURES"):
        take_pictures(chromium, Path(folder), "office")
    chromium.open(f"{district.address}/bundles?unit={school.unit_id}&semester=2022-autumn")
    assert chromium.run("document.querySelector('#made a[download]') !== null"), "what the clerk had made"


def test_an_inspector_takes_the_bundle_along_until_the_post_ends(
    district: ConsoleSystem, school: School, chromium: Chromium
) -> None:
    posts = "unit_id,post,person_id,from,to\n"
    posts += f"{school.unit_id},inspector,{school.colleague},2022-11-01,2023-01-16\n"
    posts += f"{school.unit_id},inspector,{school.teacher},2022-11-01,2022-12-01\n"
    import_rows(district, "posts", posts)
    district.give_accounts(school.colleague)
    sign_in(district, chromium, school.colleague)
    chromium.open(f"{district.address}/inspection")
    shown = chromium.run("document.querySelector('main').innerText")
    assert school.name in shown and "检查到 2023-01-15 为止" in shown and here(chromium) == []
    if folder := os.environ.get("QIHANG_PICTURES"):
        take_pictures(chromium, Path(folder), "inspection")
    address = chromium.run("document.querySelector('#inspected a[download]').href")
    chromium.open(chromium.run("document.querySelector('#inspected a[href^=\"/records\"]').href"))
    assert "BP1" in chromium.run("document.documentElement.innerHTML") or "集中学习" in chromium.run(
        "document.body.innerText"
    )
    with district.session_of(school.teacher) as over:
        assert over.get(f"{district.address}/inspection", timeout=60).status_code == 403
        assert over.get(address, timeout=60).status_code == 403
    with district.session_of(school.colleague) as inspector:
        assert inspector.get(address, timeout=60).content[:2] == b"PK"
        assert f"unit={school.unit_id}" not in inspector.get(f"{district.address}/file", timeout=60).text


def test_the_command_names_a_file_that_is_lost(district: ConsoleSystem) -> None:
    files = list(district.data.rglob("evidence/files/??/*"))
    assert f"participation 文件 一致，核对 {len(files)} 个" in district.qihang("verify", "participation", "--files")
    kept, content = files[0], files[0].read_bytes()
    kept.unlink()
    assert f"{kept.name} 缺失：evidence-{kept.name}" in district.qihang("verify", "--files", fails=True)
    kept.write_bytes(content)  # others are kept here, too
