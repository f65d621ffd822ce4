"""Schemas of the routes of imports."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger, Positions, StrictBoolean
from services.participation.domain.cells import MOST_CHARACTERS
from services.participation.imports.domain import IF_ANY, TABLES

LARGEST_FILE = 2 * 1024**3
MOST_FILES = 2000
_FILE_NAME = r"[^/\\\x00-\x1f\x7f\u2028\u2029]{1,200}\Z"


class ImportFile(marshmallow.Schema):
    """One file of an import: name, size in bytes, SHA-256 (hex), and table (units, people ...); empty: recognised by
    its name or header; `?`: the same, but skipped with a note if it is no known table."""

    name = fields.String(required=True, validate=validate.Regexp(_FILE_NAME))
    size = fields.Integer(required=True, strict=True, validate=validate.Range(0, LARGEST_FILE))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    kind = fields.String(load_default="", validate=validate.OneOf(["", IF_ANY, *TABLES]))


class BeginImport(marshmallow.Schema):
    """The files of an import."""

    files = fields.List(fields.Nested(ImportFile), required=True, validate=validate.Length(1, MOST_FILES))
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
    source = fields.String(
        load_default="",
        validate=validate.Length(0, 256),
        metadata={"description": "the name or a source of an outside system, whose the rows become; empty: nobody's"},
    )
    unit_id = fields.String(
        load_default="",
        validate=validate.Length(0, 128),
        metadata={"description": "whose files they are; empty: the unit of the caller's post, or the whole district's"},
    )


class FileNeeded(marshmallow.Schema):
    """Whether a file must be uploaded."""

    name = fields.String(required=True)
    needed = fields.Boolean(required=True)


class ImportBegun(marshmallow.Schema):
    """The import; `resumed`: one of the same files continues, or ended without anybody having seen it."""

    import_id = fields.String(required=True)
    resumed = fields.Boolean(required=True)
    files = fields.List(fields.Nested(FileNeeded), required=True)


class PartProgressSummary(marshmallow.Schema):
    """The progress of a part (a file, or a sheet): its rows by outcome, and bytes of its spooled rows; `kind`: its
    table, `upload`: the uploaded file."""

    file = fields.String(required=True)
    kind = fields.String(required=True)
    upload = fields.String(required=True)
    total = fields.Integer(required=True, strict=True)
    rows = fields.Integer(required=True, strict=True)
    accepted = fields.Integer(required=True, strict=True)
    unchanged = fields.Integer(required=True, strict=True)
    refused = fields.Integer(required=True, strict=True)
    done_bytes = fields.Integer(required=True, strict=True)
    bytes = fields.Integer(required=True, strict=True)


class _ImportHead(marshmallow.Schema):
    import_id = fields.String(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf(["uploading", "reading", "deciding", "finished", "unreadable", "abandoned"]),
    )
    actor = fields.String(required=True)
    started_at = fields.String(required=True)
    finished_at = fields.String(required=True)
    late_entry = fields.String(required=True)
    source = fields.String(required=True)
    unit_id = fields.String(required=True, metadata={"description": "whose files they are; empty: the district's"})


class ImportShown(_ImportHead, Positions):
    """The progress of an import.  `finished`: nothing more happens; `state`: how it ended, `fault`: why its files could
    not be read.  `files`: the parts, once all uploads are read (`files_read` of them are)."""

    finished = fields.Boolean(required=True)
    dry_run = fields.Boolean(required=True)
    undone_at = fields.String(required=True, metadata={"description": "when it was undone; empty: it was not"})
    confirmed = fields.String(required=True, metadata={"description": "the import that a dry run became; empty: none"})
    campaign = fields.String(required=True)
    fault = fields.String(required=True)
    uploads = fields.List(fields.String(), required=True)
    files_read = fields.Integer(required=True, strict=True)
    files = fields.List(fields.Nested(PartProgressSummary), required=True)


class _Counts(_ImportHead):
    files = fields.List(fields.String(), required=True)
    kinds = fields.List(fields.String(), required=True)
    total = fields.Integer(required=True, strict=True)
    rows = fields.Integer(required=True, strict=True)
    accepted = fields.Integer(required=True, strict=True)
    unchanged = fields.Integer(required=True, strict=True)
    refused = fields.Integer(required=True, strict=True)


class ListedImport(_Counts):
    """An import in the list: its files, their tables, and its rows by outcome."""

    undone_at = fields.String(required=True, metadata={"description": "when it was undone; empty: it was not"})


class ListedDryRun(_Counts):
    """A dry run in the list."""

    confirmed = fields.String(required=True, metadata={"description": "the import that it became; empty: none"})


class DryRunList(marshmallow.Schema):
    """Dry runs, latest first."""

    dry_runs = fields.List(fields.Nested(ListedDryRun), required=True)
    today = fields.String(required=True, metadata={"description": "the day by the system's clock"})


class DryRunConfirmed(marshmallow.Schema):
    """The import of the checked files; `resumed`: it had begun before."""

    import_id = fields.String(required=True)
    resumed = fields.Boolean(required=True)


class ImportsQuery(marshmallow.Schema):
    """Which imports."""

    before = fields.String(load_default="", metadata={"description": "those that began before this one"})
    limit = ClampedInteger(50, 500, "so many at most")


class ImportList(marshmallow.Schema):
    """Imports, latest first; `more`: there may be others."""

    imports = fields.List(fields.Nested(ListedImport), required=True)
    more = fields.Boolean(required=True)


class RowsQuery(marshmallow.Schema):
    """Which rows or notes."""

    after = ClampedInteger(0, 2**53, "those past the first so many")
    limit = ClampedInteger(1000, 5000, "so many at most")


class RefusedRow(marshmallow.Schema):
    """A refused row: its place, the column (`label`: in Chinese) and value, if stored; code and message."""

    seq = fields.Integer(required=True, strict=True)
    file = fields.String(required=True)
    line = fields.Integer(required=True, strict=True)
    column = fields.String(required=True)
    label = fields.String(required=True)
    value = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class RefusedRows(marshmallow.Schema):
    """Refused rows ordered by part and line; `more`: there may be others."""

    refused = fields.List(fields.Nested(RefusedRow), required=True)
    more = fields.Boolean(required=True)


class ImportNote(marshmallow.Schema):
    """What was left out, changed or looks doubtful when reading a file; line 0: the whole sheet."""

    seq = fields.Integer(required=True, strict=True)
    file = fields.String(required=True)
    sheet = fields.String(required=True)
    line = fields.Integer(required=True, strict=True)
    column = fields.String(required=True)
    label = fields.String(required=True)
    code = fields.String(required=True)
    text = fields.String(required=True)


class ImportNotesPage(marshmallow.Schema):
    """Notes ordered by file and line; `more`: there may be others."""

    notes = fields.List(fields.Nested(ImportNote), required=True)
    more = fields.Boolean(required=True)
