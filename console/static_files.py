"""The files under console/static: each with the hash of its content in its address, so that a browser asks for it once,
and compressed once."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

FOLDER = Path(__file__).parent / "static"
HASH_LENGTH = 12
KEPT_SECONDS = 365 * 24 * 3600
UNHASHED_SECONDS = 3600
COMPRESSED = frozenset({".css", ".js", ".svg"})


@dataclass(frozen=True)
class StaticFile:
    """One file, read at the start."""

    content: bytes
    content_type: str
    hashed_name: str
    is_text: bool

    @cached_property
    def gzipped(self) -> bytes:
        """Made when it is first asked for; always the same bytes."""
        return gzip.compress(self.content, 9, mtime=0)


class StaticFiles:
    """All files of a folder, by their own name and by the hashed one."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        self._files = {path.relative_to(folder).as_posix(): _read(path, folder) for path in paths}
        self._hashed = {file.hashed_name: file for file in self._files.values()}

    def hashed_name(self, name: str) -> str:
        """`qihang.css` -> `qihang.0123456789ab.css`; a name of no file is returned unchanged."""
        file = self._files.get(name)
        return file.hashed_name if file else name

    def attach(self, app: Flask) -> None:
        """Serves them at /static/; `url_for("static", filename=...)` gives the hashed address."""
        app.add_url_rule("/static/<path:filename>", "static", self.serve)
        app.url_defaults(self._with_hash)

    def _with_hash(self, endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["filename"] = self.hashed_name(values["filename"])

    def serve(self, filename: str) -> Response:
        """Under the hashed name for good; under the plain one for an hour."""
        hashed = self._hashed.get(filename)
        file = hashed or self._files.get(filename)
        if file is None:
            abort(404)
        as_gzip = file.is_text and request.accept_encodings.quality("gzip") > 0
        response = Response(file.gzipped if as_gzip else file.content, content_type=file.content_type)
        if as_gzip:
            response.headers["Content-Encoding"] = "gzip"
        if file.is_text:
            response.headers["Vary"] = "Accept-Encoding"
        kept = f"public, max-age={KEPT_SECONDS}, immutable" if hashed else f"public, max-age={UNHASHED_SECONDS}"
        response.headers["Cache-Control"] = kept
        response.set_etag(f"{file.hashed_name}{'-gzip' if as_gzip else ''}")
        response.make_conditional(request)
        return response


def _read(path: Path, folder: Path) -> StaticFile:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    hashed = path.with_name(f"{path.stem}.{digest}{path.suffix}").relative_to(folder).as_posix()
    kind = (
        "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    )
    is_text = path.suffix in COMPRESSED
    return StaticFile(content, f"{kind}; charset=utf-8" if is_text else kind, hashed, is_text)
