"""The bundle as PDF by typst: cover, contents with page numbers, every record of the task list with its pictures."""

import json
import tempfile
from pathlib import Path
from typing import Any

import typst

FONTS = ("Noto Serif CJK SC", "Source Han Serif SC", "FangSong", "SimSun", "Noto Sans CJK SC")
FOLDER = "/usr/share/fonts/opentype/noto"
TEMPLATE = r"""
#let data = json(bytes(sys.inputs.data))
#set document(title: data.unit, date: none)
#set text(font: data.fonts, size: 11pt, lang: "zh", region: "cn")
#set page(paper: "a4", margin: 25mm, footer: none)
#page[
  #v(60mm)
  #align(center)[
    #text(size: 26pt, weight: "bold", data.unit)
    #v(8mm)
    #text(size: 18pt)[印证资料（一校一档）]
    #v(30mm)
    #data.campaign \
    #data.semester（#data.first 至 #data.last）
  ]
]
#page[
  #align(center, text(size: 18pt)[目　录])
  #outline(title: none, depth: 1)
]
#set page(footer: context align(center, counter(page).display()))
#counter(page).update(1)
#for duty in data.duties {
  pagebreak(weak: true)
  heading(level: 1, duty.title)
  for record in duty.records {
    block(above: 14pt, below: 6pt, sticky: true, strong(record.day + "　" + record.title + "　" + record.record_id))
    for file in record.files {
      if file.picture != "" {
        block(breakable: false, align(center, image(file.picture, width: 80%, height: 100mm, fit: "contain")))
      }
      block(text(size: 8pt, file.path + "　" + file.name + "　SHA-256 " + file.sha256))
    }
  }
}
"""


def write_pdf(contents: dict[str, Any], pictures: dict[str, bytes], folder: str = "") -> bytes:
    """`pictures`: small copies (JPEG) by path.  typst.TypstError."""
    with tempfile.TemporaryDirectory() as room:
        duties: list[dict[str, Any]] = []
        for record in contents["records"]:
            if not duties or duties[-1]["title"] != record["duty"]:
                duties.append({"title": record["duty"], "records": []})
            duties[-1]["records"].append(_record(record, pictures, Path(room)))
        data = {"unit": contents["unit"], "campaign": contents["campaign"], "semester": contents["semester"],
                "first": contents["from"], "last": contents["to"], "duties": duties, "fonts": list(FONTS)}  # fmt: skip
        (Path(room) / "main.typ").write_text(TEMPLATE, encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder or FOLDER])
        about: dict[str, Any] = {"root": room, "font_paths": fonts}
        pdf = typst.compile(
            f"{room}/main.typ", format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, **about
        )
    assert isinstance(pdf, bytes)
    return pdf


def _record(record: dict[str, Any], pictures: dict[str, bytes], room: Path) -> dict[str, Any]:
    files = []
    for file in record["files"]:
        picture = ""
        if content := pictures.get(file["path"]):
            picture = file["path"].replace("/", "-").rpartition(".")[0] + ".jpg"
            (room / picture).write_bytes(content)
        files.append({"path": file["path"], "name": file["name"], "sha256": file["sha256"], "picture": picture})
    return {"day": record["day"], "title": record["title"], "record_id": record["record_id"], "files": files}
