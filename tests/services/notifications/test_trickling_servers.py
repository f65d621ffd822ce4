"""A server that says a byte now and then is given up like a silent one: the limit is on the whole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.trickling_server import HTTP_STEPS, SMTP_STEPS, TricklingServer

SECONDS = 1.5
NEVER = 60


def sent(step: str) -> dict[str, Any]:
    """What became of a message to a server that trickles from this step on."""
    server = TricklingServer(step)
    what = "smtp" if step in SMTP_STEPS else "robot"
    given = [what, str(server.port), str(SECONDS)]
    command = [sys.executable, "-m", "tests.services.notifications.limited_sender", *given]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=NEVER, check=True)
        assert server.reached == 1
    finally:
        server.stop()
    outcome: dict[str, Any] = json.loads(done.stdout)
    assert SECONDS - 0.1 <= outcome["seconds"] < 20, "no byte was late for its own limit of 20 s"
    return outcome


@pytest.mark.parametrize("step", SMTP_STEPS[:-1])
def test_a_mail_server_that_trickles_before_the_dot_is_tried_again_later(step: str) -> None:
    outcome = sent(step)
    assert (outcome["result"], outcome["code"]) == ("later", "timeout")
    assert (outcome["fault"], outcome["outage"]) == ("channel", True)


@pytest.mark.parametrize("step", [SMTP_STEPS[-1], *HTTP_STEPS])
def test_of_what_a_trickling_server_may_have_taken_nobody_can_tell(step: str) -> None:
    outcome = sent(step)
    assert (outcome["result"], outcome["code"]) == ("unknown", "no_answer")
    assert (outcome["fault"], outcome["outage"]) == ("channel", True)
