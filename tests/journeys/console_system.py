"""The system for journeys through the console's pages: one for all of them in a lane, with somebody of each post, who
signs in once.  What a journey writes it writes for a school of its own (`ConsoleSystem.school`), since others read the
same pages meanwhile."""

from __future__ import annotations

import itertools
import re
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import requests

from tests.support.chromium import Chromium
from tests.support.system import SAMPLES, DistrictSystem, EmbeddedSystem

DAY, OWN_PASSWORD = "2022-12-01", "春江潮水连海平，海上明月"
CAST = {"campaign_office": ("campaign_office", "B01"), "office": ("clerk", "O03"), "head": ("head", "X001"),
        "clerk": ("clerk", "X001"), "teacher": None, "leader": ("leader", "B01"),
        "supervision": ("clerk", "O01"), "inspector": ("inspector", "O01")}  # fmt: skip
"""Who holds which post at which unit: P00001 the first, and so on."""
SCHOOLS = ("X002", "X003", "X004", "X005", "X006", "X007", "X008", "X009")
SESSION_SECONDS = 20 * 60
"""The console ends a session after 30 idle minutes."""


def person_of(who: str) -> str:
    return f"P{list(CAST).index(who) + 1:05}" if who in CAST else who


def posts() -> dict[str, tuple[str, str]]:
    return {person_of(who): post for who, post in CAST.items() if post}


class School(NamedTuple):
    """A unit and people who serve there on DAY: head and clerk hold these posts, these two and the teacher have an
    account, the colleague has none.  `names`: of all who serve there and hold no post of CAST."""

    unit_id: str
    name: str
    head: str
    clerk: str
    teacher: str
    colleague: str
    names: dict[str, str]


class ConsoleSystem(EmbeddedSystem):
    """A system of one process whose people sign in."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._codes: dict[str, str] = {}
        self._sessions: dict[str, tuple[float, dict[str, str]]] = {}
        self._schools = itertools.chain(SCHOOLS, map("Y{:03}".format, itertools.count(1)))

    def give_accounts(self, *persons: str) -> None:
        printed = self.qihang("accounts", "create", *persons)
        self._codes |= {name.upper(): code for name, code in re.findall(r"(p\d{5})\s+(\w{4}-\w{4}-\w{4})", printed)}

    def cookies_of(self, who: str) -> dict[str, str]:
        """Of the session of `operator`, of one of CAST, or of a person with an account given here."""
        began, cookies = self._sessions.get(who, (0.0, {}))
        if not cookies or time.monotonic() - began > SESSION_SECONDS:
            with self.session_of_nobody() as session:
                self._sign_in(session, who)
                cookies = {each.name: each.value or "" for each in session.cookies}
            self._sessions[who] = time.monotonic(), cookies
        return cookies

    def session_of(self, who: str) -> requests.Session:
        """Signed in, for what needs no browser."""
        session = self.session_of_nobody()
        session.cookies.update(self.cookies_of(who))
        return session

    def session_of_nobody(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        return session

    def _sign_in(self, session: requests.Session, who: str) -> None:
        if who == "operator":
            password = (self.data / "operator.password").read_text().strip()
            submit(session, f"{self.address}/signin", user=who, password=password)
        elif code := self._codes.pop(person_of(who), ""):
            submit(session, f"{self.address}/signin", user=person_of(who), password=code)
            form = {"old": code, "new": OWN_PASSWORD, "again": OWN_PASSWORD}
            submit(session, f"{self.address}/account/password", **form)
        else:
            submit(session, f"{self.address}/signin", user=person_of(who), password=OWN_PASSWORD)

    def school(self) -> School:
        """One that no other journey of this system takes."""
        unit_id = next(self._schools)
        if unit_id not in SCHOOLS:
            self._open_school(unit_id)
        serving = self.get("participation", f"/api/units/{unit_id}/people", on=DAY)
        names = {each["person_id"]: each["name"] for each in serving["people"] if each["person_id"] not in posts()}
        head, clerk, teacher, colleague, *_ = sorted(names)
        give_posts(self, {head: ("head", unit_id), clerk: ("clerk", unit_id)})
        self.give_accounts(head, clerk, teacher)
        return School(unit_id, serving["unit_name"], head, clerk, teacher, colleague, names)

    def _open_school(self, unit_id: str) -> None:
        """One that is not of the sample, when those are taken."""
        people = [f"P8{unit_id[1:]}{number}" for number in range(1, 7)]
        rows = [f"{person},李{person[2:]},teacher,{unit_id},2020-09-01,\n" for person in people]
        unit = f"{unit_id},新设{unit_id[1:]}小学,school,,,,,2015-09-01,\n"
        columns = "unit_id,name,kind,tags,zone_id,community_id,liaison_id,opened_on,closed_on\n"
        import_rows(self, "units", columns + unit)
        import_rows(self, "people", "person_id,name,role,unit_id,from,to\n" + "".join(rows))


def begin(system: EmbeddedSystem | DistrictSystem, folder: Path) -> None:
    """Starts a system on DAY with the sample's units and people, and a post of each kind."""
    (folder / "now").write_text(f"{DAY}T09:00:00+08:00")
    system.settings |= {"QIHANG_REHEARSAL_CLOCK": str(folder / "now"), "QIHANG_OPERATOR_MUST_CHANGE": "0"}
    system.start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    system.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
    give_posts(system, posts())
    system.qihang("settle")


def give_posts(system: EmbeddedSystem | DistrictSystem, held: dict[str, tuple[str, str]]) -> None:
    rows = [f"{unit},{post},{person},2022-09-01,\n" for person, (post, unit) in held.items()]
    import_rows(system, "posts", "unit_id,post,person_id,from,to\n" + "".join(rows))


def import_rows(system: EmbeddedSystem | DistrictSystem, what: str, text: str) -> None:
    """A file of that name, as the command imports it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{what}.csv").write_text(text)
        system.qihang("import", Path(folder) / f"{what}.csv")


def submit(session: requests.Session, address: str, *, to: str = "", **form: str) -> requests.Response:
    """The form of a page, sent to the page itself or to another of that console."""
    match = re.search(r'name="csrf" value="([^"]+)"', session.get(address, timeout=60).text)
    assert match
    return session.post(urljoin(address, to), data={**form, "csrf": match[1]}, timeout=60)


def sign_in(district: EmbeddedSystem, chromium: Chromium, who: str, codes: object = None) -> None:
    """The browser is given the cookies of that one's session; whoever signs out there signs out everybody."""
    assert isinstance(district, ConsoleSystem)
    chromium.call("Network.clearBrowserCookies")
    for name, value in district.cookies_of(who).items():
        chromium.call("Network.setCookie", name=name, value=value, url=district.address)
