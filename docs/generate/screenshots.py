"""`python -m docs.generate.screenshots`: pictures of README.md and manuals, of the sample district in a real browser.

With a folder (`... screenshots FOLDER`) every page by each post goes there instead: docs/generate/page_pictures.py;
with `refused` after it every form as it comes back when it was sent wrongly: docs/generate/refused_forms.py."""

import base64
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from docs.generate.filled_district import fill
from docs.generate.page_pictures import Photographer
from docs.generate.refused_forms import RefusedForms
from tests.journeys.test_accessible import OWN_PASSWORD, submit
from tests.support.chromium import Chromium
from tests.support.system import ROOT, SAMPLES, EmbeddedSystem

CAMPAIGN = ROOT / "campaigns" / "xue-lun-shu-in-full.yaml"
FOLDER = ROOT / "docs" / "screens"
NOW = "2023-11-15T09:00:00+08:00"
CAST = {"clerk": "P00008", "head": "P00042", "campaign_office": "P00002", "leader": "P00001", "teacher": "P00099",
        "supervision": "P00004", "liaison": "P00003", "inspector": "P00005", "research": "P00006"}  # fmt: skip
HELD = {"clerk": ("clerk", "X001"), "head": ("head", "X001"), "campaign_office": ("campaign_office", "B01"),
        "leader": ("leader", "B01"), "supervision": ("clerk", "O01"), "liaison": ("clerk", "O03"),
        "inspector": ("inspector", "O01"), "research": ("head", "S01")}  # fmt: skip
POSTS = "unit_id,post,person_id,from,to\n" + "".join(
    f"{unit},{post},{CAST[who]},2022-09-01,\n" for who, (post, unit) in HELD.items()
)
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
    "head": ("/confirm", "/not-handed-in?window=2023"),
    "teacher": ("/file/form?kind=summary", "/scoreboard", "/works/hand-in"),
    "liaison": ("/findings/new",),
    "inspector": (),
    "research": (),
    "supervision": (),
    "leader": ("/scoreboard?window=2023",),
    "campaign_office": ("/scoreboard?window=2023", "/accounts?unit=X001", "/accounts/person/erase?person=P00099",
                        "/reminders?day=2023-11-20", "/scoreboard/differences?window=2023",
                        "/posts/hand-over?unit_id=X001&post=clerk&person_id=P00008&since=2022-09-01"),
    "operator": ("/history?table=records&id=none", "/nowhere"),
}  # fmt: skip
"""Beside the pages of the menu and what they link to."""
PRINTED = (("clerk", "/duties?window=2023"), ("clerk", "/records"), ("campaign_office", "/scoreboard?window=2023"),
           ("leader", "/overview"), ("campaign_office", "/monthly-reports"), ("supervision", "/sheets"),
           ("campaign_office", "/registry"), ("liaison", "/findings"), ("operator", "/audit"))  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work, sample_district(Path(work)) as system:
        if sys.argv[1:]:
            fill(system, Path(work), CAST)
        codes = accounts(system)
        browser = Chromium(Path(work) / "profile")
        try:
            match sys.argv[1:]:
                case [folder, "refused"]:
                    refuse_all(system, browser, codes, Path(folder))
                case [folder]:
                    take_all(system, browser, codes, Path(folder))
                case _:
                    take(system, browser, codes)
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


def sign_in(
    system: EmbeddedSystem, browser: Chromium, who: str, codes: dict[str, str], *, language: str = "zh"
) -> None:
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
        if language != "zh":
            submit(session, f"{system.address}/account", to="/language", language=language)
        browser.call("Network.clearBrowserCookies")
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
    """By each post, whatever the pages lead to; then print views, and the pages of each post in English."""
    photographer = Photographer(browser, system.address, folder)
    taken = {}
    for who, more in MORE.items():
        sign_in(system, browser, who, codes)
        taken[who] = photographer.walk(who, more)
    for who, path in PRINTED:
        sign_in(system, browser, who, codes)
        photographer.print(who, path)
    for who, paths in taken.items():
        sign_in(system, browser, who, codes, language="en")
        photographer.in_english(who, paths)
    photographer.done()


def refuse_all(system: EmbeddedSystem, browser: Chromium, codes: dict[str, str], folder: Path) -> None:
    forms = RefusedForms(browser, system.address, folder)
    for who, more in MORE.items():
        sign_in(system, browser, who, codes)
        forms.refuse(who, more)
        forms.done()


if __name__ == "__main__":
    main()
