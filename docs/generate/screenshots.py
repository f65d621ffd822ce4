"""`python -m docs.generate.screenshots`: pictures of README.md and manuals, of the sample district in a real browser.

With a folder (`... screenshots FOLDER`) every page by each post goes there instead, at a desk and on a phone."""

import base64
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from console.page_registry import PAGES
from tests.journeys.test_accessible import OWN_PASSWORD, submit
from tests.support.chromium import Chromium
from tests.support.system import ROOT, SAMPLES, EmbeddedSystem

CAMPAIGN = ROOT / "campaigns" / "xue-lun-shu-in-full.yaml"
FOLDER = ROOT / "docs" / "screens"
NOW = "2023-11-15T09:00:00+08:00"
CAST = {"clerk": "P00008", "head": "P00042", "campaign_office": "P00002", "leader": "P00001", "teacher": "P00099"}
POSTS = "unit_id,post,person_id,from,to\nX001,clerk,P00008,2022-09-01,\nX001,head,P00042,2022-09-01,\n" \
        "B01,campaign_office,P00002,2022-09-01,\nB01,leader,P00001,2022-09-01,\n"  # fmt: skip
WIDE, PHONE = (1440, 900), (390, 844)
SHOTS = (
    ("todo", "clerk", "/todo", PHONE), ("duties", "clerk", "/duties?window=2023", WIDE),
    ("score", "head", "/score?window=2023", WIDE), ("file", "clerk", "/file/form?kind=study_session", PHONE),
)  # fmt: skip
MANUALS = ROOT / "console" / "static" / "manual"
OF_MANUALS = (
    ("todo", "clerk", "/todo", WIDE), ("duties", "clerk", "/duties?window=2023", WIDE),
    ("file", "clerk", "/file/form?kind=study_session", WIDE), ("confirm", "head", "/confirm", WIDE),
    ("score", "head", "/score?window=2023", WIDE), ("teacher-todo", "teacher", "/todo", PHONE),
    ("teacher-file", "teacher", "/file/form?kind=summary", PHONE), ("campaign", "campaign_office", "/campaign", WIDE),
    ("scoreboard", "leader", "/scoreboard?window=2023", WIDE),
)  # fmt: skip
"""Of console/manuals."""
MORE = {
    "clerk": ("/duties?window=2023", "/score?window=2023", "/duties/records?duty=video&period=2023-10&window=2023",
              "/history?table=units&id=X001", "/account/password", "/file/form?kind=study_session",
              "/file/form?kind=forum", "/registry/person?person=P00099", "/registry/change?what=join&unit_id=X001"),
    "head": ("/confirm", "/todo", "/not-handed-in?window=2023"),
    "campaign_office": ("/scoreboard?window=2023", "/registry/units", "/registry/unit?unit=X001",
                        "/posts/hand-over?unit_id=X001&post=clerk&person_id=P00008&since=2022-09-01",
                        "/accounts?unit=X001", "/accounts/person?person=P00008", "/accounts/person/erase?person=P00099",
                        "/reminders?day=2023-11-20", "/scoreboard/differences?window=2023", "/campaign/revise",
                        "/campaign/versions", "/campaign/pauses", "/campaign/exemptions", "/campaign/exemptions/new",
                        "/campaign/calendar", "/campaign/freezes"),
    "leader": ("/scoreboard?window=2023", "/reports", "/campaign"),
    "operator": ("/status", "/history?table=records&id=none", "/nowhere"),
    "teacher": ("/todo", "/duties", "/records", "/inbox", "/account", "/scoreboard", "/file", "/own-record",
                "/file/form?kind=summary"),
}  # fmt: skip
"""Beside the pages of the menu."""


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sample_district(Path(folder)) as system:
        codes = accounts(system)
        browser = Chromium(Path(folder) / "profile")
        try:
            take_all(system, browser, codes, Path(sys.argv[1])) if sys.argv[1:] else take(system, browser, codes)
        finally:
            browser.close()


@contextmanager
def sample_district(folder: Path) -> Iterator[EmbeddedSystem]:
    """A running system with it, in the middle of November 2023, and some plans that await their head."""
    (folder / "now").write_text(NOW)
    (folder / "posts.csv").write_text(POSTS)
    system = EmbeddedSystem(folder / "system")
    system.settings |= {"QIHANG_REHEARSAL_CLOCK": str(folder / "now"), "QIHANG_OPERATOR_MUST_CHANGE": "0"}
    system.start()
    try:
        system.qihang("campaign", "launch", CAMPAIGN)
        system.qihang("import", SAMPLES / "district")
        system.qihang("import", folder / "posts.csv")
        file_plans(system)
        system.qihang("settle")
        yield system
    finally:
        system.discard()


def file_plans(system: EmbeddedSystem) -> None:
    token = system.token_of_person(CAST["clerk"])
    for month in range(4, 12):
        lines = [{"content": "导论和第一章", "by": f"2023-{month:02}-20", "leader": "教务处"}]
        plan = {"kind": "study_plan", "unit_id": "X001", "occurred_at": f"2023-{month:02}-08",
                "title": f"{month} 月学习计划", "fields": {"lines": lines}}  # fmt: skip
        body: dict[str, Any] = {"deeds": [plan], "submit": month != 11}
        status, answer = system.ask("POST", "participation", "/api/filings", body, token=token)
        assert status == 200, answer


def accounts(system: EmbeddedSystem) -> dict[str, str]:
    printed = system.qihang("accounts", "create", *CAST.values())
    return dict(re.findall(r"(p\d+)\s+(\w{4}-\w{4}-\w{4})", printed))


def sign_in(system: EmbeddedSystem, browser: Chromium, who: str, codes: dict[str, str]) -> None:
    with requests.Session() as session:
        session.trust_env = False
        if who == "operator":
            password = (system.data / "operator.password").read_text().strip()
            submit(session, f"{system.address}/signin", user=who, password=password)
        else:
            person = CAST[who]
            if code := codes.pop(person.lower(), ""):
                submit(session, f"{system.address}/signin", user=person, password=code)
                submit(session, f"{system.address}/account/password", old=code, new=OWN_PASSWORD, again=OWN_PASSWORD)
            else:
                submit(session, f"{system.address}/signin", user=person, password=OWN_PASSWORD)
        for cookie in session.cookies:
            browser.call("Network.setCookie", name=cookie.name, value=cookie.value or "", url=system.address)


def take(system: EmbeddedSystem, browser: Chromium, codes: dict[str, str]) -> None:
    """The four of README.md, and those of the manuals."""
    shots = [(FOLDER, *shot) for shot in SHOTS] + [(MANUALS, *shot) for shot in OF_MANUALS]
    for folder, name, who, path, (width, height) in shots:
        folder.mkdir(exist_ok=True)
        sign_in(system, browser, who, codes)
        browser.width(width, height)
        browser.open(f"{system.address}{path}")
        picture = browser.call("Page.captureScreenshot", format="webp", quality=72)
        (folder / f"{name}.webp").write_bytes(base64.b64decode(picture["data"]))


def take_all(system: EmbeddedSystem, browser: Chromium, codes: dict[str, str], folder: Path) -> None:
    """Whole pages, however long."""
    folder.mkdir(parents=True, exist_ok=True)
    for who, more in MORE.items():
        sign_in(system, browser, who, codes)
        for path in dict.fromkeys((*more, *(page.path for page in PAGES if who not in ("teacher", "leader", "head")))):
            for width, height in (WIDE, PHONE):
                browser.width(width, height)
                browser.open(f"{system.address}{path}")
                whole = browser.call("Page.getLayoutMetrics")["cssContentSize"]
                clip = {"x": 0, "y": 0, "width": width, "height": min(whole["height"], 4000), "scale": 1}
                picture = browser.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
                name = re.sub(r"\W+", "-", f"{who}{path}")[:60]
                (folder / f"{name}-{width}.png").write_bytes(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    main()
