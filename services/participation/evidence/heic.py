"""Converts HEIC photos, as some phones write them, with libheif (pi-heif, read only), which also rotates them."""

import io

import pi_heif  # type: ignore[import-untyped]

from services.reading.pictures import BadPicture

MOST_PIXELS = 25_000_000
"""A limit because it is decoded as a whole: libheif holds it twice."""
QUALITY = 95


def as_jpeg(content: bytes) -> bytes:
    """The first picture, without EXIF.  Raises BadPicture."""
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
