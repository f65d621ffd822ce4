"""Messages for people at a page or with a file, Chinese only.  Receipts for outside systems contain codes and
messages.message."""

import re
from typing import Final

from services.participation.domain.messages import column_label, message

_CODE_FIRST: Final = re.compile(r"[a-z_]+（([^）]+)）")
_CODE_AFTER: Final = re.compile(r"（[a-z_]+）")
_TEXTS: Final = {
    "请填 units、people、posts、exemptions、records、findings、sheets 或 decisions。":
        "请填单位、任职、岗位职务、免计、填报记录、督查问题、季考核表或决定。",
    "更正值留空或填 restore": "更正值留空或填“恢复”",
    "请填活动方案中的类型代码或任务名称": "请填活动方案中的任务名称",
}  # fmt: skip


def sentence_for_people(code: str, column: str = "", value: str = "", label: str = "") -> str:
    """One sentence with the column, the value and the remedy; `label`: the column's name in its table."""
    mark = "\0"  # what people wrote is not replaced, even if it looks like a code
    text = message(code, column, value, label=mark) if value else message(code, column, label=mark)
    shown = f"“{value[:80]}”"
    before, written, after = text.partition(shown) if value and shown in text else (text, "", "")
    return (_plain(before) + written + _plain(after)).replace(mark, label or column_label(column))


def _plain(text: str) -> str:
    for words, plain in _TEXTS.items():
        text = text.replace(words, plain)
    return _CODE_AFTER.sub("", _CODE_FIRST.sub(r"\1", text))
