"""A headless Chromium of the machine, driven by its DevTools protocol over two pipes: no driver, no port."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.support.processes import wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--remote-debugging-pipe", "--hide-scrollbars", "about:blank")  # fmt: skip


class ChromiumFailed(AssertionError):
    """The browser ended, did not answer in time, or refused a command."""


class Chromium:
    """One browser with one page."""

    def __init__(self, profile: Path) -> None:
        program = next(filter(None, map(shutil.which, NAMES)), None)
        assert program, "no chromium: deploy/machine/test-servers installs it"
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        # the shell moves the pipes to 3 and 4, where Chromium looks for them
        moved = ["/bin/bash", "-c", f'exec 3<&{commands} 4>&{answers} "$@"', "bash", program, *FLAGS]
        self._process = subprocess.Popen(
            [*moved[:-1], f"--user-data-dir={profile}", moved[-1]], pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self._numbers, self._buffer, self._session, self._events = itertools.count(1), b"", "", list[str]()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Page.setBypassCSP", enabled=True)  # for the checker alone: pages allow no script but their own

    def call(self, method: str, limit: float = 60, **parameters: Any) -> Any:
        """The result of one command."""
        return self._answer(self._send(method, parameters), method, limit)

    def open(self, address: str) -> None:
        """Goes there and returns when the page is loaded."""
        self._events.clear()
        if text := self.call("Page.navigate", url=address).get("errorText"):
            raise ChromiumFailed(f"{address}: {text}")
        self.wait_for("Page.loadEventFired")

    def wait_for(self, event: str, limit: float = 60) -> None:
        until = time.monotonic() + limit
        while event not in self._events:
            self._next(until)

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
        for number in [self._send(method, {"type": move, **key}) for move in moves]:
            self._answer(number, method)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def _send(self, method: str, parameters: dict[str, Any]) -> int:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return number

    def _answer(self, number: int, method: str, limit: float = 60) -> Any:
        until = time.monotonic() + limit
        while True:
            answer = self._next(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise ChromiumFailed(f"{method}: {answer['error']}")
                return answer["result"]

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._read, 1 << 20) if ready else b""
            if not piece:
                raise ChromiumFailed("chromium ended or did not answer in time")
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self._events.append(message["method"])
        return message
