"""The process that decides the rows of large imports, one batch per request; it keeps no state.

`python -m services.participation.imports.deciding_process`.  After a kill the open transaction is rolled back, and the
next process continues where the log says."""

import functools
from pathlib import Path
from typing import Any, TypedDict

from chassis.events.canonical_json import moment
from chassis.process.problems import Problem
from chassis.process.worker_process import die_with_parent, serve
from chassis.store.database import Store, is_transient, reason
from chassis.store.unit_of_work import UnitsOfWork
from chassis.store.write_health import write_fault
from services.participation.imports.deciding import BatchDecider
from services.participation.imports.spool import Spool
from services.participation.subscriptions import PROJECTIONS
from services.participation.tables import METADATA

SERVICE, MODULE = "participation", "services.participation.imports.deciding_process"


class Order(TypedDict):
    """The store and the import to advance by one batch of `most` rows, the actor, and the time of the service's
    clock."""

    database_url: str
    spool: str
    import_id: str
    actor: str
    now: str
    most: int


class Answer(TypedDict, total=False):
    """`advanced`: as Advanced; `problem`: [status, code, detail, further members]; `away`: [word, error], if the store
    cannot be written now."""

    advanced: list[Any]
    problem: list[Any]
    away: list[str]


def decide(order: Order) -> Answer:
    """One batch; without an import nothing, so that the process loads its modules."""
    try:
        if not order["import_id"]:
            with _store(order["database_url"]).reading():
                return {}
        units_of_work = UnitsOfWork(_store(order["database_url"]), PROJECTIONS, SERVICE,
                                    lambda: moment(order["now"]), _do_nothing)  # fmt: skip
        deciding = BatchDecider(units_of_work, _spool(order["spool"]))
        return {"advanced": list(deciding.decide_batch(order["import_id"], order["actor"], order["most"]))}
    except Problem as problem:
        return {"problem": [problem.status, problem.code, problem.detail, problem.more]}
    except Exception as error:
        if (word := write_fault(error)) or is_transient(error):
            return {"away": [word, reason(error)]}
        raise


def _do_nothing() -> None: ...


@functools.lru_cache(maxsize=1)
def _store(url: str) -> Store:
    store = Store(url, METADATA)
    store.recall(SERVICE)
    return store


@functools.lru_cache(maxsize=1)
def _spool(folder: str) -> Spool:
    """Cached: it remembers which notes it wrote."""
    return Spool(Path(folder))


if __name__ == "__main__":
    die_with_parent()
    serve(decide)
