"""Photographs in HEIC, as some phones write them: read by libheif (pi-heif, which only reads), which turns them too."""

import io

import pi_heif  # type: ignore[import-untyped]

from services.reading.pictures import BadPicture

MOST_PIXELS = 25_000_000
"""It is decoded whole: libheif has it twice."""
QUALITY = 95


def as_jpeg(content: bytes) -> bytes:
    """The first picture, nothing of its EXIF.  BadPicture."""
    try:
        file = pi_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
        width, height = file.size
    except Exception:  # noqa: BLE001 - whatever a hostile picture makes the library raise
        raise BadPicture("broken_picture") from None
    if width * height > MOST_PIXELS:
        raise BadPicture("too_many_pixels", f"{width}×{height}")
    out = io.BytesIO()
    try:
        file.to_pillow().convert("RGB").save(out, "JPEG", quality=QUALITY, exif=b"")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001
        raise BadPicture("broken_picture") from None
    return out.getvalue()
