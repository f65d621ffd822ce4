"""Opens any file that people send as sheets; the content decides, not the extension."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from services.reading.delimited import TextSheet
from services.reading.disguises import check_disguise, check_mimetype, check_package_kind
from services.reading.ods import ods_sheets
from services.reading.ole import check_ole
from services.reading.packages import open_package
from services.reading.table import LIMITS, Sheet, Unreadable
from services.reading.xls import xls_sheets
from services.reading.xlsb import xlsb_sheets
from services.reading.xlsx import xlsx_sheets

ZIP, EMPTY_ZIP, OLE = b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEFORE_ZIP = b"\xef\xbb\xbf \r\n\t"
"""Bytes that web pages wrongly put before a workbook."""
SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。"
BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, LookupError, ValueError, ArithmeticError,
    struct.error, AssertionError, AttributeError, TypeError, XLRDError, CompDocError,
)  # fmt: skip
"""What zipfile, zlib, expat, xlrd and this package raise on damaged workbooks."""


def open_tables(source: Path) -> Iterator[Sheet]:
    """The sheets of a file, in order; read the rows of one before opening the next.  Raises Unreadable."""
    size = source.stat().st_size
    if size == 0:
        raise Unreadable("文件是空的（0 字节），请重新导出或另存后再导入。")
    if size > LIMITS.bytes:
        raise Unreadable(f"文件有 {size >> 20} MB，最多 {LIMITS.bytes >> 20} MB，请拆分后再导入。")
    with source.open("rb") as file:
        head = file.read(4096)
    yield from _sheets_of(source, head)


def _sheets_of(source: Path, head: bytes) -> Iterator[Sheet]:
    if head.lstrip(_BEFORE_ZIP).startswith(ZIP):
        return _zipped_sheets(source)
    if head.startswith(EMPTY_ZIP):
        check_package_kind(())
    if head.startswith(OLE):
        check_ole(source)
        return xls_sheets(source)
    check_disguise(head)
    return iter((TextSheet(source),))


def _zipped_sheets(source: Path) -> Iterator[Sheet]:
    with open_package(source) as package:
        names = set(package.namelist())
        check_package_kind(names)
        if "xl/workbook.bin" in names:
            yield from xlsb_sheets(package)
        elif "content.xml" in names:
            check_mimetype(package.read("mimetype") if "mimetype" in names else b"")
            yield from ods_sheets(package)
        else:
            yield from xlsx_sheets(package)


@contextmanager
def damage_as_unreadable() -> Iterator[None]:
    """Turns any library error about a damaged file, while opening and reading sheets, into Unreadable with one
    sentence."""
    try:
        yield
    except Unreadable:
        raise
    except BROKEN as error:
        raise Unreadable(f"工作簿已损坏，不能读取（{type(error).__name__}），{SAVE_AS}") from None
