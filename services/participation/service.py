"""The participation service: its doors, each a few lines: parse, hand over, answer."""

from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.operator_routes import INSIDE, OPERATOR, OperatorRoutes
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.intake import pending_reports
from chassis.intake.cloudevents import LARGEST, BadBody
from chassis.messaging import broker, quarantine
from chassis.messaging.consumer import Subscription
from chassis.messaging.reactions import Reactions
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.runtime.loops import Loop
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import Additions, ServiceRuntime
from chassis.store import subject_keys
from contracts.participation import PersonErased
from services.participation import campaign_file, queries
from services.participation.campaigns import launch
from services.participation.deeds import DEEDS, UNDONE, record_publicity_deeds
from services.participation.importing import KIND_OF_FILE, LARGEST_FILE, Importing
from services.participation.projections import metadata, projects
from services.participation.publishers import Publishers
from services.participation.queries import Import
from services.participation.reception import BATCH, Reception

REPORTERS = ("operator", "publisher")
hears = Reactions()
hears(*DEEDS, *UNDONE)(record_publicity_deeds)


class ImportFile(marshmallow.Schema):
    """One file of an import: its name (units.csv ...), size in bytes, SHA-256 of its bytes (hex)."""

    name = fields.String(required=True, validate=validate.OneOf(list(KIND_OF_FILE)))
    size = fields.Integer(required=True, strict=True, validate=validate.Range(0, LARGEST_FILE))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class BeginImport(marshmallow.Schema):
    """The files of an import."""

    files = fields.List(fields.Nested(ImportFile), required=True, validate=validate.Length(1, 7))
    dry_run = fields.Boolean(load_default=False)


class AddPublisher(marshmallow.Schema):
    """An outside system's name."""

    name = fields.String(required=True)


class Edit(marshmallow.Schema):
    """The corrected body of a quarantined intake message."""

    body = fields.String(required=True)


class Participation(ServiceRuntime):
    """The frame with what participation adds to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("participation", settings, metadata, projects, hears, Additions(
            subscriptions=[Subscription(broker.intake_queue("participation"), "intake",
                                        lambda batch: self.reception.hear(batch),  # noqa: PLW0108
                                        BATCH, measured=True)],
            loops=[Loop("waiting", lambda: self.reception.run(), lambda: self.reception.wake())],  # noqa: PLW0108
            on_reconnect=[lambda: self.publishers.restore()],  # noqa: PLW0108
            retry_intake=lambda *entry: self.reception.retry(*entry),  # noqa: PLW0108
            counters={"waiting": lambda connection, _: pending_reports.total(connection),
                      "intake_pending": lambda connection, _: pending_reports.unsettled(connection)},
        ))  # fmt: skip
        self.reception = Reception(self)
        self.importing = Importing(self, self.reception.wake)
        self.publishers = Publishers(self)


class Service(OperatorRoutes):
    """Participation under nameko."""

    name = "participation"
    runtime: Participation = RuntimeProvider(Participation)

    @route("POST", "/api/campaign", roles=OPERATOR, largest=2 * campaign_file.LARGEST)
    def launch_campaign(self, request: RouteRequest) -> Any:
        """Launch the campaign of a YAML file, or amend it by a higher version."""
        try:
            document = campaign_file.load(request.body)
        except campaign_file.CampaignFileProblems as error:
            raise Problem(
                422,
                "invalid_campaign",
                f"方案文件有 {len(error.problems)} 处问题。",
                problems=[
                    {
                        "line": problem.line,
                        "path": ".".join(map(str, problem.path)),
                        "code": problem.code,
                        "message": str(problem),
                    }
                    for problem in error.problems
                ],
            ) from None
        answer = launch(self.runtime, document, request.actor, request.correlation)
        self.runtime.reception.wake()  # rows may have waited for the campaign
        return (201 if answer["outcome"] == "launched" else 200), answer

    @route("GET", "/api/campaign", roles=(*INSIDE, "leader"))
    def campaign(self, _: RouteRequest) -> Any:
        """The rules in force."""
        with self.runtime.store.reading() as connection:
            result = queries.campaign(connection)
        if result is None:
            raise Problem(404, "no_campaign", "还没有启动活动方案。")
        return result[2]

    @route("GET", "/api/units", roles=(*INSIDE, "leader"))
    def units(self, _: RouteRequest) -> Any:
        """Every unit as known now."""
        with self.runtime.store.reading() as connection:
            return {"units": queries.all_units(connection)}

    @route("POST", "/api/imports", roles=OPERATOR, body=BeginImport)
    def begin_import(self, request: RouteRequest) -> Any:
        """Begin to import files, or go on with an import of the same files that was cut off."""
        files = [[item["name"], item["sha256"], str(item["size"])] for item in request.json["files"]]
        if len({name for name, _, _ in files}) < len(files):
            raise Problem(422, "bad_body", "每个文件只能出现一次。", column="files")
        importing = self.runtime.importing
        import_id, resumed = importing.begin(files, request.json["dry_run"], request.actor, request.correlation)
        result = importing.found(import_id)
        needed = [{"name": f.file, "needed": not f.done and not importing.spooled(import_id, f.file).exists()}
                  for f in result.files]  # fmt: skip
        return 201, {"import_id": import_id, "resumed": resumed, "files": needed}

    @route("PUT", "/api/imports/<import_id>/files/<name>", roles=OPERATOR, largest=LARGEST_FILE, stream=True)
    def upload(self, request: RouteRequest, import_id: str, name: str) -> Any:
        """Upload one file's bytes."""
        importing = self.runtime.importing
        importing.upload(importing.found(import_id), name, request.chunks())
        return None

    @route("POST", "/api/imports/<import_id>/advance", roles=OPERATOR)
    def advance(self, request: RouteRequest, import_id: str) -> Any:
        """Decide rows for about a second; call again until it is finished."""
        importing = self.runtime.importing
        result, positions = importing.advance(importing.found(import_id), request.actor, request.correlation)
        return {"finished": result.finished, "files": _files(importing, result), "positions": positions}

    @route("GET", "/api/imports/<import_id>/refused", roles=OPERATOR)
    def refused(self, request: RouteRequest, import_id: str) -> Any:
        """The refused rows of an import, past the first `after`."""
        after, limit = request.number("after", 0, 2**53), request.number("limit", 1000, 5000)
        result = self.runtime.importing.found(import_id)
        rows = self.runtime.importing.refused(result, after, limit)
        return {"refused": rows, "more": len(rows) == limit}

    @route("POST", "/api/intake", roles=REPORTERS, largest=LARGEST)
    def intake(self, request: RouteRequest) -> Any:
        """Take reported rows as CloudEvents; the receipts come in their order."""
        now, district = self.runtime.now(), self.runtime.settings.district
        try:
            receipts, positions = self.runtime.reception.take(
                request.body, request.http_request.content_type, request.actor, request.correlation
            )
        except BadBody as error:
            raise Problem(error.status, error.code, error.detail) from None
        events = [receipt.event(district, "participation", now) for receipt in receipts]
        return {"receipts": events, "positions": positions}

    @route("GET", "/api/waiting", roles=OPERATOR)
    def waiting(self, request: RouteRequest) -> Any:
        """Rows that wait for something that may still arrive."""
        with self.runtime.store.reading() as connection:
            return queries.waiting_rows(connection, request.number("limit", 200, 1000))

    @route("POST", "/api/quarantine/<int:entry>/edit", roles=OPERATOR, body=Edit, largest=2 * LARGEST)
    def edit(self, request: RouteRequest, entry: int) -> Any:
        """Correct a quarantined intake message and take it in."""
        self.runtime.reception.edit(entry, request.json["body"], request.actor, request.correlation)
        return {"outcome": "retried"}

    @route("POST", "/api/publishers", roles=OPERATOR, body=AddPublisher)
    def add_publisher(self, request: RouteRequest) -> Any:
        """Let an outside system publish; its secrets are told once."""
        return 201, self.runtime.publishers.add(request.json["name"])

    @route("POST", "/api/publishers/<name>/rotate", roles=OPERATOR)
    def rotate_publisher(self, _: RouteRequest, name: str) -> Any:
        """New secrets for an outside system."""
        return self.runtime.publishers.rotate(name)

    @route("DELETE", "/api/publishers/<name>", roles=OPERATOR)
    def remove_publisher(self, _: RouteRequest, name: str) -> Any:
        """An outside system may publish no more."""
        self.runtime.publishers.remove(name)
        return Response(b"", status=204)

    @route("POST", "/api/people/<person_id>/erase", roles=OPERATOR)
    def erase(self, request: RouteRequest, person_id: str) -> Any:
        """Destroy a person's key: names and private texts are unreadable for good, scores stay."""
        with self.runtime.unit_of_work(request.actor, request.correlation) as work:
            if not work.load([f"person-{person_id}"]):
                raise Problem(404, "unknown_person", f"没有编号为 {person_id} 的人员。")
            work.keys.destroy(person_id)
            pending_reports.forget(work.connection, person_id)
            quarantine.erase(work.connection, person_id)
            work.append(PersonErased(person_id))
        self.runtime.store.scrub()
        return {"positions": work.positions}

    @route("POST", "/api/keys", roles=("service",))
    def keys(self, request: RouteRequest) -> Any:
        """Keys of subjects, for the services that show what is under them."""
        subjects = request.loaded(Subjects)["subjects"]
        with self.runtime.store.reading() as connection:
            result = subject_keys.named(connection, subjects)
        return {"keys": {subject: key.hex() for subject, key in result.items()}}


class Subjects(marshmallow.Schema):
    """Whose keys are wanted."""

    subjects = fields.List(fields.String(), required=True, validate=validate.Length(0, 1000))


def _files(importing: Importing, result: Import) -> list[dict[str, Any]]:
    created = []
    for file in result.files:
        path = importing.spooled(result.import_id, file.file)
        size = path.stat().st_size if path.exists() else file.done_bytes
        created.append({"file": file.file, "rows": file.rows, "accepted": file.accepted, "unchanged": file.unchanged,
                     "refused": file.refused, "done_bytes": file.done_bytes, "bytes": size})  # fmt: skip
    return created
