"""Personal fields: ciphertext everywhere, plain under the key only, and gone with it while the chain still holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.events.sealed_text import decipher
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log, subject_keys
from tests.chassis import toys, worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, message, recorded, rows

NAME = "诸葛无忌-canary"


def revealed(runtime: ServiceRuntime, subject: str, text: str) -> str | None:
    with runtime.store.reading() as connection:
        return decipher(text, subject, subject_keys.existing_keys(connection, [subject]).get(subject))


def erase(runtime: ServiceRuntime, subject: str) -> None:
    with runtime.unit_of_work("operator:test") as work:
        work.keys.destroy(subject)


def test_the_name_is_nowhere_in_the_clear(pair: Pair, tmp_path: Path, kind: str) -> None:
    source, subscriber = pair()
    append(source, toys.PersonMet("p1", NAME))
    body = message(source)
    subscriber.inbox.receive([body])
    for text in (recorded(source)[0].data, body.decode(), rows(source, "name")["p1"], rows(subscriber, "name")["p1"]):
        assert "canary" not in text and "诸葛" not in text
        assert "k1:" in text
    if kind == "sqlite":
        for path in tmp_path.rglob("store.db*"):
            assert b"canary" not in path.read_bytes()


def test_who_has_the_key_reads_it(pair: Pair) -> None:
    source, subscriber = pair()
    append(source, toys.PersonMet("p1", NAME))
    subscriber.inbox.receive([message(source)])
    text = rows(subscriber, "name")["p1"]
    assert revealed(source, "p1", text) == NAME
    assert revealed(subscriber, "p1", text) is None  # only participation owns keys


def test_the_same_person_has_one_key_and_no_two_equal_texts(pair: Pair) -> None:
    source, _ = pair()
    append(source, toys.PersonMet("p1", NAME), toys.PersonMet("p1", NAME))
    append(source, toys.PersonMet("p1", NAME))
    data = [item.data for item in recorded(source)]
    assert len(set(data)) == 3
    with source.store.reading() as connection:
        assert list(subject_keys.existing_keys(connection, ["p1", "p2"])) == ["p1"]


def test_a_key_of_another_opens_nothing(pair: Pair) -> None:
    source, _ = pair()
    append(source, toys.PersonMet("p1", NAME), toys.PersonMet("p2", "别人"))
    with source.store.reading() as connection:
        result = subject_keys.existing_keys(connection, ["p1", "p2"])
    text = rows(source, "name")["p1"]
    assert decipher(text, "p1", result["p2"]) is None
    assert decipher(text, "p2", result["p1"]) is None  # bound to its subject


def test_erased_it_is_unreadable_for_good_and_the_chain_holds(pair: Pair) -> None:
    source, _ = pair()
    append(source, toys.PersonMet("p1", NAME), toys.PersonMet("p2", "别人"))
    erase(source, "p1")
    append(source, *worlds.things("a:1"))
    assert revealed(source, "p1", rows(source, "name")["p1"]) is None
    assert revealed(source, "p2", rows(source, "name")["p2"]) == "别人"
    with source.store.reading() as connection:
        assert event_log.verify(connection, 0, 0, "", 100).broken is None


def test_met_again_after_an_erasure_under_a_new_key(pair: Pair) -> None:
    source, _ = pair()
    append(source, toys.PersonMet("p1", NAME))
    old = rows(source, "name")["p1"]
    erase(source, "p1")
    append(source, toys.PersonMet("p1", "新名"))
    assert revealed(source, "p1", rows(source, "name")["p1"]) == "新名"
    assert revealed(source, "p1", old) is None


@pytest.mark.parametrize("text", ["k1:", "k1:AAAA", "k1:!!!", "k1:" + "A" * 100])
def test_damaged_ciphertext_is_unreadable_and_raises_nothing(text: str) -> None:
    assert decipher(text, "p1", b"\0" * 32) is None
