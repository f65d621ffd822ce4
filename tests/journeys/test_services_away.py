"""While a service is frozen every page of the console answers within two seconds, and shows what it would show, or says
in words what it cannot."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator

import pytest
import requests

from console.page_registry import PAGES
from tests.journeys.console_system import CAST, DAY, OWN_PASSWORD, begin, person_of, submit
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import SERVICES, DistrictSystem

pytestmark = pytest.mark.endurance

LIMIT = 2.0
MORE = ("/accounts?unit=X001", "/history?table=units&id=X001", f"/reminders?day={DAY}&recipient=clerk-X001",
        "/scoreboard/differences?window=2022", "/duties/records?duty=video&period=2022-10",
        "/records/filing?filing=none-none")  # fmt: skip
"""Pages under those of the menu."""
PEOPLE = ("operator", "campaign_office", "head", "teacher")
CHANGING = re.compile(r'name="csrf" value="[^"]+"|data-kept-key="[^"]+"')
FIGURES = re.compile(r"\d+")


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, rabbitmq: RabbitMQ, postgres: Postgres
) -> Iterator[DistrictSystem]:
    folder, name = tmp_path_factory.mktemp("away"), rabbitmq.create_vhost()
    system = DistrictSystem(folder / "system", rabbitmq, name, postgres)
    begin(system, folder)
    yield system
    system.discard()
    rabbitmq.delete_vhost(name)


@pytest.fixture(scope="module")
def sessions(system: DistrictSystem) -> dict[str, requests.Session]:
    printed = system.qihang("accounts", "create", *map(person_of, CAST))
    codes = dict(re.findall(r"(p\d{5})\s+(\w{4}-\w{4}-\w{4})", printed))
    return {who: signed_in(system, who, codes) for who in PEOPLE}


def signed_in(system: DistrictSystem, who: str, codes: dict[str, str]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    if who == "operator":
        submit(session, f"{system.address}/signin", user=who, password="a-long-test-password")
        return session
    code = codes[person_of(who).lower()]
    submit(session, f"{system.address}/signin", user=person_of(who), password=code)
    submit(session, f"{system.address}/account/password", old=code, new=OWN_PASSWORD, again=OWN_PASSWORD)
    return session


def shown(system: DistrictSystem, session: requests.Session, path: str) -> tuple[int, float, str]:
    """Status, seconds, and the page without what is new each time."""
    began = time.monotonic()
    page = session.get(f"{system.address}{path}", timeout=30)
    return page.status_code, time.monotonic() - began, FIGURES.sub("", CHANGING.sub("", page.text))


Shown = tuple[int, float, str]
ASKED = [(who, path) for who in PEOPLE for path in (*(page.path for page in PAGES), *MORE)]


@pytest.fixture(scope="module")
def whole(system: DistrictSystem, sessions: dict[str, requests.Session]) -> dict[tuple[str, str], Shown]:
    """Every page while all services answer."""
    return {(who, path): shown(system, sessions[who], path) for who, path in ASKED}


def asked(whole: dict[tuple[str, str], Shown]) -> list[tuple[str, str]]:
    """What opens to each, and of what is shut to somebody one page: the guard shuts them before anything is asked."""
    shut = {who: (who, path) for (who, path), page in whole.items() if page[0] == 403}
    return [*(each for each, page in whole.items() if page[0] != 403), *shut.values()]


def explains(frozen: Shown, whole: Shown) -> bool:
    """It shows what it would show, or says what it cannot."""
    same, explained = (frozen[0], frozen[2]) == (whole[0], whole[2]), "已断开，截至 " in frozen[2]
    return same != explained and not (frozen[0] >= 500 and whole[0] == 200)


@pytest.mark.parametrize("service", SERVICES)
def test_a_frozen_service_holds_up_no_page(
    system: DistrictSystem, sessions: dict[str, requests.Session], whole: dict[tuple[str, str], Shown], service: str
) -> None:
    system.processes[service].signal(signal.SIGSTOP)
    try:
        frozen = {(who, path): shown(system, sessions[who], path) for who, path in asked(whole)}
    finally:
        system.processes[service].signal(signal.SIGCONT)
    system.ready(service)
    slow = {each: round(page[1], 2) for each, page in frozen.items() if page[1] >= LIMIT}
    assert not slow, slow
    # a page that has changed since all were read is read again
    doubtful = [each for each in frozen if not explains(frozen[each], whole[each])]
    wrong = [each for each in doubtful if not explains(frozen[each], shown(system, sessions[each[0]], each[1]))]
    assert not wrong, wrong
