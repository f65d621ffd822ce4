"""Identifies an OLE file: an old workbook, one with a password, or another office document."""

from pathlib import Path

from services.reading.table import Unreadable

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。"
_FIRST_BYTES = 32 << 20
_STREAMS = {
    "EncryptedPackage": "工作簿带有密码，请去掉密码，另存为不加密的 .xlsx 再导入。",
    "WordDocument": "这是 Word 或 WPS 文字文档，不是表格，请把表格复制到工作簿里，另存为 .xlsx 再导入。",
    "PowerPoint Document": "这是演示文稿，不是表格，请把数据放进工作簿，另存为 .xlsx 再导入。",
}


def check_ole(source: Path) -> None:
    """Returns for an old workbook; raises Unreadable for everything else."""
    with source.open("rb") as file:
        content = file.read(_FIRST_BYTES)
    for stream, sentence in _STREAMS.items():
        if _names(content, stream):
            raise Unreadable(sentence)
    if not (_names(content, "Workbook") or _names(content, "Book")):
        raise Unreadable(f"这是 Excel 不认识的旧格式（可能是 .et 或 .wps），{_SAVE_AS}")


def _names(content: bytes, stream: str) -> bool:
    """Directory entries have names in UTF-16 with a terminating zero, at every 128th byte."""
    wanted = (stream + "\0").encode("utf-16-le")
    at = content.find(wanted)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = content.find(wanted, at + 1)
    return False
