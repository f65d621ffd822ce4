"""The parts of one console, made once at start and found from any request."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from console.accounts import Accounts
from console.sessions import Sessions
from console.settings import Settings
from console.throttle import Throttle
from console.upstream import Upstream

KEY = "qihang"


@dataclass(frozen=True)
class Parts:
    """What the views use."""

    settings: Settings
    accounts: Accounts
    sessions: Sessions
    throttle: Throttle
    upstream: Upstream


def wire(app: Flask, result: Parts) -> None:
    """Puts the parts where `parts` finds them."""
    app.extensions[KEY] = result


def parts() -> Parts:
    """The parts of the console that answers this request."""
    return cast(Parts, current_app.extensions[KEY])
