"""A work goes back to its author (退回修改): a reviewer says why, author and clerk are told, and it comes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.test_publicity import people, token
from tests.support.processes import wait_until
from tests.support.system import SAMPLES

DAY = "2022-12-06"


@pytest.fixture(scope="module")
def district(build: Any, tmp_path_factory: pytest.TempPathFactory) -> AnySystem:
    clock = tmp_path_factory.mktemp("clock") / "now"
    clock.write_text(f"{DAY}T09:00:00+08:00")
    system: AnySystem = build(QIHANG_REHEARSAL_CLOCK=str(clock))
    system.start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    system.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
    system.qihang("settle")
    return system


def messages_of(system: AnySystem, recipient: str) -> str:
    return system.qihang("notify", "preview", "--day", DAY, "--recipient", recipient)


def test_a_reader_sends_a_work_back_and_it_comes_again(district: AnySystem, tmp_path: Path) -> None:
    by_unit = people(district)
    unit, other = sorted(by_unit)[:2]
    (author, _), (reviewer, _) = by_unit[unit][0], by_unit[other][0]
    draft, revised = tmp_path / "draft.txt", tmp_path / "revised.txt"
    draft.write_text("初稿", encoding="utf-8")
    revised.write_text("修改稿，有事例", encoding="utf-8")
    words = ("work", "nominate", "W1", draft, "--author", author, "--unit", unit, "--title", "心得")
    district.qihang(*words, "--level", "inside")
    district.qihang("review", "assign", "W1", "--reviewer", reviewer)
    body = {"reviewer_id": reviewer, "reason": "请补充事例"}

    def send_back(name: str) -> int:
        as_person = f"Bearer {token(district, name, 'person')}"
        return int(district.ask("POST", "publicity", "/api/works/W1/return", body, Authorization=as_person)[0])

    assert send_back(author) == 403
    assert send_back(reviewer) == 200
    assert f"{DAY} 请补充事例" in district.qihang("work", "list", "--unit", unit)
    wait_until(lambda: "作品 1 件" in messages_of(district, f"person-{author}"), 30, district.logs)
    assert "退回修改" in messages_of(district, f"clerk-{unit}")
    assert "请补充事例" not in messages_of(district, f"person-{author}")
    district.qihang(*(revised if word is draft else word for word in words), "--level", "inside")
    assert "请补充事例" not in district.qihang("work", "list", "--unit", unit)
    wait_until(lambda: "退回修改" not in messages_of(district, f"person-{author}"), 30, district.logs)
