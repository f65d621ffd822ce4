"""A console with given settings, in front of a fake that stands for the four services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from console.accounts import Accounts
from console.app import create_app
from console.settings import SERVICES, Settings
from tests.support.fake_gateway import FakeGateway

PASSWORD = "正确的密码 42"


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


@pytest.fixture
def settings(services: FakeGateway, key: Ed25519PrivateKey, tmp_path: Path) -> Settings:
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Settings("demo", dict.fromkeys(SERVICES, services.url), pem, b"s" * 32, password, upload_limit=8 * 1024**2)


@pytest.fixture
def browser(settings: Settings) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return create_app(settings).test_client()


@pytest.fixture
def operator(browser: FlaskClient) -> FlaskClient:
    """A browser in which the operator has signed in."""
    assert sign_in(browser).status_code == 303
    return browser


@pytest.fixture
def leader(settings: Settings, tmp_path: Path) -> FlaskClient:
    """A browser in which one of the bureau's leaders has signed in."""
    accounts = tmp_path / "access.json"
    object.__setattr__(settings, "access_file", accounts)
    passwords = Accounts(accounts, lambda: PASSWORD).add(["leader-wang"], renew=False)
    browser = create_app(settings).test_client()
    assert sign_in(browser, "leader-wang", passwords["leader-wang"]).status_code == 303
    return browser


def csrf(browser: FlaskClient, page: str = "/signin") -> str:
    """The token that a page's form bears."""
    match = re.search(r'name="csrf" value="([^"]+)"', browser.get(page).text)
    assert match, f"{page} has no form"
    return match[1]


def sign_in(browser: FlaskClient, user: str = "operator", password: str = PASSWORD, **more: str) -> Any:
    form = {"user": user, "password": password, "csrf": csrf(browser), **more}
    return browser.post("/signin", data=form)
