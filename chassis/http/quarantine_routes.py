"""Routes of the quarantine: list, read, retry, discard with a reason."""

from typing import Any

from chassis.http import quarantine_schemas as schemas
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.messaging import quarantine
from chassis.process.problems import Problem

OPERATOR = ("operator",)


class QuarantineRoutes:
    """Mixin of every service class, part of the operator's routes."""

    runtime: Any

    @route("GET", "/api/quarantine", roles=OPERATOR, query=schemas.QuarantineQuery, response=schemas.QuarantineList)
    def quarantine_entries(self, request: RouteRequest) -> Any:
        """Entries of the quarantine (`state`: open, parked, retried, discarded), in pages."""
        asked = request.query
        with self.runtime.store.reading() as connection:
            entries = quarantine.list_entries(
                connection, asked["state"], asked["limit"] + 1, code=asked["code"], after=asked["after"]
            )
        return {"entries": entries[: asked["limit"]], "more": len(entries) > asked["limit"]}

    @route("GET", "/api/quarantine/groups", roles=OPERATOR, response=schemas.QuarantineGroups)
    def quarantine_groups(self, _: RouteRequest) -> Any:
        """The number of messages in quarantine, now and formerly, by reason, with the first and last instant."""
        with self.runtime.store.reading() as connection:
            return {"groups": quarantine.groups(connection)}

    @route("GET", "/api/quarantine/<int:entry>", roles=OPERATOR, response=schemas.QuarantineEntry)
    def quarantine_entry(self, _: RouteRequest, entry: int) -> Any:
        """One entry with the whole message."""
        with self.runtime.store.reading() as connection:
            row = quarantine.read_entry(connection, entry)
        if row is None:
            raise Problem(404, "unknown_entry", f"there is no entry {entry}")
        return row

    @route("POST", "/api/quarantine/retry", roles=OPERATOR, body=schemas.Retry, response=schemas.RetryOutcome)
    def retry(self, request: RouteRequest) -> Any:
        """Retry quarantined messages."""
        chosen: dict[str, Any] = request.json or {}
        if not chosen.get("all") and "ids" not in chosen and "code" not in chosen:
            raise Problem(422, "missing", "name ids, a code, or all", column="ids")
        return self.runtime.quarantine.retry(request.actor, request.correlation, chosen.get("ids"), chosen.get("code"))

    @route("POST", "/api/quarantine/<int:entry>/discard", roles=OPERATOR, body=schemas.Discard,
           response=schemas.DiscardOutcome)  # fmt: skip
    def discard(self, request: RouteRequest, entry: int) -> Any:
        """Discard a quarantined message, with a reason."""
        self.runtime.quarantine.discard(request.actor, request.correlation, entry, request.json["reason"])
        return {"discarded": 1}
