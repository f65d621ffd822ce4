"""A fake of the import routes: keeps uploads, finishes a file with every advance, refuses rows that are marked so."""

from __future__ import annotations

import csv
import hashlib
import io
import urllib.parse
from typing import Any

from cli.input_files import KINDS
from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

PREFIX = "/s/participation/api/imports"


class FakeImportRoutes:
    """Rows whose first cell begins with `bad` are refused; the rest are accepted."""

    def __init__(self, gateway: FakeGateway, page: int = 1000) -> None:
        self.uploads: dict[str, bytes] = {}
        self.order: list[dict[str, Any]] = []
        self.begun = 0
        self.notes: list[dict[str, Any]] = []
        self._advanced = 0
        self._page = page
        gateway.on("POST", PREFIX, self._begin)
        gateway.on("PUT", f"{PREFIX}/i1/files/(.+)", self._upload)
        gateway.on("POST", f"{PREFIX}/i1/advance", self._advance)
        gateway.on("GET", f"{PREFIX}/i1/refused", self._refused)
        gateway.on("GET", f"{PREFIX}/i1/notes", self._notes)
        gateway.on("GET", f"{PREFIX}/i1/files/(.+)/workbook", lambda _, name: Answer(200, f"back of {name}".encode()))

    def forget(self) -> None:
        """As a service that was killed before the upload reached its disk."""
        self.uploads.clear()

    def _begin(self, call: Call) -> Answer:
        self.begun += 1
        self.order = call.json["files"]
        self.dry_run = call.json["dry_run"]
        self.late_entry, self.campaign, self.source = (call.json[key] for key in ("late_entry", "campaign", "source"))
        files = [{"name": file["name"], "needed": file["name"] not in self.uploads} for file in self.order]
        return Answer(201, {"import_id": "i1", "resumed": self.begun > 1, "files": files})

    def _upload(self, call: Call, quoted: str) -> Answer:
        name = urllib.parse.unquote(quoted)
        expected = next(file for file in self.order if file["name"] == name)
        if hashlib.sha256(call.body).hexdigest() != expected["sha256"] or len(call.body) != expected["size"]:
            return problem(422, "bad_upload", "内容与登记的不符")
        self.uploads[name] = call.body
        return Answer(204, b"")

    def _advance(self, call: Call) -> Answer | dict[str, Any]:
        if missing := [file["name"] for file in self.order if file["name"] not in self.uploads]:
            return problem(409, "file_needed", f"请上传 {missing[0]}")
        self._advanced += 1
        files = [self._counts(file["name"]) for file in self.order[: self._advanced]]
        return {"finished": self._advanced >= len(self.order), "files": files, "positions": []}

    def _refused(self, call: Call) -> dict[str, Any]:
        after = int(call.query.get("after", 0))
        rows = [row for file in self.order for row in self._bad(file["name"])]
        numbered = [{"seq": seq, **row} for seq, row in enumerate(rows, start=1)]
        page = [row for row in numbered if row["seq"] > after][: self._page]
        return {"refused": page, "more": bool(page) and page[-1]["seq"] < len(rows)}

    def _notes(self, _: Call) -> dict[str, Any]:
        return {"notes": self.notes, "more": False}

    def _rows(self, name: str) -> list[list[str]]:
        return [row for row in csv.reader(io.StringIO(self.uploads[name].decode("utf-8-sig"))) if row][1:]

    def _counts(self, name: str) -> dict[str, Any]:
        rows, bad, size = self._rows(name), self._bad(name), len(self.uploads[name])
        counts = {"rows": len(rows), "accepted": len(rows) - len(bad), "unchanged": 0, "refused": len(bad)}
        return {"file": _part(name), **counts, "done_bytes": size, "bytes": size}

    def _bad(self, name: str) -> list[dict[str, Any]]:
        return [
            {
                "file": _part(name),
                "line": line,
                "column": "unit_id",
                "code": "missing",
                "message": "必填",
                "value": "",
            }
            for line, row in enumerate(self._rows(name), start=2)
            if row[0].startswith("bad")
        ]


def _part(name: str) -> str:
    stem = name.rpartition(".")[0]
    return f"{stem}.csv" if stem in KINDS else name
