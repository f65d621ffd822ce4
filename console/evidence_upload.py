"""Hands a file that came with a form on to participation, in parts by tus, as its user."""

import base64
from collections.abc import Iterator, Mapping
from typing import IO, Any

import requests

from console.components import components
from console.file_forms import FormFile
from console.gateway import CHUNK_BYTES
from console.service_client import ServiceResponse
from console.tokens import issue_token
from console.users import User

UPLOADS = "/api/evidence/uploads"
PART_BYTES = 4 * 1024**2
VERSION = {"Tus-Resumable": "1.0.0"}
AWAY = ServiceResponse({}, 502, "service_away", "印证资料没有传上去，请稍后再提交一次。")


def send_file(user: User, file: FormFile, about: Mapping[str, str]) -> ServiceResponse:
    """What it became (content, media type, size, name), or why it is refused.  `about`: filename, unit_id, person_id,
    private, kind."""
    metadata = ",".join(f"{name} {_base64(text)}" for name, text in about.items() if text)
    file.stream.seek(0)
    try:
        begun = _request(user, "POST", UPLOADS, {"Upload-Length": str(file.size), "Upload-Metadata": metadata}, b"")
        if begun.status_code != 201:
            return _response(begun)
        path = f"{UPLOADS}/{begun.headers.get('Location', '').rpartition('/')[2]}"
        for start in range(0, file.size, PART_BYTES):
            headers = {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
            part = _Part(file.stream, min(PART_BYTES, file.size - start))
            answer = _request(user, "PATCH", path, headers, part)
            if answer.status_code != 204:
                return _response(answer)
        return _response(_request(user, "POST", f"{path}/finish", {}, b""))
    except (requests.RequestException, ValueError):
        return AWAY


class _Part:
    """The next bytes of a stream, with the length that requests asks for."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream, self.len = stream, length

    def __iter__(self) -> Iterator[bytes]:
        left = self.len
        while left and (chunk := self._stream.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk


def _request(user: User, method: str, path: str, headers: Mapping[str, str], body: _Part | bytes) -> requests.Response:
    """The answer, read whole: it is small."""
    settings = components().settings
    token = issue_token(settings.signing_key, settings.district, user)
    sent = {**VERSION, **headers, "Authorization": f"Bearer {token}"}
    with components().services.forward(method, f"{settings.peers['participation']}{path}", sent, body) as answer:
        _ = answer.content
    return answer


def _response(answer: requests.Response) -> ServiceResponse:
    value: Any = answer.json() if answer.content else {}
    body = value if isinstance(value, dict) else {}
    return ServiceResponse(body, answer.status_code, str(body.get("code") or ""), str(body.get("detail") or ""))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
