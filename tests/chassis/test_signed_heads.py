"""Heads that were signed earlier name a history that was rewritten with a chain of its own."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.process.tokens import FORMER, make_keys
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from chassis.store.schema import events, heads
from chassis.store.signed_heads import SignedHead, SignedHeads, head_of
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, recorded, things


@pytest.fixture
def source(pair: Pair) -> ServiceRuntime:
    source, _ = pair()
    append(source, *things("t1:1", "t2:2", "t3:3"))
    return source


def outcomes(runtime: ServiceRuntime, *given: SignedHead) -> list[str]:
    return [item.outcome for item in runtime.signed_heads.check(given)]


def rewrite(runtime: ServiceRuntime, position: int, keep: int | None = None, **changed: Any) -> None:
    """As somebody does who has the database's password: the rows, the chain behind them and the head."""
    log, previous = recorded(runtime)[:keep], ""
    with runtime.store.writing() as connection:
        connection.execute(sa.delete(events))
        for event in log:
            altered = event._replace(**changed) if event.position == position else event
            altered = altered._replace(hash=altered.chained_to(previous))
            runtime.store.insert(connection, events, [altered])
            previous = altered.hash
        connection.execute(sa.update(heads).values(position=len(log), hash=previous))
    with runtime.store.reading() as connection:
        assert event_log.verify(connection, 0, 0, "", 100).broken is None, "the chain alone shows nothing"


def test_a_log_that_went_on_contains_its_heads(source: ServiceRuntime) -> None:
    first = source.signed_heads.write()
    append(source, *things("t4:4"))
    second = source.signed_heads.write()
    assert [head.position for head in (*first, *second)] == [3, 4]
    assert outcomes(source, *first, *second) == ["contained"] * 2


def test_a_rewritten_history_with_a_chain_of_its_own_is_named(source: ServiceRuntime) -> None:
    (head,) = source.signed_heads.write()
    append(source, *things("t4:4"))
    (later,) = source.signed_heads.write()
    rewrite(source, 2, data='{"text":"9","thing_id":"t2"}')
    assert outcomes(source, head, later) == ["different"] * 2


def test_what_was_rewritten_after_a_head_is_named_by_the_next(source: ServiceRuntime) -> None:
    (head,) = source.signed_heads.write()
    append(source, *things("t4:4"))
    (later,) = source.signed_heads.write()
    rewrite(source, 4, actor="operator:other")
    assert outcomes(source, head, later) == ["contained", "different"]


def test_a_tail_that_was_cut_off_is_named(source: ServiceRuntime) -> None:
    (head,) = source.signed_heads.write()
    rewrite(source, 0, keep=2)
    assert outcomes(source, head) == ["log_ends_before"]
    append(source, *things("other:1", "other:2"))
    assert outcomes(source, head) == ["different"]


FORGERIES: dict[str, dict[str, Any]] = {
    "another hash": {"hash": "0" * 64}, "another position": {"position": 2}, "another day": {"day": "2020-01-01"},
    "another epoch": {"epoch": "0"}, "no signature": {"signature": ""}, "no hex": {"signature": "x"},
}  # fmt: skip


def test_a_head_that_was_changed_is_not_signed(source: ServiceRuntime) -> None:
    (head,) = source.signed_heads.write()
    forged = [dataclasses.replace(head, **changed) for changed in FORGERIES.values()]
    assert dict(zip(FORGERIES, outcomes(source, *forged), strict=True)) == dict.fromkeys(FORGERIES, "not_signed")


def test_a_head_of_another_log_is_named(source: ServiceRuntime) -> None:
    (head,) = source.signed_heads.write()
    others: list[dict[str, Any]] = [{"service": "assessment"}, {"district": "other"}, {"partition": 7}]
    assert outcomes(source, *(dataclasses.replace(head, **changed) for changed in others)) == ["another_log"] * 3


def test_a_key_that_was_replaced_still_vouches_for_its_heads(source: ServiceRuntime, tmp_path: Path) -> None:
    (head,) = source.signed_heads.write()
    keys = tmp_path / "keys"
    (keys / FORMER).mkdir()
    former = (keys / "participation.pem").rename(keys / FORMER / "participation.pem")
    make_keys(tmp_path / "fresh.key", keys / "participation.pem")
    source.verifier._keys._looked_at = 0.0
    assert outcomes(source, head) == ["contained"]
    former.unlink()
    source.verifier._former._looked_at = 0.0
    assert outcomes(source, head) == ["not_signed"]


def daily(source: ServiceRuntime, days: list[datetime]) -> SignedHeads:
    parts = source.signed_heads
    return SignedHeads(source.store, source.service, source.signer, source.verifier, parts._folder, lambda: days[0])


def test_the_timer_writes_one_a_day_also_after_a_restart(source: ServiceRuntime) -> None:
    days = [datetime(2023, 1, 1, 12, tzinfo=UTC)]
    assert [daily(source, days).write_daily() for _ in range(2)] == [1, 0]
    running = daily(source, days)
    append(source, *things("t4:4"))
    days[0] = datetime(2023, 1, 1, 16, 0, 1, tzinfo=UTC)  # past midnight in China
    assert [running.write_daily() for _ in range(2)] == [1, 0]
    assert [(head.day, head.position) for head in running.read()] == [("2023-01-01", 3), ("2023-01-02", 4)]
    assert [head.day for head in running.read("2023-01-02")] == ["2023-01-02"]


def test_an_empty_log_has_no_head(pair: Pair) -> None:
    source, _ = pair()
    assert (source.signed_heads.write_daily(), source.signed_heads.write()) == (0, [])


def test_a_folder_that_cannot_be_written_is_tried_again(source: ServiceRuntime, tmp_path: Path) -> None:
    folder = tmp_path / "mounted"
    folder.touch()
    parts = SignedHeads(source.store, source.service, source.signer, source.verifier, folder / "heads", source.clock)
    assert parts.write_daily() == 0
    folder.unlink()
    assert parts.write_daily() == 1


def test_a_file_that_is_none_is_left_out(source: ServiceRuntime, tmp_path: Path) -> None:
    (head,) = source.signed_heads.write()
    folder = tmp_path / "heads"
    (file,) = folder.iterdir()
    assert head_of(json.loads(file.read_text())) == head
    (folder / "participation-0-2020-01-01-1.head.json").write_text("{")
    assert source.signed_heads.read() == [head]
