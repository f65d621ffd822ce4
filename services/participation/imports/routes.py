"""Routes of imports: begin, upload, follow, read the outcomes of rows; the list of all imports."""

from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT, Media
from chassis.process.clock import Clock
from chassis.process.greenlets import Wakeup
from chassis.runtime.extensions import every
from chassis.store.database import Store
from services.participation.imports import job, schemas
from services.participation.imports.handlers import ImportRequest, Imports
from services.participation.registry.identity import local_day
from services.registry import rights

_BYTES = Media("application/octet-stream", "The file: text or a workbook (docs/reading.md, Formats).")
LARGEST_MANIFEST = 2 << 20
"""The names of 2,000 files with digests; the console's limit too."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORKBOOK = Media(_XLSX, "the file with a column 结果; with macros its name ends in .xlsm")


class ImportRoutes:
    """Routes of imports: the client uploads, the service works in the background (docs/decisions/0141)."""

    imports: Imports
    store: Store
    clock: Clock

    @every(seconds=job.LOOK_SECONDS, name=job.READING, wakeup=lambda service: _wakeups(service)[0])
    def read_uploads(self) -> None:
        self.imports.job.read_all()

    @every(seconds=job.LOOK_SECONDS, name=job.DECIDING, wakeup=lambda service: _wakeups(service)[1])
    def decide_imports(self) -> None:
        self.imports.job.decide_all()

    @route("GET", "/api/imports", right=rights.IMPORT_FILES, query=schemas.ImportsQuery, response=schemas.ImportList)
    def list_imports(self, request: RouteRequest) -> Any:
        """The imports and rosters of the caller's units (or all), latest first: who, when, files, outcomes of rows."""
        rows = self.imports.list_imports(request.actor, request.query["before"], request.query["limit"])
        return {"imports": rows, "more": len(rows) == request.query["limit"]}

    @route("POST", "/api/imports", right=rights.IMPORT_FILES, body=schemas.BeginImport,
           response={201: schemas.ImportBegun}, problems=(403, 404), largest=LARGEST_MANIFEST)  # fmt: skip
    def begin_import(self, request: RouteRequest) -> Any:
        """Begin to import files, or continue an interrupted import of the same files.  Whoever imports by a unit's post
        imports that unit's rows only."""
        body = request.json
        manifest = [[file["name"], file["sha256"], str(file["size"]), file["kind"]] for file in body["files"]]
        wanted = ImportRequest(manifest, body["dry_run"], *(body[key].strip() for key in ("late_entry", "campaign",
                               "source", "unit_id")))  # fmt: skip
        import_id, resumed = self.imports.begin_import(wanted, request.actor, request.correlation)
        return 201, {"import_id": import_id, "resumed": resumed, "files": self.imports.files_needed(import_id)}

    @route("GET", "/api/imports/<import_id>", right=rights.IMPORT_FILES, response=schemas.ImportShown)
    def show_import(self, request: RouteRequest, import_id: str) -> Any:
        """The progress of an import."""
        self.imports.require(request.actor, import_id)
        return self.imports.show_import(import_id)

    @route("GET", "/api/dry-runs", right=rights.IMPORT_FILES, response=schemas.DryRunList)
    def list_dry_runs(self, request: RouteRequest) -> Any:
        """The dry runs of the caller's units (or all) whose files are kept (a week), latest first."""
        with self.store.reading() as connection:
            today = local_day(connection, self.clock()).isoformat()
        return {"dry_runs": self.imports.list_dry_runs(request.actor), "today": today}

    @route("POST", "/api/imports/<import_id>/confirm", right=rights.IMPORT_FILES,
           response={201: schemas.DryRunConfirmed}, problems=(403, 404, 409, 410))  # fmt: skip
    def confirm_dry_run(self, request: RouteRequest, import_id: str) -> Any:
        """Import the files of a dry run; their rows are decided anew."""
        self.imports.require(request.actor, import_id)
        confirmed, resumed = self.imports.dry_runs.confirm(request.actor, import_id, request.correlation)
        self.imports.job.wake()
        return 201, {"import_id": confirmed, "resumed": resumed}

    @route("POST", "/api/imports/<import_id>/discard", right=rights.IMPORT_FILES, response=NO_CONTENT,
           problems=(403, 404, 409))  # fmt: skip
    def discard_dry_run(self, request: RouteRequest, import_id: str) -> Any:
        """Delete a dry run with its files."""
        self.imports.require(request.actor, import_id)
        self.imports.dry_runs.discard(import_id)

    @route("PUT", "/api/imports/<import_id>/files/<name>", right=rights.IMPORT_FILES, largest=schemas.LARGEST_FILE,
           stream=True, body=_BYTES, response=NO_CONTENT)  # fmt: skip
    def upload(self, request: RouteRequest, import_id: str, name: str) -> Any:
        """Upload one file's bytes."""
        self.imports.require(request.actor, import_id)
        self.imports.upload_file(import_id, name, request.chunks())

    @route("GET", "/api/imports/<import_id>/files/<name>/workbook", right=rights.IMPORT_FILES, response=_WORKBOOK,
           problems=(409, 410, 422))  # fmt: skip
    def workbook(self, request: RouteRequest, import_id: str, name: str) -> Any:
        """An uploaded file as a workbook with the outcome of each row after its last column; available for a week."""
        self.imports.require(request.actor, import_id)
        book = self.imports.workbook(import_id, name)
        stem = name.rpartition(".")[0] or name
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(stem)}{book.ending}"}
        return Response(book.content, content_type=_XLSX, headers=headers)

    @route("POST", "/api/imports/<import_id>/advance", right=rights.IMPORT_FILES, response=schemas.ImportShown)
    def advance(self, request: RouteRequest, import_id: str) -> Any:
        """Wait about a second for the end of the import, and return its progress; repeat until it is finished."""
        self.imports.require(request.actor, import_id)
        return self.imports.advance_import(import_id)

    @route("GET", "/api/imports/<import_id>/refused", right=rights.IMPORT_FILES, query=schemas.RowsQuery,
           response=schemas.RefusedRows)  # fmt: skip
    def refused(self, request: RouteRequest, import_id: str) -> Any:
        """The refused rows of an import, after the first `after`."""
        self.imports.require(request.actor, import_id)
        after, limit = request.query["after"], request.query["limit"]
        rows = self.imports.refused_rows(import_id, after, limit)
        return {"refused": rows, "more": len(rows) == limit}

    @route("GET", "/api/imports/<import_id>/notes", right=rights.IMPORT_FILES, query=schemas.RowsQuery,
           response=schemas.ImportNotesPage)  # fmt: skip
    def notes(self, request: RouteRequest, import_id: str) -> Any:
        """What was left out or changed when reading the files of an import, after the first `after` notes."""
        self.imports.require(request.actor, import_id)
        after, limit = request.query["after"], request.query["limit"]
        notes = self.imports.notes(import_id, after, limit)
        return {"notes": notes, "more": len(notes) == limit}


def _wakeups(service: Any) -> tuple[Wakeup, Wakeup]:
    """The wakeups of reading and of deciding."""
    return service.imports.job.reading, service.imports.job.deciding
