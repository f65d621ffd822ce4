"""Status, health and metrics of one service, for operators, compose and Prometheus."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from chassis.messaging import quarantine
from chassis.messaging.catch_up import CatchUp
from chassis.messaging.consumer import Consumer
from chassis.messaging.inbox import Cursor, Inbox
from chassis.messaging.relay import Relay
from chassis.process.loop_monitor import LoopMonitor
from chassis.runtime.write_probe import WriteProbe
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.schema import receipts, relays
from chassis.store.write_health import NO_CONNECTION

STALLED_SECONDS = 120
OF_EVERY_SERVICE = ("quarantine", "parked", "waiting", "intake_pending", "receipts_pending")
Counter = Callable[[Connection, datetime], int]
"""A figure of a service's status, from its store and the current time."""
ChannelStates = Callable[[Connection, datetime], Mapping[str, str]]
"""`open` or `half_open` for each channel that takes no messages now."""


class Metric(NamedTuple):
    """A figure with labels, for Prometheus."""

    name: str
    about: str
    labels: Mapping[str, str]
    value: int


Metrics = Callable[[Connection, datetime], Iterable[Metric]]


class Health:
    """Reads the state of a service; changes nothing."""

    def __init__(
        self, service: str, store: Store, clock: Callable[[], datetime], monitor: LoopMonitor, relay: Relay,
        consumer: Consumer, inbox: Inbox, catch_up: CatchUp, write_probe: WriteProbe, counters: Mapping[str, Counter],
        channels: Mapping[str, str], channel_states: ChannelStates, metrics: Metrics = lambda *_: (),
    ) -> None:  # fmt: skip
        self._metrics = metrics
        self.service, self._store, self._clock, self._monitor = service, store, clock, monitor
        self._relay, self._consumer, self._inbox, self._catch_up = relay, consumer, inbox, catch_up
        self._write_probe, self._counters, self.channels = write_probe, counters, channels
        self._channel_states = channel_states

    @property
    def figures(self) -> list[str]:
        """The names of the figures that only this service has."""
        return [name for name in self._counters if name not in OF_EVERY_SERVICE]

    def status(self) -> dict[str, Any]:
        """The state of the service now; figures from the store are absent while it is unavailable."""
        result: dict[str, Any] = {
            "service": self.service, "live": self.live(), "ready": False, "settled": False, "reasons": [],
            "broker": self._broker(), "store": self._store_state(),
            "channels": {name: {"state": "on" if to else "off", "to": to} for name, to in self.channels.items()},
        }  # fmt: skip
        if result["store"]["state"] == "up":
            result.update(self._store_figures())
            for name, state in result.pop("channel_states").items():
                if self.channels.get(name):
                    result["channels"][name]["state"] = state
        result["reasons"] = reasons(result)
        result["ready"] = not result["reasons"]
        if result["store"]["state"] != "up":
            return result
        idle = not (result["intake_pending"] or result["receipts_pending"] or self._consumer.in_hand)
        result["settled"] = idle and all(r["position"] == r["head"] for r in result["relay"]) and all(
            cursor["lag_events"] == 0 for cursor in result["cursors"])  # fmt: skip
        return result

    def _broker(self) -> dict[str, Any]:
        state = self._relay.state if self._relay.state == self._consumer.state else "away"
        return {"state": state, "alarm": self._relay.alarm}

    def _store_state(self) -> dict[str, Any]:
        up, fault = self._store.installed and self._store.is_reachable(), self._write_probe.fault
        return {
            "kind": "postgresql" if self._store.postgresql else "sqlite", "state": "up" if up else "away",
            "fault": "" if fault is None else fault.word, "detail": "" if fault is None else fault.detail,
        }  # fmt: skip

    def _store_figures(self) -> dict[str, Any]:
        now = self._clock()
        with self._store.reading() as connection:
            heads = {head.partition: head.position for head in event_log.read_heads(connection)}
            relayed = {row.partition: row.position for row in connection.execute(sa.select(relays))}
            quarantined = quarantine.counts(connection)
            receipts_pending = connection.execute(sa.select(sa.func.count()).select_from(receipts)).scalar_one()
            cursors = [self._cursor(self._inbox.cursor(connection, source, partition))
                       for source in self._inbox.sources for partition in range(self._store.partitions)]  # fmt: skip
            channel_states = self._channel_states(connection, now)
            counted = {"waiting": 0, "intake_pending": 0}
            counted |= {name: count(connection, now) for name, count in self._counters.items()}
        counted["intake_pending"] += self._consumer.measured_depth
        return {
            "epoch": self._store.epoch,
            "heads": [{"partition": p, "position": n} for p, n in heads.items()],
            "relay": [{"partition": p, "position": relayed[p], "head": n} for p, n in heads.items()],
            "cursors": cursors,
            "quarantine": quarantined["open"], "parked": quarantined["parked"],
            "receipts_pending": receipts_pending, "channel_states": channel_states,
        } | counted  # fmt: skip

    def _cursor(self, cursor: Cursor) -> dict[str, Any]:
        seen = self._catch_up.seen.get((cursor.source, cursor.partition))
        head = max(seen.position if seen else 0, cursor.position)
        unavailable = self._catch_up.unavailable.get(cursor.source, "")
        behind = head - cursor.position
        seconds = 0.0
        if behind and seen and cursor.recorded_at:
            seconds = max(0.0, (moment(seen.now) - moment(cursor.recorded_at)).total_seconds())
        return {
            "source": cursor.source, "partition": cursor.partition, "position": cursor.position, "head": head,
            "lag_events": behind, "lag_seconds": round(seconds, 3), "recorded_at": cursor.recorded_at,
            "state": "stopped" if cursor.stopped else "away" if unavailable else "running",
            "reason": cursor.stopped or unavailable,
        }  # fmt: skip

    def live(self) -> bool:
        """Whether every loop made progress lately or waits for something known to be unavailable.  That HTTP answers
        proves nothing about the loops (hole 5)."""
        return not self._monitor.stalled(STALLED_SECONDS)

    def checks(self, status: dict[str, Any]) -> dict[str, Any]:
        """The body of /livez and /readyz (in the shape of application/health+json), from a `status`."""
        return {
            "status": "pass" if status["ready"] else "fail", "reasons": status["reasons"],
            "checks": {
                "loops": {name: round(age, 1) for name, age in self._monitor.ages().items()},
                "broker": status["broker"], "store": status["store"],
                "channels": {name: item["state"] for name, item in status["channels"].items()},
                "cursors": [{k: c[k] for k in ("source", "partition", "state", "lag_events", "reason")}
                            for c in status.get("cursors", [])],
            },
        }  # fmt: skip

    def further_metrics(self) -> list[Metric]:
        """The metrics of this service alone; empty while the store is unavailable."""
        if self._store_state()["state"] != "up":
            return []
        with self._store.reading() as connection:
            return list(self._metrics(connection, self._clock()))

    def metrics(self) -> bytes:
        """The metrics in Prometheus text format."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self))
        return bytes(generate_latest(registry))


def reasons(status: Mapping[str, Any]) -> list[str]:
    """The reasons why a service is not ready, as codes explained in docs/operations.md; empty if it is ready."""
    store, broker = status["store"], status["broker"]
    result = [] if status["live"] else ["stalled"]
    if store["state"] != "up":
        result.append(NO_CONNECTION)
    if store["fault"] and store["fault"] not in result:
        result.append(store["fault"])
    if broker["alarm"]:
        result.append(f"broker_{broker['alarm']}")
    elif broker["state"] != "up":
        result.append("broker_away")
    if any(cursor["state"] == "stopped" for cursor in status.get("cursors", ())):
        result.append("partition_stopped")
    return result


class _Collector:
    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Any:
        status, service = self._health.status(), self._health.service
        yield _gauge("qihang_ready", "1 when the service is ready", service, int(status["ready"]))
        yield _gauge("qihang_writable", "1 while writing works", service, int(not status["store"]["fault"]))
        yield _gauge("qihang_live", "1 while every loop makes progress", service, int(status["live"]))
        for name in OF_EVERY_SERVICE:
            if name in status:
                yield _gauge(f"qihang_{name}", f"{name} messages or rows", service, status[name])
        for name in self._health.figures:
            if name in status:
                yield _gauge(f"qihang_{name}", f"{name}, a figure of this service", service, status[name])
        channels = GaugeMetricFamily(
            "qihang_channel_open", "1 while a channel takes nothing", labels=["service", "channel"]
        )
        for name, channel in status["channels"].items():
            channels.add_metric([service, name], int(channel["state"] in ("open", "half_open")))
        yield channels
        heads = GaugeMetricFamily("qihang_log_position", "head of the log", labels=["service", "partition"])
        relayed = GaugeMetricFamily("qihang_relay_position", "published up to", labels=["service", "partition"])
        for row in status.get("relay", []):
            heads.add_metric([service, str(row["partition"])], row["head"])
            relayed.add_metric([service, str(row["partition"])], row["position"])
        labels = ["service", "source", "partition"]
        lag = GaugeMetricFamily("qihang_lag_events", "events not yet applied", labels=labels)
        seconds = GaugeMetricFamily("qihang_lag_seconds", "age of the oldest event not yet applied", labels=labels)
        for row in status.get("cursors", []):
            values = [service, row["source"], str(row["partition"])]
            lag.add_metric(values, row["lag_events"])
            seconds.add_metric(values, row["lag_seconds"])
        yield from (heads, relayed, lag, seconds)
        families: dict[str, GaugeMetricFamily] = {}
        for metric in self._health.further_metrics():
            family = families.setdefault(
                metric.name, GaugeMetricFamily(metric.name, metric.about, labels=["service", *metric.labels])
            )
            family.add_metric([service, *metric.labels.values()], metric.value)
        yield from families.values()


def _gauge(name: str, help_text: str, service: str, value: int) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=["service"])
    family.add_metric([service], value)
    return family
