"""Some weeks of the sample district on a clock that the test moves: who is told what, by a real mail server, once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest

from tests.domain.duties.sample_district import rows
from tests.journeys.conftest import AnyHouse, BuildHouse
from tests.journeys.told import Expected, read, works
from tests.support.house import SAMPLES
from tests.support.mail_server import TAKEN, Mail, MailServer
from tests.support.processes import wait_until

FIRST, LAST = date(2022, 11, 25), date(2022, 12, 14)
ALL_DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
SOME_DAYS = [date(2022, 11, n) for n in (25, 26, 30)] + [date(2022, 12, n) for n in (1, 5, 8, 14)]
DAYS = {"embedded": ALL_DAYS, "district": SOME_DAYS}


class Town:
    """A house, its clock and its mail server."""

    def __init__(self, house: AnyHouse, clock: Path, mail: MailServer) -> None:
        self.house, self.clock, self.mail = house, clock, mail

    def at(self, day: date, time: str) -> None:
        self.clock.write_text(f"{day}T{time}+08:00")

    def sends(self, day: date) -> None:
        """The day's sending, with as many looks as refused mails need."""
        for minute in (0, 2, 8):
            self.at(day, f"09:{minute:02}")
            self.house.ask("POST", "notifications", "/api/runs", {})
            wait_until(lambda: self._rests(day), 60, lambda: f"{self.run(day)}\n{self.house.logs()}")
            if self.run(day)["waiting"] == 0:
                return

    def run(self, day: date) -> dict[str, object]:
        found: dict[str, object] = self.house.get("notifications", f"/api/runs/{day}")
        return found

    def _rests(self, day: date) -> bool:
        """Decided, and nothing waits but for a later minute."""
        run = self.run(day)
        if not run["decided"] or not run["waiting"]:
            return bool(run["decided"])
        found = self.house.get("notifications", "/api/deliveries", day=str(day), limit="5000")["deliveries"]
        now = datetime.fromisoformat(self.clock.read_text()).astimezone(UTC).isoformat(timespec="microseconds")
        return all(one["phase"] == "ended" or one["again_at"] > now[:-6] + "Z" for one in found)


@pytest.fixture(scope="module")
def town(build: BuildHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    mail, clock = MailServer(folder), folder / "clock"
    mail.clock = clock.read_text
    mail.answer = lambda to, before: "451 busy" if before == 0 and crc32(to.encode()) % 5 == 0 else TAKEN
    clock.write_text(f"{FIRST}T07:00+08:00")
    house = build(
        QIHANG_REHEARSAL_CLOCK=str(clock), QIHANG_SMTP_URL=mail.url, QIHANG_SMTP_CA_FILE=str(mail.ca_file),
        QIHANG_MAIL_FROM="tixing@edu.example.cn", QIHANG_WECOM_URL="",
    )  # fmt: skip
    house.start()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    house.qihang("import", SAMPLES / "district")
    house.qihang("settle")
    house.qihang("notify", "contacts", "import", contacts(folder / "contacts.csv"))
    yield Town(house, clock, mail)
    mail.stop()


def contacts(path: Path) -> Path:
    """Everybody has an address that says who they are."""
    people = {f"person-{row['person_id']}" for row in rows("people.csv")}
    units = [row["unit_id"] for row in rows("units.csv")]
    posts = {f"{post}-{unit}" for unit in units for post in ("clerk", "head", "office")}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["recipient", "name", "email", "robot"])
        writer.writerows([one, "", f"{one}@t.example.cn", ""] for one in sorted({*people, *posts, "campaign-office"}))
    return path


def test_every_day_tells_exactly_who_should_be_told(town: Town, way: str) -> None:
    expected = Expected(learnt=FIRST)
    for day in DAYS[way]:
        before = len(town.mail.mails)
        if not works(day):
            town.at(day, "10:00")
            assert town.house.ask("POST", "notifications", "/api/runs", {})[1]["code"] == "rest_day"
            continue
        if day == date(2022, 12, 1):
            town.house.kill()
            town.house.start()
            town.house.ready()
        preview = town.house.get("notifications", "/api/preview", day=str(day)) if day.day == 8 else None
        town.sends(day)
        should = expected.on(day)
        if preview:
            assert {one["recipient"] for one in preview["digests"]} == set(should)
        mails = town.mail.mails[before:]
        assert sorted(one.to.partition("@")[0] for one in mails) == sorted(should), day
        for one in mails:
            assert read(one) == should[one.to.partition("@")[0]], (day, one.to, one.text)
    assert len(town.mail.mails) > 100


def test_nothing_went_twice_or_at_a_wrong_time_or_too_far(town: Town) -> None:
    mails = town.mail.mails
    assert len({one.id for one in mails}) == len(mails)
    for one in mails:
        day, time = one.seen.split("T")
        assert works(date.fromisoformat(day)) and "08:30" <= time < "20:00"
    persons = {row["person_id"] for row in rows("people.csv")} | {row["name"] for row in rows("people.csv")}
    for one in mails:
        if one.to.startswith(("office-", "campaign-office")):
            assert not any(word in said(one) for word in persons), one.text
    names = [row["name"] for row in rows("people.csv") if row["unit_id"] == "X007"]
    assert any(name in one.text for one in mails if one.to.startswith("clerk-X007@") for name in names)


def said(mail: Mail) -> str:
    return str(mail.message["Subject"]) + mail.text + mail.html


def test_a_rebuild_sends_nothing_and_loses_nothing(town: Town, way: str) -> None:
    before = len(town.mail.mails)
    boxes = town.house.get("notifications", "/api/boxes")
    town.house.qihang("rebuild", "notifications")
    day = DAYS[way][-1]
    town.house.ask("POST", "notifications", "/api/runs", {})
    assert town.run(day)["waiting"] == 0
    assert town.house.get("notifications", "/api/boxes") == boxes
    town.at(day, "21:00")
    assert town.house.ask("POST", "notifications", "/api/runs", {})[1]["code"] == "quiet_hours"
    assert len(town.mail.mails) == before


def test_the_command_shows_it(town: Town) -> None:
    shown = town.house.qihang("notify", "preview", "--day", "2022-12-30", "--limit", "5")
    assert "请在今天完成" in shown and "原因：截止日当天" in shown
    assert "逾期未完成" in town.house.qihang("notify", "box", "clerk-X007")
    assert "已发送" in town.house.qihang("notify", "deliveries", "--day", "2022-12-01")
    assert "2027 年放假安排未导入" in town.house.qihang("notify", "calendar", "show", "2027")
