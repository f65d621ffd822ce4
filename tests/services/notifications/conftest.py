"""Desks on both kinds of store, and a real mail server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.store.database import Store
from services.notifications.digests import handlers, preview, preview_worker
from services.notifications.digests.decision import write_digests
from services.notifications.digests.digest_cache import KeptDay
from services.notifications.tables import metadata
from tests.services.notifications.subject import Subject
from tests.support.mail_server import MailServer

NewUnitOfWork = Callable[..., Subject]


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _decided_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decisions in this process: the journeys make them in one of their own, which takes a second to start."""
    run = SimpleNamespace(run_module=lambda _module, given, **_: write_digests(given))
    monkeypatch.setattr(handlers, "preloaded_workers", run)
    monkeypatch.setattr(preview, "WorkerProcess", _PreviewHere)


class _PreviewHere:
    """What the process of a preview answers, decided whole at each look."""

    is_asked = False

    def __init__(self, _module: str) -> None:
        pass

    def ask(self, order: preview_worker.PreviewOrder) -> Any:
        store = Store(order["database_url"], metadata)
        kept = KeptDay(store, order["day"])
        answer = json.loads(json.dumps(preview_worker.answer(store, kept, order)))
        store.close()
        return answer

    def stop(self) -> None:
        pass


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The notifications' own store: a file of its own (empty), or a fresh database."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("new_database")())


@pytest.fixture
def subject(tmp_path: Path, url: str, mail: MailServer) -> Iterator[Subject]:
    """A campaign, two schools and an office, at seven in the morning of 1 November 2022."""
    result = Subject(tmp_path / "data", url, mail).launches()
    yield result
    result.close()
