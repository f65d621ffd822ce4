"""The `qihang` command run in this process: the same entry point, environment and exit code, without Python's start."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from cli.main import main

ROOT = Path(__file__).resolve().parents[2]


class CommandTimeout(AssertionError):
    """The command did not end within its limit."""


@dataclass(frozen=True)
class CommandResult:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


def run_command(words: Sequence[str], environment: Mapping[str, str], limit: float = 60) -> CommandResult:
    """Run `qihang WORDS` from the repository's root; `environment` replaces every QIHANG_ variable.

    `limit` is in seconds.  A command that is to be killed or to serve needs a process of its own."""
    out, err = _capture(), _capture()
    with (
        _arguments(words),
        _environment(environment),
        _deadline(limit, words),
        contextlib.chdir(ROOT),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = _exit_code()
    return CommandResult(code, _text(out), _text(err))


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _capture() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@contextlib.contextmanager
def _arguments(words: Sequence[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, ["qihang", *words]
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    try:
        for name in [name for name in os.environ if name.startswith("QIHANG_")]:
            del os.environ[name]
        os.environ.update(environment)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _deadline(limit: float, words: Sequence[str]) -> Iterator[None]:
    def expire(_number: int, _stack: FrameType | None) -> None:
        raise CommandTimeout(f"qihang {' '.join(words)} did not end within {limit:g} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
