"""Uploads of evidence by tus 1.0: creation, creation-with-upload, termination, expiration, checksum.

Any tus client works; a broken upload is queried with HEAD and resumed.  An upload belongs to the person who began it;
for everybody else it does not exist."""

import base64
import binascii
from email.utils import formatdate
from typing import Any, Final

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from chassis.process.problems import Problem
from chassis.process.text import is_line
from services.participation.campaign.queries import campaign_in_force
from services.participation.evidence.handlers import Evidence, subject_of
from services.participation.evidence.messages import problem
from services.participation.evidence.queries import units_of
from services.participation.evidence.schemas import KeptEvidence
from services.participation.evidence.uploads import CHECKSUMS, LARGEST, UploadPlan
from services.participation.registry.identity import local_day
from services.registry import rights

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,expiration,checksum"
OFFSET_TYPE: Final = "application/offset+octet-stream"
_BYTES: Final = Media(OFFSET_TYPE, "The bytes from `Upload-Offset` on.")
_TUS: Final = {"Tus-Resumable": f"{VERSION}, else 412"}
_PROBLEMS: Final = (404, 410, 412, 413, 423, 460)
LONGEST_NAME: Final = 200


class UploadRoutes:
    """Mixin of the service class."""

    evidence: Evidence
    store: Any
    clock: Any

    @route("OPTIONS", "/api/evidence/uploads", response={204: None})
    def upload_options(self, _: RouteRequest) -> Any:
        """The supported tus version and extensions."""
        about = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(LARGEST),
                 "Tus-Checksum-Algorithm": ",".join(CHECKSUMS)}  # fmt: skip
        return Response(b"", 204, _headers(about))

    @route("POST", "/api/evidence/uploads", right=rights.ADD_EVIDENCE, largest=LARGEST, stream=True, body=_BYTES,
           response={201: None}, problems=_PROBLEMS,
           headers={**_TUS, "Upload-Length": "bytes of the whole file", "Upload-Metadata":
                    "filename, unit_id, person_id (whose it is), private (1), kind (of the record, which may ask for"
                    " originals), all base64"})  # fmt: skip
    def begin_upload(self, request: RouteRequest) -> Any:
        """Create an upload; a body of the tus media type is its first part."""
        _check_version(request)
        plan = self._plan(request)
        self.evidence.check_room(plan.unit_id, plan.length)
        upload_id = self.evidence.uploads.begin(plan)
        offset = 0
        if request.http_request.mimetype == OFFSET_TYPE:
            offset = self._write(request, upload_id, plan, 0)
        expires = formatdate(self.evidence.uploads.expires_at(upload_id), usegmt=True)
        about = {"Location": f"uploads/{upload_id}", "Upload-Offset": str(offset), "Upload-Expires": expires}
        response = Response(b"", 201, _headers(about))
        response.autocorrect_location_header = False
        return response

    @route("HEAD", "/api/evidence/uploads/<upload_id>", response={200: None},
           problems=_PROBLEMS, headers=_TUS)  # fmt: skip
    def upload_progress(self, request: RouteRequest, upload_id: str) -> Any:
        """The number of bytes received."""
        _check_version(request)
        plan = self._find(request, upload_id)
        about = {"Upload-Offset": str(self.evidence.uploads.offset(upload_id, plan)), "Upload-Length": str(plan.length),
                 "Cache-Control": "no-store"}  # fmt: skip
        return Response(b"", 200, _headers(about | self._expiry(upload_id)))

    @route("PATCH", "/api/evidence/uploads/<upload_id>", largest=LARGEST, stream=True,
           body=_BYTES, response={204: None}, problems=_PROBLEMS,
           headers={**_TUS, "Upload-Offset": "where the bytes begin", "Upload-Checksum": "sha1, sha256"})  # fmt: skip
    def continue_upload(self, request: RouteRequest, upload_id: str) -> Any:
        """Append to an upload; the last bytes turn it into a stored file, or are answered with the reason of
        rejection."""
        _check_version(request)
        if request.http_request.mimetype != OFFSET_TYPE:
            raise Problem(415, "media_type", f"send {OFFSET_TYPE}")
        offset = _number(request, "Upload-Offset")
        end = self._write(request, upload_id, self._find(request, upload_id), offset)
        return Response(b"", 204, _headers({"Upload-Offset": str(end)} | self._expiry(upload_id)))

    @route("POST", "/api/evidence/uploads/<upload_id>/finish", response=KeptEvidence,
           problems=_PROBLEMS)  # fmt: skip
    def finish_upload(self, request: RouteRequest, upload_id: str) -> Any:
        """The outcome of a complete upload; processed again if the service was stopped meanwhile.  409: it is not
        complete."""
        plan, uploads = self._find(request, upload_id), self.evidence.uploads
        if (at := uploads.offset(upload_id, plan)) < plan.length:
            raise Problem(409, "not_whole", f"文件还没有传完（{at} / {plan.length} 字节）。")
        with uploads.locked(upload_id):
            return self._take_upload(request, upload_id, plan)

    @route("DELETE", "/api/evidence/uploads/<upload_id>", response={204: None},
           problems=_PROBLEMS, headers=_TUS)  # fmt: skip
    def end_upload(self, request: RouteRequest, upload_id: str) -> Any:
        """Terminate an upload."""
        _check_version(request)
        self._find(request, upload_id)
        with self.evidence.uploads.locked(upload_id):
            self.evidence.uploads.discard(upload_id)
        return Response(b"", 204, _headers({}))

    def _write(self, request: RouteRequest, upload_id: str, plan: UploadPlan, offset: int) -> int:
        uploads = self.evidence.uploads
        with uploads.place(), uploads.locked(upload_id):
            end = offset
            if uploads.outcome(upload_id) is None:
                end = uploads.append(upload_id, plan, offset, request.chunks(), _checksum(request))
            if end == plan.length:
                self._take_upload(request, upload_id, plan)
            return end

    def _take_upload(self, request: RouteRequest, upload_id: str, plan: UploadPlan) -> dict[str, Any]:
        """Checked by current posts: whoever began it may have handed theirs over."""
        return self.evidence.take(upload_id, plan, request.identified(), request.correlation)

    def _plan(self, request: RouteRequest) -> UploadPlan:
        """The owner of the file, checked for the caller's right.  Problem 400, 403, 404, 413, 422."""
        length, given = _number(request, "Upload-Length"), _metadata(request)
        unit_id, person_id = given.get("unit_id", ""), given.get("person_id", "")
        if length > LARGEST:
            raise Problem(413, "too_large", f"文件最大 {LARGEST >> 20} MB。")
        with self.store.reading() as connection:
            serves = units_of(connection, person_id, local_day(connection, self.clock()).isoformat())
            unit_id = unit_id or (serves[0] if len(serves) == 1 else "")
            subject = subject_of(connection, unit_id, person_id)
            originals = _keeps_originals(connection, given.get("kind", ""))
        private = given.get("private", "") == "1"
        right = rights.READ_OWN_EVIDENCE if private else rights.ADD_EVIDENCE
        rights.require(request.actor, right, subject)
        if not subject.unit_kind:
            raise problem("unknown_unit", unit_id)
        if person_id and unit_id not in serves:
            raise problem("not_of_unit", person_id)
        name = given.get("filename", "")[-LONGEST_NAME:].rpartition("/")[2].rpartition("\\")[2]
        return UploadPlan(length, unit_id, person_id, private, name or "未命名", _owner(request), originals)

    def _find(self, request: RouteRequest, upload_id: str) -> UploadPlan:
        plan = self.evidence.uploads.find(upload_id, _owner(request))
        if plan is None:
            raise Problem(410, "unknown_upload", "没有这个上传，或已过期，请重新上传。")
        return plan

    def _expiry(self, upload_id: str) -> dict[str, str]:
        return {"Upload-Expires": formatdate(self.evidence.uploads.expires_at(upload_id), usegmt=True)}


def _keeps_originals(connection: Connection, kind: str) -> bool:
    """Whether the campaign's file requires original photos for this kind."""
    stored = campaign_in_force(connection) if kind else None
    asked = stored.rules.kinds.get(kind) if stored else None
    return asked is not None and asked.evidence.originals


def _headers(more: dict[str, str]) -> dict[str, str]:
    return {"Tus-Resumable": VERSION, **more}


def _owner(request: RouteRequest) -> str:
    return f"{request.actor.issuer}:{request.actor.name}"


def _check_version(request: RouteRequest) -> None:
    if request.http_request.headers.get("Tus-Resumable") != VERSION:
        raise Problem(412, "tus_version", f"send `Tus-Resumable: {VERSION}`", version=VERSION)


def _number(request: RouteRequest, header: str) -> int:
    text = request.http_request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Problem(400, "bad_header", f"{header}: a whole number", column=header)
    return int(text)


def _metadata(request: RouteRequest) -> dict[str, str]:
    result = {}
    for pair in filter(
        None, (item.strip() for item in request.http_request.headers.get("Upload-Metadata", "").split(","))
    ):
        key, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Problem(400, "bad_header", f"Upload-Metadata: {key[:40]}", column="Upload-Metadata") from None
        if not is_line(text):
            raise Problem(422, "bad_text", f"Upload-Metadata: {key[:40]}", column="Upload-Metadata")
        result[key] = text
    return result


def _checksum(request: RouteRequest) -> str:
    """`sha256 HEX`; empty if none was sent."""
    text = request.http_request.headers.get("Upload-Checksum", "")
    if not text:
        return ""
    name, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if name not in CHECKSUMS or not digest:
        raise Problem(
            400, "bad_checksum", f"Upload-Checksum: {' or '.join(CHECKSUMS)} and base64", column="Upload-Checksum"
        )
    return f"{name} {digest.hex()}"
