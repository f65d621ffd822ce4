"""ADL's conformance requirements of how a request is put: files as parts, forms, versions, and `about`."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.intake.xapi.requirements import VERSION, fresh, plain, requirement
from tests.services.participation.platform import Platform


@requirement(127, 128, 129, 130, 131, 132, 133, 134, 135, 137, 138, 161)
def test_files_come_as_parts_each_under_its_hash(platform: Platform) -> None:
    content = bytes(range(256)) + b"\r\n--B text\r\n"
    sha2 = hashlib.sha256(content).hexdigest()
    file = {"usageType": "http://example.com/t", "display": {"en": "f"}, "contentType": "image/png",
            "length": len(content), "sha2": sha2}  # fmt: skip

    def sent(head: str = "application/json", part: str = "", kind: str = "multipart/mixed; boundary=B",
             first: Any = None, extra: bytes = b"", boundary: str = "B") -> int:  # fmt: skip
        part = part or f"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha2}"
        text = json.dumps(first or plain(attachments=[file])).encode()
        start = f"--{boundary}\r\nContent-Type: {head}\r\n\r\n".encode() + text
        start += f"\r\n--{boundary}\r\n{part}\r\n\r\n".encode()
        body = start + content + extra + f"\r\n--{boundary}--\r\n".encode()
        return platform.call("POST", raw=body, headers={"Content-Type": kind}).status_code

    assert sent() == 200
    assert platform.call("POST", body=plain(attachments=[file])).status_code == 400
    elsewhere = plain(attachments=[{**file, "fileUrl": "http://example.com/f"}])
    assert platform.call("POST", body=elsewhere).status_code == 200
    bad = ({"head": "text/plain"}, {"kind": "multipart/mixed"}, {"kind": "multipart/form-data; boundary=B"},
           {"kind": "text/plain"}, {"boundary": "C"}, {"extra": b"more"}, {"first": plain()},
           {"part": "Content-Type: image/png\r\nContent-Transfer-Encoding: binary"},
           {"part": f"Content-Type: image/png\r\nX-Experience-API-Hash: {sha2}"},
           {"part": f"Content-Transfer-Encoding: base64\r\nX-Experience-API-Hash: {sha2}"},
           {"part": f"Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {'0' * 64}"})  # fmt: skip
    for given in bad:
        assert sent(**given) == 400, given
    for attachments, kind in (("true", "multipart/mixed"), ("false", "application/json")):
        assert platform.call("GET", query={"attachments": attachments, "limit": "1"}).mimetype == kind


@requirement(315, 316, 317, 318, 319, 320)
def test_about_names_the_versions_to_anybody(platform: Platform) -> None:
    response = platform.call("GET", "/xapi/about", headers={"Authorization": "", VERSION: ""})
    about = json.loads(response.get_data())
    assert response.status_code == 200 and about["version"] == ["1.0.3", "2.0.0"]
    assert all(key.startswith("urn:qihang:") for key in about["extensions"])


@requirement(321, 331)
@pytest.mark.parametrize(("version", "status", "answered"), [
    ("1.0.0", 200, "1.0.3"), ("1.0", 200, "1.0.3"), ("1.0.9", 200, "1.0.3"), ("2.0", 200, "2.0.0"),
    ("2.0.0", 200, "2.0.0"), ("", 400, "1.0.3"), ("0.95", 400, "1.0.3"), ("1.1", 400, "1.0.3"), ("3.0", 400, "1.0.3"),
])  # fmt: skip
def test_each_request_says_a_version_that_is_spoken(
    platform: Platform, version: str, status: int, answered: str
) -> None:
    for method, body in (("GET", None), ("POST", plain())):
        response = platform.call(method, body=body, headers={VERSION: version})
        assert (response.status_code, response.headers[VERSION]) == (status, answered)


def test_agents_and_groups_of_a_context_are_of_version_2(platform: Platform) -> None:
    context = {"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@example.com"},
                                  "relevantTypes": ["http://example.com/t"]}],
               "contextGroups": [{"objectType": "contextGroup", "group": {
                   "objectType": "Group", "mbox": "mailto:g@example.com"}}]}  # fmt: skip
    version = {VERSION: "2.0.0"}
    assert platform.call("POST", body=plain(context=context), headers=version).status_code == 200
    assert platform.call("POST", body=plain(context=context)).status_code == 400
    wrong: dict[str, Any]
    for wrong in ({"objectType": "agent"}, {"agent": {"name": "a"}}, {"relevantTypes": []}, {"relevantTypes": ["abc"]}):
        bad = {"contextAgents": [{**context["contextAgents"][0], **wrong}]}
        assert platform.call("POST", body=plain(context=bad), headers=version).status_code == 400
    (statement_id,) = platform.post(plain(), headers=version)
    assert platform.get(statementId=statement_id)["version"] == "2.0.0"


@requirement(148, 336)
def test_a_request_may_be_put_in_a_form(platform: Platform) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    def posted(method: str, form: dict[str, str], query: dict[str, str] | None = None, **headers: str) -> Any:
        raw = urlencode(form).encode()
        return platform.call("POST", raw=raw, query={"method": method, **(query or {})}, headers={**kind, **headers})

    page = posted("GET", {"limit": "1"})
    assert page.status_code == 200 and json.loads(page.get_data()).keys() == {"statements", "more"}
    statement = {key: value for key, value in plain().items() if key != "id"}
    name = fresh()
    put = {"statementId": name, "content": json.dumps(statement), VERSION: "1.0.3"}
    assert posted("PUT", put, None, **{VERSION: ""}).status_code == 204
    assert platform.get(statementId=name)["verb"] == statement["verb"]
    assert posted("POST", {"content": json.dumps(plain())}).status_code == 200
    assert posted("PUT", put, {"statementId": name}).status_code == 400
    assert posted("PUT", {"statementId": name}).status_code == 400
    assert posted("DELETE", put).status_code == 400
    assert platform.call("GET", query={"method": "POST"}).status_code == 400
