"""The package for publishing by hand: a page to open, select and paste, its pictures, its cover, and what to do."""

import base64
import io
import zipfile
from html import escape
from typing import Any

GUIDE = """手工发布步骤
1. 用浏览器打开“推文.html”，全选、复制，粘贴到公众号后台的图文编辑器。
2. 图片若没有随文粘贴，请从“图片”文件夹按编号上传；封面用“封面.jpg”（900×383）。
3. 标题：{title}
4. 发布后复制推文链接并截图，在控制台的“推文”页打开这篇推文（编号 {article_id}）登记；也可以用命令：
   qihang publish-article confirm {article_id} --link 链接 --screenshot 截图.png
"""


def zip_package(article_id: str, title: str, package: dict[str, Any]) -> bytes:
    """A zip; the same package is the same bytes."""
    html = package["html"]
    files = {"说明.txt": GUIDE.format(title=title, article_id=article_id).encode("utf-8-sig"),
             "封面.jpg": base64.b64decode(package["cover"])}  # fmt: skip
    for number, picture in enumerate(package["pictures"], 1):
        kind = "png" if picture.startswith("iVBOR") else "jpeg"
        html = html.replace(f"{{{{{number}}}}}", f"data:image/{kind};base64,{picture}")
        files[f"图片/{number}.{'png' if kind == 'png' else 'jpg'}"] = base64.b64decode(picture)
    page = f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
    files["推文.html"] = f"{page}{html}</body></html>".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
