"""client/examples as an outside team would run them: Python, Node with the packages of its registry, Java with those of
Debian; by HTTP and by AMQPS."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import report_events, unit
from tests.journeys.test_intake_page import NODE_MODULES
from tests.support.publisher_client import Publisher, register_publisher

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "client" / "examples"
JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("amqp-client", "slf4j-api", "gson"))
LANGUAGES = {
    "java": ("java", "-XX:TieredStopAtLevel=1", "-cp", JARS, str(EXAMPLES / "Report.java")),
    "node": ("node", str(EXAMPLES / "report.js")),
}


@pytest.fixture(scope="module")
def publisher(small_system: AnySystem) -> Publisher:
    assert report_events(small_system, unit("EXAMPLES")) == ["accepted"]
    sources = "/hr.example/staff,/oa.example"
    return register_publisher(small_system, "hr-table", "--types", "qihang.*", "--sources", sources)


def run(folder: Path, *words: str, **environment: str) -> str:
    given = {**os.environ, "no_proxy": "*", "NODE_PATH": str(NODE_MODULES), **environment}
    done = subprocess.run(words, cwd=folder, env=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
def test_an_hr_system_s_table(small_system: AnySystem, publisher: Publisher, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hr.sqlite") as staff:
        staff.execute("CREATE TABLE staff (number, name, role, school, hired, left_on DEFAULT '',"
                      " hired_reported DEFAULT 0, left_reported DEFAULT 0)")  # fmt: skip
        staff.execute("INSERT INTO staff (number, name, role, school, hired)"
                      " VALUES ('T1', '示例教师', '教师', 'EXAMPLES', '2015-09-01')")  # fmt: skip
    (tmp_path / "token").write_text(publisher.token)
    words = (sys.executable, str(EXAMPLES / "hr_table.py"), "hr.sqlite", f"{small_system.address}/s/participation",
             "token")  # fmt: skip
    source = str(ROOT / "client" / "src")
    assert run(tmp_path, *words, PYTHONPATH=source) == "{'accepted': 1}\n"
    staff.execute("UPDATE staff SET left_on = '2022-12-31'")
    staff.commit()
    assert run(tmp_path, *words, PYTHONPATH=source) == "{'accepted': 2}\n"
    assert run(tmp_path, *words, PYTHONPATH=source) == "{'accepted': 2}\n"


@pytest.mark.parametrize("way", ["district"], indirect=True)
@pytest.mark.parametrize("scheme", ["http", "amqps"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_of_events(
    small_system: AnySystem, publisher: Publisher, tmp_path: Path, language: str, scheme: str
) -> None:
    events = [{**unit(f"{language}-{scheme}-{number}"), "source": "/oa.example"} for number in range(3)]
    (tmp_path / "events.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    (tmp_path / "ca.pem").write_text(publisher.ca)
    user, _, place = publisher.amqps_url.removeprefix("amqps://").partition("@")
    address = f"{small_system.address}/s/participation" if scheme == "http" else f"amqps://{place}"
    printed = run(
        tmp_path, *LANGUAGES[language], "events.jsonl", address, TOKEN=publisher.token, CA="ca.pem",
        AMQP_USER=publisher.name, AMQP_PASSWORD=user.partition(":")[2],
    )  # fmt: skip
    receipts = [json.loads(line) for line in printed.splitlines()]
    assert [(each["id"], each["outcome"]) for each in receipts] == [(event["id"], "accepted") for event in events]
