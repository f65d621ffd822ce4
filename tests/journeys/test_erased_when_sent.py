"""What has left the system or opens it: a letter that went by mail, a second step, a sign-in at a provider, an article
that was published.  After the erasure of its person nothing of it can be read but what the map calls text of things."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from PIL import Image

from contracts.personal_data import Fate
from tests.journeys.canaries import LATIN, MARKS, WORD, fate, places, readable
from tests.journeys.conftest import SMALL_CAMPAIGN, BuildSystem
from tests.journeys.small_district import report_events, study, teacher, unit
from tests.journeys.test_signed_in import OWN_PASSWORD, Browser, first_sign_in
from tests.support.mail_server import MailServer
from tests.support.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.support.processes import wait_until
from tests.support.stores import every_cell

AUTHOR, COLLEAGUES, REVIEWERS = "EM1", ("EM2", "EM3", "EM4"), ("EM5", "EM6")
STAGES = ("first", "second", "final")
ADDRESS = f"{LATIN}.x@example.cn"
SUBJECT_ID = f"{LATIN}-at-the-provider"
STAYS = {"articles.title", "publicity.article_drafted.title", "publicity.article_published.title"}
"""The title of an article, which is the unit's text; advised against in docs/security.md."""


class Outside:
    """A mail server, a provider, and a system that speaks to both, on a day before notes are due."""

    def __init__(self, build: BuildSystem, folder: Path) -> None:
        self.clock, self.mail = folder / "clock", MailServer(folder)
        self.at("2022-12-20T09:00")
        self.system = system = build(
            QIHANG_REHEARSAL_CLOCK=str(self.clock), QIHANG_SMTP_URL=self.mail.url, QIHANG_WECOM_URL="",
            QIHANG_DINGTALK_URL="", QIHANG_SMTP_CA_FILE=str(self.mail.ca_file),
            QIHANG_MAIL_FROM="tixing@edu.example.cn", QIHANG_SECOND_STEP_KEY_FILE=_file(folder, "k" * 43),
        )  # fmt: skip
        self.provider = OidcProvider(f"{system.address}/signin/oidc/callback")
        system.settings |= {
            "QIHANG_OIDC_ISSUER": self.provider.issuer, "QIHANG_OIDC_CLIENT_ID": CLIENT,
            "QIHANG_OIDC_CLIENT_SECRET_FILE": _file(folder, SECRET), "QIHANG_PUBLIC_URL": system.address,
            "QIHANG_OIDC_PERSON_CLAIM": "employee",
        }  # fmt: skip
        system.start()
        system.qihang("campaign", "launch", SMALL_CAMPAIGN)

    def at(self, local: str) -> None:
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{local}:00+08:00")
        fresh.replace(self.clock)

    def close(self) -> None:
        self.mail.stop()
        self.provider.close()

    def deliveries(self) -> dict[str, dict[str, Any]]:
        answer = self.system.get("notifications", "/api/deliveries")
        return {item["recipient"]: item for item in answer["deliveries"]}

    def has_tried(self) -> bool:
        """The author's letter has been offered to the mail server once."""
        letter = self.deliveries().get(f"person-{AUTHOR}", {})
        return letter.get("attempt", 0) > 0 and letter["phase"] != "sending"


def _file(folder: Path, secret: str) -> str:
    path = folder / f"secret-{len(list(folder.iterdir()))}"
    path.write_text(secret)
    return str(path)


@pytest.fixture(scope="module")
def outside(build: BuildSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    result = Outside(build, tmp_path_factory.mktemp("outside"))
    yield result
    result.close()


def receives_reminder(outside: Outside) -> None:
    """The server is busy at first, in words that name the mailbox and its owner; then it takes the letter."""
    contact = {"recipient": f"person-{AUTHOR}", "name": WORD, "email": ADDRESS}
    assert outside.system.ask("POST", "notifications", "/api/contacts", {"contacts": [contact]})[0] == 200
    outside.mail.answer = lambda to, before: "250 OK" if before else f"450 4.2.0 {to.split('@')[0]} {WORD} is busy"
    outside.at("2022-12-27T08:30")
    outside.system.qihang("notify", "run", "--timeout", "0")
    wait_until(outside.has_tried, 60, "the first attempt")
    outside.at("2022-12-27T08:40")
    outside.system.qihang("notify", "run", "--timeout", "30")
    (letter,) = (item for item in outside.mail.mails if item.to == ADDRESS)
    assert WORD in str(letter.message["To"]) and "学习笔记" in letter.text
    assert outside.deliveries()[f"person-{AUTHOR}"]["attempt"] == 2


def signs_in_three_ways(outside: Outside) -> set[str]:
    """By password, at the provider, with a second step; what the store has of the last."""
    system, provider = outside.system, outside.provider
    browser, other = first_sign_in(system, AUTHOR), Browser(system)
    provider.claims = {"sub": SUBJECT_ID, "name": WORD, "email": ADDRESS, "employee": AUTHOR}
    begun = other.get(f"{system.address}/signin/oidc", allow_redirects=False)
    assert other.get(provider.authorize(begun.headers["Location"], SUBJECT_ID)).url.endswith("/todo")
    page = "/account/second-step"
    answer = _submit(browser, page, "begin", password=OWN_PASSWORD)
    match = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', answer)
    assert match, answer
    confirmed = _submit(browser, page, "confirm", code=pyotp.TOTP(match[1].replace(" ", "")).now())
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code></li>", confirmed)
    assert len(codes) == 10
    kept = {row[name] for _, table, row in every_cell(system)
            for name in {"second_steps": ("secret",), "recovery_codes": ("code_hash",)}.get(table, ())}  # fmt: skip
    assert len(kept) == 11
    return kept


def _submit(browser: Browser, page: str, deed: str, **form: str) -> str:
    token = re.search(r'name="csrf" value="([^"]+)"', browser.open(page).text)
    assert token
    address = f"{browser.system.address}{page}/{deed}"
    return browser.post(address, data={**form, "csrf": token[1]}, timeout=30).text


def is_published(outside: Outside, folder: Path) -> None:
    """A work of theirs, in an article that the unit published by hand; its title names them."""
    system = outside.system

    def ask(method: str, path: str, body: object, person: str = "", **headers: str) -> None:
        token = system.token_of_person(person) if person else ""
        status, answer = system.ask(method, "publicity", path, body, token=token, **headers)
        assert status < 300, (path, answer)

    query = f"author_id={AUTHOR}&unit_id=E5&levels=inside,unit"
    title = urllib.parse.quote(f"{WORD}体会")
    ask("PUT", f"/api/works/EM-W1?{query}", f"{WORD}的手稿。".encode() * 300, X_Qihang_Title=title)
    ask("POST", "/api/works/EM-W1/reviewers", {"reviewers": REVIEWERS})
    for reviewer in REVIEWERS:
        ask("POST", "/api/works/EM-W1/marks", {"reviewer_id": reviewer, "marks": MARKS}, reviewer)
    ask("POST", "/api/works/EM-W1/select", {})
    ask("POST", "/api/articles", {"article_id": "EM-A1", "unit_id": "E5", "title": f"访{WORD}", "works": ["EM-W1"]})
    for stage, reader in zip(STAGES, COLLEAGUES, strict=True):
        reading = {"subject": "article", "subject_id": "EM-A1", "stage": stage, "reader_id": reader}
        ask("POST", "/api/readers", reading)
        assert (
            system.ask("GET", "publicity", "/api/articles/EM-A1/package", token=system.token_of_person(reader))[0]
            == 200
        )
        ask("POST", "/api/readings", reading, reader)
    system.qihang("publish-article", "by-hand", "EM-A1", "--out", folder / "package.zip")
    Image.new("RGB", (40, 40), "white").save(folder / "shot.png")
    system.qihang("publish-article", "confirm", "EM-A1", "--link", "https://mp.weixin.qq.com/s/em1",
                  "--screenshot", folder / "shot.png")  # fmt: skip


def test_what_was_sent_published_or_signs_in_is_readable_nowhere_after(outside: Outside, tmp_path: Path) -> None:
    system = outside.system
    own = [teacher(AUTHOR, "E5", name=WORD), *(teacher(person, "E5") for person in COLLEAGUES)]
    others = [unit("E6"), *(teacher(person, "E6") for person in REVIEWERS)]
    assert set(report_events(system, unit("E5"), study("E5", "2022-12-08"), *own, *others)) == {"accepted"}
    system.qihang("settle")
    receives_reminder(outside)
    kept = signs_in_three_ways(outside)
    is_published(outside, tmp_path)
    assert places(system, WORD, LATIN) == STAYS, "all else is enciphered from the first"
    system.qihang("settle")

    printed = system.qihang("erase", AUTHOR, "--yes")
    assert "article-EM-A1 title" in printed, printed
    assert places(system, WORD, LATIN) == STAYS
    assert {fate(place) for place in STAYS} == {Fate.OF_THINGS}
    assert not {cell for _, _, row in every_cell(system) for cell in row.values()} & kept
    gone = (LATIN, f"{WORD}的手稿", f"{WORD}体会", *kept)
    wait_until(lambda: not readable(system, *gone), 30, lambda: f"left: {readable(system, *gone)}")
    article = system.get("publicity", "/api/articles", article_id="EM-A1")["articles"][0]
    assert article["status"] == "taking_down", "the unit has to delete it at the platform"
    assert system.qihang("verify").count("intact") == 4
