"""Routes of a publisher about itself, with its own token and for its own sources only."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from chassis.intake.pending_reports import pending_by_publisher
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.tokens import Actor
from chassis.store.database import Store
from services.participation.campaign.queries import campaign_in_force
from services.participation.holdings import schemas
from services.participation.holdings.comparison import (
    MOST_LINES,
    Posted,
    compare,
    ids_outside_range,
    read_list,
    unpacked,
)
from services.participation.holdings.domain import KINDS, Holding, Part, parts_of, range_digest
from services.participation.holdings.own_pending import own_waiting, waiting_ids
from services.participation.holdings.queries import Holdings, count_of
from services.participation.holdings.reference import campaign_lists, code_list, message_of, unit_list, word_lists
from services.participation.intake.handlers import Intake
from services.participation.intake.outcomes import outcomes_of_publishers, receipts_since
from services.participation.publishers.handlers import shown_publisher
from services.participation.publishers.queries import RegisteredPublisher, read_publishers

PUBLISHER = ("publisher",)
LARGEST_LIST = 16 * 1024 * 1024
LIST = Media("text/tab-separated-values", "A line `kind TAB id TAB digest` for each row, at most 100,000; may be gzip.")
_NONE: frozenset[str] = frozenset()
_NO_CAMPAIGN: dict[str, Any] = {
    "campaign": "", "version": 0, "timezone": "", "record_kinds": [], "duties": [], "periods": [], "sheet_items": [],
    "finding_categories": [],
}  # fmt: skip


class HoldingRoutes:
    """Routes of an outside system about itself."""

    store: Store
    clock: Clock
    settings: Settings
    intake: Intake

    @route("GET", "/api/publisher", roles=PUBLISHER, response=schemas.OwnRegistration)
    def own_registration(self, request: RouteRequest) -> Any:
        """What the calling publisher may report, and the outcomes of its reports."""
        with self._publisher_transaction(request.actor) as (connection, publisher):
            shown = shown_publisher(publisher)
            return {name: shown[name] for name in ("name", "types", "units", "sources", "amqp")} | {
                "token_expires_at": publisher.expires_at,
                **{name: shown[name] for name in ("rows_a_minute", "bytes_a_minute")},
                "rows_left": (left := self.intake.quotas.left(publisher.name)).rows,
                "bytes_left": left.bytes,
                "outcomes": outcomes_of_publishers(connection).get(publisher.name, []),
                "waiting": pending_by_publisher(connection).get(publisher.name, 0),
            }

    @route("GET", "/api/publisher/reference", roles=PUBLISHER, response=schemas.ReferenceLists)
    def reference_lists(self, request: RouteRequest) -> Any:
        """The values that rows may contain: kinds of records, duties, periods, words, and the codes of refusals."""
        with self._publisher_transaction(request.actor) as (connection, _):
            stored = campaign_in_force(connection)
        if stored is None:
            lists = _NO_CAMPAIGN
        else:
            rules = stored.rules
            lists = campaign_lists(rules, self.clock().astimezone(rules.zone).date().toordinal())
        return {**lists, "words": word_lists(), "codes": code_list()}

    @route("GET", "/api/publisher/units", roles=PUBLISHER, query=schemas.PageQuery, response=schemas.UnitPage)
    def own_units(self, request: RouteRequest) -> Any:
        """The units whose names the publisher may read."""
        after, limit = request.query["after"], max(request.query["limit"], 1)
        with self._publisher_transaction(request.actor) as (connection, publisher):
            units = unit_list(connection, publisher.rights, after, limit)
        return {"units": units, "next": units[-1]["unit_id"] if len(units) == limit else ""}

    @route("GET", "/api/publisher/holdings", roles=PUBLISHER, response=schemas.HeldKinds, problems=(429,))
    def held_kinds(self, request: RouteRequest) -> Any:
        """The number of own rows in force by kind, with a digest."""
        with self._turn(request), self._publisher_transaction(request.actor) as (connection, publisher):
            held = []
            for kind in filter(count_of(connection, publisher.rights).__contains__, KINDS):
                rows = _rows_in_force(Holdings(connection, publisher.rights, kind).slices())
                held.append({"kind": kind, "count": len(rows), "digest": range_digest(rows)})
        return {"holdings": held}

    @route("GET", "/api/publisher/holdings/<kind>", roles=PUBLISHER, query=schemas.RangeQuery,
           response=schemas.HeldRange, problems=(429,))  # fmt: skip
    def held_range(self, request: RouteRequest, kind: str) -> Any:
        """Own rows of a kind in a range of ids: count and digest, in total and in parts."""
        first, before, parts = (request.query[name] for name in ("first", "before", "parts"))
        with self._turn(request), self._publisher_transaction(request.actor) as (connection, publisher):
            rows = _rows_in_force(Holdings(connection, publisher.rights, _require_kind(kind)).slices(first, before))
        shown = [_shown_part(part) for part in parts_of(first, before, rows, max(parts, 1))]
        return {"kind": kind, "count": len(rows), "digest": range_digest(rows), "parts": shown}

    @route("GET", "/api/publisher/rows/<kind>", roles=PUBLISHER, query=schemas.PageQuery, response=schemas.HeldRowPage)
    def own_rows(self, request: RouteRequest, kind: str) -> Any:
        """Own rows of a kind by id, voided ones too, with the digests of their content."""
        after, limit = request.query["after"], max(request.query["limit"], 1)
        with self._publisher_transaction(request.actor) as (connection, publisher):
            page = Holdings(connection, publisher.rights, _require_kind(kind)).page(after, limit)
        return {
            "rows": [_holding_response(holding) for holding in page],
            "next": page[-1].row_id if len(page) == limit else "",
        }

    @route("GET", "/api/publisher/rows/<kind>/<path:row_id>", roles=PUBLISHER, response=schemas.OwnRow)
    def own_row(self, request: RouteRequest, kind: str, row_id: str) -> Any:
        """An own row as it is now; its id are the id columns joined by `/`."""
        with self._publisher_transaction(request.actor) as (connection, publisher):
            held = Holdings(connection, publisher.rights, _require_kind(kind)).row(row_id)
        if held is None:
            raise Problem(404, "unknown_row", "本接入系统没有报送过该行。")
        data = {column: cell for column, cell in held.cells.items() if cell}
        return {**_holding_response(held.holding), "kind": kind, "data": data}

    @route("POST", "/api/publisher/differences", roles=PUBLISHER, query=schemas.DifferencesQuery, body=LIST,
           largest=LARGEST_LIST, stream=True, response=schemas.Differences, problems=(429,))  # fmt: skip
    def differences(self, request: RouteRequest) -> Any:
        """What is missing, extra or different here, compared with a list of ids and digests."""
        kind, first, before = (request.query[name] for name in ("kind", "first", "before"))
        if (first or before) and not kind:
            raise Problem(400, "bad_query", "a range of ids needs its kind", column="kind")
        with self._publisher_transaction(request.actor):
            pass  # authenticate before reading the list
        with self._turn(request):
            posted = read_list(unpacked(request.chunks(packed=True), request.is_gzip))
            _require_covered(posted, kind, first, before)
            kinds = [kind] if kind else [each for each in KINDS if each in posted]
            return {"differences": self._differences(request.actor, posted, kinds, first, before)}

    @route("GET", "/api/publisher/receipts", roles=PUBLISHER, query=schemas.ReceiptQuery,
           response=schemas.KeptReceipts)  # fmt: skip
    def own_receipts(self, request: RouteRequest) -> Any:
        """The receipts of own reports in the last 30 days, again."""
        with self._publisher_transaction(request.actor) as (connection, publisher):
            kept = receipts_since(connection, publisher.name, **request.query)
        shown = [{**item, "message": message_of(item["code"], item["column"])} for item in kept]
        return {"receipts": shown, "next": kept[-1]["seq"] if kept else request.query["after"]}

    @route("GET", "/api/publisher/waiting", roles=PUBLISHER, query=schemas.OwnWaitingQuery,
           response=schemas.OwnWaitingList)  # fmt: skip
    def own_waiting(self, request: RouteRequest) -> Any:
        """Own pending reports."""
        with self._publisher_transaction(request.actor) as (connection, publisher):
            waiting = own_waiting(connection, publisher.name, **request.query)
        return {**waiting, "patience_seconds": int(self.settings.intake_patience)}

    def _differences(
        self, actor: Actor, posted: Posted, kinds: list[str], first: str, before: str
    ) -> list[dict[str, Any]]:
        with self._publisher_transaction(actor) as (connection, publisher):
            waiting = waiting_ids(connection, publisher.name)
            holdings = {kind: Holdings(connection, publisher.rights, kind) for kind in kinds}
            return [
                compare(kind, posted.get(kind, {}), held.slices(first, before), waiting.get(kind, _NONE), MOST_LINES)
                for kind, held in holdings.items()
            ]

    def _turn(self, request: RouteRequest) -> AbstractContextManager[None]:
        """One long request per publisher at a time.  Problem 429."""
        return self.intake.quotas.turn(request.actor.name)

    @contextmanager
    def _publisher_transaction(self, actor: Actor) -> Iterator[tuple[Connection, RegisteredPublisher]]:
        """A read transaction for the publisher whose latest token this is.  Problem 401."""
        with self.store.reading() as connection:
            publisher = read_publishers(connection).named(actor.name)
            if publisher is None or publisher.generation != actor.generation:
                self.intake.deny(actor.name)
                raise Problem(401, "token_revoked", "该接入系统的令牌已更换或撤销。")
            yield connection, publisher


def _rows_in_force(slices: Iterator[list[Holding]]) -> list[tuple[str, str]]:
    return [(item.row_id, item.digest) for items in slices for item in items if item.stands]


def _require_kind(kind: str) -> str:
    if kind not in KINDS:
        raise Problem(404, "unknown_kind", f"there is no kind {kind}: use {', '.join(KINDS)}")
    return kind


def _holding_response(holding: Holding) -> dict[str, str]:
    return {"id": holding.row_id, "digest": holding.digest, "accepted": holding.accepted, "state": holding.state}


def _shown_part(part: Part) -> dict[str, Any]:
    return {"first": part.first, "before": part.before, "count": part.rows, "digest": part.digest}


def _require_covered(posted: Posted, kind: str, first: str, before: str) -> None:
    """A line outside the compared range would be reported as missing.  Problem 400."""
    if kind and (others := posted.keys() - {kind}):
        raise Problem(400, "bad_line", f"the list is of {kind}, and has lines of {', '.join(sorted(others))}")
    if wrong := ids_outside_range(posted.get(kind, {}), first, before) if kind else []:
        raise Problem(400, "bad_line", f"ids outside the range: {', '.join(wrong)}")
