"""People with accounts at a console, each at a browser under the pages' own policy; each page is looked at."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.journeys.console_system import OWN_PASSWORD, submit
from tests.support.chromium import Chromium
from tests.support.photos import photo
from tests.support.processes import wait_until

OPERATOR = "operator"
WRONG = """window.wrong = []; addEventListener('securitypolicyviolation', each => window.wrong.push(
    each.violatedDirective + ' ' + each.blockedURI)); addEventListener('error', each => window.wrong.push(
    String(each.message || (each.target && (each.target.src || each.target.href)))), true)"""
STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"
AWAY = ("暂时没有答复", "已断开，截至", "答复太慢，截至")
"""Of a service that showed no life for a second, on a machine where three installations run: the page asks to be opened
again."""
REFUSED = ("现在看不了", "不能查看这个单位")
CALCULATED_SECONDS, AWAY_SECONDS = 120, 30
Qihang = Callable[..., str]


class Offices:
    """People with accounts and posts, and the operator, at one console."""

    def __init__(
        self, address: str, qihang: Qihang, operator_password: str, folder: Path,
        posts: Mapping[str, tuple[str, str]], others: Sequence[str],
    ) -> None:  # fmt: skip
        """`posts`: post and unit by person; `others` have an account too."""
        self.address, self._folder = address, folder
        (folder / "posts.csv").write_text("unit_id,post,person_id,from,to\n" + "".join(
            f"{unit},{post},{person},2022-09-01,\n" for person, (post, unit) in posts.items()))  # fmt: skip
        qihang("import", folder / "posts.csv")
        people = [*posts, *others]
        printed = qihang("accounts", "create", *people)
        codes = {name.upper(): code for name, code in re.findall(r"(p\d{5})\s+(\w{4}-\w{4}-\w{4})", printed)}
        qihang("settle")
        self.sessions = {person: self._signed_in(person, codes[person]) for person in people}
        self.sessions[OPERATOR] = self._signed_in(OPERATOR, operator_password)

    def _signed_in(self, user: str, password: str) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        answer = submit(session, f"{self.address}/signin", user=user, password=password)
        if urlsplit(answer.url).path == "/account/password":
            form = {"old": password, "new": OWN_PASSWORD, "again": OWN_PASSWORD}
            answer = submit(session, f"{self.address}/account/password", **form)
        assert answer.status_code == 200 and "/signin" not in answer.url, (user, answer.url)
        return session

    @contextlib.contextmanager
    def browser_of(self, person: str) -> Iterator[Hand]:
        hand = Hand(self, person)
        try:
            yield hand
        finally:
            hand.chromium.close()

    def photo(self, number: int) -> Path:
        return photo(self._folder / f"IMG_{number:04}.JPG", number, (1600, 1200))

    def file(self, name: str, text: str) -> Path:
        (self._folder / name).write_text(text)
        return self._folder / name


class Hand:
    """Somebody at a browser, under the pages' own policy; each page that comes is looked at."""

    def __init__(self, offices: Offices, person: str) -> None:
        self.address, self.person, self.chromium = offices.address, person, Chromium()
        self.chromium.call("Page.setBypassCSP", enabled=False)
        self.chromium.call("Page.addScriptToEvaluateOnNewDocument", source=WRONG)
        self.chromium.call("Network.enable")
        self.chromium.width(1440)
        for cookie in offices.sessions[person].cookies:
            self.chromium.call("Network.setCookie", name=cookie.name, value=cookie.value or "", url=self.address)

    def open(self, path: str, seconds: float = AWAY_SECONDS) -> str:
        until = time.monotonic() + seconds
        while True:
            self.chromium.open(f"{self.address}{path}")
            if not any(word in self.text() for word in AWAY) or time.monotonic() > until:
                return self.look()
            time.sleep(1)

    def calculated(self, path: str) -> str:
        """The page, once nothing of it is calculated any more."""
        until = time.monotonic() + CALCULATED_SECONDS
        while "正在计算" in (text := self.open(path)):
            assert time.monotonic() < until, f"{path} is still calculated"
            time.sleep(0.5)
        return text

    def look(self) -> str:
        """What the page says, in which nothing is wrong."""
        text, where = str(self.chromium.run("document.body.innerText")), str(self.chromium.run("location.href"))
        assert self.chromium.run(STATUS) == 200, f"{self.person} {where}: {self.chromium.run(STATUS)}\n{text[:800]}"
        assert not [word for word in (*AWAY, *REFUSED) if word in text], f"{self.person} {where}: {text[-2000:]}"
        wrong = self.chromium.run("window.wrong")
        assert wrong == [], f"{self.person} {where}: {wrong} {self.chromium.failures}"
        return text

    def click(self, selector: str) -> None:
        """What people can see there."""
        seen = f"(() => {{ const it = document.querySelector({json.dumps(selector)}); if (!it || !it.checkVisibility()) return false; it.click(); return true; }})()"  # noqa: E501
        assert self.chromium.run(seen), f"{selector}: {self.chromium.run('document.body.innerText')[:1500]}"

    def follow(self, selector: str, shown: str) -> str:
        """A click that leads to another page."""
        self.chromium.run("document.body.dataset.left = '1'; 0")
        self.click(selector)
        loaded = f"document.readyState === 'complete' && !document.body.dataset.left && !!document.querySelector({json.dumps(shown)})"  # noqa: E501
        wait_until(lambda: bool(self.chromium.run(loaded)), 60, lambda: f"{shown}: {self.text()[:2000]}")
        return self.look()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            field = f"document.querySelector('main [name={json.dumps(name.replace('__', '.'))}]:not([type=hidden])')"
            self.chromium.run(f"""(() => {{ const it = {field}; it.value = {json.dumps(value)};
                it.dispatchEvent(new Event('input', {{bubbles: true}}));
                it.dispatchEvent(new Event('change', {{bubbles: true}})); }})()""")

    def choose(self, selector: str, path: Path) -> None:
        node = self.chromium.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.chromium.call("DOM.setFileInputFiles", files=[str(path)], objectId=node["result"]["objectId"])

    def put_photo(self, path: Path) -> None:
        self.choose(".files input[type=file]", path)
        wait_until(
            lambda: self.chromium.run("document.querySelectorAll('input[name=evidence]').length") == 1, 60, "sent"
        )

    def text(self) -> str:
        return str(self.chromium.run("document.body.innerText"))

    def figure(self) -> float:
        """The first of those that stand large."""
        return float(self.chromium.run("document.querySelector('.lead-figures dd').innerText"))


def loaded(session: requests.Session, address: str) -> requests.Response:
    """Opened again while it says that a service is away."""
    until = time.monotonic() + AWAY_SECONDS
    while True:
        answer = session.get(address, timeout=60)
        if not any(word in answer.text for word in AWAY) or time.monotonic() > until:
            return answer
        time.sleep(1)
