"""What a page asks of several services, all at once: it waits for the slowest, not for their sum."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

MOST = 6
T = TypeVar("T")


def call_all(*questions: Callable[[], T]) -> list[T]:
    """The answers in the order of the questions; each is asked within the context of the request."""
    if len(questions) < 2:
        return [question() for question in questions]
    with ThreadPoolExecutor(min(len(questions) - 1, MOST)) as pool:
        rest = [pool.submit(copy_context().run, question) for question in questions[1:]]
        return [questions[0](), *(future.result() for future in rest)]


def question(ask: Callable[..., T], *words: Any, **query: str | None) -> Callable[[], T]:
    """A question that is not asked yet."""
    return partial(ask, *words, **query)
