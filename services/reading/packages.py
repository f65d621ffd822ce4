"""Opens zipped workbooks; the directory is checked before anything is decompressed."""

import zipfile
from pathlib import Path

from chassis.process.packages import BadPackage, PackageLimits, check_package
from services.reading.table import LIMITS, Unreadable

_SAVE_AS = "请用 Excel 打开后另存为 .xlsx 再导入"


def open_package(source: Path) -> zipfile.ZipFile:
    """Raises Unreadable: with a password, too large, declaring entities, broken."""
    ratio_limit = max(LIMITS.unpacked_ratio * source.stat().st_size, 4 << 20)
    size = min(LIMITS.unpacked, ratio_limit)
    try:
        with source.open("rb") as raw:
            check_package(raw, PackageLimits(unpacked=size, xml_part=size))
        return zipfile.ZipFile(source)
    except BadPackage as error:
        raise Unreadable(_sentence(error)) from None


def _sentence(error: BadPackage) -> str:
    where = f"{error.part} {error.detail}".strip()
    part = f"（{where}）" if where else ""
    match error.code:
        case "locked":
            return f"工作簿带有密码{part}，请去掉密码，另存为不加密的 .xlsx 再导入。"
        case "declares_entities":
            return f"工作簿里声明了 XML 实体{part}，不予打开，{_SAVE_AS}。"
        case "broken":
            return f"工作簿已损坏，不能读取{part}，{_SAVE_AS}。"
    return f"工作簿展开后过大{part}，请另存为 CSV 或拆分后导入。"
