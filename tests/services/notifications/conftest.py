"""Desks on both kinds of store, and a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.notifications.digests import handlers
from services.notifications.digests.decision import write_digests
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
    monkeypatch.setattr(handlers, "preloaded", run)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The notifications' own store: a file of its own (empty), or a fresh database."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("database"))


@pytest.fixture
def subject(tmp_path: Path, url: str, mail: MailServer) -> Iterator[Subject]:
    """A campaign, two schools and an office, at seven in the morning of 1 November 2022."""
    result = Subject(tmp_path / "data", url, mail).launches()
    yield result
    result.close()
