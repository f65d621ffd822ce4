"""The table of bad reports is as long as was promised, and every kind in it has a name of its own."""

from tests.intake.bodies import BODIES
from tests.intake.envelopes import ENVELOPES, TOKENS
from tests.intake.events import EVENTS
from tests.intake.rows import ROWS


def test_at_least_three_hundred_kinds_each_once() -> None:
    names = [kind.name for kind in [*BODIES, *EVENTS, *ENVELOPES, *ROWS]]
    assert len(set(names)) == len(names)
    assert len(names) + len(TOKENS) >= 300
