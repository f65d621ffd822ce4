"""The bundle as PDF by typst: cover, table of contents, every record of the task list with its pictures, of which one
is in memory at a time."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import typst
from PIL import Image

from services.participation.bundle.placed_pictures import placeholder, with_pictures

FONTS = ("Noto Serif CJK SC", "Source Han Serif SC", "FangSong", "SimSun", "Noto Sans CJK SC")
FOLDER = "/usr/share/fonts/opentype/noto"
WIDTH, HEIGHT = 128, 100
"""The largest size of a picture in millimetres."""
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
        let (width, height) = (file.width * 1mm, file.height * 1mm)
        let picture = image(file.picture, width: width, height: height, fit: "stretch")
        block(breakable: false, align(center, picture))
      }
      block(text(size: 8pt, file.path + "　" + file.name + "　SHA-256 " + file.sha256))
    }
  }
}
"""


def pdf_pieces(
    contents: dict[str, Any], pictures: Mapping[str, int], picture: Callable[[int], bytes], folder: str = ""
) -> Iterator[bytes]:
    """`pictures`: by path the number of those that have a small copy; `picture(number)` returns the JPEG.  Raises
    typst.TypstError, PictureNotPlaced."""
    with tempfile.TemporaryDirectory() as room:
        duties: list[dict[str, Any]] = []
        for record in contents["records"]:
            if not duties or duties[-1]["title"] != record["duty"]:
                duties.append({"title": record["duty"], "records": []})
            duties[-1]["records"].append(_record(record, pictures, picture, Path(room)))
        data = {"unit": contents["unit"], "campaign": contents["campaign"], "semester": contents["semester"],
                "first": contents["from"], "last": contents["to"], "duties": duties, "fonts": list(FONTS)}  # fmt: skip
        (Path(room) / "main.typ").write_text(TEMPLATE, encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder or FOLDER])
        about: dict[str, Any] = {"root": room, "font_paths": fonts}
        pdf = typst.compile(
            f"{room}/main.typ", format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, **about
        )
    assert isinstance(pdf, bytes)
    return with_pictures(pdf, len(pictures), picture)


def _record(
    record: dict[str, Any], pictures: Mapping[str, int], picture: Callable[[int], bytes], room: Path
) -> dict[str, Any]:
    files = []
    for file in record["files"]:
        name, size = "", (0.0, 0.0)
        if (number := pictures.get(file["path"])) is not None:
            name, size = f"{number}.jpg", _millimetres(picture(number))
            (room / name).write_bytes(placeholder(number))
        files.append({"path": file["path"], "name": file["name"], "sha256": file["sha256"], "picture": name,
                      "width": size[0], "height": size[1]})  # fmt: skip
    return {"day": record["day"], "title": record["title"], "record_id": record["record_id"], "files": files}


def _millimetres(content: bytes) -> tuple[float, float]:
    """The largest size that fits."""
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        scale = min(WIDTH / image.width, HEIGHT / image.height)
        return image.width * scale, image.height * scale
