"""Slips with sign-in names and one-time passwords, as a page to print and cut: A4, ten on a sheet."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>启航登录账号条</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
@page{{size:A4;margin:10mm}}
*{{box-sizing:border-box}}
body{{margin:0;color:#000;font-size:10pt;line-height:1.5;
font-family:"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif}}
main{{display:grid;grid-template-columns:1fr 1fr;max-width:190mm;margin:0 auto}}
section{{border:1px dashed #777;padding:4mm 5mm;height:54mm;break-inside:avoid;overflow:hidden}}
h2{{font-size:12pt;margin:0}}
.unit{{margin:0 0 1.5mm;color:#333}}
dl{{display:grid;grid-template-columns:auto 1fr;gap:0 4mm;margin:0}}
dt{{color:#333}}dd{{margin:0;font-weight:600}}
.code{{font-family:"DejaVu Sans Mono","Noto Sans Mono",Consolas,monospace;font-size:14pt;letter-spacing:.06em}}
p.how{{margin:1.5mm 0 0;font-size:8.5pt;color:#333}}
</style></head><body><main>
{slips}
</main></body></html>
"""
_SLIP = """<section><h2>{name}</h2><p class="unit">{unit}</p>
<dl><dt>网址</dt><dd>{address}</dd>
<dt>登录账号</dt><dd>{sign_in_name}</dd><dt>初始密码</dt><dd class="code">{code}</dd></dl>
<p class="how">请在 {until} 前登录。第一次登录时要设定自己的密码，\
此后本条作废。请妥善保管，不要转给他人。</p></section>"""


@dataclass(frozen=True)
class Slip:
    """What one person is handed."""

    name: str
    unit: str
    sign_in_name: str
    code: str
    expires_at: float


class SlipFile:
    """The file is made first, readable by its owner alone: what cannot be kept is not asked for."""

    def __init__(self, path: Path, address: str) -> None:
        self._path, self._address = path, address
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def write(self, slips: Iterable[Slip]) -> None:
        """All slips so far."""
        self._path.write_text(_PAGE.format(slips="\n".join(map(self._section, slips))), encoding="utf-8")

    def _section(self, slip: Slip) -> str:
        until = datetime.fromtimestamp(slip.expires_at, ZONE)
        words = {"name": slip.name or slip.sign_in_name, "unit": slip.unit, "address": self._address,
                 "sign_in_name": slip.sign_in_name, "code": slip.code,
                 "until": f"{until:%Y} 年 {until.month} 月 {until.day} 日"}  # fmt: skip
        return _SLIP.format(**{name: escape(word) for name, word in words.items()})
