"""Publicity's own frame in this process, on both kinds of store, beside a stand-in for the owner of the keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.runtime.service_runtime import ServiceRuntime
from services.publicity.service import Service
from tests.services.publicity.district import Bureau
from tests.support.wechat_platform import APPID, SECRET, Platform

if TYPE_CHECKING:
    from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty store of each kind."""
    if request.param == "sqlite":
        yield ""
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = postgres.promise_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform(review_seconds=0.0)
    server = platform.serve()
    yield platform
    server.shutdown()
    server.server_close()


@pytest.fixture
def build(tmp_path: Path, store_url: str, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Builds a bureau's publicity; built again, it finds what the last one left, as after kill -9."""
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "callback").write_text(platform.callbacks.token)
    account = {"appid": APPID, "secret_file": str(tmp_path / "secret"), "url": platform.address,
               "callback_token_file": str(tmp_path / "callback"), "author": "区教育局"}  # fmt: skip
    (tmp_path / "wechat.yaml").write_text(yaml.safe_dump({"accounts": {"district": account}}))
    monkeypatch.setattr(
        "chassis.store.remote_subject_keys.RemoteKeys._from_participation",
        lambda _, subjects: {name: hashlib.sha256(name.encode()).digest() for name in subjects},
    )
    clock = tmp_path / "clock"
    clock.write_text("2022-12-05T09:00:00+08:00")
    result: list[ServiceRuntime] = []

    def make() -> Bureau:
        settings = Settings(
            data=str(tmp_path), database_url=store_url, rehearsal_clock=str(clock),
            wechat_accounts=str(tmp_path / "wechat.yaml"),
        )  # fmt: skip
        service = unstarted(Service, settings)
        service.runtime.store.install("publicity", "district")
        result.append(service.runtime)
        return Bureau(service, clock)

    yield make
    for runtime in result:
        runtime.store.close()


@pytest.fixture
def bureau(build: Callable[[], Bureau]) -> Bureau:
    bureau = build()
    bureau.open()
    return bureau
