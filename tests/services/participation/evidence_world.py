"""Participation asked without a socket by who uploads and reads evidence; and pictures as phones write them."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from chassis.process import tokens
from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from services.participation.service import Service
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica

OFFSET_TYPE = "application/offset+octet-stream"
POSTS = {"P-clerk": ("S1", "clerk"), "P-head": ("S1", "head"), "P-inspector": ("S1", "inspector"),
         "P-other": ("S2", "clerk"), "P-liaison": ("O1", "clerk"), "P-office": ("B1", "campaign_office"),
         "P-leader": ("B1", "leader")}  # fmt: skip
UNITS = {"B1": "bureau", "O1": "office", "S1": "school", "S2": "school"}


@dataclass
class World:
    """A district with two schools; P1 teaches at S1, P2 at S1 too."""

    folder: Path
    url: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for issuer in ("console", "operator", "participation"):
            tokens.make_keys(self.folder / "keys" / f"{issuer}.key", self.folder / "keys" / f"{issuer}.pem")
        self.clock = self.folder / "clock"
        self.clock.write_text("2022-12-05T09:00:00+08:00")
        self.restart()
        cluster.campaign(self.replica)
        for unit_id, kind in UNITS.items():
            liaison = {"liaison_id": "O1"} if unit_id == "S1" else {}
            self.submit("unit", unit_id=unit_id, name=unit_id, kind=kind, opened_on="2010-09-01", **liaison)
        homes = {"P1": "S1", "P2": "S1"} | {person: unit for person, (unit, _) in POSTS.items()}
        for person_id, unit_id in homes.items():
            self.submit("membership", person_id=person_id, name="王某", role="teacher", unit_id=unit_id,
                        from_="2020-09-01")  # fmt: skip
        for person_id, (unit_id, post) in POSTS.items():
            self.submit("post", unit_id=unit_id, post=post, person_id=person_id, from_="2022-09-01")

    def restart(self) -> None:
        """The service anew over the same folder and store, as after a kill."""
        known = {"data": str(self.folder), "database_url": self.url, "rehearsal_clock": str(self.clock)}
        self.replica = Replica(unstarted(Service, Settings(**known | self.settings, check_responses=1)))
        self.replica.runtime.store.install("participation", "district")

    def submit(self, kind: str, /, **cells: str) -> None:
        receipt = self.replica.submit(kind, **cells)
        assert receipt.outcome == "accepted", receipt

    def record(self, record_id: str, kind: str = "study_session", **more: str) -> None:
        cells = {"record_id": record_id, "record": kind, "occurred_at": "2022-12-01T09:00:00", "title": "集中学习"}
        self.submit("record", **cells | (more or {"unit_id": "S1"}))

    def ask(self, who: str, method: str, url: str, body: Any = None, **headers: str) -> Response:
        path, _, query = url.partition("?")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        kind = OFFSET_TYPE if isinstance(body, bytes) else "application/json"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        builder = EnvironBuilder(path=path, method=method, data=raw, query_string=query, content_type=kind, headers={
            "Authorization": f"Bearer {self.token(who)}", "Tus-Resumable": "1.0.0", **named})  # fmt: skip
        route, arguments = self._route(method, path)
        response: Response = getattr(self.replica.service, route)(Request(builder.get_environ()), **arguments)
        return response

    def upload(self, who: str, content: bytes, name: str = "图.jpg", **about: str) -> dict[str, Any]:
        """What a file became, or the problem."""
        begun = self.begin(who, len(content), name, **about)
        if begun.status_code != 201:
            return problem(begun)
        address = location(begun)
        sent = self.ask(who, "PATCH", address, content, Upload_Offset="0")
        if sent.status_code != 204:
            return problem(sent)
        result: dict[str, Any] = json.loads(self.ask(who, "POST", f"{address}/finish", {}).get_data())
        return result

    def begin(self, who: str, length: int, name: str = "图.jpg", body: bytes | None = None, **about: str) -> Response:
        given = {"filename": name, **({"unit_id": "S1"} | about)}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in given.items())
        return self.ask(who, "POST", "/api/evidence/uploads", body, Upload_Length=str(length),
                        Upload_Metadata=metadata)  # fmt: skip

    def token(self, who: str) -> str:
        issuer, role = ("operator", "operator") if who == "operator" else ("console", "person")
        return tokens.Signer(issuer, "district", tokens.private_key(self.folder / "keys" / f"{issuer}.key")).issue(
            who, [role], 100)  # fmt: skip

    def close(self) -> None:
        self.replica.runtime.store.close()

    @staticmethod
    def _route(method: str, path: str) -> tuple[str, dict[str, str]]:
        parts = path.strip("/").split("/")[2:]
        match method, parts:
            case "POST", ["uploads"]:
                return "begin_upload", {}
            case "OPTIONS", ["uploads"]:
                return "upload_options", {}
            case _, ["uploads", name]:
                routes = {"HEAD": "upload_progress", "PATCH": "continue_upload", "DELETE": "end_upload"}
                return routes[method], {"upload_id": name}
            case "POST", ["uploads", name, "finish"]:
                return "finish_upload", {"upload_id": name}
            case "GET", []:
                return "list_evidence", {}
            case "GET", [name]:
                return "read_evidence", {"content": name}
            case "POST", [name, word]:
                return f"{word}_evidence", {"content": name}
        raise LookupError(path)


def location(begun: Response) -> str:
    return f"/api/evidence/{begun.headers['Location']}"


def problem(response: Response) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(response.get_data())
    return result


def photo(width: int = 640, height: int = 480, orientation: int = 6, place: bool = True) -> bytes:
    """A JPEG as a phone held upright writes it: lying, with its orientation, the place and the owner."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((200, 30, 30), (0, 0, width // 4, height // 4))
    exif = Image.Exif()
    exif[0x0112] = orientation
    if place:
        exif[0x013B] = "OWNER-OF-PHONE"
        exif.get_ifd(0x8825)[1] = "N"
        exif.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def video(size: int = 300_000) -> bytes:
    head = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0\0\0\x08free"
    return head + bytes(range(256)) * (size // 256)


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
