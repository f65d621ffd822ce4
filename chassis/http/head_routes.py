"""Routes of the signed heads of a service's log: signed daily and on request, listed for the operator, checked."""

from dataclasses import asdict
from typing import Any

from chassis.http import integrity_schemas as schemas
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.problems import Problem
from chassis.runtime.extensions import every
from chassis.store.signed_heads import LOOK_SECONDS, head_of


class HeadRoutes:
    """Mixin of every service class, part of the operator's routes."""

    runtime: Any

    @every(seconds=LOOK_SECONDS, name="signed heads")  # type: ignore[untyped-decorator]
    def write_heads_of_the_day(self) -> None:
        self.runtime.signed_heads.write_daily()

    @route("GET", "/api/heads", roles=("operator",), query=schemas.HeadsQuery, response=schemas.SignedHeads)
    def heads(self, request: RouteRequest) -> Any:
        """The signed heads, oldest first: `since` (a day)."""
        return {"heads": [asdict(head) for head in self.runtime.signed_heads.read(request.query["since"])]}

    @route("POST", "/api/heads", roles=("operator",), response={201: schemas.SignedHeads})
    def write_heads(self, _: RouteRequest) -> Any:
        """Sign and store the current head of each partition."""
        try:
            written = self.runtime.signed_heads.write()
        except OSError as error:
            raise Problem(503, "heads_not_written", f"the folder of heads cannot be written: {error}") from error
        return 201, {"heads": [asdict(head) for head in written]}

    @route("POST", "/api/verify/heads", roles=("service", "operator"), body=schemas.HeadsToCheck,
           response=schemas.CheckedHeads)  # fmt: skip
    def verify_heads(self, request: RouteRequest) -> Any:
        """Check signed heads: whether the log still contains each, and whether this service signed it."""
        try:
            given = [head_of(dict(item)) for item in request.json["heads"]]
        except ValueError as error:
            raise Problem(422, "bad_body", str(error), column="heads") from error
        return {"results": [asdict(item) for item in self.runtime.signed_heads.check(given)]}
