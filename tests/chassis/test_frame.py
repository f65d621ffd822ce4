"""The frame: what fails beside its loops ends nothing and takes nothing from others."""

from __future__ import annotations

from tests.chassis.conftest import Pair


def test_what_cannot_be_restored_now_is_logged_and_raises_nowhere(pair: Pair) -> None:
    """In the hub it would remove the descriptor that it waited for: somebody else's by then."""
    source, _ = pair()
    done: list[str] = []

    def fail() -> None:
        done.append("tried")
        raise ValueError("the store is away")

    source._restore(fail)
    assert done == ["tried"]
