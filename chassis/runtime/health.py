"""Status, health and metrics of one service: what operators, compose and Prometheus look at."""

import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from chassis.events.canonical_json import moment
from chassis.messaging import quarantine
from chassis.store import event_log
from chassis.store.schema import receipts, relays

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime

SLOW_SECONDS = 120


def status(runtime: "ServiceRuntime") -> dict[str, Any]:
    """Everything that is known of the service now; figures of the store are absent while it is away."""
    about: dict[str, Any] = {
        "service": runtime.service, "live": live(runtime), "ready": False, "settled": False,
        "broker": {"state": runtime.relay.state if runtime.relay.state == runtime.consumer.state else "away"},
        "store": {"kind": "postgresql" if runtime.store.postgresql else "sqlite", "state": "away"},
        "channels": {name: {"state": "on" if to else "off", "to": to} for name, to in runtime.channels.items()},
    }  # fmt: skip
    if not runtime.installed or not runtime.store.answers():
        return about
    about["store"]["state"] = "up"
    about.update(_stored(runtime))
    stopped = any(cursor["state"] == "stopped" for cursor in about["cursors"])
    about["ready"] = about["live"] and about["broker"]["state"] == "up" and not stopped
    idle = not (about["intake_pending"] or about["receipts_pending"] or runtime.consumer.in_hand)
    about["settled"] = idle and all(r["position"] == r["head"] for r in about["relay"]) and all(
        cursor["lag_events"] == 0 for cursor in about["cursors"])  # fmt: skip
    return about


def _stored(runtime: "ServiceRuntime") -> dict[str, Any]:
    with runtime.store.reading() as connection:
        heads = {head.partition: head.position for head in event_log.read_heads(connection)}
        relayed = {row.partition: row.position for row in connection.execute(sa.select(relays))}
        counted = quarantine.counts(connection)
        pending = connection.execute(sa.select(sa.func.count()).select_from(receipts)).scalar_one()
        cursors = [_cursor(runtime, runtime.inbox.cursor(connection, source, p))
                   for source in runtime.inbox.sources for p in range(runtime.settings.partitions)]  # fmt: skip
        more = {name: count(connection) for name, count in runtime.counters.items()}
    return {
        "epoch": runtime.store.epoch,
        "heads": [{"partition": p, "position": n} for p, n in heads.items()],
        "relay": [{"partition": p, "position": relayed[p], "head": n} for p, n in heads.items()],
        "cursors": cursors,
        "quarantine": counted["open"], "parked": counted["parked"],
        "receipts_pending": pending, "waiting": 0, "intake_pending": 0,
    } | more  # fmt: skip


def _cursor(runtime: "ServiceRuntime", cursor: Any) -> dict[str, Any]:
    seen = runtime.catch_up.seen.get((cursor.source, cursor.partition))
    head = max(seen.position if seen else 0, cursor.position)
    away = runtime.catch_up.away.get(cursor.source, "")
    behind = head - cursor.position
    seconds = 0.0
    if behind and seen and cursor.recorded_at:
        seconds = max(0.0, (moment(seen.now) - moment(cursor.recorded_at)).total_seconds())
    return {
        "source": cursor.source, "partition": cursor.partition, "position": cursor.position, "head": head,
        "lag_events": behind, "lag_seconds": round(seconds, 3), "recorded_at": cursor.recorded_at,
        "state": "stopped" if cursor.stopped else "away" if away else "running",
        "reason": cursor.stopped or away,
    }  # fmt: skip


def live(runtime: "ServiceRuntime") -> bool:
    """Every loop went round lately, or waits for something that is known to be away (hole 5: HTTP alone proves
    nothing)."""
    return all(time.monotonic() - at < SLOW_SECONDS for at in runtime.pulses.values())


def checks(runtime: "ServiceRuntime", about: dict[str, Any]) -> dict[str, Any]:
    """The body of /livez and /readyz (application/health+json in shape)."""
    return {
        "status": "pass" if about["ready"] else "fail",
        "checks": {
            "loops": {name: round(time.monotonic() - at, 1) for name, at in runtime.pulses.items()},
            "broker": about["broker"], "store": about["store"],
            "channels": {name: item["state"] for name, item in about["channels"].items()},
            "cursors": [{k: c[k] for k in ("source", "partition", "state", "lag_events", "reason")}
                        for c in about.get("cursors", [])],
        },
    }  # fmt: skip


def metrics(runtime: "ServiceRuntime") -> bytes:
    """Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(runtime))
    return bytes(generate_latest(registry))


class _Collector:
    def __init__(self, runtime: "ServiceRuntime") -> None:
        self._frame = runtime

    def collect(self) -> Any:
        about, service = status(self._frame), self._frame.service
        yield _one("qihang_ready", "1 when the service is ready", service, int(about["ready"]))
        yield _one("qihang_live", "1 while every loop goes round", service, int(about["live"]))
        for name in ("quarantine", "parked", "waiting", "intake_pending", "receipts_pending"):
            if name in about:
                yield _one(f"qihang_{name}", f"{name} messages or rows", service, about[name])
        heads = GaugeMetricFamily("qihang_log_position", "head of the log", labels=["service", "partition"])
        relayed = GaugeMetricFamily("qihang_relay_position", "published up to", labels=["service", "partition"])
        for row in about.get("relay", []):
            heads.add_metric([service, str(row["partition"])], row["head"])
            relayed.add_metric([service, str(row["partition"])], row["position"])
        where = ["service", "source", "partition"]
        lag = GaugeMetricFamily("qihang_lag_events", "events not yet applied", labels=where)
        seconds = GaugeMetricFamily("qihang_lag_seconds", "age of the oldest event not yet applied", labels=where)
        for row in about.get("cursors", []):
            place = [service, row["source"], str(row["partition"])]
            lag.add_metric(place, row["lag_events"])
            seconds.add_metric(place, row["lag_seconds"])
        yield from (heads, relayed, lag, seconds)


def _one(name: str, help_text: str, service: str, value: int) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=["service"])
    family.add_metric([service], value)
    return family
