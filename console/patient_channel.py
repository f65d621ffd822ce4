"""waitress' connections, so that a body past the limit is answered as problem+json also while the client still sends.

waitress answers in plain text and closes at once; what the client had sent and nobody read makes the kernel reset the
connection, and the answer is lost (RFC 9112, 9.6)."""

import contextlib
import json
import socket
import time
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]

from console.problems import CODES, PROBLEM, members

LINGER_SECONDS, LINGER_BYTES = 15, 256 << 20
DETAILS = {413: "请求内容超过上传限度"}


class Parser(HTTPRequestParser):
    def received(self, data: bytes) -> int:
        """Who waits for leave to send what is refused gets the refusal."""
        consumed: int = super().received(data)
        if self.error:
            self.expect_continue = False
        return consumed


class ProblemTask(ErrorTask):
    def execute(self) -> None:
        error = self.request.error
        detail = DETAILS.get(error.code, "请求无法读取")
        body = json.dumps(
            members(error.code, CODES.get(error.code, "bad_request"), detail), ensure_ascii=False
        ).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", PROBLEM))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class PatientChannel(HTTPChannel):
    """After an error it says that it will send no more, and reads and throws away what comes, for a while."""

    parser_class = Parser
    error_task_class = ProblemTask
    _refused = False
    _until = 0.0
    _left = LINGER_BYTES

    @property
    def lingers(self) -> bool:
        return self._until > 0

    def service(self) -> None:
        self._refused = bool(self.requests[0].error)
        super().service()

    def handle_close(self) -> None:
        if self._refused and not self.lingers and self.connected and not self.total_outbufs_len:
            self._until = time.monotonic() + LINGER_SECONDS
            self.will_close = False
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_close()

    def readable(self) -> Any:
        return not self.will_close if self.lingers else super().readable()

    def writable(self) -> Any:
        return self.will_close if self.lingers else super().writable()

    def handle_read(self) -> None:
        if not self.lingers:
            super().handle_read()
            return
        with contextlib.suppress(OSError):
            data = self.recv(self.adj.recv_bytes)  # closes by itself at the end
            self._left -= len(data)
            if data and self._left > 0 and time.monotonic() < self._until:
                return
        if self.connected:
            super().handle_close()
