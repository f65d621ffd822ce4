"""The routes of the quarantine: what stands aside, by reason and whole; retried, or given up with a reason."""

from typing import Any

from chassis.http import quarantine_schemas as schemas
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.messaging import quarantine
from chassis.process.problems import Problem

OPERATOR = ("operator",)


class QuarantineRoutes:
    """Mixed into every service class, with the other routes of the operator."""

    runtime: Any

    @route("GET", "/api/quarantine", roles=OPERATOR, query=schemas.QuarantineQuery, response=schemas.QuarantineList)
    def quarantine_entries(self, request: RouteRequest) -> Any:
        """The quarantine (`state`: open, parked, retried, discarded), page by page."""
        asked = request.query
        with self.runtime.store.reading() as connection:
            entries = quarantine.list_entries(
                connection, asked["state"], asked["limit"] + 1, code=asked["code"], after=asked["after"]
            )
        return {"entries": entries[: asked["limit"]], "more": len(entries) > asked["limit"]}

    @route("GET", "/api/quarantine/groups", roles=OPERATOR, response=schemas.QuarantineGroups)
    def quarantine_groups(self, _: RouteRequest) -> Any:
        """How many messages stand in quarantine, and stood there, for which reason and since when."""
        with self.runtime.store.reading() as connection:
            return {"groups": quarantine.groups(connection)}

    @route("GET", "/api/quarantine/<int:entry>", roles=OPERATOR, response=schemas.QuarantineEntry)
    def quarantine_entry(self, _: RouteRequest, entry: int) -> Any:
        """One entry, whole."""
        with self.runtime.store.reading() as connection:
            row = quarantine.read_entry(connection, entry)
        if row is None:
            raise Problem(404, "unknown_entry", f"there is no entry {entry}")
        return row

    @route("POST", "/api/quarantine/retry", roles=OPERATOR, body=schemas.Retry, response=schemas.RetryOutcome)
    def retry(self, request: RouteRequest) -> Any:
        """Try quarantined messages again."""
        chosen: dict[str, Any] = request.json or {}
        if not chosen.get("all") and "ids" not in chosen and "code" not in chosen:
            raise Problem(422, "missing", "name ids, a code, or all", column="ids")
        return self.runtime.quarantine.retry(request.actor, request.correlation, chosen.get("ids"), chosen.get("code"))

    @route("POST", "/api/quarantine/<int:entry>/discard", roles=OPERATOR, body=schemas.Discard,
           response=schemas.DiscardOutcome)  # fmt: skip
    def discard(self, request: RouteRequest, entry: int) -> Any:
        """Give a quarantined message up, with a reason."""
        self.runtime.quarantine.discard(request.actor, request.correlation, entry, request.json["reason"])
        return {"discarded": 1}
