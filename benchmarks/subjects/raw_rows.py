"""The database's limit: the rows that an inbox keeps, by COPY and by executemany, 4,000 a transaction; reading them."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from benchmarks import running
from chassis.events import envelope
from chassis.messaging.inbox import inbox_row
from chassis.store.schema import inbox

BATCH = 4000


def main() -> None:
    order = running.order()
    url = order["database"]
    inbox.create(sa.create_engine(url))
    with Path(order["path"]).open("rb") as file:
        rows = [inbox_row(item.source, item.event) for line in file for item in envelope.decode(line)]
    columns = ", ".join(c.name for c in inbox.columns)
    marks = ", ".join(["%s"] * len(inbox.columns))
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        began = time.monotonic()
        for batch in _batches(rows):
            with cursor.copy(f"COPY {inbox.name} ({columns}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            connection.commit()
        copied = time.monotonic()
        count = 0
        for after in range(0, len(rows), BATCH):
            cursor.execute(f"SELECT * FROM {inbox.name} WHERE position > %s ORDER BY position LIMIT %s", (after, BATCH))
            count += len(cursor.fetchall())
        read = time.monotonic()
        cursor.execute(f"TRUNCATE {inbox.name}")
        connection.commit()
        again = time.monotonic()
        for batch in _batches(rows[: len(rows) // 4]):
            cursor.executemany(f"INSERT INTO {inbox.name} ({columns}) VALUES ({marks})", batch)
            connection.commit()
        ended = time.monotonic()
    assert count == len(rows)
    running.answer(copy=count / (copied - began), read=count / (read - copied),
                   executemany=(count // 4) / (ended - again))  # fmt: skip


def _batches(rows: list[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    remaining = iter(rows)
    while batch := list(itertools.islice(remaining, BATCH)):
        yield batch


if __name__ == "__main__":
    main()
