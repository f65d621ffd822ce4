"""Forms that bear files (multipart): whoever is signed in may send more to such a page than to any other, nobody else.

A body is on the disk by the time that a view sees it: waitress keeps a long request in a file, the parser of forms a
long part in another; a service gets it by pieces (docs/decisions/0188)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from flask import current_app, request

from console.components import components
from console.gateway import CHUNK_BYTES, RequestBody

MOST_FILES = 200
LONGEST_NAME = 200
MOST_TEXT_BYTES, MOST_PARTS = 1024**2, 10_000
"""Of the fields beside the files: a table of tasks or the ticks of a whole school's attendance."""
_MOST_BYTES = "most_bytes"
_NO_LINES = dict.fromkeys((*range(32), 127, 8232, 8233))


@dataclass(frozen=True)
class FormFile:
    """A file of a form: its own name without a folder, bytes, SHA-256 (hex)."""

    name: str
    size: int
    sha256: str
    stream: IO[bytes]

    @property
    def body(self) -> RequestBody | bytes:
        """For a request to a service; from the beginning each time."""
        self.stream.seek(0)
        return RequestBody(self.stream, self.size) if self.size else b""


def takes_files(most_bytes: int | None = None) -> Callable[[Any], Any]:
    """Decorator of a view whose form bears files: so many bytes at most, None: as many as the console takes at all.
    It stands between the route and `signed_in`."""

    def mark(view: Any) -> Any:
        setattr(view, _MOST_BYTES, most_bytes)
        return view

    return mark


def allow_files() -> None:
    """Before the check of the form's token, which reads the form.  Whoever has no session may send what fits in any
    form."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not hasattr(view, _MOST_BYTES) or request.method != "POST":
        return
    if components().sessions.user(counts_as_use=False) is not None:
        most_bytes, upload_limit = getattr(view, _MOST_BYTES), components().settings.upload_limit
        request.max_content_length = min(most_bytes or upload_limit, upload_limit)
        request.max_form_memory_size, request.max_form_parts = MOST_TEXT_BYTES, MOST_PARTS


def files_of(field: str) -> list[FormFile]:
    """The files that were chosen in a field, in their order; of several names alike the later ones get a number."""
    result: list[FormFile] = []
    taken = set[str]()
    for part in request.files.getlist(field)[:MOST_FILES]:
        if not (plain := _plain_name(part.filename or "")):
            continue  # the browser sends an empty part where no file was chosen
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{number}_{plain}"[:LONGEST_NAME]
        taken.add(name)
        size, sha256 = _size_and_digest(part.stream)
        result.append(FormFile(name, size, sha256, part.stream))
    return result


def _plain_name(name: str) -> str:
    """Its end, with the ending, where it is too long."""
    return name.rpartition("/")[2].translate(_NO_LINES).strip()[-LONGEST_NAME + 4 :]


def _size_and_digest(stream: IO[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    stream.seek(0)
    while piece := stream.read(CHUNK_BYTES):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()
