"""Recognises files that are no table despite their extension: web pages, XML, PDF, pictures, archives."""

import re
from collections.abc import Collection

from services.reading.table import Unreadable

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。"
_STARTS = (
    (b"%PDF", "这是 PDF 文件，不是表格，请导入原来的工作簿。"),
    (b"Rar!", "这是压缩包，请解压后导入里面的表格。"),
    (b"7z\xbc\xaf\x27\x1c", "这是压缩包，请解压后导入里面的表格。"),
    (b"\x1f\x8b", "这是压缩包，请解压后导入里面的表格。"),
    (b"{\\rtf", f"这是 RTF 文档，不是表格，{_SAVE_AS}"),
    (b"\x89PNG", "这是图片，不是表格，请导入原来的工作簿。"),
    (b"\xff\xd8\xff", "这是图片，不是表格，请导入原来的工作簿。"),
    (b"\x09\x00\x04\x00", f"这是很旧的 Excel 格式，{_SAVE_AS}"),
    (b"\x09\x02\x06\x00", f"这是很旧的 Excel 格式，{_SAVE_AS}"),
    (b"\x09\x04\x06\x00", f"这是很旧的 Excel 格式，{_SAVE_AS}"),
    (b"\x09\x08\x08\x00", f"这是很旧的 Excel 格式，{_SAVE_AS}"),
    (b"\x09\x08\x06\x00", f"这是很旧的 Excel 格式，{_SAVE_AS}"),
    (b"\x09\x08\x10\x00", f"这是没有封装的 Excel 工作表（.xls），{_SAVE_AS}"),
    (b"[InternetShortcut]", "这是网址的快捷方式，不是表格，请打开它并导入下载到的工作簿。"),
    (b"L\0\0\0\x01\x14\x02\0", "这是文件的快捷方式，不是表格，请导入它所指的工作簿。"),
    (b"ID;P", f"这是 SYLK 格式，{_SAVE_AS}"),
    (b"TABLE\r\n0,1\r\n", f"这是 DIF 格式，{_SAVE_AS}"),
    (b"TABLE\n0,1\n", f"这是 DIF 格式，{_SAVE_AS}"),
)  # fmt: skip
_OF_PACKAGES = frozenset(("[Content_Types].xml", "content.xml"))
_DBASE, _DBASE_HEADER = frozenset((0x03, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xCB, 0xF5)), 32
_HTML = ("<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<style", "<div", "<tr", "<td", "<script")
_GUARDED = b"E-SafeNet"
_OWNER_FILE, _OWNER_NAME = range(100, 200), 54
_JSON = re.compile(r'[\[{]\s*["{\[]')
_CONTROLS = frozenset(range(1, 32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
_MOST_CONTROLS = 0.03


def check_disguise(head: bytes) -> None:
    """Raises Unreadable for what is certainly no readable table."""
    for start, sentence in _STARTS:
        if head.startswith(start):
            raise Unreadable(sentence)
    if _GUARDED in head[:512]:
        raise Unreadable("文件已被文档加密软件加密，系统读不到内容，请用加密软件解密或另存为不加密的 .xlsx 再导入。")
    if _is_owner_file(head):
        raise Unreadable("这是打开工作簿时产生的临时文件（名字以 ~$ 开头），请导入原来的工作簿。")
    if _is_dbase(head):
        raise Unreadable(f"这是 dBase、FoxPro 的数据库表（.dbf），{_SAVE_AS}")
    text = _text(head).lstrip("\ufeff \t\r\n").lower()
    if text.startswith("<"):
        if "<office:document" in text:
            raise Unreadable(f"这是平面 XML 的 OpenDocument（.fods、.fodt），{_SAVE_AS}")
        if any(tag in text for tag in _HTML):
            raise Unreadable(f"这是网页（HTML），只是名字像工作簿，{_SAVE_AS}")
        if "schemas-microsoft-com:office:spreadsheet" in text:
            raise Unreadable(f"这是“XML 电子表格 2003”，{_SAVE_AS}")
        if text.startswith(("<?xml", "<office:")):
            raise Unreadable(f"这是 XML 文件，不是工作簿，{_SAVE_AS}")
    if _JSON.match(text):
        raise Unreadable("这是 JSON 数据或系统的报错信息，不是表格，请重新导出为 .xlsx 再导入。")
    _check_text(head)
    if text.startswith("mime-version:"):
        raise Unreadable(f"这是单个文件的网页（.mht），只是名字像工作簿，{_SAVE_AS}")


def check_package_kind(names: Collection[str]) -> None:
    """Raises Unreadable for a zip that is no workbook: a document, slides, an archive of files."""
    for part, what in (("word/document.xml", "Word 文档"), ("ppt/presentation.xml", "演示文稿")):
        if part in names:
            raise Unreadable(f"这是{what}，不是表格，请把表格复制到工作簿里，另存为 .xlsx 再导入。")
    if "encrypted-package" in names:
        raise Unreadable("工作簿带有密码，请去掉密码，另存为不加密的 .xlsx 再导入。")
    if any(name.endswith(".iwa") or name == "Index.zip" for name in names):
        raise Unreadable("这是苹果 Numbers 的表格，请在 Numbers 里“导出为 Excel”（.xlsx）再导入。")
    if not any(name in _OF_PACKAGES or name.lower().startswith(("xl/", "xl\\")) for name in names):
        raise Unreadable("这是压缩包，里面没有工作簿的内容，请解压后导入里面的表格。")


def check_mimetype(mimetype: bytes) -> None:
    """Raises Unreadable for an OpenDocument that is no spreadsheet."""
    if b"opendocument" in mimetype and b"spreadsheet" not in mimetype:
        raise Unreadable("这是 OpenDocument 文档（如 .odt），不是表格，请把表格复制到工作簿里，另存为 .xlsx 再导入。")


def _is_owner_file(head: bytes) -> bool:
    """Office's lock file beside an open workbook: the length of the user's name, the name, blanks."""
    if len(head) not in _OWNER_FILE or not 0 < head[0] < _OWNER_NAME:
        return False
    return not head[1 + head[0] : _OWNER_NAME].strip(b" \0")


def _check_text(head: bytes) -> None:
    """Raises Unreadable for bytes that are no text in any encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head.count(b"\0") * 4 > len(head):
        return  # the encoding is a sufficient explanation
    if sum(byte in _CONTROLS for byte in head) > max(3, len(head) * _MOST_CONTROLS):
        raise Unreadable(f"这不是表格，也不是文本，文件可能已损坏或被加密软件加密，{_SAVE_AS}")


def _is_dbase(head: bytes) -> bool:
    """By its first byte, the date of the last change after it, and the end of its list of fields."""
    if len(head) < _DBASE_HEADER or head[0] not in _DBASE or not (1 <= head[2] <= 12 and 1 <= head[3] <= 31):
        return False
    length = int.from_bytes(head[8:10], "little")
    return length > len(head) or head[length - 1 : length] == b"\r" or b"\r" in head[_DBASE_HEADER:length:32]


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace")
    return head.decode("utf-8", "replace")
