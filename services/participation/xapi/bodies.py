"""Parses the body of a request: one statement or several, plain or as the first part of `multipart/mixed`."""

import hashlib
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final, NamedTuple

from chassis.events import strict_json
from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from services.participation.xapi.domain.statements import normalized
from services.participation.xapi.signatures import is_signature, signature_fault
from services.participation.xapi.statement_schema import fault_of

JSON: Final = "application/json"
MULTIPART: Final = "multipart/mixed"
LARGEST: Final = 4 * 1024 * 1024
MOST: Final = 1000
_AT_ONCE: Final = 25
"""The number of statements validated between yields to other requests."""
_BOUNDARY: Final = re.compile(r";\s*boundary=(\"[^\"]{1,70}\"|[^\s;\"]{1,70})", re.IGNORECASE)
_HASHES: Final = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}


class _Part(NamedTuple):
    kind: str
    hash: str
    encoding: str
    content: bytes


def read_statements(body: bytes, content_type: str | None, version: str) -> list[dict[str, Any]]:
    """The statements, unchanged and all valid.  Problem 400: none is accepted."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == MULTIPART:
        first, *files = _parts(body, content_type or "")
        if first.kind != JSON:
            raise Problem(400, "bad_content_type", "the first part is application/json with all statements")
        statements = _statements(first.content, version)
        _check_files(statements, files)
        return statements
    if kind != JSON:
        raise Problem(400, "bad_content_type", f"send {JSON} or {MULTIPART}")
    statements = _statements(body, version)
    _check_files(statements, ())
    return statements


def _statements(body: bytes, version: str) -> list[dict[str, Any]]:
    try:
        document = strict_json.parse(body, LARGEST)
        strict_json.check_texts(document)
    except strict_json.BadJson as error:
        raise Problem(413 if error.code == "too_large" else 400, error.code, str(error)) from None
    given = document if isinstance(document, list) else [document]
    if not given:
        raise Problem(400, "bad_statement", "no statement")
    if len(given) > MOST:
        raise Problem(413, "too_many", f"at most {MOST} statements a body")
    statements = [normalized(each) if isinstance(each, dict) else each for each in given]
    for place, statement in enumerate(statements):
        if place % _AT_ONCE == 0:
            yield_control()
        if fault := fault_of(statement, version):
            where = f"[{place}] " if isinstance(document, list) else ""
            raise Problem(400, "bad_statement", f"{where}{fault}")
    _check_ids(statements)
    return statements


def _check_ids(statements: Sequence[dict[str, Any]]) -> None:
    names = [str(each["id"]).lower() for each in statements if "id" in each]
    if len(set(names)) < len(names):
        raise Problem(400, "bad_statement", "two statements of one body bear the same id")


def _parts(body: bytes, content_type: str) -> list[_Part]:
    """At least one."""
    match = _BOUNDARY.search(content_type)
    boundary = match[1].strip('"').encode() if match else b""
    if not boundary or not body.lstrip(b"\r\n").startswith(b"--" + boundary):
        raise Problem(400, "bad_multipart", "multipart/mixed needs its boundary, in the header and before each part")
    head = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\nMIME-Version: 1.0\r\n\r\n'
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    if not message.is_multipart() or message.defects:
        raise Problem(400, "bad_multipart", "the parts cannot be told apart")
    return [
        _Part(part.get_content_type(), str(part.get("X-Experience-API-Hash", "")).strip().lower(),
              str(part.get("Content-Transfer-Encoding", "")).strip().lower(), _content(part))
        for part in message.iter_parts()
    ]  # fmt: skip


def _content(part: Any) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _check_files(statements: Sequence[dict[str, Any]], files: Sequence[_Part]) -> None:
    """Every part must be the complete file of an attachment; every attachment must have a part, or the URL of its
    file."""
    attachments = [item for each in statements for item in _attachments(each)]
    wanted = {str(item["sha2"]).lower() for item in attachments}
    sent = {each.hash for each in files}
    for each in files:
        if each.hash not in wanted:
            raise Problem(400, "bad_multipart", "a part whose X-Experience-API-Hash is of no attachment")
        if each.encoding != "binary":
            raise Problem(400, "bad_multipart", "Content-Transfer-Encoding of a file's part is binary")
        if hashlib.new(_HASHES[len(each.hash)], each.content).hexdigest() != each.hash:
            raise Problem(400, "bad_multipart", "a part whose bytes are not those of its X-Experience-API-Hash")
    by_hash = {each.hash: each.content for each in files}
    for statement in statements:
        for item in filter(is_signature, statement.get("attachments", ())):
            if fault := signature_fault(item, by_hash.get(str(item["sha2"]).lower()), statement):
                raise Problem(400, "bad_signature", fault)
    for item in attachments:
        if "fileUrl" not in item and str(item["sha2"]).lower() not in sent:
            raise Problem(400, "bad_multipart", "an attachment without fileUrl whose file is not in the body")


def _attachments(statement: dict[str, Any]) -> list[dict[str, Any]]:
    inside = statement["object"].get("attachments", ()) if isinstance(statement["object"], dict) else ()
    return [*statement.get("attachments", ()), *inside]
