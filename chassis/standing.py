"""The doors that every service has: health, metrics, feed, status, quarantine, rebuild, verify."""

from typing import Any

import marshmallow
from marshmallow import fields
from werkzeug.wrappers import Response

from chassis import health, log, openapi, quarantine, retrying, wire
from chassis.doors import Call, door
from chassis.problems import Problem
from chassis.rebuilding import Rebuild

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


class StandingDoors:
    """Mixed into every service class."""

    frame: Any

    @door("GET", "/livez", public=True)
    def livez(self, _: Call) -> Any:
        """Whether the process makes progress, or waits for something that it knows to be away."""
        alive = health.live(self.frame)
        return (200 if alive else 503), {"status": "pass" if alive else "fail"}

    @door("GET", "/readyz", public=True)
    def readyz(self, _: Call) -> Any:
        """Whether the service can do its work: store, broker, loops, cursors."""
        about = health.status(self.frame)
        return (200 if about["ready"] else 503), health.checks(self.frame, about)

    @door("GET", "/metrics", public=True)
    def metrics(self, _: Call) -> Any:
        """Prometheus text."""
        return Response(health.metrics(self.frame), content_type="text/plain; version=0.0.4; charset=utf-8")

    @door("GET", "/openapi.json", public=True)
    def openapi(self, _: Call) -> Any:
        """This service's doors as OpenAPI 3.1."""
        return openapi.described(self.frame.service, type(self))

    @door("GET", "/api/status", roles=INSIDE)
    def status(self, _: Call) -> Any:
        """Positions, lag, quarantine, waiting, broker, store."""
        return health.status(self.frame)

    @door("GET", "/feed", roles=INSIDE)
    def feed_heads(self, _: Call) -> Any:
        """The head of every partition of the log, and this service's clock before it looked."""
        now = self.frame.now()
        with self.frame.store.reading() as connection:
            heads = log.look(connection)
        return {
            "source": self.frame.service, "epoch": self.frame.store.epoch, "now": now,
            "partitions": [{"partition": h.partition, "position": str(h.position), "hash": h.hash,
                            "recorded_at": h.recorded_at} for h in heads],
        }  # fmt: skip

    @door("GET", "/feed/<int:partition>", roles=INSIDE)
    def feed(self, call: Call, partition: int) -> Any:
        """The log past a position, as it is published: `after`, `limit`."""
        after, limit = call.number("after", 0, 2**62), call.number("limit", 500, 2000)
        with self.frame.store.reading() as connection:
            heads = {h.partition: h.position for h in log.look(connection)}
            if partition not in heads:
                raise Problem(404, "unknown_partition", f"there are partitions 0 to {len(heads) - 1}")
            before = log.read(connection, partition, after - 1, 1) if after else []
            page = log.read(connection, partition, after, limit)
        texts = wire.encode(self.frame.settings.district, self.frame.service, before[0].hash if before else "", page)
        head = f'{{"source":"{self.frame.service}","epoch":"{self.frame.store.epoch}","partition":{partition},'
        body = f'{head}"head":"{heads[partition]}","events":[{",".join(texts)}]}}'
        return Response(body, content_type="application/json")

    @door("GET", "/api/verify", roles=INSIDE)
    def verify(self, call: Call) -> Any:
        """Walk a part of the hash chain: `partition`, `after`, `hash` (of the event at `after`), `limit`."""
        partition, after = call.number("partition", 0, 2**31), call.number("after", 0, 2**62)
        with self.frame.store.reading() as connection:
            head = {h.partition: h for h in log.look(connection)}.get(partition)
            if head is None:
                raise Problem(404, "unknown_partition", "there is no such partition")
            walk = log.verify(connection, partition, after, call.args.get("hash", ""), call.number("limit", 2000, 5000))
        broken, detail = walk.broken, walk.detail
        ended = walk.checked == 0 or walk.position == head.position
        if broken is None and ended and (walk.position, walk.hash) != (head.position, head.hash):
            broken, detail = walk.position + 1, f"the log ends at {walk.position}, its head says {head.position}"
        return {"partition": partition, "checked": walk.checked, "position": walk.position, "hash": walk.hash,
                "head": head.position, "broken": broken, "detail": detail}  # fmt: skip

    @door("POST", "/api/rebuild", roles=OPERATOR)
    def rebuild(self, _: Call) -> Any:
        """Begin to rebuild the rows beside the live ones."""
        return 202, _progress(self._rebuilding().begin())

    @door("GET", "/api/rebuild", roles=OPERATOR)
    def rebuild_progress(self, _: Call) -> Any:
        """How far the rebuild is."""
        return _progress(self._rebuilding().progress)

    def _rebuilding(self) -> Rebuild:
        if not hasattr(self.frame, "rebuilding"):
            self.frame.rebuilding = Rebuild(self.frame)
        return self.frame.rebuilding  # type: ignore[no-any-return]

    @door("GET", "/api/quarantine", roles=OPERATOR)
    def quarantined(self, call: Call) -> Any:
        """What stands in quarantine (`state`: open, parked, retried, discarded)."""
        with self.frame.store.reading() as connection:
            return {"entries": quarantine.listed(connection, call.args.get("state"))}

    @door("GET", "/api/quarantine/<int:entry>", roles=OPERATOR)
    def quarantined_one(self, _: Call, entry: int) -> Any:
        """One entry, whole."""
        with self.frame.store.reading() as connection:
            found = quarantine.shown(connection, entry)
        if found is None:
            raise Problem(404, "unknown_entry", f"nothing stands under {entry}")
        return found

    @door("POST", "/api/quarantine/retry", roles=OPERATOR, body=Retry)
    def retry(self, call: Call) -> Any:
        """Try quarantined messages again."""
        chosen: dict[str, Any] = call.json or {}
        if not chosen.get("all") and "ids" not in chosen and "code" not in chosen:
            raise Problem(422, "missing", "name ids, a code, or all", column="ids")
        return retrying.retry(self.frame, call.actor, call.correlation, chosen.get("ids"), chosen.get("code"))

    @door("POST", "/api/quarantine/<int:entry>/discard", roles=OPERATOR, body=Discard)
    def discard(self, call: Call, entry: int) -> Any:
        """Give a quarantined message up, with a reason."""
        retrying.discard(self.frame, call.actor, call.correlation, entry, call.json["reason"])
        return {"discarded": 1}


def _progress(progress: Any) -> dict[str, Any]:
    return {"state": progress.state, "events": progress.events, "total": progress.total,
            "seconds": f"{progress.seconds:.3f}", "detail": progress.detail}  # fmt: skip


