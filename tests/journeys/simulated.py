"""A system whose clock a test moves through a semester: deeds come in, reminders go out, articles are published."""

from __future__ import annotations

import csv
import json
import urllib.request
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

import yaml

from tests.journeys.conftest import AnySystem, BuildSystem
from tests.journeys.small_district import report_events
from tests.semester.book import CAMPAIGN, SAMPLES, accepted
from tests.semester.calendar import instant
from tests.semester.evidence import Event, Letter, Publication
from tests.semester.reports import Reports
from tests.support.mail_server import TAKEN, MailServer
from tests.support.processes import wait_until
from tests.support.system import PORTS, SERVICES, EmbeddedSystem
from tests.support.wechat_platform import APPID, SECRET, Platform

SEND_AT, BETWEEN, NOON = "08:40", "09:00", "12:00"
ATTEMPTS = (SEND_AT, "09:10", "09:30", "10:00", "10:30", "11:00", "11:30")
"""Local times at which the clock stands while the day's mails are sent; refused ones wait for a later one."""
OPENS = {"away": "connect", "refuses our sender": "smtp_550", "silent": "no_answer"}
"""What the mail server's faults are called where they open the channel."""
POLL_SECONDS = 0.2  # each look takes 5 ms of processor time from what is awaited
AT_ONCE = 1000
"""Events in one body, at most."""


class Simulated:
    """The system, its clock, its mail server and its platform."""

    def __init__(self, build: BuildSystem, folder: Path, first: date, last: date) -> None:
        self.clock, self.mail = folder / "clock", MailServer(folder)
        self.mail.clock = self.clock.read_text
        self.mail.answer = _sometimes_busy
        self.platform = Platform(review_seconds=0.3, faults=0.2, clock=self.clock.read_text)
        self.platform.callbacks.lost = 0.5
        self.server = self.platform.serve()
        self.reports = Reports(last)
        self._last_run: dict[str, Any] = {}
        self.at(first - timedelta(days=1), "21:00")
        self.system: AnySystem = build(
            QIHANG_REHEARSAL_CLOCK=str(self.clock), QIHANG_SMTP_URL=self.mail.url, QIHANG_WECOM_URL="",
            QIHANG_DINGTALK_URL="",
            QIHANG_SMTP_CA_FILE=str(self.mail.ca_file), QIHANG_MAIL_FROM="tixing@edu.example.cn",
            QIHANG_SMTP_SECONDS="5",
            QIHANG_WECHAT_ACCOUNTS=str(self._accounts(folder)),
        ).start()  # fmt: skip
        self.system.qihang("campaign", "launch", CAMPAIGN)
        self.system.qihang(
            "import", *(SAMPLES / "district" / f"{name}.csv" for name in ("units", "people", "exemptions"))
        )
        self.system.qihang("notify", "contacts", "import", _contacts(folder / "contacts.csv"))
        self.platform.callbacks.url = f"{self.system.address}/s/publicity/wechat/district"
        self.report(self.reports.take(first, late=True))

    def _accounts(self, folder: Path) -> Path:
        (folder / "secret").write_text(SECRET)
        account = {
            "appid": APPID,
            "secret_file": str(folder / "secret"),
            "url": self.platform.address,
            "author": "区教育局",
            "callback_token_file": str(folder / "callback"),
        }
        (folder / "callback").write_text(self.platform.callbacks.token)
        (folder / "accounts.yaml").write_text(yaml.safe_dump({"accounts": {"district": account}}))
        return folder / "accounts.yaml"

    def stop(self) -> None:
        self.mail.stop()
        self.server.shutdown()
        self.server.server_close()

    def at(self, day: date, time: str) -> None:
        fresh = self.clock.with_name("clock.new")
        fresh.write_text(f"{day}T{time}:00+08:00")
        fresh.replace(self.clock)  # at once: others read it all the time

    def report(self, events: Sequence[dict[str, Any]]) -> None:
        """As an outside system does, by HTTP."""
        for at in range(0, len(events), AT_ONCE):
            assert set(report_events(self.system, *events[at : at + AT_ONCE])) <= {"accepted"}

    def wait_until_all_applied(self) -> None:
        """Until assessment and notifications have applied participation's events."""
        for subscriber in ("assessment", "notifications"):
            wait_until(
                lambda name=subscriber: self._has_applied(name),
                60,
                lambda name=subscriber: f"{self.look(name, '/api/status')}\n{self.system.logs()}",
                POLL_SECONDS,
            )

    def _has_applied(self, subscriber: str) -> bool:
        cursors = {cursor["source"]: cursor["position"] for cursor in self.look(subscriber, "/api/status")["cursors"]}
        return bool(cursors["participation"] == int(self.look("participation", "/feed")["partitions"][0]["position"]))

    def look(self, service: str, path: str, **query: str) -> Any:
        """As `system.get`, of the service itself, without the console between: for what is looked at many times."""
        address = f"http://127.0.0.1:{self.system.base + PORTS[service]}{path}?{urlencode(query)}"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.system.token}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def run(self, day: date) -> dict[str, Any]:
        result: dict[str, Any] = self.look("notifications", f"/api/runs/{day}")
        return result

    def ask_to_send(self) -> dict[str, Any]:
        result: dict[str, Any] = self.system.ask("POST", "notifications", "/api/runs", {})[1]
        return result

    def sends(self, day: date, mail_fault: str = "") -> None:
        """The day's sending, with late deeds between the first attempt and the others; a fault of the mail server ends
        in the course of the morning."""
        self._break_mail(mail_fault)
        for number, time in enumerate(ATTEMPTS):
            if number == 3:
                self._mend_mail(mail_fault)
            if number == 1:
                self.at(day, BETWEEN)
                self.report(self.reports.take(day, late=True))
                self.wait_until_all_applied()
            self.at(day, time)
            self.ask_to_send()
            self._last_run = {}
            wait_until(lambda: self.rests(day), 120, lambda: f"{self.run(day)}\n{self.system.logs()}", POLL_SECONDS)
            if self.run(day)["waiting"] == 0:
                break
        self._mend_mail(mail_fault)
        assert self.run(day)["waiting"] == 0, f"{day}: {self.run(day)}"

    def _break_mail(self, fault: str) -> None:
        match fault:
            case "away":
                self.mail.close()
            case "refuses our sender":
                self.mail.to_sender = "550 5.7.1 sender not allowed"
            case "slow":
                self.mail.pause = 0.3
            case "silent":
                self.mail.answer = lambda *_: "silent"

    def _mend_mail(self, fault: str) -> None:
        if fault == "away":
            self.mail.reopen()
        self.mail.to_sender, self.mail.pause, self.mail.answer = TAKEN, 0.0, _sometimes_busy

    def previews(self, day: date) -> set[str]:
        """Who would get a reminder on the day, once everything is applied."""
        self.wait_until_all_applied()
        result = self.system.get("notifications", "/api/preview", day=str(day), limit="5000")
        return {digest["recipient"] for digest in result["digests"]}

    def digests(self, day: date) -> set[str]:
        """Who got a reminder."""
        result = self.system.get("notifications", "/api/deliveries", day=str(day), limit="5000")
        return {delivery["recipient"] for delivery in result["deliveries"]}

    def rests(self, day: date) -> bool:
        """Decided, and nothing waits but for a later minute, or for the channel."""
        run = self.run(day)
        if not run["decided"] or not run["waiting"]:
            return bool(run["decided"])
        if run != self._last_run:  # still sending: hundreds of deliveries need not be read yet
            self._last_run = run
            return False
        result = self.look("notifications", "/api/deliveries", day=str(day), limit="5000")["deliveries"]
        pending = [item for item in result if item["phase"] != "ended"]
        now = datetime.fromisoformat(self.clock.read_text()).astimezone(UTC).isoformat(timespec="microseconds")
        if all(item["again_at"] > now[:-6] + "Z" for item in pending):
            return True
        if any(item["phase"] == "sending" for item in pending):
            return False
        return bool(self.look("notifications", "/api/status")["channels"]["email"]["state"] == "open")

    def kill_and_start(self, service: str) -> None:
        """kill -9 of the service (embedded: of the whole system), and up again."""
        if isinstance(self.system, EmbeddedSystem):
            self.system.kill()
            self.system.start()
            self.system.ready()
        else:
            self.system.processes[service].kill()
            self.system.start(service)

    def kill_while_sending(self, day: date) -> None:
        """kill -9 after some mails of the day, before the others."""
        before, self.mail.pause = len(self.mail.mails), 0.1
        self.at(day, SEND_AT)
        self.ask_to_send()
        wait_until(lambda: len(self.mail.mails) >= before + 3, 60, self.system.logs, 0.01)
        self.kill_and_start("notifications")
        self.mail.pause = 0.0

    def letters(self) -> list[Letter]:
        return [Letter(item.to.partition("@")[0], instant(item.seen), item.id, item.text,
                       str(item.message["Subject"]) + item.html) for item in self.mail.mails]  # fmt: skip

    def publications(self) -> list[Publication]:
        return [Publication(item["title"], item["content"], instant(item["shown_at"]),
                            instant(item["gone_at"]) if "gone_at" in item else 0)
                for item in self.platform.ever]  # fmt: skip

    def logs(self) -> dict[str, list[Event]]:
        return {service: self._log(service) for service in SERVICES}

    def _log(self, service: str) -> list[Event]:
        result: list[Event] = []
        while page := self.system.get(service, "/feed/0", after=str(len(result)), limit="2000")["events"]:
            result += page
        return result


def _sometimes_busy(to: str, before: int) -> str:
    return "451 busy" if crc32(f"{to}/{before}".encode()) % 9 == 0 else TAKEN


def _contacts(path: Path) -> Path:
    """Everybody has an address that says who they are; the campaign office's stands in the campaign file."""
    people = {f"person-{row['person_id']}" for row in accepted("people.csv")}
    posts = {f"{post}-{row['unit_id']}" for row in accepted("units.csv") for post in ("clerk", "head", "office")}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["recipient", "name", "email", "robot"])
        writer.writerows(
            [item, "", f"{item}@t.example.cn", ""] for item in sorted({*people, *posts, "campaign-office"})
        )
    return path
