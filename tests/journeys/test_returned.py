"""A work goes back to its author (退回修改): a reviewer says why, author and clerk are told, and it comes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import STAFFED_ON, AnySystem
from tests.journeys.test_publicity import people, token
from tests.support.processes import wait_until

pytestmark = pytest.mark.parametrize("way", ["embedded"], indirect=True)

NEXT_DAY = "2022-12-02"


def messages_of(system: AnySystem, recipient: str) -> str:
    return system.qihang("notify", "preview", "--day", NEXT_DAY, "--recipient", recipient)


def test_a_reader_sends_a_work_back_and_it_comes_again(staffed_system: AnySystem, tmp_path: Path) -> None:
    by_unit = people(staffed_system)
    unit, other = sorted(by_unit)[3:5]
    (author, _), (reviewer, _) = by_unit[unit][0], by_unit[other][0]
    draft, revised = tmp_path / "draft.txt", tmp_path / "revised.txt"
    draft.write_text("初稿", encoding="utf-8")
    revised.write_text("修改稿，有事例", encoding="utf-8")
    words = ("work", "nominate", "R1", draft, "--author", author, "--unit", unit, "--title", "心得")
    staffed_system.qihang(*words, "--level", "inside")
    staffed_system.qihang("review", "assign", "R1", "--reviewer", reviewer)
    body = {"reviewer_id": reviewer, "reason": "请补充事例"}

    def send_back(name: str) -> int:
        as_person = f"Bearer {token(staffed_system, name, 'person')}"
        return int(staffed_system.ask("POST", "publicity", "/api/works/R1/return", body, Authorization=as_person)[0])

    assert send_back(author) == 403
    assert send_back(reviewer) == 200
    assert f"{STAFFED_ON} 请补充事例" in staffed_system.qihang("work", "list", "--unit", unit)
    wait_until(lambda: "作品 1 件" in messages_of(staffed_system, f"person-{author}"), 30, staffed_system.logs)
    assert "退回修改" in messages_of(staffed_system, f"clerk-{unit}")
    assert "请补充事例" not in messages_of(staffed_system, f"person-{author}")
    staffed_system.qihang(*(revised if word is draft else word for word in words), "--level", "inside")
    assert "请补充事例" not in staffed_system.qihang("work", "list", "--unit", unit)
    wait_until(lambda: "退回修改" not in messages_of(staffed_system, f"person-{author}"), 30, staffed_system.logs)
