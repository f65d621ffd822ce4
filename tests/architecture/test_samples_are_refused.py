"""Every rule of rules.py is seen red on a small bad sample, and green beside it."""

from collections.abc import Callable
from pathlib import PurePosixPath as Path

import pytest

from tests.architecture import rules


@pytest.mark.parametrize(
    ("rule", "path", "bad"),
    [
        (rules.wrong_imports, "console/pages.py", "import cli.main"),
        (rules.wrong_imports, "cli/api_client.py", "from chassis.process.settings import PORTS"),
        (rules.wrong_imports, "services/assessment/queries.py", "from services.participation import queries"),
        (rules.wrong_imports, "services/assessment/queries.py", "def f():\n    import services.participation.service"),
        (rules.wrong_imports, "services/assessment/service.py", "from console import app"),
        (rules.wrong_imports, "services/registry/queries.py", "from services.assessment import queries"),
        (rules.wrong_imports, "chassis/store/rebuild.py", "from services.registry.tables import RegistryTables"),
        (rules.wrong_imports, "services/assessment/domain.py", "from .queries import x"),
        (rules.wrong_imports, "contracts/participation.py", "from chassis import log"),
        (rules.wrong_imports, "contracts/participation.py", "import duties.days"),
        (rules.wrong_imports, "duties/days.py", "from chassis.events.definition import Event"),
        (rules.wrong_imports, "chassis/store/event_log.py", "from contracts import participation"),
        (rules.upward_imports, "chassis/store/event_log.py", "from chassis.runtime.health import Health"),
        (rules.upward_imports, "chassis/messaging/inbox.py", "def f():\n    from chassis.http import routes"),
        (rules.type_checking_imports, "chassis/store/event_log.py", "from typing import TYPE_CHECKING, Any"),
        (rules.shell_outside_its_place, "services/assessment/queries.py", "import eventlet"),
        (rules.shell_outside_its_place, "services/participation/desk.py", "from kombu import Connection"),
        (rules.shell_outside_its_place, "duties/days.py", "from nameko.rpc import rpc"),
        (rules.shell_outside_its_place, "cli/publishing/by_amqp.py", "import eventlet"),
        (rules.shell_outside_its_place, "cli/imports.py", "import kombu"),
        (
            rules.whole_runtime,
            "services/assessment/scores/scoreboard.py",
            "from chassis.runtime.service_runtime import ServiceRuntime",
        ),
        (rules.whole_runtime, "services/assessment/scores/scoreboard.py", "def look(runtime): pass"),
        (rules.whole_runtime, "services/assessment/scores/routes.py", "class ScoreRoutes:\n    runtime: Any"),
        (
            rules.whole_runtime,
            "services/assessment/scores/routes.py",
            "def f(self):\n    return self.runtime.store",
        ),
        (rules.appended_undecided, "services/publicity/videos/handlers.py", "transaction.unit_of_work.append(event)"),
        (rules.appended_undecided, "services/assessment/freezes/handlers.py", "work.append(event)"),
        (
            rules.written_without_heads,
            "services/participation/intake/queries.py",
            "with store.writing() as c:\n    pass",
        ),
        (rules.impure, "duties/days.py", "import os"),
        (rules.impure, "duties/days.py", "import random"),
        (rules.impure, "duties/days.py", "import sqlalchemy"),
        (rules.impure, "duties/days.py", "import time"),
        (rules.impure, "duties/days.py", "from datetime import datetime\nnow = datetime.now()"),
        (rules.impure, "duties/days.py", "import datetime\nnow = datetime.date.today()"),
        (rules.impure, "duties/days.py", "open('x')"),
        (rules.impure, "duties/days.py", "half = 0.5"),
        (rules.too_long, "duties/days.py", "x = 1\n" * 321),
        (rules.too_long, "duties/days.py", "def f():\n" + "    x = 1\n" * 60),
        (rules.without_docstring, "duties/days.py", "x = 1"),
        (rules.bound_to_a_place, "Makefile", "pip install --index" + "-url https://x.example/simple"),
        (rules.bound_to_a_place, "Dockerfile", "FROM quay" + ".io/a/b"),
        (rules.bound_to_a_place, "a.md", "https://pypi" + ".org/project/x"),
        (rules.bound_to_a_place, "a.sh", "wget mirrors" + ".example.cn"),
        (rules.bound_to_a_place, "a.py", "open('/ho" + "me/somebody/x')"),
        (rules.bound_to_a_place, "a.md", "see /wo" + "rk/main"),
        (rules.unfinished, "a.py", "# TO" + "DO later"),
        (rules.unfinished, "a.py", "# FIX" + "ME"),
        (rules.from_another_site, "a.html", '<script src="https://cdn.example/x.js">'),
        (rules.from_another_site, "a.html", '<link rel=stylesheet href="//cdn.example/x.css">'),
        (rules.from_another_site, "a.css", "@import 'x'"),
        (rules.from_another_site, "a.css", "b { background: url(http://x.example/a.png) }"),
        (rules.forbidden_words, "a.html", "<p>请及时上" + "报</p>"),
    ],
)
def test_a_bad_sample_is_reported(rule: Callable[[Path, str], list[str]], path: str, bad: str) -> None:
    assert rule(Path(path), bad)


@pytest.mark.parametrize(
    ("rule", "path", "good"),
    [
        (rules.wrong_imports, "console/pages.py", "from console.labels import label\nimport flask"),
        (rules.wrong_imports, "services/assessment/queries.py", "from services.assessment import projections"),
        (
            rules.wrong_imports,
            "services/assessment/service.py",
            "from duties.days import day_of\nfrom contracts import x",
        ),
        (rules.wrong_imports, "services/assessment/tables.py", "from services.registry.tables import RegistryTables"),
        (rules.wrong_imports, "services/registry/queries.py", "from services.registry.tables import RegistryTables"),
        (rules.wrong_imports, "contracts/participation.py", "from chassis.events.definition import Event"),
        (rules.wrong_imports, "duties/days.py", "from duties.periods import x"),
        (rules.shell_outside_its_place, "services/assessment/service.py", "import eventlet"),
        (rules.shell_outside_its_place, "chassis/messaging/broker.py", "import kombu"),
        (rules.appended_undecided, "services/publicity/videos/handlers.py", "lines.append(line)"),
        (rules.written_without_heads, "services/participation/intake/queries.py", "with units_of_work.begin(a): pass"),
        (rules.whole_runtime, "services/assessment/service.py", "def board(runtime): return runtime.store"),
        (rules.whole_runtime, "services/assessment/scores/scoreboard.py", "def look(store: Store): pass"),
        (
            rules.impure,
            "duties/days.py",
            "from datetime import date\nfrom fractions import Fraction\nx = date(2022, 1, 1)",
        ),
        (rules.too_long, "duties/days.py", "def f():\n" + "    x = 1\n" * 59),
        (rules.bound_to_a_place, "Dockerfile", "RUN apt-get install docker" + ".io\nCOPY a /srv/qihang/home/x"),
        (rules.bound_to_a_place, "a.sh", 'rm -rf "$folder/work/x"'),
        (rules.from_another_site, "a.html", '<a href="/static/x.css"> <svg xmlns="http://www.w3.org/2000/svg">'),
        (rules.forbidden_words, "a.html", "<p>请及时填报</p>"),
    ],
)
def test_a_good_sample_is_not(rule: Callable[[Path, str], list[str]], path: str, good: str) -> None:
    assert rule(Path(path), good) == []


def test_a_service_without_a_room_or_a_sentence_is_reported() -> None:
    whole = rules.ROOMS
    sentence = "Assessment decides what deeds are worth; it never judges what people think."
    assert rules.missing_rooms("x", whole, sentence) == []
    for room in whole:
        assert rules.missing_rooms("x", [item for item in whole if item != room], sentence)
    for poor in (None, "", "It decides.", "Two\nlines decides never"):
        assert rules.missing_rooms("x", whole, poor)


def test_modules_that_import_each_other_are_reported() -> None:
    a, b, c = Path("chassis/store/a.py"), Path("chassis/store/b.py"), Path("chassis/store/c.py")
    round_trip = {a: "from chassis.store import b", b: "from chassis.store.c import X", c: "import chassis.store.a"}
    assert len(rules.import_cycles(round_trip)) == 3
    assert rules.import_cycles(round_trip | {c: "import json"}) == []
