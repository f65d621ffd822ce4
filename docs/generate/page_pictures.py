"""`python -m docs.generate.screenshots FOLDER`: every page that each post comes to by links, as a picture, at a desk
and on a phone, its print view, and in English; faults that a program can see go into faults.txt."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.chromium import Chromium

WIDTHS = (1440, 390)
MOST_HEIGHT = 5000
LINKS = "[...document.querySelectorAll('main a[href]:not([download]), nav a[href]')].map(each => each.href)"
TEXT = "document.querySelector('main')?.innerText ?? document.body.innerText"
OVERFLOW = """[...document.querySelectorAll('main *, header *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !each.closest('.scroll, .source-text, .visually-hidden, pre');
}).slice(0, 3).map(each => each.tagName + '.' + each.className + ' ' + (each.innerText || '').slice(0, 40))"""
SUSPECT = {
    "moment": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*|\d\d:\d\d:\d\d"),
    "none": re.compile(r"\b(None|null|undefined|True|False|nan)\b"),
    "code": re.compile(r"\b[a-z]+_[a-z_]+\b"),
}
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NOT_OPENED = re.compile(r"^/(s|static|help|signout|language)/|^/(help|signout)|\.\w{2,5}$")


class Photographer:
    """One browser before a running system.  `names`: words of its data, which are Chinese on English pages too."""

    def __init__(self, browser: Chromium, address: str, folder: Path, names: frozenset[str] = frozenset()) -> None:
        self.browser, self.address, self.folder, self.names = browser, address, folder, names
        self.faults: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def walk(self, who: str, more: tuple[str, ...] = (), most: int = 120) -> list[str]:
        """Every kind of page once: those of the menu, what they link to, and these addresses."""
        taken = []
        for path in self.opened(more, most):
            taken.append(path)
            self.take(who, path)
        return taken

    def opened(self, more: tuple[str, ...], most: int) -> Iterator[str]:
        """Each kind of page that is come to by links, and these addresses, at most so many; the browser is there."""
        waiting, known = ["/", *more], set[Any]()
        while waiting and len(known) < most:
            path = waiting.pop(0)
            kind = path if path in more else kind_of(path)
            if kind in known or NOT_OPENED.search(urlsplit(path).path):
                continue
            known.add(kind)
            self.browser.width(WIDTHS[0])
            self.browser.open(f"{self.address}{path}")
            links = [urlsplit(link) for link in self.browser.run(LINKS) if link.startswith(self.address)]
            waiting += [f"{link.path}{'?' * bool(link.query)}{link.query}" for link in links]
            yield path

    def take(self, who: str, path: str) -> None:
        """The page where the browser is, at each width."""
        name = re.sub(r"\W+", "-", f"{who}{path}").strip("-")[:80]
        for width in WIDTHS:
            self.browser.width(width)
            self._picture(f"{name}-{width}", width)
            self.faults += [f"{name}-{width}: {fault}" for fault in self._problems_of_page(width)]
        self.browser.width(WIDTHS[0])

    def print(self, who: str, path: str) -> None:
        self.browser.open(f"{self.address}{path}")
        printed = self.browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        name = re.sub(r"\W+", "-", f"{who}{path}").strip("-")[:80]
        (self.folder / f"{name}-print.pdf").write_bytes(base64.b64decode(printed["data"]))

    def in_english(self, who: str, paths: list[str]) -> None:
        """What is still Chinese there and is no word of the data."""
        for path in paths:
            self.browser.open(f"{self.address}{path}")
            text = str(self.browser.run(TEXT))
            left = {word for word in CHINESE.findall(text) if word not in self.names}
            name = re.sub(r"\W+", "-", f"{who}{path}").strip("-")[:80]
            self.faults += [f"{name}-en: {word}" for word in sorted(left)]
            for width in WIDTHS:
                self.browser.width(width)
                self._picture(f"{name}-en-{width}", width)
                self.faults += [
                    f"{name}-en-{width}: {fault}" for fault in self._problems_of_page(width) if "wide" in fault
                ]

    def done(self) -> None:
        (self.folder / "faults.txt").write_text("".join(f"{each}\n" for each in self.faults), encoding="utf-8")

    def _picture(self, name: str, width: int) -> None:
        height = min(int(self.browser.call("Page.getLayoutMetrics")["cssContentSize"]["height"]), MOST_HEIGHT)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.browser.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        (self.folder / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def _problems_of_page(self, width: int) -> Iterator[str]:
        wide = int(self.browser.run("document.scrollingElement.scrollWidth"))
        if wide > width:
            yield f"{wide} pixels wide: {json.dumps(self.browser.run(OVERFLOW), ensure_ascii=False)}"
        if width == WIDTHS[0]:
            text = str(self.browser.run(TEXT))
            for what, pattern in SUSPECT.items():
                if matches := sorted({match[0] for match in pattern.finditer(text)}):
                    yield f"{what}: {' '.join(matches[:8])}"


def kind_of(path: str) -> tuple[str, ...]:
    """Pages that differ by what they show, not by what they are."""
    address = urlsplit(path)
    return (re.sub(r"^/(manual|reports)/.+", r"/\1/*", address.path),
            *sorted(f"{name}={value}" if name == "what" else name
                    for name, value in parse_qsl(address.query)))  # fmt: skip
