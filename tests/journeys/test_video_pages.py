"""In a real browser: a clerk drafts a video with film and script, its readers see the film play and sign both, what is
sent back is drafted anew and read anew, and it is published by hand and taken down."""

from __future__ import annotations

import base64
import json
import os
import zipfile
from pathlib import Path
from typing import Any

from tests.console.test_files_field import wait_for
from tests.journeys.console_system import ConsoleSystem, School
from tests.journeys.test_accessible import here
from tests.journeys.test_article_pages import named, put_screenshot
from tests.journeys.test_registry_pages import Browser
from tests.support.chromium import Chromium
from tests.support.processes import wait_until

TITLE, SCRIPT, LINK = (
    "微党课：立德树人",
    "各位老师好。\n今天我们学习第一讲。",
    "https://channels.weixin.qq.com/web/feed?id=",
)
STAGES = ("first", "second", "final")
FILM = """(async () => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 160, height: 90});
  const context = canvas.getContext('2d');
  const recorder = new MediaRecorder(canvas.captureStream(10), {mimeType: 'video/webm'});
  const parts = [];
  recorder.ondataavailable = event => parts.push(event.data);
  recorder.start();
  for (let at = 0; at < 8; at++) {
    context.fillStyle = at % 2 ? '#06c' : '#c60';
    context.fillRect(0, 0, 160, 90);
    await new Promise(done => setTimeout(done, 100));
  }
  await new Promise(done => { recorder.onstop = done; recorder.stop(); });
  const held = new DataTransfer();
  held.items.add(new File(parts, '微党课.webm', {type: 'video/webm'}));
  const input = document.querySelector('.files input[type=file]');
  input.files = held.files;
  input.dispatchEvent(new Event('change', {bubbles: true}));
  return parts.reduce((sum, part) => sum + part.size, 0);
})()"""
"""A film that the browser makes and puts into the form."""


def take_picture(chromium: Chromium, name: str) -> None:
    """Where QIHANG_PICTURES names a folder."""
    for width in (1440, 390) if os.environ.get("QIHANG_PICTURES") else ():
        chromium.width(width)
        shot = chromium.call("Page.captureScreenshot", captureBeyondViewport=True)
        Path(os.environ["QIHANG_PICTURES"], f"{name}-{width}.png").write_bytes(base64.b64decode(shot["data"]))
    chromium.width(1280)


class Video:
    """One video of a school, and who of its people reads it."""

    def __init__(self, system: ConsoleSystem, school: School, chromium: Chromium) -> None:
        self.system, self.school, self.chromium = system, school, chromium
        free = [each for each in sorted(school.names) if each not in (school.head, school.clerk, school.teacher)]
        self.readers, self.name = (school.teacher, free[0], free[1]), ""

    def ask(self, method: str, path: str, person: str, body: Any = None) -> Any:
        status, answer = self.system.ask(method, "publicity", path, body, token=self.system.token_of_person(person))
        assert status < 300, (path, answer)
        return answer

    def draft(self, clerk: Browser) -> None:
        assert "还没有视频" in clerk.open("/videos")
        clerk.open("/videos/draft")
        assert self.chromium.run(FILM) > 100
        wait_for(self.chromium, "document.querySelectorAll('.file [name=film]').length === 1", 60)
        clerk.fill(title=TITLE, script=SCRIPT)
        take_picture(self.chromium, "video-draft")
        drafted = clerk.click("main form.filing button.btn-primary", "#readings-title")
        assert "请指定初审的审读人" in drafted and "三审三校 0 / 3" in drafted
        self.name = named(clerk, "article")

    def appoint(self, head: Browser) -> None:
        head.open(f"/articles/article?article={self.name}")
        head.fill(**dict(zip(STAGES, self.readers, strict=True)))
        assert "等待初审" in head.click("main form[action$='/readers'] [type=submit]", ".board .state-open")

    def read(self, *stages: str, reason: str = "") -> None:
        """As readers without a browser."""
        for stage, reader in zip(STAGES, self.readers, strict=True):
            if stage in stages:
                self.ask("GET", f"/api/proofs/article/{self.name}", reader)
                reading = {"subject": "article", "subject_id": self.name, "stage": stage, "reader_id": reader}
                self.ask("POST", "/api/readings", reader, reading | {"reason": reason})


def test_a_video_s_life(console_system: ConsoleSystem, school: School, chromium: Chromium, tmp_path: Path) -> None:
    video = Video(console_system, school, chromium)
    video.draft(Browser(chromium, console_system, school.clerk))
    video.appoint(Browser(chromium, console_system, school.head))
    read_in_browser(video, chromium)
    video.read("second", reason="字幕有误")

    clerk = Browser(chromium, console_system, school.clerk)
    assert TITLE in clerk.open("/todo")
    assert "字幕有误" in clerk.open(f"/articles/article?article={video.name}")
    again = clerk.click("main a.btn-primary[href*='/videos/draft']", "form.filing")
    assert (
        "今天我们学习第一讲。" in chromium.run("document.querySelector('[name=script]').value") and "重新起草" in again
    )
    clerk.fill(script=f"{SCRIPT}\n谢谢大家。")
    assert "三审三校 0 / 3" in clerk.click("main form.filing button.btn-primary", "#readings-title")
    video.appoint(Browser(chromium, console_system, school.head))
    video.read(*STAGES)
    publish_and_take_down(video, chromium, tmp_path)


def test_a_video_is_drafted_and_stopped_from_the_shell(
    console_system: ConsoleSystem, school: School, tmp_path: Path
) -> None:
    qihang, video = console_system.qihang, f"{school.unit_id}-shell"
    (tmp_path / "微党课.mp4").write_bytes(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(9000))
    (tmp_path / "文案.txt").write_text(SCRIPT, encoding="utf-8")
    draft = ("video", "draft", video, tmp_path / "微党课.mp4", "--script", tmp_path / "文案.txt",
             "--unit", school.unit_id, "--title", TITLE)  # fmt: skip
    assert qihang(*draft).startswith(f"已起草 {video} ") and qihang(*draft).startswith(f"无变化 {video} ")
    assert "待发布" in qihang("video", "list", "--unit", school.unit_id)
    qihang("video", "by-hand", video, "--out", tmp_path / "视频.zip")
    with zipfile.ZipFile(tmp_path / "视频.zip") as package:
        assert "文案.html" in package.namelist() and "推文" not in package.read("说明.txt").decode("utf-8-sig")
    qihang("video", "take-down", video, "--reason", "重拍")
    assert "停发" in qihang("video", "list", "--unit", school.unit_id)


def read_in_browser(video: Video, chromium: Chromium) -> None:
    """The first reader, a teacher of the school: the film plays on the page, from this site, and is read by parts."""
    teacher = Browser(chromium, video.system, video.school.teacher)
    assert TITLE in teacher.open("/todo")
    assert "视频" in teacher.open("/readings")
    proof = teacher.open(f"/readings/read?subject=article&id={video.name}")
    assert "今天我们学习第一讲。" in proof and "SHA-256" in proof
    wait_for(chromium, "document.querySelector('video').readyState >= 2", 30)
    assert chromium.run("document.querySelector('video').videoWidth") == 160
    part = "fetch(document.querySelector('video').src, {headers: {Range: 'bytes=0-9'}}).then(answer => answer.status)"
    assert chromium.run(part) == 206
    take_picture(chromium, "video-reading")
    assert here(chromium) == []
    chromium.run("document.querySelector('#f-read').click(); 0")
    assert "已审读" in teacher.click("main form[action$='/pass'] [type=submit]", ".flash")


def publish_and_take_down(video: Video, chromium: Chromium, folder: Path) -> None:
    system, clerk = video.system, Browser(chromium, video.system, video.school.clerk)
    page = clerk.open(f"/articles/article?article={video.name}")
    assert "可以发布了" in page and "提交平台发布" not in page, "there is no interface for videos"
    assert chromium.run("fetch(document.querySelector('.steps a').href).then(answer => answer.status)") == 200
    put_screenshot(chromium, folder)
    clerk.fill(link=f"{LINK}{video.school.unit_id}")
    assert "已发布" in clerk.click("main form[action$='/confirm'] [type=submit]", "main details img")
    take_picture(chromium, "video-published")
    record = f"publicity-article-{video.name}"

    def counted() -> bool:
        feed = json.dumps(system.get("participation", "/feed/0", after="0", limit="5000"))
        return record in feed

    wait_until(counted, 30, record)
    clerk.fill(reason="音乐没有版权")
    chromium.run("document.querySelector('main form [name=way][value=done]').click(); 0")
    wait_for(chromium, "document.readyState === 'complete' && document.body.innerText.includes('撤稿已登记')")
    assert "已撤稿" in clerk.open("/videos")
    take_picture(chromium, "videos")
    assert here(chromium) == []
