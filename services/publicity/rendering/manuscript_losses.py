"""Collects what parts of a file are missing or changed in its manuscript, as messages for the person who submits it."""

from collections import Counter

_SENTENCES = {
    "picture_format": "{count} 张图片的格式（{what}）不能转换，没有收入，请另存为 jpg 或 png 后再插入。",
    "picture_broken": "{count} 张图片已损坏或不在文件里，没有收入。",
    "picture_large": "{count} 张图片尺寸太大（{what} 像素），没有收入，请缩小后再插入。",
    "picture_linked": "{count} 张图片只是链接，不在文件里，没有收入，请改为嵌入。",
    "pictures_over": "图片超过 {what} 张，后面的 {count} 张没有收入。",
    "frames": "{count} 张动图或多页图片只收入了第一幅。",
    "formula": "{count} 处公式写成了一行文字，请在清样中核对。",
    "formula_object": "{count} 处公式是旧版公式对象，没有收入，请改写为文字或截图插入。",
    "object": "{count} 个嵌入的对象（{what}）没有收入，请把要刊用的内容写进正文。",
    "chart": "{count} 个图表没有收入，请截图后作为图片插入。",
    "diagram": "{count} 个 SmartArt 图形没有收入，请把其中的文字写进正文。",
    "shape": "{count} 个图形（线条、形状、手写）没有收入。",
    "inserted_file": "{count} 处插入的文件没有收入，请把内容复制到正文。",
    "header": "页眉、页脚里的文字没有收入。",
    "comment": "{count} 条批注没有收入。",
    "hidden": "{count} 处隐藏文字没有收入。",
    "tracked": "修订按“全部接受”处理，删去的文字没有收入，请在清样中核对。",
    "table": "{count} 张表格按行写成了文字，请在清样中核对。",
    "symbol": "{count} 个特殊符号无法识别，以“〓”代替，请改写。",
    "glyph": "下列字符没有可用的字形，清样中以“〓”代替，汇编前请改写：{what}。",
}


class LeftOut:
    """Counts by kind and description."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, kind: str, what: str = "", count: int = 1) -> None:
        self._counts[kind, what] += count

    def put(self, kind: str, what: str = "") -> None:
        """Count a description once, however often it occurs."""
        self._counts[kind, what] = 1

    def copy(self) -> Counter[tuple[str, str]]:
        return self._counts.copy()

    def restore(self, counts: Counter[tuple[str, str]]) -> None:
        """Restore counts that were copied before."""
        self._counts = counts.copy()

    def sentences(self) -> list[str]:
        """The messages in the order of the kinds above, each a complete Chinese sentence."""
        return [
            sentence.format(count=count, what=what)
            for kind, sentence in _SENTENCES.items()
            for (other, what), count in sorted(self._counts.items())
            if other == kind
        ]
