"""One unit's and one person's duties and figures as of now: milliseconds in the handlers of assessment's routes, from
the request as it was read to the response as it is sent."""

import os

os.environ["PSYCOPG_WAIT_FUNC"] = "wait_select"
import eventlet

eventlet.monkey_patch()

import statistics  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from random import Random  # noqa: E402
from typing import Any  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

from werkzeug.test import EnvironBuilder  # noqa: E402

from benchmarks import district_rows, running  # noqa: E402
from benchmarks.filled_rows import Records, fill  # noqa: E402
from chassis.process import psycopg_wait  # noqa: E402
from chassis.process.settings import Settings  # noqa: E402
from chassis.process.tokens import Actor  # noqa: E402
from chassis.runtime.extensions import unstarted  # noqa: E402
from chassis.store.database import Store  # noqa: E402
from services.assessment.service import Service as Assessment  # noqa: E402

psycopg_wait.install()

OF_PERSONS = ("attendance", "attendance", "attendance", "note", "summary", "attendance", "forum_talk", "summary")
OF_UNITS = ("study_session", "discussion_day", "video", "forum", "internal_display", "wechat_school", "anthology")


def main() -> None:
    order = running.order()
    units, people, looks = order["units"], order["people"], order["looks"]
    with tempfile.TemporaryDirectory() as folder:
        service = unstarted(Assessment, Settings(data=folder, database_url=order["database"]))
        store = service.runtime.store
        store.install("assessment", "district")
        with store.writing() as connection:
            records = Records(order["of_persons"], OF_PERSONS, True), Records(order["of_units"], OF_UNITS, False)
            fill(connection, units, people, datetime.now(UTC).toordinal(), *records)
        today = service.score_runner.today()
        service.scoreboards.look(service.score_runner.campaign(), today[:4], today, None)  # a unit's rank is kept there
        service.runtime.verifier.actor = lambda _: Actor("operator", "operator", frozenset({"operator"}))
        chance = Random(1)
        subjects = {
            "unit": [{"unit_id": district_rows.unit_id(chance.randrange(units))} for _ in range(looks)],
            "person": [{"person_id": district_rows.person_id(chance.randrange(people))} for _ in range(looks)],
            "people": [
                {"unit_id": district_rows.unit_id(chance.randrange(units)), "state": "open"} for _ in range(looks)
            ],
        }
        result: dict[str, Any] = {"SELECT 1": select_one(store)}
        for what, asked in subjects.items():
            handler = service.duties_of_people if what == "people" else service.duties
            timed(handler, asked[0])  # the first lays out the calendar
            began = time.process_time()
            times = sorted(timed(handler, query) for query in asked)
            used = 1000 * (time.process_time() - began) / len(asked)
            result |= {f"{what} p50": statistics.median(times), f"{what} p99": times[len(times) * 99 // 100],
                       f"{what} processor": used}  # fmt: skip
        service.scoreboards.stop()
        running.answer(**result, load=os.getloadavg()[0])


def select_one(store: Store) -> float:
    """What the shortest round trip takes now, in ms."""
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        times = []
        for _ in range(200):
            began = time.perf_counter()
            driver.execute("SELECT 1").fetchall()
            times.append(1000 * (time.perf_counter() - began))
        driver.rollback()
    return statistics.median(times)


def timed(handler: Callable[[Any], Any], query: dict[str, str]) -> float:
    request = EnvironBuilder(query_string=urlencode(query), headers={"Authorization": "Bearer any"}).get_request()
    began = time.perf_counter()
    response = handler(request)
    took = 1000 * (time.perf_counter() - began)
    if response.status_code != 200 or not response.json["duties"]:
        raise running.SubjectFailed(response.get_data(as_text=True))
    return took


if __name__ == "__main__":
    main()
