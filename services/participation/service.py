"""The participation service: its doors, each a few lines: parse, hand over, answer."""

from typing import Any

import marshmallow
from marshmallow import fields, validate
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from chassis import keys, quarantine, waiting
from chassis.broker import INTAKE
from chassis.doors import Call, answer, door
from chassis.frame import Frame
from chassis.intake import LARGEST, BadBody, Receipt
from chassis.memory import Memory
from chassis.problems import Problem
from chassis.provider import Framed
from chassis.reacting import Reactions
from chassis.settings import Settings
from chassis.standing import INSIDE, OPERATOR, StandingDoors
from contracts.participation import PersonErased
from services.participation import campaign_file, queries
from services.participation.campaigns import launch
from services.participation.deeds import DEEDS, UNDONE, record_publicity_deeds
from services.participation.importing import KIND_OF_FILE, LARGEST_FILE, Importing
from services.participation.projections import metadata, projects
from services.participation.publishers import Publishers
from services.participation.queries import Import
from services.participation.reception import Reception

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


class Participation(Frame):
    """The frame with what participation adds to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("participation", settings, metadata, projects, hears)
        if self.store.postgresql:
            self.memory = Memory(self, holds=("unit-", "person-"))
        self.reception = Reception(self)
        self.importing = Importing(self, self.reception.wake)
        self.publishers = Publishers(self)
        self.restorers.append(self.publishers.restore)
        self.counters = {"waiting": waiting.total, "intake_pending": self._intake_pending}

    def _intake_pending(self, connection: Connection) -> int:
        return waiting.unsettled(connection) + self.listener.depth(INTAKE)


class Service(StandingDoors):
    """Participation under nameko."""

    name = "participation"
    frame: Participation = Framed(Participation)

    @door("POST", "/api/campaign", roles=OPERATOR, largest=2 * campaign_file.LARGEST)
    def launch_campaign(self, call: Call) -> Any:
        """Launch the campaign of a YAML file, or amend it by a higher version."""
        try:
            document = campaign_file.load(call.body)
        except campaign_file.CampaignFileProblems as found:
            raise Problem(422, "invalid_campaign", f"方案文件有 {len(found.problems)} 处问题。", problems=[
                {"line": one.line, "path": ".".join(map(str, one.path)), "code": one.code, "message": str(one)}
                for one in found.problems
            ]) from None  # fmt: skip
        answer = launch(self.frame, document, call.actor, call.correlation)
        self.frame.reception.wake()  # rows may have waited for the campaign
        return (201 if answer["outcome"] == "launched" else 200), answer

    @door("GET", "/api/campaign", roles=(*INSIDE, "leader"))
    def campaign(self, _: Call) -> Any:
        """The rules in force."""
        with self.frame.store.reading() as connection:
            found = queries.campaign(connection)
        if found is None:
            raise Problem(404, "no_campaign", "还没有启动活动方案。")
        return found[2]

    @door("GET", "/api/units", roles=(*INSIDE, "leader"))
    def units(self, _: Call) -> Any:
        """Every unit as known now."""
        with self.frame.store.reading() as connection:
            return {"units": queries.all_units(connection)}

    @door("POST", "/api/imports", roles=OPERATOR, body=BeginImport)
    def begin_import(self, call: Call) -> Any:
        """Begin to import files, or go on with an import of the same files that was cut off."""
        files = [[one["name"], one["sha256"], str(one["size"])] for one in call.json["files"]]
        if len({name for name, _, _ in files}) < len(files):
            raise Problem(422, "bad_body", "每个文件只能出现一次。", column="files")
        importing = self.frame.importing
        import_id, resumed = importing.begin(files, call.json["dry_run"], call.actor, call.correlation)
        found = importing.found(import_id)
        needed = [{"name": f.file, "needed": not f.done and not importing.spooled(import_id, f.file).exists()}
                  for f in found.files]  # fmt: skip
        return 201, {"import_id": import_id, "resumed": resumed, "files": needed}

    @door("PUT", "/api/imports/<import_id>/files/<name>", roles=OPERATOR, largest=LARGEST_FILE, stream=True)
    def upload(self, call: Call, import_id: str, name: str) -> Any:
        """Upload one file's bytes."""
        importing = self.frame.importing
        importing.upload(importing.found(import_id), name, call.pieces())
        return None

    @door("POST", "/api/imports/<import_id>/advance", roles=OPERATOR)
    def advance(self, call: Call, import_id: str) -> Any:
        """Decide rows for about a second; call again until it is finished."""
        importing = self.frame.importing
        found, positions = importing.advance(importing.found(import_id), call.actor, call.correlation)
        return {"finished": found.finished, "files": _files(importing, found), "positions": positions}

    @door("GET", "/api/imports/<import_id>/refused", roles=OPERATOR)
    def refused(self, call: Call, import_id: str) -> Any:
        """The refused rows of an import, past the first `after`."""
        after, limit = call.number("after", 0, 2**53), call.number("limit", 1000, 5000)
        found = self.frame.importing.found(import_id)
        rows = self.frame.importing.refused(found, after, limit)
        return {"refused": rows, "more": len(rows) == limit}

    @door("POST", "/api/intake", roles=REPORTERS, largest=LARGEST)
    def intake(self, call: Call) -> Any:
        """Take reported rows as CloudEvents; the receipts come in their order."""
        now, district = self.frame.now(), self.frame.settings.district

        def told(receipts: list[Receipt], positions: list[str]) -> Response:
            made = [one.event(district, "participation", now) for one in receipts]
            return answer({"receipts": made, "positions": positions})

        try:
            return self.frame.reception.take(
                call.body, call.request.content_type, call.actor, call.correlation, told
            )  # fmt: skip
        except BadBody as error:
            raise Problem(error.status, error.code, error.detail) from None

    @door("GET", "/api/waiting", roles=OPERATOR)
    def waiting(self, call: Call) -> Any:
        """Rows that wait for something that may still arrive."""
        with self.frame.store.reading() as connection:
            return queries.waiting_rows(connection, call.number("limit", 200, 1000))

    @door("POST", "/api/quarantine/<int:entry>/edit", roles=OPERATOR, body=Edit, largest=2 * LARGEST)
    def edit(self, call: Call, entry: int) -> Any:
        """Correct a quarantined intake message and take it in."""
        self.frame.reception.edit(entry, call.json["body"], call.actor, call.correlation)
        return {"outcome": "retried"}

    @door("POST", "/api/publishers", roles=OPERATOR, body=AddPublisher)
    def add_publisher(self, call: Call) -> Any:
        """Let an outside system publish; its secrets are told once."""
        return 201, self.frame.publishers.add(call.json["name"])

    @door("POST", "/api/publishers/<name>/rotate", roles=OPERATOR)
    def rotate_publisher(self, _: Call, name: str) -> Any:
        """New secrets for an outside system."""
        return self.frame.publishers.rotate(name)

    @door("DELETE", "/api/publishers/<name>", roles=OPERATOR)
    def remove_publisher(self, _: Call, name: str) -> Any:
        """An outside system may publish no more."""
        self.frame.publishers.remove(name)
        return Response(b"", status=204)

    @door("POST", "/api/people/<person_id>/erase", roles=OPERATOR)
    def erase(self, call: Call, person_id: str) -> Any:
        """Destroy a person's key: names and private texts are unreadable for good, scores stay."""
        with self.frame.working(call.actor, call.correlation) as work:
            if not work.load([f"person-{person_id}"]):
                raise Problem(404, "unknown_person", f"没有编号为 {person_id} 的人员。")
            work.keys.destroy(person_id)
            waiting.forget(work.connection, person_id)
            quarantine.forget(work.connection, person_id)
            work.append(PersonErased(person_id))
        self.frame.store.scrub()
        return {"positions": work.positions}

    @door("POST", "/api/keys", roles=("service",))
    def keys(self, call: Call) -> Any:
        """Keys of subjects, for the services that show what is under them."""
        subjects = call.loaded(Subjects)["subjects"]
        with self.frame.store.reading() as connection:
            found = keys.named(connection, subjects)
        return {"keys": {subject: key.hex() for subject, key in found.items()}}


class Subjects(marshmallow.Schema):
    """Whose keys are wanted."""

    subjects = fields.List(fields.String(), required=True, validate=validate.Length(0, 1000))


def _files(importing: Importing, found: Import) -> list[dict[str, Any]]:
    made = []
    for file in found.files:
        path = importing.spooled(found.import_id, file.file)
        size = path.stat().st_size if path.exists() else file.done_bytes
        made.append({"file": file.file, "rows": file.rows, "accepted": file.accepted, "unchanged": file.unchanged,
                     "refused": file.refused, "done_bytes": file.done_bytes, "bytes": size})  # fmt: skip
    return made


