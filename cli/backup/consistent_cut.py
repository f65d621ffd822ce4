"""One moment of all stores: no consumer has seen an event that its source's copy lacks.

Snapshots are opened consumers before producers.  Two services that are each other's source could still miss each other
by an event, so what was received is compared with the heads, and the snapshots are opened again until all fits."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from cli.failure import Failure

ORDER = ("console", "notifications", "assessment", "publicity", "participation")
"""Consumers before producers; the console consumes nothing and keeps accounts of people that participation knows."""
TRIES = 100

META = "SELECT key, value FROM log_meta ORDER BY key"
HEADS = "SELECT partition, position, hash FROM log_heads ORDER BY partition"
CURSORS = """SELECT source, partition, position, coalesce((SELECT max(i.position) FROM inbox_events i
    WHERE i.source = c.source AND i.partition = c.partition), 0) FROM inbox_cursors c ORDER BY source, partition"""
REVISIONS = "SELECT version_num FROM alembic_version ORDER BY version_num"
ERASED = "SELECT DISTINCT stream FROM log_events WHERE type LIKE 'participation.person_erased.%' ORDER BY stream"
PERSON = "person-"

Json = dict[str, Any]
Ask = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query in a snapshot."""


class Snapshots(Protocol):
    """The open snapshots of all stores."""

    def ask(self, store: str, query: str) -> list[tuple[Any, ...]]: ...


def state_of(store: str, ask: Ask) -> Json:
    """Where a store is: its epoch, heads, what it has received of whom, and the versions of its tables."""
    revisions = [str(row[0]) for row in ask(REVISIONS)]
    if store == "console":
        return {"revisions": revisions}
    meta: dict[str, str] = {row[0]: row[1] for row in ask(META)}
    return {
        "district": meta["district"], "epoch": meta["epoch"], "revisions": revisions,
        "heads": [{"partition": int(row[0]), "position": int(row[1]), "hash": row[2]} for row in ask(HEADS)],
        "received": [{"source": row[0], "partition": int(row[1]), "position": max(int(row[2]), int(row[3]))}
                     for row in ask(CURSORS)],
    }  # fmt: skip


def stores_ahead(states: Json) -> list[str]:
    """Who has received more of whom than that one's copy has."""
    heads = {(name, head["partition"]): head["position"]
             for name, state in states.items() for head in state.get("heads", ())}  # fmt: skip
    return [f"{name} ← {item['source']}/{item['partition']}"
            for name, state in states.items() for item in state.get("received", ())
            if item["position"] > heads.get((item["source"], item["partition"]), 0)]  # fmt: skip


def take_cut(
    open_snapshots: Callable[[], AbstractContextManager[Snapshots]], use: Callable[[Snapshots, Json], None]
) -> None:
    """Calls `use` with snapshots that fit each other, and where each store is in them.  Failure."""
    missed: list[str] = []
    for _ in range(TRIES):
        with open_snapshots() as snapshots:
            states = {store: state_of(store, partial(snapshots.ask, store)) for store in ORDER}
            missed = stores_ahead(states)
            if not missed:
                use(snapshots, states)
                return
    raise Failure(f"各服务的库对不上同一时刻：{'、'.join(missed)}；请稍后再试")


def erased_persons(snapshots: Snapshots) -> list[str]:
    """The ids of all who were erased so far."""
    return [str(row[0]).removeprefix(PERSON) for row in snapshots.ask("participation", ERASED)]
