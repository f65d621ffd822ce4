"""The package for publishing by hand: a page to open, select and paste, its pictures, its cover, and instructions."""

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

FILM_GUIDE = """手工展播步骤
1. 在控制台的“视频展播”页打开这个视频（编号 {article_id}），下载影片；核对影片的 SHA-256：
   {film}
2. 在公众号或视频号后台上传影片，说明文字用“文案.html”里审读过的文字；封面可用“封面.jpg”（900×383）。
3. 标题：{title}
4. 展播后复制链接并截图，在同一页登记；也可以用命令：
   qihang video confirm {article_id} --link 链接 --screenshot 截图.png
"""


def zip_package(article_id: str, title: str, package: dict[str, Any]) -> bytes:
    """A zip; the same package gives the same bytes."""
    html, film = package["html"], package.get("film")
    guide, name = (FILM_GUIDE, "文案.html") if film else (GUIDE, "推文.html")
    sha256 = film["content"] if film else ""
    files = {"说明.txt": guide.format(title=title, article_id=article_id, film=sha256).encode("utf-8-sig"),
             "封面.jpg": base64.b64decode(package["cover"])}  # fmt: skip
    for number, picture in enumerate(package["pictures"], 1):
        kind = "png" if picture.startswith("iVBOR") else "jpeg"
        html = html.replace(f"{{{{{number}}}}}", f"data:image/{kind};base64,{picture}")
        files[f"图片/{number}.{'png' if kind == 'png' else 'jpg'}"] = base64.b64decode(picture)
    page = f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
    files[name] = f"{page}{html}</body></html>".encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
