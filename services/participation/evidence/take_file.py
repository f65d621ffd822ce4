"""`python -m services.participation.evidence.take_file FOLDER`: turns an uploaded `body` into the file to be stored.

Reads `{"key": hex or empty, "originals": bool}` from stdin; writes `kept` and, for a picture, its copies into the
folder, all encrypted if a key is given; prints the result as JSON, or a code.  Runs under limits: nothing else opens
uploaded files."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.participation.evidence import file_types
from services.participation.evidence.copies import COPIES
from services.participation.evidence.file_types import PICTURE, UnknownType
from services.participation.evidence.sealed_files import seal_file

LONGEST, LONGEST_OF_LARGE, LARGE = 5000, 4000, 25_000_000
"""Pictures with more than LARGE pixels are reduced further, because of memory."""
QUALITY = 90
LARGEST_PICTURE = 60 << 20


def take(folder: Path, key: bytes, originals: bool = False) -> dict[str, Any]:
    """The result for the folder's `body`; `originals`: keep the bytes of a photo too.  Raises UnknownType,
    pictures.BadPicture, OSError."""
    body, plain = folder / "body", folder / "plain"
    copies = {name: folder / f"{name}.plain" for name in COPIES}
    for left in (plain, folder / "kept", *copies.values(), *(folder / name for name in COPIES)):
        left.unlink(missing_ok=True)
    media_type = file_types.type_of(body)
    if media_type == PICTURE:
        media_type = _clean(body, plain, copies)
        if originals and (as_it_is := file_types.photo_type_of(body)):
            media_type = as_it_is
            plain.unlink()
            os.link(body, plain)
    else:
        os.link(body, plain)
    answer = {"media_type": media_type, "size": plain.stat().st_size, "uploaded": _hash(body), "sha256": _hash(plain),
              "small": copies["small"].exists()}  # fmt: skip
    for source, target in ((plain, folder / "kept"), *((path, folder / name) for name, path in copies.items())):
        if source.exists():
            if key:
                seal_file(source, target, key)
                source.unlink()
            else:
                source.replace(target)
    return answer


def _clean(body: Path, plain: Path, copies: Mapping[str, Path]) -> str:
    """Pixels only, upright: without place, time, or data hidden behind the picture."""
    from services.reading import pictures

    if body.stat().st_size > LARGEST_PICTURE:
        raise pictures.BadPicture("too_many_pixels", f"{body.stat().st_size >> 20} MB")
    content = body.read_bytes()
    if file_types.is_heic(content[: file_types.START]):
        from services.participation.evidence.heic import as_jpeg

        content = as_jpeg(content)
    longest = LONGEST if pictures.pixels_of(content) <= LARGE else LONGEST_OF_LARGE
    cleaned = pictures.cleaned(content, longest, QUALITY)
    plain.write_bytes(cleaned)
    copy = cleaned
    for name, (side, quality) in COPIES.items():
        copy = pictures.reduced(copy, side, quality)
        copies[name].write_bytes(copy)
    return file_types.PNG if cleaned.startswith(b"\x89PNG") else file_types.JPEG


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    from services.reading.pictures import BadPicture

    given = json.load(sys.stdin)
    answer: dict[str, Any]
    try:
        answer = take(Path(sys.argv[1]), bytes.fromhex(given["key"]), given["originals"])
    except UnknownType as error:
        answer = {"code": "file_type", "detail": str(error)}
    except BadPicture as error:
        answer = {"code": str(error), "detail": error.detail}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
