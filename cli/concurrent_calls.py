"""Asks the services side by side: one that does not answer in time holds up nobody's look at the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import requests

from cli.api_client import ApiClient, connect
from cli.failure import Failure
from cli.settings import SERVICES

T = TypeVar("T")
SECONDS = 5.0
NOT_READY, INCOMPLETE = 3, 4
"""Exit codes beside 0 and 1 (docs/cli.md): a service is not ready; a service did not answer."""


def ask_each(
    ask: Callable[[ApiClient, str], T], names: Sequence[str] = SERVICES, seconds: float | None = None
) -> dict[str, T | Failure]:
    """By service, in the given order, what `ask` returned of it with a client of its own, or why it could not within
    so long (SECONDS)."""
    patience = SECONDS if seconds is None else seconds

    def answer(name: str) -> T | Failure:
        try:
            return ask(connect(patience), name)
        except Failure as failure:
            return failure
        except requests.RequestException:
            return Failure(f"{name}：答复中断")

    connect()  # settings that are missing are one failure, and the command's
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(answer, names), strict=True))


def unreachable_services(answers: dict[str, T | Failure]) -> dict[str, Failure]:
    """Those that did not answer."""
    return {name: item for name, item in answers.items() if isinstance(item, Failure)}


def incomplete(missing: dict[str, Failure]) -> Failure:
    """The failure with which a command ends that could not ask all."""
    return Failure(f"没有答复：{'、'.join(missing)}，以上不完整", exit_code=INCOMPLETE)
