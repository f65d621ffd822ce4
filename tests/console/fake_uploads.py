"""Participation's uploads of evidence as a fake service has them: tus, and what a whole file became."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

PATH = "/api/evidence/uploads"
VERSION = {"Tus-Resumable": "1.0.0"}


@dataclass
class FakeUploads:
    """`sent`: id -> what came of it; `parts`: how long each part was; `refused`: name -> the answer to its creation."""

    sent: dict[str, bytearray] = field(default_factory=dict)
    about: dict[str, dict[str, str]] = field(default_factory=dict)
    length: dict[str, int] = field(default_factory=dict)
    parts: list[int] = field(default_factory=list)
    refused: dict[str, Answer] = field(default_factory=dict)
    media_type: str = "image/jpeg"
    away: bool = False

    def attach(self, services: FakeGateway) -> None:
        services.on("POST", PATH, self._begin)
        services.on("HEAD", f"{PATH}/(\\w+)", self._offset)
        services.on("PATCH", f"{PATH}/(\\w+)", self._part)
        services.on("DELETE", f"{PATH}/(\\w+)", self._end)
        services.on("POST", f"{PATH}/(\\w+)/finish", self._finish)

    @property
    def names(self) -> list[str]:
        """Of the files that are whole."""
        return sorted(self.about[each]["filename"] for each in self.sent if self._is_whole(each))

    @property
    def whole(self) -> list[bytes]:
        return [bytes(self.sent[each]) for each in self.sent if self._is_whole(each)]

    def _is_whole(self, name: str) -> bool:
        return len(self.sent[name]) == self.length[name]

    def _begin(self, call: Call) -> Any:
        pairs = (pair.split(" ") for pair in call.headers["upload-metadata"].split(","))
        about = {key: base64.b64decode(value).decode() for key, value in pairs}
        if about["filename"] in self.refused:
            return self.refused[about["filename"]]
        if self.away:
            return problem(503, "away")
        name = f"{len(self.sent):032x}"
        self.sent[name], self.about[name], self.length[name] = bytearray(), about, int(call.headers["upload-length"])
        return Answer(201, b"", headers={**VERSION, "Location": f"uploads/{name}", "Upload-Offset": "0"})

    def _offset(self, _: Call, name: str) -> Any:
        if self.away:
            return problem(503, "away")
        offset = {"Upload-Offset": str(len(self.sent[name])), "Upload-Length": str(self.length[name])}
        return Answer(200, b"", headers={**VERSION, **offset})

    def _part(self, call: Call, name: str) -> Any:
        if self.away:
            return problem(503, "away")
        if int(call.headers["upload-offset"]) != len(self.sent[name]):
            return problem(409, "wrong_offset")
        self.parts.append(len(call.body))
        self.sent[name] += call.body
        return Answer(204, b"", headers={**VERSION, "Upload-Offset": str(len(self.sent[name]))})

    def _end(self, _: Call, name: str) -> Any:
        del self.sent[name]
        return Answer(204, b"", headers=VERSION)

    def _finish(self, _: Call, name: str) -> Any:
        content = hashlib.sha256(self.sent[name]).hexdigest()
        return {"content": content, "media_type": self.media_type, "size": self.length[name], "small": True,
                "uploaded": content, "name": self.about[name]["filename"], "positions": []}  # fmt: skip
