"""Converts pictures: upright, without metadata (place, time, owner), limited in size, JPEG or PNG whatever they
were."""

import io
import warnings

from PIL import Image, ImageOps

MOST_PIXELS = 64_000_000
"""For a JPEG that can be decoded at reduced size, as cameras write them."""
MOST_PIXELS_AT_ONCE = 16_000_000
"""For a picture that is decoded at full size: 4 bytes per pixel, 8 with transparency."""
LONGEST_SIDE = 2000
LARGEST_FOR_WECHAT = 1_000_000
COVER = (900, 383)
LARGEST_THUMB = 64 * 1024


FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP")
_UNTAKEN = (
    (b"\xd7\xcd\xc6\x9a", 0, "WMF"), (b"\x01\x00\x09\x00", 0, "WMF"), (b"\x02\x00\x09\x00", 0, "WMF"),
    (b" EMF", 40, "EMF"), (b"ftypavif", 4, "AVIF"), (b"ftyp", 4, "HEIC"), (b"%!PS", 0, "EPS"), (b"<svg", 0, "SVG"),
    (b"<?xml", 0, "SVG"), (b"\x1f\x8b", 0, "压缩的 EMF、WMF"), (b"%PDF", 0, "PDF"),
    (b"\x00\x00\x00\x0cjP", 0, "JPEG 2000"),
    (b"II\xbc", 0, "JPEG XR"), (b"8BPS", 0, "PSD"),
)  # fmt: skip
"""Formats that no maintained library of pure Python decodes, by their first bytes."""


class BadPicture(ValueError):
    """The picture is not accepted; the text is its code, `detail` what was found."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.detail = detail


def cleaned(content: bytes, longest: int = LONGEST_SIDE, quality: int = 88) -> bytes:
    """A JPEG (PNG if it has transparency) with sides of at most `longest` pixels and no metadata.  Raises
    BadPicture."""
    image = _open_image(content, longest)
    return _png(image) if image.mode == "RGBA" else _jpeg(image, quality)


def reduced(content: bytes, longest: int, quality: int) -> bytes:
    """A JPEG, on white if it has transparency.  Raises BadPicture."""
    return _jpeg(_on_white(_open_image(content, longest)), quality)


def pixels_of(content: bytes) -> int:
    """The number of pixels by its header; 0 if it cannot be opened."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            return image.width * image.height
    except Exception:  # noqa: BLE001 - whatever a hostile picture makes the library raise
        return 0


def has_more_frames(content: bytes) -> bool:
    """Whether an opened picture is animated or has pages, of which the first is kept."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def for_wechat(content: bytes) -> bytes:
    """The same with less than a million bytes, JPEG or PNG, as uploadimg requires."""
    if len(content) < LARGEST_FOR_WECHAT:
        return content
    return _jpeg_below(_on_white(_open_image(content)), LARGEST_FOR_WECHAT)


def cover(content: bytes | None) -> bytes:
    """900 by 383 pixels, JPEG, less than 64 KB; without a picture a plain red area."""
    if content is None:
        image = Image.new("RGB", COVER, (158, 27, 30))
    else:
        image = ImageOps.fit(_on_white(_open_image(content)), COVER, Image.Resampling.LANCZOS)
    return _jpeg_below(image, LARGEST_THUMB)


def _open_image(content: bytes, longest: int = LONGEST_SIDE) -> Image.Image:
    """Upright, with sides of at most `longest`, RGB or RGBA; reduced before any other step.  Raises BadPicture."""
    for start, at, kind in _UNTAKEN:
        if content[at : at + len(start)] == start:
            raise BadPicture("picture_format", kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_pixels(image)
            image.draft("RGB", (longest, longest))  # JPEG only: libjpeg decodes at a reduced size
            image = _eight_bits(image)
            if image.mode not in ("RGB", "L", "RGBA"):
                image = image.convert("RGBA" if image.mode in ("LA", "P", "PA") else "RGB")
            image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
            turned = ImageOps.exif_transpose(image)
    except (BadPicture, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise BadPicture("too_many_pixels", f"{2 * (Image.MAX_IMAGE_PIXELS or 0)} 以上") from None
    except Exception:  # noqa: BLE001 - whatever a hostile picture makes the library raise
        raise BadPicture("broken_picture") from None
    return turned if turned.mode == "RGBA" else turned.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scans with 16 bits per pixel, which a plain conversion would turn white."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("I", "F"):
        low, high = image.getextrema()
        scale = 255 / max(float(high) - float(low), 1.0)  # type: ignore[arg-type]
        return image.point(lambda value: value * scale - float(low) * scale).convert("L")  # type: ignore[arg-type]
    if image.mode == "LAB":
        return image.getchannel(0)
    return image


def _check_pixels(image: Image.Image) -> None:
    in_parts = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    most = MOST_PIXELS if in_parts else MOST_PIXELS_AT_ONCE
    if image.width * image.height > most:
        raise BadPicture("too_many_pixels", f"{image.width}×{image.height}")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _jpeg_below(image: Image.Image, most: int) -> bytes:
    for quality in (88, 75, 60, 45, 30):
        if len(jpeg := _jpeg(image, quality)) < most:
            return jpeg
    smaller = image.resize((max(image.width // 2, 1), max(image.height // 2, 1)))
    return _jpeg_below(smaller, most)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    _bare(image).save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    _bare(image).save(out, "PNG", optimize=True)
    return out.getvalue()


def _bare(image: Image.Image) -> Image.Image:
    """Pixels only, without the metadata that Pillow would carry along."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare
