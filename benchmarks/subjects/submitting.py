"""One client, one request at a time: a bare commit, a bare answer and a submit, in turn; milliseconds of each."""

import json
import statistics
import time
from http.client import HTTPConnection

import psycopg

from benchmarks import district_rows, running
from chassis.intake.cloudevents import SINGLE
from chassis.store.schema import events

PAUSE = 0.02  # until what a submit sets off (relay, waiting rows) is done, so that the next is not charged for it


def main() -> None:
    order = running.order()
    bare, ours = HTTPConnection("127.0.0.1", order["bare_port"]), HTTPConnection("127.0.0.1", order["port"])
    headers = {"Authorization": f"Bearer {order['token']}", "Content-Type": SINGLE}
    took: dict[str, list[float]] = {"commit": [], "answer": [], "submit": []}
    with psycopg.connect(order["database"].replace("+psycopg", ""), autocommit=True) as connection:
        columns = ", ".join(c.name for c in events.columns)
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(f"CREATE TABLE bare ({columns.replace(',', ' text,')} text, PRIMARY KEY (position))")
        insert = f"INSERT INTO bare ({columns}) VALUES ({', '.join(['%s'] * len(events.columns))})"
        rows = district_rows.reports(order["first"], order["requests"], people=order["people"], units=order["units"])
        for at, row in enumerate(rows):
            body = json.dumps(row, ensure_ascii=False).encode()
            values = ["0", str(at), *("x" * 24 for _ in range(9)), "x" * 500, "x" * 64]
            took["commit"].append(_seconds_of(lambda values=values: connection.execute(insert, values)))  # type: ignore[misc]
            took["answer"].append(_seconds_of(lambda body=body: _post(bare, "/bare", body, {})))  # type: ignore[misc]
            took["submit"].append(_seconds_of(lambda body=body: _post(ours, "/api/intake", body, headers)))  # type: ignore[misc]
            time.sleep(PAUSE)
    running.answer(**{what: 1000 * statistics.median(times) for what, times in took.items()},
                   p99=1000 * sorted(took["submit"])[len(took["submit"]) * 99 // 100])  # fmt: skip


def _seconds_of(what: object) -> float:
    began = time.perf_counter()
    what()  # type: ignore[operator]
    return time.perf_counter() - began


def _post(connection: HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> None:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200 or (headers and b'"accepted"' not in content):
        raise running.SubjectFailed(f"{answer.status} {content[:500]!r}")


if __name__ == "__main__":
    main()
