"""Faults of time: started in the wrong order, programs of two versions, wrong clocks, stores from the past."""
# ruff: noqa: S608 - run names are our own

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from tests.faults import ledger
from tests.faults.experiment import Experiment, fault
from tests.faults.systems import FaultySystem
from tests.support.system import ROOT, SERVICES


@fault("11a", "broker absent when the services start")
def no_broker(experiment: Experiment) -> None:
    system = experiment.district
    for service in SERVICES:
        system.processes[service].stop()
    system.rabbitmq.stop()
    system.start(*SERVICES, wait=False)
    experiment.wait_for(lambda: all(system.answers(item, "/livez") for item in SERVICES), 30, "HTTP without a broker")
    experiment.start_load()
    experiment.sent(0.4)  # at the HTTP route, which has half of it
    system.rabbitmq.resume_after_stop()
    system.ready()


@fault("11b", "store absent when the services start")
def no_store(experiment: Experiment) -> None:
    system = experiment.district
    for service in SERVICES:
        system.processes[service].stop()
    system.postgres.stop()
    system.start(*SERVICES, wait=False)
    experiment.wait_for(lambda: all(system.answers(item, "/livez") for item in SERVICES), 30, "HTTP without a store")
    experiment.start_load()
    experiment.sent(0.5)
    system.postgres.resume_after_stop()
    system.ready()


@fault("12", "old events of every version on disk and on the wire: two upgrades, one consumer forgotten",
       where="district own")  # fmt: skip
def upgrade(experiment: Experiment) -> None:
    """Older programs wrote versions 0.1 and 0.2; notifications was not told of them, and learns them last."""
    system = experiment.district
    system.restart("participation", "assessment", "publicity", patch="older_versions=writes")
    system.restart("notifications", patch="older_versions=neither")
    experiment.start_load()
    experiment.sent(0.5)
    system.restart("participation", "assessment", "publicity", patch="older_versions=reads")
    experiment.sent(1.0)
    subscribed = "', '".join(
        ledger.LOGGED[kind] for kind in ledger.LOGGED if ledger.is_subscribed("notifications", kind)
    )
    counted = ("SELECT substr(type, length(type) - 3), count(*) FROM log_events WHERE type LIKE '%.v0._' AND "
               f"substr(type, 15, length(type) - 19) IN ('{subscribed}') GROUP BY 1")  # fmt: skip
    aside = "SELECT count(*) FROM quarantine WHERE code = 'unknown_version' AND state = 'open'"
    experiment.wait_for(experiment.is_settled, 60, "at rest, older versions aside")
    old = dict(ledger.ask(system, "participation", counted))
    assert set(old) == {"v0.1", "v0.2"}, old
    assert ledger.ask(system, "notifications", aside) == [(sum(old.values()),)], old
    system.restart("notifications", patch="older_versions=reads")
    experiment.wait_for(
        lambda: ledger.ask(system, "notifications", aside)[0][0] == 0, 30, "tried again after the upgrade"
    )
    experiment.note(f"{old['v0.1']} of version 0.1, {old['v0.2']} of 0.2; at notifications first quarantined as "
               "unknown_version, then taken in by itself")  # fmt: skip


@fault("13", "clock stepped back three days, forward eight, then 395", where="district closed own")
def clock(experiment: Experiment) -> None:
    system = experiment.district
    hands = system.data / "clock"

    def show(moment: datetime) -> None:
        fresh = hands.with_suffix(".new")
        fresh.write_text(moment.isoformat())
        fresh.replace(hands)

    now = datetime.now(UTC)
    show(now)
    system.settings["QIHANG_REHEARSAL_CLOCK"] = str(hands)
    system.open()
    experiment.start_load()
    experiment.sent(0.3)
    show(now - timedelta(days=3))
    experiment.sent(0.6)
    show(now + timedelta(days=5))
    experiment.sent(1.0)
    experiment.wait_for(experiment.is_settled, 60, "at rest before the great step")
    show(now + timedelta(days=400))
    query = f"SELECT count(*) FROM intake_pending_reports WHERE id LIKE '{experiment.run}-%'"
    experiment.wait_for(lambda: ledger.ask(system, "participation", query)[0][0] == 0, 70, "patience runs out")
    experiment.also_valid["waiting"] = "refused"
    experiment.note("what waited is refused after its seven days; recorded_at never runs back")


def word(system: FaultySystem, service: str, *words: str) -> str:
    """`python -m chassis.recovery.restore`, said in the service's own environment."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "chassis.recovery.restore", words[0], service, *words[1:]],
        cwd=ROOT,
        env={**os.environ, **system._environment_of(service)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def stopped(system: FaultySystem, source: str) -> list[str]:
    """The services that are subscribed to that source and stopped."""
    query = f"SELECT stopped FROM inbox_cursors WHERE source = '{source}' AND stopped <> ''"
    return [service for service in SERVICES if service != source and ledger.ask(system, service, query)]


def restored(experiment: Experiment, service: str) -> None:
    """A service's database as it was half way, its log in a new epoch; every number has been told before."""
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.5)
    backup = system.data / f"{service}.dump"
    system.postgres.dump(system.databases[service], backup)
    experiment.sent(1.0)
    assert experiment.load is not None
    experiment.wait_for(experiment.is_settled, 60, "at rest before the disaster")
    system.processes[service].stop()
    system.postgres.restore(system.databases[service], backup)
    word(system, service, "begin-epoch")
    system.start(service, wait=False)


def diverged(experiment: Experiment, source: str) -> None:
    """Those that remember what the source lost stop, say so, and go on when the operator says it."""
    system = experiment.district
    experiment.wait_for(lambda: system.answers(source), 30, f"{source} answers")
    query = "SELECT count(*) FROM inbox_cursors WHERE source = '{}' AND position > 0"
    subscribers = [item for item in SERVICES if item != source and ledger.ask(system, item, query.format(source))[0][0]]
    experiment.wait_for(lambda: stopped(system, source) == subscribers, 40, f"{subscribers} stop")
    for service in subscribers:
        assert not system.answers(service), f"{service} says that it is ready"
        system.processes[service].stop()
        experiment.note(word(system, service, "replay-from", source).strip())
        system.start(service)


@fault("14a", "a producer restored from an older backup: participation")
def producer_restored(experiment: Experiment) -> None:
    restored(experiment, "participation")
    diverged(experiment, "participation")
    assert experiment.load is not None
    experiment.load.receipts.clear()  # the operator asks the outside systems for everything since the backup
    experiment.load.closed.clear()


@fault("14b", "a service that subscribes and publishes, restored from an older backup: assessment")
def middle_restored(experiment: Experiment) -> None:
    restored(experiment, "assessment")
    statement = "SELECT 1 FROM inbox_cursors WHERE source = 'assessment' AND position > 0"
    if any(ledger.ask(experiment.system, service, statement) for service in SERVICES):
        diverged(experiment, "assessment")


@fault("15", "consumers restored from an older backup: publicity, notifications")
def consumers_restored(experiment: Experiment) -> None:
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.5)
    for service in ("publicity", "notifications"):
        system.postgres.dump(system.databases[service], system.data / f"{service}.dump")
    experiment.sent(1.0)
    experiment.wait_for(experiment.is_settled, 60, "at rest before the disaster")
    for service in ("publicity", "notifications"):
        system.processes[service].stop()
        system.postgres.restore(system.databases[service], system.data / f"{service}.dump")
        word(system, service, "begin-epoch")
    began = time.monotonic()
    system.start("publicity", "notifications")
    experiment.wait_for(experiment.is_settled, 60, "caught up")
    experiment.note(f"caught up by the feed in {time.monotonic() - began:.0f} s, start included")


@fault("16", "a handler that fails on one event in twelve")
def poison(experiment: Experiment) -> None:
    """Not of the issue: the fourth end of the ledger, in a service.  They stand aside, and go through once repaired."""
    system = experiment.district
    system.restart("assessment", patch=f'poison="{experiment.run}-r1')
    experiment.start_load()
    experiment.sent(1.0)
    query = f"SELECT count(*) FROM quarantine WHERE stream LIKE 'record-{experiment.run}-%' AND state = 'open'"
    experiment.wait_for(lambda: ledger.ask(system, "assessment", query)[0][0], 30, "something stands in quarantine")
    experiment.wait_for(experiment.is_settled, 60, "at rest with quarantine")
    aside = ledger.ask(system, "assessment", query)[0][0]
    system.restart("assessment")
    status, answer = system.ask("POST", "assessment", "/api/quarantine/retry", {"code": "handler_failed"})
    assert status == 200 and answer == {"retried": aside, "still": 0}, answer
    experiment.note(f"{aside} stood in quarantine as handler_failed, the others went by; all retried after the repair")
