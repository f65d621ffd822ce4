"""`python -m services.participation.bundle.make_bundle FILE.zip`: reads a bundle's contents as JSON from stdin, writes
the zip.

Prints the SHA-256 of its manifest and the number of files.  The proof is added after the manifest's hash is in the
log."""

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from services.participation.bundle.printed import pdf_pieces
from services.participation.evidence.sealed_files import read_plain, read_sealed

MANIFEST, INDEX, PRINTED = "manifest.json", "index.xlsx", "一校一档.pdf"
COLUMNS = (
    "任务",
    "填报记录",
    "类别",
    "日期",
    "周期",
    "人员编号",
    "标题",
    "文件",
    "原文件名",
    "SHA-256",
    "上传时 SHA-256",
)


def make(contents: dict[str, Any], folder: Path, out: zipfile.ZipFile) -> tuple[bytes, int]:
    """The manifest, and the number of evidence files."""
    listed, small = [], list[dict[str, Any]]()
    pictures: dict[str, int] = {}
    for number, record in enumerate(contents["records"], 1):
        for at, file in enumerate(record["files"], 1):
            file["path"] = f"files/{number:04}-{record['day']}/{at:02}{file['ending']}"
            sha256 = _add(out, file["path"], _bytes_of(folder, file))
            file["sha256"] = sha256
            listed.append({key: file[key] for key in ("path", "sha256", "size", "media_type", "uploaded", "events")}
                          | {"record_id": record["record_id"]})  # fmt: skip
            if file["media_type"].startswith("image/") and _has_small(folder, file):
                pictures[file["path"]] = len(small)
                small.append(file)
    printed = pdf_pieces(contents, pictures, lambda at: b"".join(_small(folder, small[at])), contents["fonts"])
    documents = [{"path": name, "sha256": _add(out, name, pieces), "size": out.getinfo(name).file_size}
                 for name, pieces in ((INDEX, iter([_index(contents)])), (PRINTED, printed))]  # fmt: skip
    about = {key: contents[key] for key in ("unit_id", "unit", "semester", "campaign", "from", "to", "made_at")}
    manifest = json.dumps({**about, "documents": documents, "files": listed}, ensure_ascii=False, indent=1).encode()
    out.writestr(MANIFEST, manifest)
    return manifest, len(listed)


def _bytes_of(folder: Path, file: dict[str, Any]) -> Iterator[bytes]:
    path = folder / "files" / file["content"][:2] / file["content"]
    if file["key"]:
        return read_sealed(path, bytes.fromhex(file["key"]), file["size"], 0, file["size"])
    return read_plain(path, 0, file["size"])


def _has_small(folder: Path, file: dict[str, Any]) -> bool:
    return (folder / "small" / file["content"][:2] / file["content"]).exists()


def _small(folder: Path, file: dict[str, Any]) -> Iterator[bytes]:
    path = folder / "small" / file["content"][:2] / file["content"]
    size = path.stat().st_size
    if file["key"]:
        from services.participation.evidence.sealed_files import plain_size

        return read_sealed(path, bytes.fromhex(file["key"]), plain_size(size), 0, plain_size(size))
    return read_plain(path, 0, size)


def _add(out: zipfile.ZipFile, name: str, pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with out.open(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), "w", force_zip64=True) as member:
        for piece in pieces:
            digest.update(piece)
            member.write(piece)
    return digest.hexdigest()


def _index(contents: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("目录")
        for at, title in enumerate(COLUMNS):
            sheet.write_string(0, at, title)
        line = 1
        for record in contents["records"]:
            for file in record["files"] or [{}]:
                cells = [record[key] for key in ("duty", "record_id", "kind", "day", "period", "person_id", "title")]
                cells += [file.get(key, "") for key in ("path", "name", "sha256", "uploaded")]
                for at, cell in enumerate(cells):
                    sheet.write_string(line, at, cell)
                line += 1
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def main() -> int:
    contents = json.load(sys.stdin)
    with zipfile.ZipFile(sys.argv[1], "w") as out:
        manifest, count = make(contents, Path(contents["folder"]), out)
    json.dump({"manifest_sha256": hashlib.sha256(manifest).hexdigest(), "documents": count}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
