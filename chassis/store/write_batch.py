"""One trip to PostgreSQL: writes that go out together, past psycopg's own machinery, as one transaction of their own.

psycopg's pipeline costs a tenth of a millisecond a statement; libpq's own, which it stands on, a third of that."""

import functools
import itertools
import re
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import errors, pq
from psycopg.waiting import WAIT_R, WAIT_RW
from sqlalchemy.dialects.postgresql.psycopg import dialect

DIALECT = dialect()  # type: ignore[no-untyped-call]
T = TypeVar("T")

_BAD = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE, pq.ExecStatus.NONFATAL_ERROR)


class NotCached(Exception):
    """What is wanted cannot be done in one trip, or from memory: do it the ordinary way."""


class WriteBatch:
    """What is to be written, in its order.  It stands where a connection stands, for those who only write rows; who
    would ask or wait for an answer is refused (NotAtHand)."""

    def __init__(self) -> None:
        self.writes: list[tuple[str, Sequence[Any]]] = []

    def write(self, statement: str, values: Sequence[Any]) -> None:
        """A statement in psycopg's words, with `%s` for its values."""
        self.writes.append((statement, values))

    def execute(self, *_: Any, **__: Any) -> Any:
        raise NotCached

    exec_driver_sql = execution_options = execute


class PipelineConnection:
    """A connection of its own to the server, in autocommit: asks, and takes trips."""

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        driver.autocommit = True
        driver.prepare_threshold = 1
        # small statements by key: planned once (and when a table has grown), not anew for every list of names
        driver.execute("SET plan_cache_mode = force_generic_plan")
        driver.execute("SET jit = off")
        self.driver = driver
        self._names: dict[str, bytes] = {}
        self._numbers = itertools.count()

    def close(self) -> None:
        self.driver.close()

    def ask(self, asked: Sequence[tuple[str, dict[str, Any]]]) -> list[list[Any]]:
        """The rows of each, in one trip."""
        if len(asked) == 1:
            return [self.driver.execute(*asked[0]).fetchall()]
        with self.driver.pipeline():
            cursors = [self.driver.execute(*item) for item in asked]
        return [cursor.fetchall() for cursor in cursors]

    def take(self, writes: Sequence[tuple[str, Sequence[Any]]], meanwhile: Callable[[], T]) -> T:
        """All of it or nothing, committed when this returns; what `meanwhile` made while the server was at it.
        psycopg.Error: of the first statement that failed."""
        said = [(statement, [_said(value) for value in values]) for statement, values in writes]
        result: T = self.driver.wait(self._taken(said, meanwhile))
        return result

    def _taken(self, said: Sequence[tuple[str, list[bytes | None]]], meanwhile: Callable[[], T]
               ) -> Generator[Any, Any, T]:  # fmt: skip
        server = self.driver.pgconn
        fresh: dict[str, bytes] = {}
        server.enter_pipeline_mode()
        for statement, words in said:
            name = self._names.get(statement) or fresh.get(statement)
            if name is None:
                name = fresh[statement] = b"trip%d" % next(self._numbers)
                server.send_prepare(name, _numbered(statement).encode())
            server.send_query_prepared(name, words)
        server.pipeline_sync()
        while server.flush():
            if (yield WAIT_RW) & WAIT_R:
                server.consume_input()
        created, failed = meanwhile(), None
        while True:
            while server.is_busy():
                yield WAIT_R
                server.consume_input()
            result = server.get_result()
            if result is None:  # the end of one statement's answer
                if server.status != pq.ConnStatus.OK:
                    raise psycopg.OperationalError("the connection was lost")
                continue
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
            if result.status in _BAD and failed is None:
                failed = errors.error_from_result(result)
        server.exit_pipeline_mode()
        if failed is not None:
            raise failed
        self._names |= fresh
        return created


@functools.cache
def _numbered(statement: str) -> str:
    numbers = itertools.count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", statement)


def _said(value: Any) -> bytes | None:
    """As text.  NotAtHand: a text that none can hold; libpq would end it at its first NUL."""
    match value:
        case str():
            try:
                said = value.encode()
            except UnicodeEncodeError:
                raise NotCached from None
            if b"\0" in said:
                raise NotCached
            return said
        case bytes():
            return b"\\x" + value.hex().encode()
        case None:
            return None
    return str(value).encode()
