"""Routes of rosters: upload a file, read the preview by groups, define words, confirm."""

from collections.abc import Mapping
from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media, Positions
from chassis.process.clock import Clock
from chassis.runtime.extensions import every
from chassis.store.database import Store
from services.participation.registry.identity import local_day
from services.participation.roster import queries, schemas
from services.participation.roster.comparisons import COMPARED, Comparison
from services.participation.roster.domain.lines import Line, Option, Service
from services.participation.roster.handlers import Rosters, Selection, VisibleRoster
from services.participation.roster.job import LOOK_SECONDS, LOOP
from services.participation.roster.messages import not_applied, notes_of, reason_of, sentence
from services.participation.roster.previews import UNIT_REASONS, Preview
from services.participation.roster.uploads import LARGEST
from services.registry import rights

_BYTES = Media("application/octet-stream", "The file: 工号, 姓名, 岗位, 单位, and 任职起, 任职止 where it has them.")
_MOST_LISTED = 100
SWEEP_SECONDS = 3600.0


class RosterRoutes:
    """Routes of rosters."""

    store: Store
    rosters: Rosters
    clock: Clock

    @route("POST", "/api/rosters", right=rights.KEEP_ROSTER, largest=LARGEST, stream=True, body=_BYTES,
           query=schemas.RosterQuery, response={201: schemas.RosterSummary}, problems=(403, 404, 409, 422))  # fmt: skip
    def begin_roster(self, request: RouteRequest) -> Any:
        """Compare a roster with the registry, without changing it.  A large one is compared after the answer: `state`
        tells the progress."""
        query = request.query
        seen = self.rosters.begin(request.actor, query["unit_id"], query["as_of"], query["name"],
                                  query["older"] == "yes", request.chunks())  # fmt: skip
        return 201, self._summary(seen)

    @every(seconds=LOOK_SECONDS, name=LOOP, wakeup=lambda service: service.rosters.job.wakeup)
    def compare_rosters(self) -> None:
        """Continues what another process left, too."""
        self.rosters.job.compare_all()

    @every(seconds=SWEEP_SECONDS, name="roster-previews")
    def sweep_previews(self) -> None:
        """Delete previews older than a week."""
        self.rosters.previews.sweep()

    @route("GET", "/api/rosters", right=rights.KEEP_ROSTER, response=schemas.RosterList)
    def list_rosters(self, request: RouteRequest) -> Any:
        """The kept previews and the latest applied rosters, of those that the caller may see."""
        previews = [self._summary(seen) for seen in self.rosters.listed(request.actor)]
        with self.store.reading() as connection:
            applied = queries.applied_rosters(connection, _MOST_LISTED)
            today = local_day(connection, self.clock()).isoformat()
        own = [row for row in applied
               if rights.may(request.actor, rights.KEEP_ROSTER, rights.Subject(row.unit_id))]  # fmt: skip
        return {"previews": previews, "applied": [_applied_roster(row) for row in own], "today": today}

    @route("GET", "/api/rosters/<roster_id>", right=rights.KEEP_ROSTER, query=schemas.LinesQuery,
           response=schemas.RosterPage, problems=(404,))  # fmt: skip
    def roster(self, request: RouteRequest, roster_id: str) -> Any:
        """A preview and its lines, ordered by group."""
        seen, query = self.rosters.look(request.actor, roster_id), request.query
        preview = seen.preview
        wanted = (query["group"], query["after"], query["limit"] + 1, query["open"] == "yes")
        lines = self.rosters.previews.lines(roster_id, *wanted) if seen.has_lines else []
        shown = lines[: query["limit"]]
        with self.store.reading() as connection:
            outcomes = queries.outcomes_among(connection, roster_id, [line.key for line in shown])
        return self._summary(seen) | {
            "lines": [_line(line, preview, outcomes) for line in shown], "more": len(lines) > len(shown),
        }  # fmt: skip

    @route("GET", "/api/rosters/<roster_id>/progress", right=rights.KEEP_ROSTER, response=schemas.RosterSummary,
           problems=(404,))  # fmt: skip
    def roster_progress(self, request: RouteRequest, roster_id: str) -> Any:
        """The progress of its comparison, after at most a second."""
        return self._summary(self.rosters.wait(request.actor, roster_id))

    @route("POST", "/api/rosters/<roster_id>/compare", right=rights.KEEP_ROSTER, response=schemas.RosterSummary,
           problems=(404, 409))  # fmt: skip
    def compare_roster(self, request: RouteRequest, roster_id: str) -> Any:
        """Compare it again, with the current registry and meanings of words."""
        return self._summary(self.rosters.compare_again(request.actor, roster_id))

    @route("POST", "/api/rosters/<roster_id>/confirm", right=rights.KEEP_ROSTER, body=schemas.Confirmation,
           response=schemas.Confirmed, problems=(404, 409))  # fmt: skip
    def confirm_roster(self, request: RouteRequest, roster_id: str) -> Any:
        """Apply groups and lines for about a second; repeat the same request until nothing is left."""
        body = request.json
        selection = Selection(body["groups"], body["lines"], body["missing_on"], body["days"])
        return self.rosters.confirm(request.actor, roster_id, body["revision"], selection)

    @route("GET", "/api/rosters/<roster_id>/outcomes", right=rights.KEEP_ROSTER, query=schemas.OutcomesQuery,
           response=schemas.RosterResult, problems=(404,))  # fmt: skip
    def roster_outcomes(self, request: RouteRequest, roster_id: str) -> Any:
        """The outcomes of confirmed lines; they remain when the preview is deleted."""
        after, limit = request.query["after"], request.query["limit"]
        with self.store.reading() as connection:
            applied = queries.applied_roster(connection, roster_id)
            lines = queries.outcomes_of(connection, roster_id, after, limit)
        if applied is None:
            raise rights.KEEP_ROSTER.absent(request.actor, not_applied(roster_id))
        rights.require(request.actor, rights.KEEP_ROSTER, rights.Subject(applied.unit_id))
        explained = [line | {"message": sentence(line["code"], line["column"]) if line["code"] else ""}
                     for line in lines]  # fmt: skip
        return {"roster": _applied_roster(applied), "lines": explained, "more": len(lines) == limit}

    @route("GET", "/api/roster-words", right=rights.ENTER_FACTS, response=schemas.ExplainedWords)
    def roster_words(self, _: RouteRequest) -> Any:
        """The defined meanings of words in rosters."""
        with self.store.reading() as connection:
            return {"words": queries.words_explained(connection)}

    @route("POST", "/api/roster-words", right=rights.ENTER_FACTS, body=schemas.WordMeanings, response=Positions)
    def explain_roster_words(self, request: RouteRequest) -> Any:
        """Define the units or roles that words of rosters mean."""
        words = request.json["words"]
        return {"positions": self.rosters.explain_words(words, request.actor, request.correlation)}

    def _summary(self, seen: VisibleRoster) -> dict[str, Any]:
        preview, comparison = seen
        with self.store.reading() as connection:
            latest = queries.latest_day(connection, preview.unit_id)
        words = preview.unknown
        unknown = {
            "unknown_units": sorted(set().union(*(words.get(reason, ()) for reason in UNIT_REASONS))),
            "unknown_roles": words.get("unknown_role", []),
        }
        progress = comparison or Comparison(preview, COMPARED)
        return {
            "roster_id": preview.roster_id, "unit_id": preview.unit_id, "as_of": preview.as_of, "file": preview.file,
            "actor": preview.actor, "created_at": preview.created_at, "revision": preview.revision,
            "groups": preview.counts, "notes": preview.notes, "latest": latest, **unknown,
            "state": progress.state, "done": progress.done, "total": progress.total, "fault": progress.fault,
        }  # fmt: skip


def _line(line: Line, preview: Preview, outcomes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "line": line.key, "group": line.group, "rows": list(line.rows), "person_id": line.person_id,
        "name": line.name, "options": [_option(option, preview) for option in line.options], "code": line.reason,
        "column": line.column, "value": line.value, "message": reason_of(line), "notes": notes_of(line),
        "outcome": outcomes.get(line.key, ""),
    }  # fmt: skip


def _option(option: Option, preview: Preview) -> dict[str, Any]:
    return {"option": option.key, "person_id": option.person_id, "before": _service(option.before, preview),
            "after": _service(option.after, preview)}  # fmt: skip


def _service(service: Service | None, preview: Preview) -> dict[str, str] | None:
    if service is None:
        return None
    return service._asdict() | {"unit_name": preview.units.get(service.unit_id, "")}


def _applied_roster(row: Any) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("roster_id", "unit_id", "as_of", "actor", "at")}
