"""A headless Chromium of the machine, driven by its DevTools protocol over two pipes: no driver, no port.

One browser serves all pages of a process, each in a context of its own (cookies, storage and cache that nobody shares):
the headless shell takes 0.3 s of processor time to start, a context next to nothing; the whole browser, where
the shell is not installed, eight times as much (docs/decisions/0305)."""

from __future__ import annotations

import atexit
import collections
import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support.processes import tied_to_this_thread, wait_until

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
         "--disable-extensions", "--disable-sync", "--metrics-recording-only", "--no-default-browser-check",
         "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
         "--disable-renderer-backgrounding", "--disable-features=Translate,MediaRouter,OptimizationHints",
         "--remote-debugging-pipe", "--hide-scrollbars", "about:blank")  # fmt: skip


class ChromiumFailed(AssertionError):
    """The browser ended, did not answer in time, or refused a command."""


class Chromium:
    """One page of a browser: of the one of this process, or of one of its own with this folder as its profile."""

    def __init__(self, profile: Path | None = None) -> None:
        self._own = profile is not None
        self._browser = _Browser(profile) if profile is not None else _browser_of_this_process()
        context = self._browser.call("", "Target.createBrowserContext")["browserContextId"]
        self._context, self._session = context, ""
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Page.setBypassCSP", enabled=True)  # for the checker alone: pages allow no script but their own

    def call(self, method: str, limit: float = 60, **parameters: Any) -> Any:
        """The result of one command."""
        return self._browser.call(self._session, method, limit, **parameters)

    def open(self, address: str) -> None:
        """Goes there and returns when the page is loaded."""
        self._browser.events[self._session].clear()
        if text := self.call("Page.navigate", url=address).get("errorText"):
            raise ChromiumFailed(f"{address}: {text}")
        self.wait_for("Page.loadEventFired")

    @property
    def failures(self) -> list[str]:
        """Chromium's names of what kept files of this session's pages from being loaded."""
        return self._browser.failures[self._session]

    def wait_for(self, event: str, limit: float = 60) -> None:
        until = time.monotonic() + limit
        while event not in self._browser.events[self._session]:
            self._browser.next_message(until)

    def wait_for_page(self, selector: str, limit: float = 60) -> None:
        """Until the page that a form leads to is loaded and shows this."""
        shown = f"document.readyState === 'complete' && document.querySelector({json.dumps(selector)}) !== null"
        wait_until(lambda: bool(self.run(shown)), limit, f"{selector} in the page")

    def width(self, pixels: int, height: int = 900) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=pixels, height=height, deviceScaleFactor=1, mobile=False)

    def run(self, expression: str) -> Any:
        """The value of JavaScript in the page, awaited."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise ChromiumFailed(str(result["exceptionDetails"])[:800])
        return result["result"].get("value")

    def press_tab(self, times: int) -> None:
        """One after another, without a look at the page between them."""
        key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        method, moves = "Input.dispatchKeyEvent", ("keyDown", "keyUp") * times
        sent = [self._browser.send(self._session, method, {"type": move, **key}) for move in moves]
        for number in sent:
            self._browser.answer(number, method)

    def close(self) -> None:
        """The page with all that its context keeps; a browser of its own, too."""
        with contextlib.suppress(ChromiumFailed):  # it may have ended
            self._browser.call("", "Target.disposeBrowserContext", browserContextId=self._context)
        self._browser.events.pop(self._session, None)
        self._browser.failures.pop(self._session, None)
        if self._own:
            self._browser.close()


class _Browser:
    """The process.  `events`: what each session was told, by name; `failures`: why files of its pages were not
    loaded, once it has called Network.enable."""

    def __init__(self, profile: Path) -> None:
        program = next(filter(None, map(shutil.which, NAMES)), None)
        assert program, "no chromium: deploy/machine/test-servers installs it"
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        # the shell moves the pipes to 3 and 4, where Chromium looks for them
        moved = ["/bin/bash", "-c", f'exec 3<&{commands} 4>&{answers} "$@"', "bash", program, *FLAGS]
        self._process = subprocess.Popen(
            tied_to_this_thread([*moved[:-1], f"--user-data-dir={profile}", moved[-1]]), pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self._numbers, self._buffer = itertools.count(1), b""
        self.events: dict[str, list[str]] = collections.defaultdict(list)
        self.failures: dict[str, list[str]] = collections.defaultdict(list)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def call(self, session: str, method: str, limit: float = 60, **parameters: Any) -> Any:
        return self.answer(self.send(session, method, parameters), method, limit)

    def send(self, session: str, method: str, parameters: dict[str, Any]) -> int:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        try:
            os.write(self._write, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise ChromiumFailed("chromium ended") from None
        return number

    def answer(self, number: int, method: str, limit: float = 60) -> Any:
        until = time.monotonic() + limit
        while True:
            answer = self.next_message(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise ChromiumFailed(f"{method}: {answer['error']}")
                return answer["result"]

    def next_message(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._read, 1 << 20) if ready else b""
            if not piece:
                raise ChromiumFailed("chromium ended or did not answer in time")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            session = message.get("sessionId", "")
            self.events[session].append(message["method"])
            if message["method"] == "Network.loadingFailed":
                self.failures[session].append(message["params"]["errorText"])
        return message

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)


_shared: list[_Browser] = []


def _browser_of_this_process() -> _Browser:
    """Started when first asked for, and again where it ended."""
    if not _shared or not _shared[-1].running:
        profile = Path(tempfile.mkdtemp(prefix="qihang-chromium-"))
        _shared.append(browser := _Browser(profile))
        atexit.register(shutil.rmtree, profile, ignore_errors=True)
        atexit.register(browser.close)
    return _shared[-1]
