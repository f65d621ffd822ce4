"""A console with given settings, in front of a fake that stands for the four services."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jwt
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient

from console.app import create_app
from console.components import KEY, Components
from console.settings import SERVICES, Settings
from console.store.database import Store
from tests.support.compiled_console import share_compiled_parts
from tests.support.fake_gateway import Call, FakeGateway
from tests.support.shared_dialects import share_dialects

share_compiled_parts()
share_dialects()

PASSWORD = "正确的密码 42"
OWN_PASSWORD = "春江潮水连海平，海上明月"


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of sign-ins, and none that is attacked: a hash takes 50 ms.  What hashes take by themselves, and that an
    older one is replaced, is the matter of test_throttle.py, which goes without this."""
    monkeypatch.setattr("console.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def services() -> Iterator[FakeGateway]:
    """All four services at one address; any caller is let in."""
    gateway = FakeGateway()
    gateway.token = None
    yield gateway
    gateway.close()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of today's tables with nothing in it, which is copied: to migrate one takes 0.1 s."""
    path = tmp_path_factory.mktemp("console") / "console.db"
    store = Store(f"sqlite:///{path}")
    store.install()
    store.close()
    return path


@pytest.fixture
def settings(services: FakeGateway, key: Ed25519PrivateKey, tmp_path: Path, empty_store: Path) -> Settings:
    return settings_in(tmp_path, services, empty_store, key)


def settings_in(folder: Path, services: FakeGateway, store: Path, key: Ed25519PrivateKey | None = None) -> Settings:
    """Of a console with a copy of that store and its operator's password in the folder."""
    shutil.copy(store, folder / "console.db")
    password = folder / "password"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    key = key or Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Settings("demo", dict.fromkeys(SERVICES, services.url), pem, b"s" * 32, password,
                    f"sqlite:///{folder / 'console.db'}", operator_must_change=False,
                    upload_limit=8 * 1024**2)  # fmt: skip


@pytest.fixture
def app(settings: Settings) -> Flask:
    return create_app(settings)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def operator(browser: FlaskClient) -> FlaskClient:
    """A browser in which the operator has signed in."""
    assert sign_in(browser).status_code == 303
    return browser


@pytest.fixture
def leader(app: Flask, services: FakeGateway) -> FlaskClient:
    """A browser in which one of the bureau's leaders has signed in."""
    return person_with(app, services, "P00001", rights=LEADER, posts=[("leader", "B1", "教育局")])


LEADER = ("see_campaign", "see_figures", "see_units", "see_publicity", "see_row")


def person_with(
    app: Flask,
    services: FakeGateway,
    person_id: str,
    rights: Sequence[str] = (),
    posts: Sequence[tuple[str, str, str]] = (),
    name: str = "王小明",
) -> FlaskClient:
    """A browser in which a person with these rights and posts has signed in, with a password of their own."""
    held = [{"post": post, "unit_id": unit, "unit_name": unit_name} for post, unit, unit_name in posts]
    before = next((handler for _, pattern, handler in services._routes if pattern.pattern == "/api/me"), None)

    def me(call: Call) -> Any:
        if subject(call) == person_id:
            return {"subject": person_id, "name": name, "posts": held, "rights": ["see_row", *rights]}
        return before(call) if before else {"subject": "", "name": "", "posts": [], "rights": []}

    services.on("GET", "/api/me", me)
    accounts = components_of(app).accounts
    if accounts.create([person_id]):
        accounts.change_password(person_id, OWN_PASSWORD)
    browser = app.test_client()
    assert sign_in(browser, person_id, OWN_PASSWORD).status_code == 303
    return browser


def subject(call: Call) -> str:
    token = call.headers["authorization"].removeprefix("Bearer ")
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])


def components_of(app: Flask) -> Components:
    result: Components = app.extensions[KEY]
    return result


def csrf(browser: FlaskClient, page: str = "/signin") -> str:
    """The token that a page's form bears."""
    match = re.search(r'name="csrf" value="([^"]+)"', browser.get(page).text)
    assert match, f"{page} has no form"
    return match[1]


def sign_in(browser: FlaskClient, user: str = "operator", password: str = PASSWORD, **more: str) -> Any:
    form = {"user": user, "password": password, "csrf": csrf(browser), **more}
    return browser.post("/signin", data=form)
