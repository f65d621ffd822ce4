"""docs/zh: the manuals of the console, for who reads them as files."""

from console.manual_texts import MANUALS

HEAD = """# 使用手册

一个岗位一本；登录以后，每一页右上方的“帮助”打开手册里讲这一页的地方。由 `make docs` 从 console/manuals 生成。

"""


def pages() -> dict[str, str]:
    """File name under docs -> content."""
    index = HEAD + "".join(f"- [{manual.title}]({manual.name}.md)\n" for manual in MANUALS)
    texts = {f"zh/{manual.name}.md": _text(manual.text) for manual in MANUALS}
    return {"zh/README.md": index, **texts}


def _text(text: str) -> str:
    """Pictures stand where the console has them."""
    return text.replace("(../static/manual/", "(../../console/static/manual/")
