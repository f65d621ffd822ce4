"""The routes that every service has: health, metrics, feed, status, rebuild, verification; through its base classes
also quarantine, security log and signed heads."""

import hmac
from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Response

from chassis.events import envelope
from chassis.http import feed_schemas, openapi
from chassis.http import operator_schemas as schemas
from chassis.http.head_routes import HeadRoutes
from chassis.http.quarantine_routes import QuarantineRoutes
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.security_routes import SecurityRoutes
from chassis.process.peers import PeerUnavailable
from chassis.process.problems import Problem
from chassis.store import event_log
from chassis.store.log_verification import walk_part

OPERATOR = ("operator",)
INSIDE = ("service", "operator")


class OperatorRoutes(HeadRoutes, SecurityRoutes, QuarantineRoutes):
    """Mixin of every service class."""

    runtime: Any

    @route("GET", "/livez", public=True, response=schemas.LIVENESS)
    def livez(self, _: RouteRequest) -> Any:
        """Liveness: 200 while the process makes progress or waits for something known to be unavailable."""
        alive = self.runtime.health.live()
        return (200 if alive else 503), {"status": "pass" if alive else "fail"}

    @route("GET", "/readyz", public=True, response=schemas.READINESS)
    def readyz(self, _: RouteRequest) -> Any:
        """Readiness: whether the service can do its work: store, broker, loops, cursors."""
        status = self.runtime.health.status()
        return (200 if status["ready"] else 503), self.runtime.health.checks(status)

    @route("GET", "/metrics", public=True, response=schemas.METRICS, problems=(401,))
    def metrics(self, request: RouteRequest) -> Any:
        """Metrics in Prometheus text format; if QIHANG_SCRAPE_TOKEN is set, only with that token."""
        _check_scraper(request)
        return Response(self.runtime.health.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @route("GET", "/openapi.json", public=True, response=schemas.OPENAPI, problems=(401,))
    def openapi(self, request: RouteRequest) -> Any:
        """This service's routes as OpenAPI 3.1; if QIHANG_SCRAPE_TOKEN is set, only with that token."""
        _check_scraper(request)
        return openapi.document(self.runtime.service, type(self))

    @route("GET", "/api/status", roles=INSIDE, response=schemas.Status)
    def status(self, _: RouteRequest) -> Any:
        """Positions, lag, quarantine, pending reports, broker, store."""
        return self.runtime.health.status()

    @route("GET", "/feed", roles=INSIDE, response=feed_schemas.FeedHeads)
    def feed_heads(self, _: RouteRequest) -> Any:
        """The head of every partition of the log, and this service's clock before it read them."""
        now = self.runtime.now()
        with self.runtime.store.reading() as connection:
            heads = event_log.read_heads(connection)
        return {
            "source": self.runtime.service, "epoch": self.runtime.store.epoch, "now": now,
            "partitions": [{"partition": h.partition, "position": str(h.position), "hash": h.hash,
                            "recorded_at": h.recorded_at} for h in heads],
        }  # fmt: skip

    @route("GET", "/feed/<int:partition>", roles=INSIDE, query=feed_schemas.FeedQuery, response=feed_schemas.FeedPage)
    def feed(self, request: RouteRequest, partition: int) -> Any:
        """The events of a partition after a position, as they are published: `after`, `limit`."""
        after, limit = request.query["after"], request.query["limit"]
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

    @route(
        "GET", "/api/verify", roles=INSIDE, query=schemas.VerifyQuery, response=schemas.VerifiedPart, problems=(404,)
    )
    def verify(self, request: RouteRequest) -> Any:
        """Verify a part of the hash chain: `partition`, `after`, `hash` (of the event at `after`), `limit`."""
        partition, after = request.query["partition"], request.query["after"]
        with self.runtime.store.reading() as connection:
            part = walk_part(connection, partition, after, request.query["hash"], request.query["limit"])
        if part is None:
            raise Problem(404, "unknown_partition", "there is no such partition")
        return {"partition": partition, **asdict(part)}

    @route("POST", "/api/verify/log", roles=OPERATOR, response={202: schemas.VerifiedLog})
    def begin_log_verification(self, _: RouteRequest) -> Any:
        """Start verifying all hash chains and comparing all inboxes with their sources, in the background."""
        self.runtime.log_verification.begin()
        return 202, self.runtime.log_verification.progress.as_json()

    @route("GET", "/api/verify/log", roles=OPERATOR, response=schemas.VerifiedLog)
    def log_verification(self, _: RouteRequest) -> Any:
        """Progress or result of that verification, and what is broken; `idle`: none has been started."""
        return self.runtime.log_verification.progress.as_json()

    @route("GET", "/api/verify/inbox", roles=INSIDE, query=schemas.VerifyInboxQuery,
           response=schemas.ComparedInboxPart, problems=(404,))  # fmt: skip
    def verify_inbox(self, request: RouteRequest) -> Any:
        """Compare a part of the inbox with the feed of its source: `source`, `partition`, `after`."""
        source, partition = request.query["source"], request.query["partition"]
        if source not in self.runtime.inbox.sources or partition >= self.runtime.store.partitions:
            raise Problem(404, "unknown_partition", "there is no such source or partition")
        try:
            part = self.runtime.inbox_verification.compare(source, partition, request.query["after"])
        except PeerUnavailable as error:
            raise Problem(503, "source_away", f"{source} does not answer: {error}; try again") from error
        return {"source": source, "partition": partition, **part._asdict()}

    @route("POST", "/api/verify/rows", roles=INSIDE, response={202: schemas.ComparedRows})
    def verify_rows(self, _: RouteRequest) -> Any:
        """Start comparing the read models with a rebuild that is discarded afterwards."""
        self.runtime.row_verification.begin()
        return 202, _comparison(self.runtime.row_verification)

    @route("GET", "/api/verify/rows", roles=INSIDE, response=schemas.ComparedRows)
    def compared_rows(self, _: RouteRequest) -> Any:
        """Progress or result of the comparison of read models, and the differences."""
        return _comparison(self.runtime.row_verification)

    @route("POST", "/api/rebuild", roles=OPERATOR, response={202: schemas.RebuildProgress})
    def rebuild(self, _: RouteRequest) -> Any:
        """Start rebuilding the projections into shadow tables, which then replace the live ones."""
        return 202, _progress(self.runtime.rebuild.begin())

    @route("GET", "/api/rebuild", roles=OPERATOR, response=schemas.RebuildProgress)
    def rebuild_progress(self, _: RouteRequest) -> Any:
        """Progress of the rebuild."""
        return _progress(self.runtime.rebuild.progress)


def _check_scraper(request: RouteRequest) -> None:
    token = request.runtime.settings.scrape_token
    given = request.http_request.headers.get("Authorization", "")
    if token and not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
        raise Problem(401, "no_token", "send `Authorization: Bearer ` and QIHANG_SCRAPE_TOKEN")


def _progress(progress: Any) -> dict[str, Any]:
    result: dict[str, Any] = progress.as_json()
    return result


def _comparison(verification: Any) -> dict[str, Any]:
    comparison = verification.comparison
    return _progress(verification.progress) | {
        "tables": comparison.tables, "rows": comparison.rows, "different": comparison.different,
        "differences": [asdict(item) for item in comparison.differences],
    }  # fmt: skip
