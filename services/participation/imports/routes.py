"""Routes of imports: begin, upload, advance until finished, read the refused rows."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import NO_CONTENT, ClampedInteger, Media, Positions, StrictBoolean
from services.participation.domain.cells import MOST_CHARACTERS
from services.participation.imports.handlers import LARGEST_FILE, Imports
from services.participation.imports.spool import KIND_OF_FILE
from services.registry import rights

_BYTES = Media("application/octet-stream", "The file: CSV (UTF-8 or GB18030) or .xlsx.")


class ImportFile(marshmallow.Schema):
    """One file of an import: its name (units.csv ...), size in bytes, SHA-256 of its bytes (hex)."""

    name = fields.String(required=True, validate=validate.OneOf(list(KIND_OF_FILE)))
    size = fields.Integer(required=True, strict=True, validate=validate.Range(0, LARGEST_FILE))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class BeginImport(marshmallow.Schema):
    """The files of an import."""

    files = fields.List(fields.Nested(ImportFile), required=True, validate=validate.Length(1, len(KIND_OF_FILE)))
    dry_run = StrictBoolean(load_default=False)
    late_entry = fields.String(
        load_default="",
        validate=validate.Length(0, MOST_CHARACTERS),
        metadata={"description": "why the records are entered late (补录); empty: they are not"},
    )
    campaign = fields.String(
        load_default="",
        metadata={"description": "an earlier campaign, by whose rules the rows are judged; empty: the one in force"},
    )


class FileNeeded(marshmallow.Schema):
    """Whether a file must be uploaded."""

    name = fields.String(required=True)
    needed = fields.Boolean(required=True)


class ImportBegun(marshmallow.Schema):
    """The import; `resumed`: one of the same files that was cut off goes on."""

    import_id = fields.String(required=True)
    resumed = fields.Boolean(required=True)
    files = fields.List(fields.Nested(FileNeeded), required=True)


class FileProgressSummary(marshmallow.Schema):
    """How far a file is: its rows by outcome, and bytes of its spooled rows."""

    file = fields.String(required=True)
    rows = fields.Integer(required=True, strict=True)
    accepted = fields.Integer(required=True, strict=True)
    unchanged = fields.Integer(required=True, strict=True)
    refused = fields.Integer(required=True, strict=True)
    done_bytes = fields.Integer(required=True, strict=True)
    bytes = fields.Integer(required=True, strict=True)


class ImportAdvance(Positions):
    """How far the import is."""

    finished = fields.Boolean(required=True)
    files = fields.List(fields.Nested(FileProgressSummary), required=True)


class RefusedQuery(marshmallow.Schema):
    """Which refused rows."""

    after = ClampedInteger(0, 2**53, "rows past the first so many")
    limit = ClampedInteger(1000, 5000, "so many at most")


class RefusedRow(marshmallow.Schema):
    """A refused row: where it stood, the column at fault, the code and a message."""

    seq = fields.Integer(required=True, strict=True)
    file = fields.String(required=True)
    line = fields.Integer(required=True, strict=True)
    column = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class RefusedRows(marshmallow.Schema):
    """Refused rows in file order and line order; `more`: there may be further ones."""

    refused = fields.List(fields.Nested(RefusedRow), required=True)
    more = fields.Boolean(required=True)


class ImportRoutes:
    """Imports, driven by the client (docs/decisions/0005)."""

    imports: Imports

    @route("POST", "/api/imports", right=rights.ENTER_FACTS, body=BeginImport, response={201: ImportBegun},
           problems=(404,))  # fmt: skip
    def begin_import(self, request: RouteRequest) -> Any:
        """Begin to import files, or go on with an import of the same files that was cut off."""
        manifest = [[file["name"], file["sha256"], str(file["size"])] for file in request.json["files"]]
        imports = self.imports
        import_id, resumed = imports.begin_import(
            manifest, request.json["dry_run"], request.json["late_entry"].strip(), request.actor, request.correlation,
            request.json["campaign"].strip(),
        )  # fmt: skip
        return 201, {"import_id": import_id, "resumed": resumed, "files": imports.files_needed(import_id)}

    @route("PUT", "/api/imports/<import_id>/files/<name>", right=rights.ENTER_FACTS, largest=LARGEST_FILE, stream=True,
           body=_BYTES, response=NO_CONTENT)  # fmt: skip
    def upload(self, request: RouteRequest, import_id: str, name: str) -> Any:
        """Upload one file's bytes."""
        self.imports.upload_file(import_id, name, request.chunks())

    @route("POST", "/api/imports/<import_id>/advance", right=rights.ENTER_FACTS, response=ImportAdvance)
    def advance(self, request: RouteRequest, import_id: str) -> Any:
        """Decide rows for about a second; call again until it is finished."""
        return self.imports.advance_import(import_id, request.actor, request.correlation)

    @route(
        "GET", "/api/imports/<import_id>/refused", right=rights.ENTER_FACTS, query=RefusedQuery, response=RefusedRows
    )
    def refused(self, request: RouteRequest, import_id: str) -> Any:
        """The refused rows of an import, past the first `after`."""
        after, limit = request.query["after"], request.query["limit"]
        rows = self.imports.refused_rows(import_id, after, limit)
        return {"refused": rows, "more": len(rows) == limit}
