"""The type of a file by its bytes, never by its name or the browser's media type; only the types below are accepted."""

import zipfile
from pathlib import Path
from typing import Final

JPEG, PNG, PDF, MP4 = "image/jpeg", "image/png", "application/pdf", "video/mp4"
HEIC, WEBP = "image/heic", "image/webp"
_OFFICE = "application/vnd.openxmlformats-officedocument."
ENDINGS: Final = {
    JPEG: ".jpg", PNG: ".png", HEIC: ".heic", WEBP: ".webp", PDF: ".pdf",
    f"{_OFFICE}wordprocessingml.document": ".docx", f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
    f"{_OFFICE}presentationml.presentation": ".pptx",
    "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt",
    "application/ofd": ".ofd",
    MP4: ".mp4", "video/quicktime": ".mov", "video/3gpp": ".3gp", "video/webm": ".webm", "video/x-msvideo": ".avi",
}  # fmt: skip
"""The media types of stored files with their extensions; every picture is converted to one of the first two, except
originals that a kind of records requires."""
TYPE_IN_WORDS: Final = {
    JPEG: "image", PNG: "image", HEIC: "image", WEBP: "image", PDF: "pdf",
    f"{_OFFICE}wordprocessingml.document": "document", "application/msword": "document", "application/ofd": "document",
    f"{_OFFICE}spreadsheetml.sheet": "sheet", "application/vnd.ms-excel": "sheet",
    f"{_OFFICE}presentationml.presentation": "slides", "application/vnd.ms-powerpoint": "slides",
    **dict.fromkeys((MP4, "video/quicktime", "video/3gpp", "video/webm", "video/x-msvideo"), "video"),
}  # fmt: skip
"""As in the campaign's file (duties.record_kinds.FILE_TYPES)."""
PICTURE: Final = "picture"
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_OFFICE_PARTS: Final = {
    "word/document.xml": f"{_OFFICE}wordprocessingml.document", "xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OFFICE}presentationml.presentation", "OFD.xml": "application/ofd",
}  # fmt: skip
_OLE_STREAMS: Final = {
    "WordDocument": "application/msword", "Workbook": "application/vnd.ms-excel", "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}  # fmt: skip
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_VIDEO_BRANDS: Final = {b"qt  ": "video/quicktime", b"3gp": "video/3gpp", b"3g2": "video/3gpp"}
MOST_PARTS: Final = 20_000
START: Final = 4096


class UnknownType(ValueError):
    """None of the accepted types; the text says what it seems to be."""


def type_of(path: Path) -> str:
    """The media type, or PICTURE.  Raises UnknownType."""
    with path.open("rb") as file:
        start = file.read(START)
    if start.startswith(_PICTURES) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return PICTURE
    if start.startswith(b"PK\x03\x04"):
        return _package(path)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(path)
    media_type = _plain_type(start)
    if not media_type:
        raise UnknownType(_probable_type(start))
    if media_type != PICTURE and zipfile.is_zipfile(path):
        raise UnknownType("末尾附有压缩包的文件")
    return media_type


def photo_type_of(path: Path) -> str:
    """The media type of a photo that may be stored unchanged; empty for other pictures.  Raises UnknownType if an
    archive is appended."""
    with path.open("rb") as file:
        start = file.read(START)
    kinds = {JPEG: start.startswith(_PICTURES[0]), PNG: start.startswith(_PICTURES[1]), HEIC: is_heic(start),
             WEBP: start[:4] == b"RIFF" and start[8:12] == b"WEBP"}  # fmt: skip
    media_type = next((kind for kind, is_it in kinds.items() if is_it), "")
    if media_type and zipfile.is_zipfile(path):
        raise UnknownType("末尾附有压缩包的文件")
    return media_type


def is_heic(start: bytes) -> bool:
    return start[4:8] == b"ftyp" and start[8:12] in _HEIC


def _plain_type(start: bytes) -> str:
    if start.startswith(b"%PDF-"):
        return PDF
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        if brand in _HEIC:
            return PICTURE
        return "" if brand[:3] in (b"avi", b"M4A") else _VIDEO_BRANDS.get(brand) or _VIDEO_BRANDS.get(brand[:3], MP4)
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in start[:64] else ""
    return "video/x-msvideo" if start[:4] == b"RIFF" and start[8:12] == b"AVI " else ""


def _package(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnknownType("压缩包") from None
    if len(names) > MOST_PARTS or any(name.endswith("vbaProject.bin") for name in names):
        raise UnknownType("带宏的文档" if len(names) <= MOST_PARTS else "压缩包")
    for part, media_type in _OFFICE_PARTS.items():
        if part in names and (part == "OFD.xml" or "[Content_Types].xml" in names):
            return media_type
    raise UnknownType("压缩包")


def _compound(path: Path) -> str:
    """By the stream names in the directory, in UTF-16."""
    content = path.read_bytes()
    for name, media_type in _OLE_STREAMS.items():
        if f"{name}\0".encode("utf-16-le") in content:
            return media_type
    raise UnknownType("旧格式的文件")


def _probable_type(start: bytes) -> str:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginning, name in ((b"<svg", "SVG"), (b"<?xml", "XML 或 SVG"), (b"<!doctype html", "网页"), (b"<html", "网页"),
                            (b"mz", "程序"), (b"\x7felf", "程序"), (b"rar!", "压缩包"), (b"7z\xbc", "压缩包"),
                            (b"\x1f\x8b", "压缩包"), (b"#!", "程序")):  # fmt: skip
        if text.startswith(beginning):
            return name
    return "无法识别的文件"
