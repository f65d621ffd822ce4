"""Routes of stored evidence: read, list, attach to a record, detach."""

from typing import Any, Final
from urllib.parse import quote

from werkzeug.wrappers import Response

from chassis.http.compared_files import SHOWN, ComparedFiles, FilesQuery
from chassis.http.file_routes import FileRoutes
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media, Positions
from chassis.process.problems import Problem
from chassis.runtime.extensions import every
from services.participation.evidence import queries, schemas
from services.participation.evidence.comparison import EvidenceComparison
from services.participation.evidence.file_types import ENDINGS
from services.participation.evidence.handlers import Evidence, OpenFile, subject_of
from services.participation.evidence.messages import problem
from services.registry import rights

_FILES: Final = tuple(Media(media_type, "The file, or the part of it that was asked for.") for media_type in ENDINGS)
SAFE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes",
}  # fmt: skip
"""Headers: what people uploaded is neither executed nor embedded in our pages."""
SWEEP_SECONDS: Final = 3600.0
INSIDE: Final = ("service", "operator")


class EvidenceRoutes(FileRoutes):
    """Mixin of the service class."""

    evidence: Evidence
    evidence_comparison: EvidenceComparison
    store: Any

    @every(seconds=SWEEP_SECONDS, name="sweeping_evidence")
    def sweep_evidence(self) -> None:
        """Delete what expired, and what nothing refers to."""
        self.evidence.sweep()

    @route("GET", "/api/verify/files", roles=INSIDE, query=FilesQuery, response=ComparedFiles, problems=(404,))
    def verify_files(self, request: RouteRequest) -> Any:
        """Verify the evidence files that a part of the log refers to: `partition`, `after`."""
        partition, after = request.query["partition"], request.query["after"]
        try:
            part = self.evidence_comparison.compare(partition, after)
        except KeyError:
            raise Problem(404, "unknown_partition", "there is no such partition") from None
        orphans = self.evidence_comparison.orphans() if part.position >= part.head and partition == 0 else []
        return part._asdict() | {"orphans": orphans[:SHOWN], "orphan_count": len(orphans)}

    @route("GET", "/api/evidence", right=rights.SEE_EVIDENCE, query=schemas.EvidenceQuery,
           response=schemas.EvidenceList, problems=(404,))  # fmt: skip
    def list_evidence(self, request: RouteRequest) -> Any:
        """Files of a record (`record_id`) or of a unit (`unit_id`, with its quota); private ones only for their
        person."""
        asked = request.query
        with self.store.reading() as connection:
            unit_id, person_id = asked["unit_id"], ""
            if asked["record_id"]:
                record = queries.record_of(connection, asked["record_id"])
                if record is None:
                    raise rights.SEE_EVIDENCE.absent(request.actor, problem("unknown_record", asked["record_id"]))
                unit_id, person_id = record.unit_id, record.person_id
                rows = queries.files_of_records(connection, [record.record_id])
            else:
                rows = queries.files_of_unit(connection, unit_id, asked["after"], asked["limit"])
            subject = subject_of(connection, unit_id, person_id)
            rights.require(request.actor, rights.SEE_EVIDENCE, subject)
            shown = [row for row in rows if queries.may_read(request.actor, row, subject)]
            files = queries.named_files(connection, shown)
        more = not asked["record_id"] and len(rows) == asked["limit"]
        return {"files": files, "more": more, **self.evidence.usage(unit_id)}

    @route("GET", "/api/evidence/<content>", right=rights.OPEN_EVIDENCE, query=schemas.ReadEvidence,
           response={200: _FILES, 206: _FILES, 304: None}, problems=(410, 416),
           headers={"Range": "one range of bytes", "If-Range": "the ETag of what is there already"})  # fmt: skip
    def read_evidence(self, request: RouteRequest, content: str) -> Any:
        """A file, or a copy of a picture (`form`: small, thumb), for those who may read it; ranges allow seeking in
        videos."""
        form = request.query["form"]
        file = self.evidence.open(content, form, request.actor)
        return _answer(request, file, f'"{content}{"" if form == "full" else f"-{form}"}"')

    @route("POST", "/api/evidence/<content>/attach", right=rights.ADD_EVIDENCE, body=schemas.Attachment,
           response=Positions)  # fmt: skip
    def attach_evidence(self, request: RouteRequest, content: str) -> Any:
        """Attach a file to a record of its unit, when it is filed or later."""
        record_id = request.json["record_id"]
        return {"positions": self.evidence.attach(content, record_id, request.actor, request.correlation)}

    @route("POST", "/api/evidence/<content>/detach", right=rights.ADD_EVIDENCE, body=schemas.Detachment,
           response=Positions)  # fmt: skip
    def detach_evidence(self, request: RouteRequest, content: str) -> Any:
        """Detach a file from a record, with the reason."""
        record_id, reason = request.json["record_id"], request.json["reason"].strip()
        return {"positions": self.evidence.detach(content, record_id, reason, request.actor, request.correlation)}


def _answer(request: RouteRequest, file: OpenFile, etag: str) -> Response:
    """All of it, or the requested range (RFC 9110, 14)."""
    asked = request.http_request
    if asked.if_none_match.contains_raw(etag):
        return Response(b"", 304, {"ETag": etag})
    span, status = (0, file.size), 200
    wanted = asked.range
    fresh = asked.headers.get("If-Range", etag) == etag
    if wanted is not None and wanted.units == "bytes" and len(wanted.ranges) == 1 and fresh:
        part = wanted.range_for_length(file.size)
        if part is None:
            raise Problem(416, "bad_range", f"the file has {file.size} bytes")
        span, status = part, 206
    headers = {**SAFE_HEADERS, "ETag": etag, "Content-Length": str(span[1] - span[0]),
               "Content-Disposition": f"attachment; filename*=UTF-8''{quote(_name(file))}"}  # fmt: skip
    if status == 206:
        headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{file.size}"
    return Response(file.read(*span), status, headers, content_type=file.media_type)


def _name(file: OpenFile) -> str:
    """With the extension of the stored type, whatever the original name."""
    ending = ENDINGS[file.media_type]
    stem, dot, last = file.name.rpartition(".")
    return f"{stem if dot and len(last) <= 5 else file.name}{ending}"
