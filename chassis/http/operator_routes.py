"""The routes that every service has: health, metrics, feed, status, quarantine, rebuild, verify."""

from typing import Any

import marshmallow
from marshmallow import fields
from werkzeug.wrappers import Response

from chassis.events import envelope
from chassis.http import openapi
from chassis.http.routes import Call, route
from chassis.messaging import quarantine
from chassis.process.problems import Problem
from chassis.store import event_log
from chassis.store.rebuild import Progress

OPERATOR = ("operator",)
INSIDE = ("service", "operator")


class Retry(marshmallow.Schema):
    """Which quarantined messages to try again: these ids, all of a code, or all."""

    ids = fields.List(fields.Integer(strict=True))
    code = fields.String()
    all = fields.Boolean()


class Discard(marshmallow.Schema):
    """Why a quarantined message is given up."""

    reason = fields.String(required=True)


class OperatorRoutes:
    """Mixed into every service class."""

    runtime: Any

    @route("GET", "/livez", public=True)
    def livez(self, _: Call) -> Any:
        """Whether the process makes progress, or waits for something that it knows to be away."""
        alive = self.runtime.health.live()
        return (200 if alive else 503), {"status": "pass" if alive else "fail"}

    @route("GET", "/readyz", public=True)
    def readyz(self, _: Call) -> Any:
        """Whether the service can do its work: store, broker, loops, cursors."""
        status = self.runtime.health.status()
        return (200 if status["ready"] else 503), self.runtime.health.checks(status)

    @route("GET", "/metrics", public=True)
    def metrics(self, _: Call) -> Any:
        """Prometheus text."""
        return Response(self.runtime.health.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @route("GET", "/openapi.json", public=True)
    def openapi(self, _: Call) -> Any:
        """This service's routes as OpenAPI 3.1."""
        return openapi.described(self.runtime.service, type(self))

    @route("GET", "/api/status", roles=INSIDE)
    def status(self, _: Call) -> Any:
        """Positions, lag, quarantine, waiting, broker, store."""
        return self.runtime.health.status()

    @route("GET", "/feed", roles=INSIDE)
    def feed_heads(self, _: Call) -> Any:
        """The head of every partition of the log, and this service's clock before it looked."""
        now = self.runtime.now()
        with self.runtime.store.reading() as connection:
            heads = event_log.read_heads(connection)
        return {
            "source": self.runtime.service, "epoch": self.runtime.store.epoch, "now": now,
            "partitions": [{"partition": h.partition, "position": str(h.position), "hash": h.hash,
                            "recorded_at": h.recorded_at} for h in heads],
        }  # fmt: skip

    @route("GET", "/feed/<int:partition>", roles=INSIDE)
    def feed(self, call: Call, partition: int) -> Any:
        """The log past a position, as it is published: `after`, `limit`."""
        after, limit = call.number("after", 0, 2**62), call.number("limit", 500, 2000)
        with self.runtime.store.reading() as connection:
            heads = {h.partition: h.position for h in event_log.read_heads(connection)}
            if partition not in heads:
                raise Problem(404, "unknown_partition", f"there are partitions 0 to {len(heads) - 1}")
            before = event_log.read(connection, partition, after - 1, 1) if after else []
            page = event_log.read(connection, partition, after, limit)
        texts = envelope.encode(
            self.runtime.settings.district, self.runtime.service, before[0].hash if before else "", page
        )
        head = f'{{"source":"{self.runtime.service}","epoch":"{self.runtime.store.epoch}","partition":{partition},'
        body = f'{head}"head":"{heads[partition]}","events":[{",".join(texts)}]}}'
        return Response(body, content_type="application/json")

    @route("GET", "/api/verify", roles=INSIDE)
    def verify(self, call: Call) -> Any:
        """Walk a part of the hash chain: `partition`, `after`, `hash` (of the event at `after`), `limit`."""
        partition, after = call.number("partition", 0, 2**31), call.number("after", 0, 2**62)
        with self.runtime.store.reading() as connection:
            head = {h.partition: h for h in event_log.read_heads(connection)}.get(partition)
            if head is None:
                raise Problem(404, "unknown_partition", "there is no such partition")
            walk = event_log.verify(
                connection, partition, after, call.args.get("hash", ""), call.number("limit", 2000, 5000)
            )
        broken, detail = walk.broken, walk.detail
        ended = walk.checked == 0 or walk.position == head.position
        if broken is None and ended and (walk.position, walk.hash) != (head.position, head.hash):
            broken, detail = walk.position + 1, f"the log ends at {walk.position}, its head says {head.position}"
        return {"partition": partition, "checked": walk.checked, "position": walk.position, "hash": walk.hash,
                "head": head.position, "broken": broken, "detail": detail}  # fmt: skip

    @route("POST", "/api/rebuild", roles=OPERATOR)
    def rebuild(self, _: Call) -> Any:
        """Begin to rebuild the projections beside the live ones."""
        return 202, _progress(self.runtime.rebuild.begin())

    @route("GET", "/api/rebuild", roles=OPERATOR)
    def rebuild_progress(self, _: Call) -> Any:
        """How far the rebuild is."""
        return _progress(self.runtime.rebuild.progress)

    @route("GET", "/api/quarantine", roles=OPERATOR)
    def quarantine_entries(self, call: Call) -> Any:
        """The quarantine (`state`: open, parked, retried, discarded)."""
        with self.runtime.store.reading() as connection:
            return {"entries": quarantine.list_entries(connection, call.args.get("state"))}

    @route("GET", "/api/quarantine/<int:entry>", roles=OPERATOR)
    def quarantine_entry(self, _: Call, entry: int) -> Any:
        """One entry, whole."""
        with self.runtime.store.reading() as connection:
            found = quarantine.read_entry(connection, entry)
        if found is None:
            raise Problem(404, "unknown_entry", f"there is no entry {entry}")
        return found

    @route("POST", "/api/quarantine/retry", roles=OPERATOR, body=Retry)
    def retry(self, call: Call) -> Any:
        """Try quarantined messages again."""
        chosen: dict[str, Any] = call.json or {}
        if not chosen.get("all") and "ids" not in chosen and "code" not in chosen:
            raise Problem(422, "missing", "name ids, a code, or all", column="ids")
        return self.runtime.quarantine.retry(call.actor, call.correlation, chosen.get("ids"), chosen.get("code"))

    @route("POST", "/api/quarantine/<int:entry>/discard", roles=OPERATOR, body=Discard)
    def discard(self, call: Call, entry: int) -> Any:
        """Give a quarantined message up, with a reason."""
        self.runtime.quarantine.discard(call.actor, call.correlation, entry, call.json["reason"])
        return {"discarded": 1}


def _progress(progress: Progress) -> dict[str, Any]:
    return {"state": progress.state, "events": progress.events, "total": progress.total,
            "seconds": f"{progress.seconds:.3f}", "detail": progress.detail}  # fmt: skip
