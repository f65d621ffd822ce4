"""A small coverage-guided fuzzer: what reaches a new step of the code under it is kept, and changed further."""
# ruff: noqa: E501 - a table of words

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from types import FrameType
from typing import Any

WORDS = [
    *(b'{"', b'":', b"[", b"]", b"{", b"}", b",", b'"', b"null", b"true", b"NaN", b"-Infinity", b"1e400", b"-0", b"0x1"),
    *(b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\0", b"\xff", b"\xc0\xaf", b"\n", b"\r\n", b"\t", b" "),
    *(b"9" * 20, b"9" * 5000, b"[" * 40, b"[" * 2000, b'{"a":' * 1200, b'"id"', b'"data"', b"a" * 5000, "名".encode() * 50),
    *(b"&a", b"*a", b"!!python/name:os.system", b"<<:", b"- ", b": ", b"|", b">", b"%YAML 9", b"---", b"...", b"2023-02-30"),
    *(b'"position":"1"', b'"position":"' + b"9" * 30 + b'"', b"PK\x03\x04", b"1,2", b'""', b"'", b";"),
]  # fmt: skip
LONGEST = 200_000
SLOW = 5.0  # seconds for one input, on a machine that others use too


@dataclass
class Fuzzer:
    """`target` may do with an input what it likes except raise, or take for ever."""

    target: Callable[[bytes], None]
    watched: Sequence[str]  # file names whose steps count
    seed: int = 1
    corpus: list[bytes] = field(default_factory=list)
    steps: set[tuple[str, int, int]] = field(default_factory=set)
    tried: int = 0

    def run(self, seeds: Sequence[bytes], seconds: float) -> None:
        """Every seed as it is, then changed ones until the time is up."""
        chance, until = Random(self.seed), time.monotonic() + seconds
        for item in seeds:
            self._try(item)
        while time.monotonic() < until or self.tried < len(seeds) + 20:
            self._try(changed(chance.choice(self.corpus), self.corpus, chance)[:LONGEST])

    def _try(self, given: bytes) -> None:
        result, before = self._traced(given), len(self.steps)
        self.tried += 1
        self.steps |= result
        if len(self.steps) > before or not self.corpus:
            self.corpus.append(given)

    def _traced(self, given: bytes) -> set[tuple[str, int, int]]:
        result: set[tuple[str, int, int]] = set()
        last = [0]

        def step(runtime: FrameType, what: str, _: Any) -> Any:
            if what == "line":
                result.add((runtime.f_code.co_filename, last[0], runtime.f_lineno))
                last[0] = runtime.f_lineno
            return step

        def call(runtime: FrameType, *_: Any) -> Any:
            return step if runtime.f_code.co_filename.endswith(tuple(self.watched)) else None

        outer, began = sys.gettrace(), time.monotonic()
        sys.settrace(call)
        try:
            self.target(given)
        except BaseException as error:
            raise AssertionError(f"{error!r} for {given[:2000]!r} ({len(given)} bytes)") from error
        finally:
            sys.settrace(outer)
        assert time.monotonic() - began < SLOW, f"{time.monotonic() - began:.1f} s for {given[:2000]!r}"
        return result


def changed(given: bytes, corpus: Sequence[bytes], chance: Random) -> bytes:
    """A few small changes, as bad programs, bad lines and bad people make them."""
    result = bytearray(given)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at, to = sorted((chance.randint(0, len(result)), chance.randint(0, len(result))))
        match chance.randrange(8):
            case 0 if result:
                result[min(at, len(result) - 1)] = chance.randrange(256)
            case 1:
                del result[at : min(to, at + 64)]
            case 2:
                result[at:at] = chance.choice(WORDS)
            case 3:
                result[at:to] = chance.choice(WORDS)
            case 4:
                result[at:at] = result[at : min(to, at + 2000)]
            case 5:
                other = chance.choice(corpus)
                result[at:] = other[min(at, len(other)) :]
            case 6:
                del result[at:]
            case _:
                other = chance.choice(corpus)
                start = chance.randint(0, len(other))
                result[at:at] = other[start : start + 500]
    return bytes(result)
