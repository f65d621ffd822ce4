"""Fixtures for every test: real private servers, started when first asked for and ended with the run.

Nothing is monkey-patched by eventlet here.  Tests that need green threads say so in the conftest.py of their own
folder, before anything else is imported, or run what they test in a child process.
"""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests import lanes
from tests.support.shared_servers import SharedServer, shared_server

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from tests.support.postgres import Postgres
    from tests.support.rabbitmq import RabbitMQ

Server = TypeVar("Server", "RabbitMQ", "Postgres")

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "samples"
KEPT_LOGS = ROOT / "var" / "test-logs"
_began = pytest.StashKey[float]()
_shared = pytest.StashKey[dict[str, SharedServer[Any]]]()
os.environ["QIHANG_LOOK_AT_LINKS"] = "0"  # no test asks a site of the world
os.environ["EVENTLET_NO_GREENDNS"] = "yes"  # all is on loopback: no process need load a resolver of names (0.2 s)
os.environ["QIHANG_CHECK_RESPONSES"] = "1"  # every service under test holds its answers to its routes' schemas


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # with `-n`, in a worker
        lanes.long_first(items)


gc.disable()  # until all is collected: next to nothing of it is garbage


def pytest_collection_finish() -> None:
    """The tests' own modules and items are half a million objects that stay: no later look for garbage goes through
    them again (docs/decisions/0151), and looks are as rare as in a service (chassis/runtime/launcher.py): 4 % of what
    a lane calculates (0322)."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    _plain_tracebacks()


def _plain_tracebacks() -> None:
    """What is logged in this process shows an exception as Python does.  Without `configure` structlog has rich draw
    each, with all values: 5 to 20 ms, a tenth of the publicity's tests (0322)."""
    import structlog  # not at the top: a folder patches before anything else is imported

    processors = structlog.get_config()["processors"][:-1]
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, renderer])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> lanes.LaneScheduling:
    return lanes.LaneScheduling(config, log)


def pytest_configure_node(node: WorkerController) -> None:
    """With `-n`, in the process that sends tests to lanes: where each lane finds the servers of all."""
    stash = node.config.stash
    if _shared not in stash:
        stash[_shared] = {"rabbitmq": SharedServer(lambda: _rabbitmq_class().start()),
                          "postgres": SharedServer(lambda: _postgres_class().start())}  # fmt: skip
    node.workerinput["servers"] = {name: server.address for name, server in stash[_shared].items()}


def pytest_sessionfinish(session: pytest.Session) -> None:
    for server in session.config.stash.get(_shared, {}).values():
        if session.testsfailed and server.running is not None:
            _keep_log(server.running)


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in config.stash.get(_shared, {}).values():
        server.discard()


@pytest.fixture(scope="session")
def rabbitmq(request: pytest.FixtureRequest) -> Iterator[RabbitMQ]:
    """The run's broker.  Use `vhost` for a place of one's own, `own_rabbitmq` to wipe or kill one."""
    yield from _server_of_the_run(request, "rabbitmq", _rabbitmq_class())


@pytest.fixture(scope="module")
def _module_rabbitmq(request: pytest.FixtureRequest) -> Iterator[RabbitMQ]:
    yield from _server(request, _rabbitmq_class())


@pytest.fixture
def own_rabbitmq(_module_rabbitmq: RabbitMQ) -> RabbitMQ:
    """A broker for one file of tests, which may do with it what they like.

    Each test finds it running, with whatever the one before left there: a node takes 5 s to start.
    """
    if _module_rabbitmq.running:
        _module_rabbitmq.resume()
    else:
        _module_rabbitmq.resume_after_stop()
    return _module_rabbitmq


@pytest.fixture
def vhost(rabbitmq: RabbitMQ) -> Iterator[str]:
    """A fresh virtual host on the run's broker; `rabbitmq.url(vhost)` is its address."""
    name = rabbitmq.create_vhost()
    yield name
    rabbitmq.delete_vhost(name)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """The run's database server.  Use `database` for a place of one's own, `own_postgres` to stop or kill one."""
    yield from _server_of_the_run(request, "postgres", _postgres_class())


@pytest.fixture
def own_postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A database server for one test, which may do with it what it likes."""
    yield from _server(request, _postgres_class())


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The SQLAlchemy url of a fresh database with its own role."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


def _rabbitmq_class() -> type[RabbitMQ]:
    from tests.support.rabbitmq import RabbitMQ

    return RabbitMQ


def _postgres_class() -> type[Postgres]:
    from tests.support.postgres import Postgres  # not at the top: it imports psycopg before a folder could patch

    return Postgres


def _server_of_the_run(request: pytest.FixtureRequest, name: str, kind: type[Server]) -> Iterator[Server]:
    if hasattr(request.config, "workerinput"):  # with `-n`, in a worker
        yield shared_server(request.config.workerinput["servers"][name])
    else:
        yield from _server(request, kind)


def _server(request: pytest.FixtureRequest, kind: type[Server]) -> Iterator[Server]:
    server = kind.start()
    failures_before = request.session.testsfailed
    yield server
    if request.session.testsfailed > failures_before:
        _keep_log(server)
    server.discard()


def _keep_log(server: RabbitMQ | Postgres) -> None:
    shutil.copytree(server.folder / "log", KEPT_LOGS / server.folder.name, dirs_exist_ok=True)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_began] = time.time()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the server logs that were kept, by whichever lane."""
    for kept in sorted(KEPT_LOGS.glob("*")):
        if kept.stat().st_ctime >= config.stash[_began]:
            terminalreporter.write_line(f"server logs kept in {kept.relative_to(ROOT)}")
