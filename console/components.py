"""The components of one console: created once at start, available in every request."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from console.accounts import Accounts
from console.device import DeviceCookie
from console.oidc import Provider
from console.profiles import Profiles
from console.second_steps import SecondSteps
from console.security_log import SecurityLog
from console.service_client import ServiceClient
from console.sessions import Sessions
from console.settings import Settings
from console.store.database import Store
from console.throttle import Throttle

KEY = "qihang"


@dataclass(frozen=True)
class Components:
    """What the views use."""

    settings: Settings
    store: Store
    accounts: Accounts
    sessions: Sessions
    throttle: Throttle
    devices: DeviceCookie
    second_steps: SecondSteps
    security_log: SecurityLog
    services: ServiceClient
    profiles: Profiles
    provider: Provider | None = None


def attach(app: Flask, instance: Components) -> None:
    """Puts the parts where `parts` finds them."""
    app.extensions[KEY] = instance


def components() -> Components:
    """The components of the application that handles this request."""
    return cast(Components, current_app.extensions[KEY])
