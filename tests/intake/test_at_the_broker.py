"""Every kind of bad report by AMQP, all in one burst with good ones between: each ends where the table says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.intake.bodies import BODIES
from tests.intake.entrances import Participation, Publisher
from tests.intake.envelopes import ENVELOPES
from tests.intake.events import EVENTS
from tests.intake.kinds import Applied, Kind, Quarantined, Receipt, Refused, body, event
from tests.intake.rows import ROWS

KINDS = [kind for kind in [*BODIES, *EVENTS, *ENVELOPES, *ROWS] if kind.amqp is not None]


@dataclass
class Burst:
    """What came of one burst."""

    codes: dict[str, int] = field(default_factory=dict)
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    messages: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[tuple[bytes, str]] = field(default_factory=list)
    units: set[str] = field(default_factory=set)
    good: list[str] = field(default_factory=list)

    def seen(self, data: dict[str, Any]) -> None:
        self.messages.append(data)
        self.receipts[data["id"]].append(Receipt(data["outcome"], data.get("column", ""), data.get("code", "")))


@pytest.fixture(scope="module")
def burst(participation: Participation) -> Iterator[Burst]:
    publisher = Publisher(participation.system, participation.hostile)
    result = Burst()
    for number, kind in enumerate(KINDS):
        result.codes[kind.name] = publisher.send(kind)
        good = f"amqp-{number}"
        result.good.append(good)
        assert publisher.send(Kind(good, body(event(good)))) == 0
    participation.settled()
    publisher.receipts(result.seen)
    result.quarantined, result.units = participation.quarantined(), participation.units()
    yield result
    publisher.close()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_ends_where_it_must(burst: Burst, kind: Kind) -> None:
    expected = kind.amqp
    assert burst.codes[kind.name] == (expected.reply_code if isinstance(expected, Refused) else 0)
    match expected:
        case Receipt():
            assert expected in burst.receipts[kind.event], (burst.receipts[kind.event], stands(burst, kind))
        case Quarantined():
            assert stands(burst, kind) == [expected.code]
        case Applied():
            assert f"U-{kind.event}" in burst.units
        case Refused():
            assert kind.event not in burst.receipts and not stands(burst, kind)


def stands(burst: Burst, kind: Kind) -> list[str]:
    """The codes under which the message (or its one bad event) stands."""
    if kind.stands_as is None:
        return [code for content, code in burst.quarantined if content == kind.body]
    return [code for content, code in burst.quarantined if read(content) == kind.stands_as]


def read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def test_every_good_report_beside_them_went_in(burst: Burst) -> None:
    assert {f"U-{good}" for good in burst.good} <= burst.units
    assert all(burst.receipts[good] == [Receipt("accepted")] for good in burst.good)


def test_a_refusal_says_what_to_do(burst: Burst) -> None:
    refused = [message for message in burst.messages if message["outcome"] == "refused"]
    assert refused and all(item["message"] and item["code"] for item in refused)


def test_it_is_the_same_process(burst: Burst, participation: Participation) -> None:
    participation.alive()


def test_the_kinds_are_distinguished() -> None:
    names, contents = [kind.name for kind in KINDS], [kind.body for kind in KINDS]
    assert len(names) == len(set(names)) >= 100
    assert len(set(contents)) == len(contents)
