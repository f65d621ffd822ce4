"""What a page costs somebody who opens it for the first time: at most 12 requests and 250 kB as they travel."""

from __future__ import annotations

import pytest

from tests.journeys.console_system import DAY, ConsoleSystem, sign_in
from tests.journeys.test_accessible import OFFERED
from tests.support.chromium import Chromium

MOST_REQUESTS, MOST_BYTES = 12, 250_000
MORE = {"operator": (f"/reminders?day={DAY}", "/accounts?unit=X001", "/history?table=units&id=X001")}
COSTS = """(() => { const sent = [...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource')];
    return [sent.length + 1, sent.reduce((sum, each) => sum + each.transferSize, 0)]; })()"""
"""One more for the mark in the tab, which no script sees."""


@pytest.mark.parametrize("who", ["operator", "clerk"])
def test_a_cold_page_takes_few_requests_and_few_bytes(
    console_system: ConsoleSystem, chromium: Chromium, who: str
) -> None:
    sign_in(console_system, chromium, who)
    chromium.call("Network.enable")
    chromium.call("Network.setCacheDisabled", cacheDisabled=True)
    costs = {}
    for path in (*sorted(OFFERED[who]), *MORE.get(who, ())):
        chromium.open(f"{console_system.address}{path}")
        costs[path] = tuple(chromium.run(COSTS))
    assert all(0 < requests <= MOST_REQUESTS and 20_000 < size <= MOST_BYTES for requests, size in costs.values()), (
        costs
    )
