"""Photographs as a phone takes them: twelve megapixels, lying on their side, with the place where they were taken."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, TiffImagePlugin

PHONE = (4032, 3024)
ORIENTATION, GPS, SERIAL = 0x0112, 0x8825, 0xC62F
"""EXIF: turned to the right by a quarter; where; and the camera's number, which must not be told either."""


@cache
def _scene(size: tuple[int, int]) -> Image.Image:
    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 40).resize(size)
    return Image.merge("RGB", (noise, noise.point(lambda value: 255 - value), noise.point(lambda value: value // 2)))


def photo(path: Path, number: int, size: tuple[int, int] = PHONE) -> Path:
    """Its left half is red once it is upright: the lower half, as it is stored."""
    image = _scene(size).copy()
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, size[1] // 2, size[0], size[1]), fill=(200, 10 + number, 20))
    draw.text((size[0] // 3, size[1] // 4), f"{number:03}", fill="white", font_size=size[1] // 8)
    exif = Image.Exif()
    exif[ORIENTATION], exif[SERIAL] = 6, f"CAMERA-{number:04}"
    place = tuple(TiffImagePlugin.IFDRational(each) for each in (24, 26, 46))
    exif.get_ifd(GPS).update({1: "N", 2: place, 3: "E", 4: place})
    image.save(path, "JPEG", quality=88, exif=exif)
    return path
