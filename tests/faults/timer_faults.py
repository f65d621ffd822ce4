"""Two timers: what is due by the clock is done once, though two processes of a service look at it."""
# ruff: noqa: S608 - run names are our own

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from tests.faults import ledger
from tests.faults.experiment import Experiment, fault
from tests.faults.numbered_events import UNITS
from tests.support.mail_server import MailServer

BEFORE, DUE = "2023-10-27T07:00+08:00", "2023-11-06T09:00+08:00"  # Friday; ten days later, past every deadline


@fault("9c", "two timers: reminders and patience that runs out, each due in two processes at once",
       where="district closed own")  # fmt: skip
def two_timers(experiment: Experiment) -> None:
    system, hands = experiment.district, experiment.system.data / "clock"
    mail = MailServer(system.data)
    try:
        hands.write_text(BEFORE)
        system.settings |= {"QIHANG_REHEARSAL_CLOCK": str(hands), "QIHANG_SMTP_URL": mail.url, "QIHANG_WECOM_URL": "",
                            "QIHANG_DINGTALK_URL": "",
                           "QIHANG_SMTP_CA_FILE": str(mail.ca_file), "QIHANG_MAIL_FROM": "t@qihang.cn"}  # fmt: skip
        system.open()
        for service in ("participation", "notifications"):
            system.replica(service)
        experiment.start_load()
        experiment.sent(1.0)
        experiment.wait_for(experiment.is_settled, 60, "at rest before the hour")
        system.qihang("notify", "contacts", "import", contacts(system.data / "contacts.csv", experiment.run))
        fresh = hands.with_suffix(".new")
        fresh.write_text(DUE)
        fresh.replace(hands)
        everything_once(experiment, mail)
        experiment.verify()
    finally:
        mail.stop()


def contacts(path: Path, run: str) -> Path:
    """Every unit of the run has a clerk and a head with an address."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["recipient", "name", "email", "robot"])
        posts = [f"{post}-{run}-u{number}" for post in ("clerk", "head") for number in range(UNITS)]
        writer.writerows([post, "", f"{post}@t.example.cn", ""] for post in posts)
    return path


def everything_once(experiment: Experiment, mail: MailServer) -> None:
    system, day = experiment.district, DUE[:10]
    waiting = f"SELECT count(*) FROM intake_pending_reports WHERE id LIKE '{experiment.run}-%'"
    experiment.wait_for(lambda: not ledger.ask(system, "participation", waiting)[0][0], 40, "patience runs out")
    experiment.also_valid["waiting"] = "refused"
    query = {"day": day, "limit": "5000"}
    path = f"/api/runs/{day}"
    experiment.wait_for(lambda: system.get("notifications", path)["decided"], 60, "the day is decided")
    experiment.wait_for(lambda: not system.get("notifications", path)["waiting"], 60, "the day is told")
    ended = [
        delivery["recipient"] for delivery in system.get("notifications", "/api/deliveries", **query)["deliveries"]
    ]
    mails = Counter(item.to for item in mail.mails)
    assert len(mails) >= UNITS and set(mails.values()) == {1}, mails
    assert len(ended) == len(set(ended)), ended
    days = ledger.ask(system, "notifications", f"SELECT count(*) FROM log_events WHERE stream = 'day-{day}'")
    assert days == [(1,)], days
    twice = [
        id
        for id, receipts_of_event in experiment.current_load.receipts.items()
        if list(receipts_of_event.values()).count("refused") > 1
    ]
    assert not twice, f"refused twice: {twice}"
    experiment.note(f"{len(mails)} mails, one each; a day decided once; what waited refused once")
