"""What takes longer than a page may: done for some seconds a request, gone on with by a form that sends itself, or by
its button where there is no script."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from console.page_registry import Page

SECONDS = 3.0
LONGEST_STATE = 40_000


def repeat_for_seconds(step: Callable[[], bool]) -> bool:
    """Whether anything is left: `step` says so; it is repeated as long as a page may take."""
    until = time.monotonic() + SECONDS
    while step():
        if time.monotonic() >= until:
            return True
    return False


def state_of_form() -> dict[str, Any]:
    """What the page before handed on; nobody but the user wrote it, so it is judged like what is typed."""
    try:
        state = json.loads(request.form.get("state", "")[:LONGEST_STATE] or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def go_on(
    page: Page, title: str, message: str, action: str, fields: Mapping[str, str], state: Any
) -> ResponseReturnValue:
    """The page between: what is done so far, and the form that goes on."""
    given = {**fields, "state": json.dumps(state, ensure_ascii=False)}
    return render_template("continued.html", page=page, title=title, message=message, action=action, fields=given)
