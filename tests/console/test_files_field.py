"""Files of a form: without script it sends them and the console hands them on; with script twenty photographs are made
smaller and sent, go on after a break and a reload, and the form bears their ids alone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, flash, redirect, render_template_string, request
from flask.testing import FlaskClient
from PIL import Image

from console.evidence_form import MOST_BYTES, FormFiles, files_of_form
from console.file_forms import takes_files
from console.guard import ANYBODY, signed_in
from console.users import User
from tests.console.conftest import csrf, person_with
from tests.console.fake_uploads import FakeUploads
from tests.console.served import served
from tests.console.test_page_script import sign_in
from tests.support.chromium import Chromium
from tests.support.fake_gateway import FakeGateway, problem
from tests.support.photos import photo
from tests.support.processes import wait_until

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
ASKED = {"min": 1, "max": 20, "types": ["image", "pdf"]}
PAGE = """{% extends "layout.html" %}{% from "macros/files.html" import files_field %}
{% block title %}填报{% endblock %}{% block main %}<h1>填报</h1>
<form method="post" action="/form" enctype="multipart/form-data" data-keep="form-1">
<input type="hidden" name="csrf" value="{{ csrf_token() }}">
{{ files_field("evidence", asked, files.kept, unit_id="X1", error=files.message) }}
<button type="submit" class="btn btn-primary">提交</button></form>{% endblock %}"""
ROWS = "[...document.querySelectorAll('.file')].map(each => each.textContent)"
SUM = "document.querySelector('.files-sum').textContent"
LARGE = (2720, 2040)
"""More than a page sends.  A phone's twelve megapixels, and that less than half of them is kept: test_photos.py."""
IDS = "[...document.querySelectorAll('input[type=hidden][name=evidence]')].map(each => each.value)"


@pytest.fixture
def submitted(app: Flask) -> list[dict[str, Any]]:
    """What the page's view got, form by form."""
    got: list[dict[str, Any]] = []

    @signed_in(ANYBODY)
    def form(user: User) -> Any:
        files = FormFiles()
        if request.method == "POST":
            files = files_of_form(user, "evidence", "X1", types=ASKED["types"])  # type: ignore[arg-type]
            got.append({"contents": files.contents, "problems": files.problems, "sent": len(request.files)})
            if not files.problems:
                flash("已提交。", "done")
                return redirect("/form", 303)
        return render_template_string(PAGE, asked=ASKED, files=files)

    app.add_url_rule("/form", "form", takes_files(MOST_BYTES)(form), methods=["GET", "POST"])
    return got


@pytest.fixture
def uploads(services: FakeGateway) -> FakeUploads:
    result = FakeUploads()
    result.attach(services)
    return result


@pytest.fixture
def clerk(app: Flask, services: FakeGateway, submitted: list[Any], uploads: FakeUploads) -> FlaskClient:
    return person_with(app, services, "P00001", posts=[("clerk", "X1", "一小")])


def send(browser: FlaskClient, files: list[tuple[bytes, str]], **more: Any) -> Any:
    data = {
        "csrf": csrf(browser, "/form"),
        "evidence-files": [(io.BytesIO(each), name) for each, name in files],
        **more,
    }
    return browser.post("/form", data=data, content_type="multipart/form-data")


def test_files_of_a_form_are_handed_on_in_parts(
    clerk: FlaskClient, uploads: FakeUploads, submitted: list[dict[str, Any]]
) -> None:
    large = bytes(range(256)) * (7 << 12)  # 7 MB
    answer = send(clerk, [(large, "会场.jpg"), (b"small", "b.jpg"), (b"", "")])
    assert answer.status_code == 303 and submitted[-1]["contents"] and len(submitted[-1]["contents"]) == 2
    assert uploads.names == ["b.jpg", "会场.jpg"] and uploads.whole[0] == large
    assert max(uploads.parts) <= 4 << 20 and uploads.about[f"{0:032x}"]["unit_id"] == "X1"


def test_refused_files_are_named_and_those_taken_stay_in_the_form(
    clerk: FlaskClient, uploads: FakeUploads, submitted: list[dict[str, Any]]
) -> None:
    uploads.refused["b.jpg"] = problem(413, "quota_full", "本单位的印证资料空间已满（已用 9 MB，共 9 MB）")
    page = send(clerk, [(b"one", "a.jpg"), (b"two", "b.jpg")]).text
    assert "b.jpg：本单位的印证资料空间已满" in page and 'aria-describedby="e-evidence"' in page
    (content,) = re.findall(r'name="evidence" value="(\w+)"', page)
    assert f'name="evidence-about" value="{content} image/jpeg a.jpg"' in page

    about = {
        "evidence": ["c" * 64, content],
        "evidence-about": f"{content} image/jpeg a.jpg",
        "evidence-remove": "c" * 64,
    }
    assert send(clerk, [], **about).status_code == 303
    assert submitted[-1]["contents"] == [content], "and one that is ticked is removed"


def test_a_type_that_the_kind_does_not_ask_is_refused(
    clerk: FlaskClient, uploads: FakeUploads, submitted: list[dict[str, Any]]
) -> None:
    uploads.media_type = "video/mp4"
    assert "a.mp4：请交图片、PDF。" in send(clerk, [(b"one", "a.mp4")]).text


def test_only_who_is_signed_in_may_send_much_and_no_form_may_send_more(
    app: Flask, browser: FlaskClient, clerk: FlaskClient, uploads: FakeUploads
) -> None:
    much = {"evidence-files": (io.BytesIO(b"x" * (1 << 20)), "a.jpg")}
    assert browser.post("/form", data=much, content_type="multipart/form-data").status_code == 413
    much = {"evidence-files": (io.BytesIO(b"x" * (1 << 20)), "a.jpg")}
    assert clerk.post("/form", data=much, content_type="multipart/form-data").status_code == 400, "no csrf"
    assert send(clerk, [(b"x" * (8 << 20), "a.jpg")]).status_code == 413
    assert clerk.post("/language", data={"csrf": csrf(clerk, "/form"), "next": "x" * 70_000}).status_code == 413
    assert not uploads.sent


@pytest.fixture
def address(app: Flask, clerk: FlaskClient) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def chromium(tmp_path: Path, address: str) -> Iterator[Chromium]:
    browser = Chromium()
    still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.call("Emulation.setEmulatedMedia", features=still)  # axe would look at a colour on its way to another
    sign_in(browser, address, "/form")
    browser.wait_for_page(".files-choose")
    yield browser
    browser.close()


def choose(chromium: Chromium, *paths: Path) -> None:
    node = chromium.call("Runtime.evaluate", expression="document.querySelector('.files input[type=file]')")
    chromium.call("DOM.setFileInputFiles", files=[str(path) for path in paths], objectId=node["result"]["objectId"])


def wait_for(chromium: Chromium, expression: str, limit: float = 120) -> None:
    wait_until(lambda: bool(chromium.run(expression)), limit, expression)


def submit(chromium: Chromium) -> None:
    chromium.run("document.querySelector('main form [type=submit]').click(); 0")


EVERY_OTHER_IS_KEPT_SLOWLY = """(() => {
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle); let calls = 0;
    crypto.subtle.encrypt = async (...given) => {
        if (++calls % 2) await new Promise(resolve => setTimeout(resolve, 700));
        return encrypt(...given);
    };
})()"""
"""What the page keeps of a file takes its time: the form must not go before the last is among what it sends."""


def test_twenty_photographs_are_made_smaller_and_go_on_after_a_break_and_a_reload(
    tmp_path: Path, address: str, chromium: Chromium, uploads: FakeUploads, submitted: list[dict[str, Any]]
) -> None:
    photos = [photo(tmp_path / f"IMG_{number:04}.JPG", number, LARGE) for number in range(20)]
    choose(chromium, *photos)
    wait_until(lambda: len(uploads.names) >= 4, 120, "the first photographs")
    uploads.away = True
    wait_for(chromium, f"{ROWS}.some(each => each.includes('网络断开'))")
    wait_for(chromium, f"{ROWS}.every(each => !each.includes('正在压缩'))")
    before = len(uploads.names)

    chromium.open(f"{address}/form")
    wait_for(chromium, f"{ROWS}.length === 20")
    assert chromium.run(f"{IDS}.length") >= before
    chromium.run(EVERY_OTHER_IS_KEPT_SLOWLY)
    uploads.away = False
    submit(chromium)
    wait_for(chromium, "document.querySelector('.files-message').textContent.includes('传完后自动提交')")
    chromium.wait_for_page(".alert-success", 120)
    assert len(submitted[-1]["contents"]) == 20 and submitted[-1]["sent"] == 0, "ids alone"
    assert uploads.names == [f"IMG_{number:04}.jpg" for number in range(20)]
    for content in uploads.whole:
        picture = Image.open(io.BytesIO(content))
        assert picture.size == (1920, 2560) and not picture.getexif(), "upright, smaller, without its place"
        assert b"CAMERA" not in content and picture.getpixel((100, 2000))[0] > 150  # type: ignore[index]
    assert sum(map(len, uploads.whole)) < sum(path.stat().st_size for path in photos)

    wait_for(chromium, "window.qihangUploads")
    assert chromium.run(f"{ROWS}.length") == 0, "what was filed is forgotten"


def test_what_is_refused_says_why_and_is_removed_before_the_form_goes(
    tmp_path: Path, chromium: Chromium, uploads: FakeUploads, submitted: list[dict[str, Any]]
) -> None:
    small = [photo(tmp_path / f"{name}.jpg", number, (800, 600)) for number, name in enumerate("abc")]
    uploads.refused["b.jpg"] = problem(413, "quota_full", "本单位的印证资料空间已满")
    (tmp_path / "d.exe").write_bytes(b"MZ")
    choose(chromium, *small, tmp_path / "d.exe", small[0])
    wait_for(chromium, f"{ROWS}.some(each => each.includes('空间已满'))")
    wait_for(chromium, f"{IDS}.length === 2")
    message = chromium.run("document.querySelector('.files-message').textContent")
    assert "d.exe 不是这里要交的文件" in message and "a.jpg 已经在列表中" in message
    submit(chromium)
    wait_for(chromium, "document.querySelector('.files-message').textContent.includes('请先移除')")
    assert not submitted
    assert "b.jpg" in chromium.run("document.activeElement.getAttribute('aria-label')")
    chromium.run("document.activeElement.click(); 0")
    chromium.run(AXE.read_text(encoding="utf-8") + ";0")
    assert not chromium.run(
        "axe.run(document).then(found => found.violations.map(each => each.id + each.nodes[0].html))"
    )
    submit(chromium)
    chromium.wait_for_page(".alert-success")
    assert len(submitted[-1]["contents"]) == 2


def test_files_are_dropped_and_pasted(tmp_path: Path, chromium: Chromium, uploads: FakeUploads) -> None:
    dropped = """(() => { const data = new DataTransfer();
        data.items.add(new File([NAME], NAME, {type: 'application/pdf'})); return data; })()"""
    drop = f"new DragEvent('drop', {{dataTransfer: {dropped.replace('NAME', json.dumps('a.pdf'))}, bubbles: true}})"
    paste = (
        f"new ClipboardEvent('paste', {{clipboardData: {dropped.replace('NAME', json.dumps('b.pdf'))}, bubbles: true}})"
    )
    chromium.run(f"document.querySelector('.files').dispatchEvent({drop}); 0")
    wait_until(lambda: uploads.names == ["a.pdf"], 30, "what was dropped")
    chromium.run(f"document.body.dispatchEvent({paste}); 0")
    wait_until(lambda: uploads.names == ["a.pdf", "b.pdf"], 30, "what was pasted")
