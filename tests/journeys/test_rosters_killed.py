"""The power fails while rosters are confirmed and undone, and two confirm at once: in the end the book is what a plain
model of the personnel office says, in every service that keeps it."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from tests.journeys.conftest import SMALL_CAMPAIGN, AnySystem, BuildSystem
from tests.journeys.small_district import compared_roster, report_events, unit
from tests.support.forks import forked_command
from tests.support.processes import Process, wait_until
from tests.support.stores import every_cell

pytestmark = pytest.mark.endurance

PEOPLE, UNITS = 900, 6
FIRST, SECOND = "2023-03-01", "2023-04-01"
CODES = {"教师": "teacher", "干部": "cadre"}
Membership = tuple[str, str, str, str, str]
"""person_id, unit_id, since, until, role."""


def place(at: int, month: int) -> tuple[int, str] | None:
    """Number of the unit and role of a person in a month; None: not listed."""
    if month == 2 and at % 10 == 3:
        return None
    moved = month == 2 and at % 10 == 1
    return (at + moved) % UNITS, "干部" if month == 2 and at % 10 == 2 else "教师"


def write(path: Path, month: int) -> Path:
    listed = [(at, where) for at in range(PEOPLE) if (where := place(at, month))]
    lines = [f"RK-P{at:04},人员{at},{role},测试{number}校" for at, (number, role) in listed]
    path.write_bytes("\r\n".join(["工号,姓名,岗位,单位", *lines]).encode("gb18030"))
    return path


def expected(month: int) -> set[Membership]:
    result = set()
    for at in range(PEOPLE):
        number, role = place(at, 1) or (0, "")
        then = place(at, month)
        same = then == (number, role)
        result.add((f"RK-P{at:04}", f"RK-{number}", FIRST, "" if same else SECOND, CODES[role]))
        if then and not same:
            result.add((f"RK-P{at:04}", f"RK-{then[0]}", SECOND, "", CODES[then[1]]))
    return result


def memberships(system: AnySystem, service: str) -> set[Membership]:
    """As a service knows them last, voided ones left out; assessment keeps what was known before too."""
    rows = [row for at, table, row in every_cell(system) if (at, table) == (service, "memberships")]
    rows.sort(key=lambda row: int(row.get("position", 0)))
    latest = {(row["person_id"], row["unit_id"], row["since"]): row for row in rows}
    return {(row["person_id"], row["unit_id"], day(row["since"]), day(row["until"]), row["role"])
            for row in latest.values() if row["voided"] in ("0", "False")}  # fmt: skip


def day(kept: str) -> str:
    """Some keep the number of the day."""
    if not kept.isdigit():
        return kept
    return date.fromordinal(int(kept)).isoformat() if int(kept) else ""


def command(system: AnySystem, folder: Path, *words: str) -> Process:
    log = folder / f"clerk{len(list(folder.glob('*.log')))}.log"
    return forked_command(words, log, system.environment())


def listed(system: AnySystem) -> list[str]:
    """The rosters applied and not undone."""
    imports = system.get("participation", "/api/imports", limit="100")["imports"]
    return [item["import_id"] for item in imports if item["kinds"] == ["roster"] and not item["undone_at"]]


def cut_off_comparing(system: AnySystem, clerk: Process) -> None:
    """kill -9 of everything but the clerk's command, once the file is there."""
    sent = f"{'?' * 8}-{'?' * 10}.comparison"
    wait_until(lambda: bool(list(system.data.glob(f"**/rosters/{sent}"))), 60, lambda: clerk.tail() + system.logs())
    system.kill()
    system.start()


def cut_off(system: AnySystem, clerk: Process, growth: int) -> None:
    """kill -9 of everything once the log has grown by so many events: asked all the time, a batch takes a moment."""
    began = position(system)
    wait_until(lambda: position(system) >= began + growth, 90, lambda: clerk.tail() + system.logs(), interval=0)
    system.kill()
    clerk.kill()
    system.start()


def position(system: AnySystem) -> int:
    return sum(int(head["position"]) for head in system.get("participation", "/feed")["partitions"])


def confirm(system: AnySystem, roster_id: str, revision: int, answers: list[dict[str, int]]) -> None:
    body = {"revision": revision, "groups": ["moved", "role_changed", "missing"]}
    while True:
        status, answer = system.ask("POST", "participation", f"/api/rosters/{roster_id}/confirm", body)
        assert status == 200, answer
        if not answer["left"]:
            answers.append(answer)
            return


def test_rosters_cut_off_and_confirmed_twice_at_once(build: BuildSystem, tmp_path: Path) -> None:
    system = build()
    system.start()
    system.qihang("campaign", "launch", SMALL_CAMPAIGN)
    report_events(system, *(unit(f"RK-{at}", name=f"测试{at}校") for at in range(UNITS)))
    march, april = write(tmp_path / "三月.csv", 1), write(tmp_path / "四月.csv", 2)

    looking = command(system, tmp_path, "roster", str(march), "--as-of", FIRST)
    cut_off_comparing(system, looking)
    assert looking.wait(100) == 3 and f"还有 {PEOPLE} 行没有办理" in looking.tail(), looking.tail()
    assert memberships(system, "participation") == set(), "it is compared only"
    cut_off(system, command(system, tmp_path, "roster", str(march), "--as-of", FIRST, "--yes"), 150)
    assert 0 < len(memberships(system, "participation")) < PEOPLE, "in the middle"
    both = [command(system, tmp_path, "roster", str(march), "--as-of", FIRST, "--yes") for _ in range(2)]
    assert {clerk.wait(200) for clerk in both} <= {0, 3}, "".join(clerk.tail() for clerk in both)
    assert memberships(system, "participation") == expected(1)
    again = command(system, tmp_path, "roster", str(march), "--as-of", FIRST, "--yes")
    assert again.wait(100) == 0, again.tail()

    _, preview = system.ask("POST", "participation", f"/api/rosters?as_of={SECOND}&name=april.csv", april.read_bytes(),
                            Content_Type="application/octet-stream")  # fmt: skip
    preview = compared_roster(system, preview)
    answers: list[dict[str, int]] = []
    threads = [threading.Thread(target=confirm, args=(system, preview["roster_id"], preview["revision"], answers))
               for _ in range(2)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    changed = PEOPLE * 3 // 10
    assert [(answer["accepted"], answer["refused"]) for answer in answers] == [(changed, 0)] * 2
    assert memberships(system, "participation") == expected(2)
    system.qihang("settle")
    assert memberships(system, "assessment") == expected(2)
    assert "broken" not in system.qihang("verify")

    rosters = listed(system)
    assert rosters[0] == preview["roster_id"]
    undo = ("imports", "undo", rosters[0], "--reason", "月份有误")
    cut_off(system, command(system, tmp_path, *undo), 200)
    system.qihang(*undo)
    assert memberships(system, "participation") == expected(1)
    for roster_id in rosters[1:]:
        system.qihang("imports", "undo", roster_id, "--reason", "月份有误")
    assert (memberships(system, "participation"), listed(system)) == (set(), [])
    system.qihang("settle")
    assert memberships(system, "assessment") == set()
