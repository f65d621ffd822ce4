"""Describes a rejected file for the error message: its kind by the first bytes, and its size; nothing of its
content."""

from typing import Final

_STARTS: Final = (
    (b"\xff\xd8\xff", "JPEG 图片"), (b"\x89PNG", "PNG 图片"), (b"GIF8", "GIF 图片"), (b"BM", "BMP 图片"),
    (b"II*\x00", "TIFF 图片"), (b"MM\x00*", "TIFF 图片"), (b"II\xbc", "JPEG XR 图片"), (b"8BPS", "Photoshop 图片"),
    (b"\xd7\xcd\xc6\x9a", "WMF 图片"), (b"\x01\x00\x00\x00", "EMF 图片"), (b"PK\x03\x04", "ZIP 或 Office 文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件"), (b"%PDF", "PDF 文档"), (b"MZ", "Windows 程序"),
    (b"\x7fELF", "Linux 程序"), (b"Rar!", "RAR 压缩包"), (b"7z\xbc\xaf", "7z 压缩包"), (b"\x1f\x8b", "gzip 压缩包"),
)  # fmt: skip


def described(content: bytes) -> str:
    """Description such as `WMF 图片，12 KB`."""
    size = f"{len(content)} 字节" if len(content) < 10_000 else f"{len(content) / 1024:.0f} KB"
    return "，".join(filter(None, (_kind(content), size)))


def _kind(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "HEIC 图片或视频"
    if content.startswith(b"RIFF"):
        return "WebP 图片" if content[8:12] == b"WEBP" else "音频或视频"
    return next((kind for start, kind in _STARTS if content.startswith(start)), "")
