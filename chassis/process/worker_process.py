"""A long-running Python subprocess that answers one question after another and may keep a cache between them.

Messages in both directions are JSON preceded by the length (four bytes, big-endian).  The worker ends when its stdin is
closed, hence with the service, even if that is killed.  A worker that died is started again for the next question; its
cache is lost."""

import contextlib
import ctypes
import json
import signal
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO, Generic, TypeVar

from eventlet.green import subprocess
from eventlet.semaphore import Semaphore
from eventlet.timeout import Timeout

from chassis.process.subprocesses import ProcessFailed, plain_environment

T = TypeVar("T")
LARGEST = 256 << 20
STOP_SECONDS = 2.0
_LENGTH = struct.Struct(">I")


class WorkerProcess:
    """`python -m module arguments`: started at the first question, and again when it has ended; one question at a
    time."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._arguments = arguments
        self.asked = 0  # questions so far
        self._process: Any = None
        self._turn = Semaphore(1)

    @property
    def pid(self) -> int | None:
        """Process id of the running worker; None when there is none."""
        return None if self._process is None else int(self._process.pid)

    @property
    def is_asked(self) -> bool:
        """Whether a question is being answered now."""
        return bool(self._turn.locked())

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask(self, question: Any, seconds: float = 600, too_long: type[ProcessFailed] = ProcessFailed) -> Any:
        """Send a question (JSON); returns the worker's answer.  Other greenlets run meanwhile.

        If the worker dies over it, the question is sent once more to a new one.  Raises ProcessFailed when that one
        dies too, and `too_long` when there is no answer within `seconds`."""
        with self._turn:
            self.asked += 1
            for attempt in (1, 2):
                try:
                    return self._exchange(question, seconds, too_long)
                except (OSError, EOFError, ValueError) as error:
                    _warn(module=self._module, attempt=attempt, error=str(error))
        raise ProcessFailed(f"{self._module} ended twice over one question")

    def _exchange(self, question: Any, seconds: float, too_long: type[ProcessFailed]) -> Any:
        if not self.is_running:
            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, *self._arguments], env=plain_environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        try:
            with Timeout(seconds, too_long(f"{self._module} took longer than {seconds} s")):
                write_message(self._process.stdin, question)
                return read_message(self._process.stdout)
        except BaseException:  # the answer may still arrive: it must not be taken for that of the next question
            self.stop()
            raise

    def stop(self) -> None:
        """Kill the process; the next question starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what was left to be written has no reader any more
                pipe.close()


def _warn(**values: Any) -> None:
    import structlog  # a quarter of what a worker would load, and it logs nothing

    structlog.get_logger(__name__).warning("worker process ended", **values)


class SharedAnswer(Generic[T]):
    """Combines concurrent calls: one question runs at a time, and all callers who were waiting when it was asked share
    its answer."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._turn = Semaphore(1)
        self._answer: T | None = None
        self._asked_at = 0.0

    @property
    def is_asked(self) -> bool:
        """Whether the question is being answered now."""
        return bool(self._turn.locked())

    def get(self) -> T:
        """An answer to a question that was asked after this call, hence never a stale one."""
        called_at = time.monotonic()
        with self._turn:
            if self._answer is None or self._asked_at <= called_at:
                asked_at = time.monotonic()
                self._answer = self._ask()
                self._asked_at = asked_at
            return self._answer


def die_with_parent() -> None:
    """Called in a worker or a fork: let the kernel kill this process when its parent ends, even by SIGKILL."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def serve(answer: Callable[[Any], Any]) -> None:
    """The worker's main loop: read a question from stdin, write `answer(question)` to stdout, until stdin is closed."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get between two answers
    while True:
        try:
            question = read_message(source)
        except EOFError:
            return
        write_message(target, answer(question))


def write_message(pipe: BinaryIO, message: Any) -> None:
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def read_message(pipe: BinaryIO) -> Any:
    """Raises EOFError when the pipe is closed, ValueError when the message is too long or not JSON."""
    (length,) = _LENGTH.unpack(_read(pipe, _LENGTH.size))
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes")
    return json.loads(_read(pipe, length))


def _read(pipe: BinaryIO, size: int) -> bytes:
    result = bytearray()
    while len(result) < size:
        piece = pipe.read(size - len(result))
        if not piece:
            raise EOFError("the other side is gone")
        result += piece
    return bytes(result)
