"""Every page that somebody is offered meets WCAG 2.1 A and AA as axe-core finds it, in a real browser: it is reached by
keyboard and needs no sideways scrolling at 320 pixels."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import chromium as chromium
from tests.journeys.console_system import DAY, ConsoleSystem, sign_in
from tests.journeys.console_system import OWN_PASSWORD as OWN_PASSWORD
from tests.journeys.console_system import begin as begin
from tests.journeys.console_system import submit as submit
from tests.journeys.page_structure import WITHOUT_EQUALS, links_of, structures_of
from tests.support.chromium import Chromium

pytestmark = pytest.mark.endurance

VENDOR = Path(__file__).resolve().parents[1] / "vendor"
AXE = VENDOR / "axe-core" / "axe.min.js"
OFFERED = {
    "operator": {
        "/overview", "/commendation", "/unit-detail", "/scoreboard", "/reports", "/campaign", "/history",
        "/reminders", "/posts", "/accounts", "/status", "/quarantine", "/waiting",
    },
    "campaign_office": {
        "/overview", "/commendation", "/registry", "/registry/units", "/registry/unit", "/registry/person",
        "/registry/change", "/scoreboard", "/sheets", "/monthly-reports", "/sheets/unit", "/sheets/item",
        "/reminders", "/posts", "/posts/hand-over", "/accounts", "/inbox", "/account", "/campaign",
        "/campaign/revise", "/campaign/versions", "/assignments",
    },
    "office": {
        "/todo", "/inbox", "/duties", "/file", "/file/form", "/score", "/not-handed-in", "/confirm", "/findings",
        "/findings/finding", "/findings/new", "/records", "/imports", "/rosters", "/bundles", "/anthologies",
        "/history", "/account",
    },
    "head": {
        "/inbox", "/bundles", "/findings", "/findings/finding", "/registry", "/posts", "/posts/hand-over", "/duties",
        "/score", "/not-handed-in", "/anthologies", "/history", "/account", "/account/password", "/works",
        "/selections",
    },
    "clerk": {
        "/inbox", "/duties", "/duties/records", "/registry", "/registry/unit", "/registry/person", "/registry/change",
        "/score", "/not-handed-in", "/anthologies", "/history", "/account",
    },
    "teacher": {
        "/inbox/settings", "/todo", "/file", "/file/form", "/own-record", "/inbox", "/duties", "/records", "/history",
        "/account", "/works", "/works/hand-in", "/permissions", "/reviews",
    },
}  # fmt: skip
"""Pages that the crawl must have come to, lest it prove nothing."""
FINDINGS = """finding_id,unit_id,assessor_id,found_on,deadline,points,category,description
D1,X001,O01,2022-11-28,2022-12-20,1,印证资料,签到表不全
D2,X007,O03,2022-11-28,2022-12-20,0,学习落实,没有研讨记录
"""
MORE = {
    "operator": ("/accounts?unit=X001", "/history?table=units&id=X001", "/scoreboard/differences?window=2022"),
    "campaign_office": ("/accounts?unit=X001", "/accounts?search=P0000", "/history?table=units&id=X001",
                        f"/reminders?day={DAY}&recipient=clerk-X001", "/status"),
    "teacher": ("/scoreboard", "/nowhere")}  # fmt: skip
"""Addresses that come of forms, and what is refused."""
LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map(each => each.getAttribute('href'))"
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations']}"
VIOLATIONS = f"""axe.run(AREA, {RULES}).then(result => result.violations.map(
    each => each.id + ': ' + each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')))"""
DOCUMENT, MAIN = "document", "document.querySelector('main')"
STOPS = """[...AREA.querySelectorAll('a[href], button, input:not([type=hidden]), select, [tabindex="0"]')].filter(
    each => !each.disabled && each.checkVisibility() && each.tabIndex >= 0 && (each.type !== 'radio' || each === (
        document.querySelector(`input[type=radio][name="${each.name}"]:checked`) ||
        document.querySelector(`input[type=radio][name="${each.name}"]`))))"""
"""Of buttons of which one is chosen, the key comes to one; arrows go on from there."""
WATCH = """document.activeElement.blur(); window.reached = new Set();
document.addEventListener('focusin', event => window.reached.add(event.target));
if (AREA !== document) { AREA.tabIndex = -1; AREA.focus(); AREA.removeAttribute('tabindex') } 0"""
UNREACHED = f"{STOPS}.filter(each => !window.reached.has(each)).map(each => each.outerHTML.slice(0, 160))"
MOST_STOPS = 6  # within one field: a date has several


@pytest.fixture(scope="module")
def district(console_system: ConsoleSystem, tmp_path_factory: pytest.TempPathFactory) -> ConsoleSystem:
    """With a finding in a unit of the head's, and one by the office."""
    path = tmp_path_factory.mktemp("findings") / "findings.csv"
    path.write_text(FINDINGS, encoding="utf-8")
    console_system.qihang("import", path)
    return console_system


def open_narrow(chromium: Chromium, address: str) -> None:
    chromium.width(320)
    chromium.open(address)


def problems(chromium: Chromium, address: str, area: str = DOCUMENT) -> list[str]:
    """What is wrong with a page that was opened narrow, or with a part of it, there and at a desk: at the desk of
    siblings of one structure with some, and with all before anything is called wrong."""
    result = too_wide(chromium)
    chromium.width(1280)
    chromium.run(WITHOUT_EQUALS)
    if problems_when_wide(chromium, area):
        chromium.open(address)
        result += problems_when_wide(chromium, area)
    return [f"{urlsplit(address).path} {problem}" for problem in result]


def here(chromium: Chromium) -> list[str]:
    """What is wrong with the page as it stands."""
    result = problems_when_wide(chromium)
    chromium.width(320)
    return result + too_wide(chromium)


def too_wide(chromium: Chromium) -> list[str]:
    width = chromium.run("document.scrollingElement.scrollWidth")
    return [f"is {width} pixels wide at 320"] if width > 320 else []


def problems_when_wide(chromium: Chromium, area: str = DOCUMENT) -> list[str]:
    if not chromium.run("'axe' in window"):
        chromium.run(AXE.read_text(encoding="utf-8") + "; 0")
    result = list(chromium.run(VIOLATIONS.replace("AREA", area)))
    result += [] if chromium.run("document.title") else ["has no title"]
    return result + unreached(chromium, area)


def unreached(chromium: Chromium, area: str = DOCUMENT) -> list[str]:
    """What the key Tab never comes to."""
    chromium.run(WATCH.replace("AREA", area))
    left = MOST_STOPS * (chromium.run(f"{STOPS}.length".replace("AREA", area)) + 1)
    missing = chromium.run(UNREACHED.replace("AREA", area))
    while missing and left > 0:
        presses = min(len(missing), left)
        chromium.press_tab(presses)
        left -= presses
        missing = chromium.run(UNREACHED.replace("AREA", area))
    return [f"by keyboard: {each}" for each in missing]


CHECKED: set[str] = set()
"""Structures of pages that were found in order, by whomever."""


def crawl(chromium: Chromium, district: ConsoleSystem, who: str) -> tuple[set[str], list[str]]:
    """The paths that were read, following links, and what is wrong with them; the browser opens what is made otherwise
    than any page before."""
    waiting, read, result = ["/", *MORE.get(who, ())], dict[str, str](), list[str]()
    # sent once, it is there in every page: of 42 pages 0.9 s of processor time less than when sent to each
    chromium.call("Page.addScriptToEvaluateOnNewDocument", source=AXE.read_text(encoding="utf-8"))
    with district.session_of(who) as session:
        while waiting:
            address = urlsplit(waiting.pop(0))
            path = address.path + (f"?{address.query}" if address.path in MORE_OF_ONE and address.query else "")
            is_file = address.path.startswith(("/s/", "/static/")) or "." in address.path
            if path in read or is_file or not address.path.startswith("/"):
                continue
            read[path] = address.path
            query = f"?{address.query}" if address.query else ""
            whole = f"{district.address}{address.path}{query}"
            answer = session.get(whole, timeout=60)
            structures = structures_of(answer.text)
            waiting += [urlsplit(answer.url).path, *links_of(answer.text)]
            if structures <= CHECKED:
                continue
            open_narrow(chromium, whole)
            waiting += chromium.run(LINKS)
            wrong = problems(chromium, whole, new_area(structures))
            result += wrong
            CHECKED.update(() if wrong else structures)
    return set(read.values()), result


def new_area(structures: set[str]) -> str:
    """<main> alone, where what is around it was found in order before and no id is in both."""
    known = any(each.startswith("around") for each in structures & CHECKED)
    return MAIN if known and not any("ids twice" in each for each in structures) else DOCUMENT


MORE_OF_ONE = {urlsplit(each).path for addresses in MORE.values() for each in addresses} - {"/posts/hand-over"}
"""Pages whose forms give other pages: each of these addresses is opened."""


def test_the_checker_is_the_one_that_is_named() -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in (VENDOR / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("who", OFFERED)
def test_every_page_that_somebody_is_offered_is_accessible(
    district: ConsoleSystem, chromium: Chromium, who: str
) -> None:
    sign_in(district, chromium, who)
    opened, result = crawl(chromium, district, who)
    assert OFFERED[who] <= opened
    assert result == [], "\n".join(result)


def test_sign_in_and_slips_are_accessible(district: ConsoleSystem, chromium: Chromium) -> None:
    open_narrow(chromium, f"{district.address}/signin")
    assert problems(chromium, f"{district.address}/signin") == []
    sign_in(district, chromium, "operator")
    chromium.open(f"{district.address}/accounts/person?person=P00099")
    chromium.call("Runtime.evaluate", expression="document.querySelector('main form button').click()")
    chromium.wait_for_page(".slip")
    chromium.width(1280)
    assert here(chromium) == []


def test_a_page_with_faults_is_found_out(chromium: Chromium) -> None:
    page = '<html><body style="width:400px"><img src="x"><a href="#" style="color:#ddd">weiter</a></body></html>'
    chromium.open("about:blank")
    chromium.run(f"document.write({json.dumps(page)}); document.close()")
    assert len(here(chromium)) >= 4  # no language, no text for the picture, faint, too wide


FAULTS = ('<img src="x.png">', "<label for='none'>甲乙丙</label><input>",
          '<i style="color: #ddd">甲乙丙</i>', "<i class='faint'>甲乙丙</i>")  # fmt: skip


@pytest.mark.parametrize("row", FAULTS)
def test_a_fault_in_one_of_many_rows_is_found_out(chromium: Chromium, row: str) -> None:
    equal = "<li><img src='x.png' alt='甲'><label for='id'>甲乙丙</label><input><i style=''>甲乙丙</i></li>".replace
    rows = [equal("id", f"{at}").replace("<input>", f"<input id='{at}'>") for at in range(7)]
    assert wrong_in(chromium, [*rows]) == []
    assert wrong_in(chromium, [*rows[:3], f"<li>{row}</li>", *rows[3:]])


@pytest.mark.parametrize("which", ["even", "odd", "last", "first"])
def test_faint_rows_of_a_kind_are_found_out(chromium: Chromium, which: str) -> None:
    faint = f"li:nth-child({which})" if which in ("even", "odd") else f"li:{which}-child"
    assert wrong_in(chromium, ["<li>甲乙丙</li>"] * 7, f".none, {faint} {{color: #ddd}}")


def wrong_in(chromium: Chromium, rows: list[str], style: str = ".faint {color: #ddd}") -> list[str]:
    """In a list, once equal rows are gone."""
    head = f"<html lang='zh'><title>甲乙丙</title><style>{style}</style>"
    page = f"{head}<main><h1>甲乙丙</h1><ul>{''.join(rows)}</ul></main>"
    chromium.open("about:blank")
    chromium.run(f"document.write({json.dumps(page)}); document.close()")
    chromium.run(WITHOUT_EQUALS)
    assert chromium.run("document.querySelectorAll('li').length") < len(rows)
    return problems_when_wide(chromium)
