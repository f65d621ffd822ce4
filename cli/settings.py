"""The environment variables of the command: QIHANG_DATA, or QIHANG_URL with QIHANG_TOKEN."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.failure import Failure, WrongUsage

SERVICES = ("participation", "assessment", "publicity", "notifications")


@dataclass(frozen=True)
class ConnectionSettings:
    """The console's address and where the caller's token comes from."""

    url: str | None
    data: Path | None
    token_text: str | None
    token_file: Path | None

    def address(self) -> str:
        """The console's address, read at every call: it may have changed with a restart."""
        if self.url:
            return self.url
        assert self.data is not None
        path = self.data / "address"
        try:
            return path.read_text(encoding="utf-8").strip().rstrip("/")
        except FileNotFoundError:
            raise Failure(f"系统没有运行：找不到 {path}（先执行 qihang up --embedded）") from None

    def token(self) -> str:
        """The bearer token, read at every call: it is rotated in place."""
        if self.token_text:
            return self.token_text
        path = self.token_file
        assert path is not None
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise Failure(f"找不到令牌文件 {path}") from None
        except UnicodeDecodeError:
            raise Failure(f"令牌文件 {path} 的内容不是令牌") from None


def load_connection_settings(environ: Mapping[str, str] = os.environ) -> ConnectionSettings:
    """Reads them; QIHANG_URL takes precedence over QIHANG_DATA."""
    url = environ.get("QIHANG_URL", "").strip().rstrip("/")
    data = environ.get("QIHANG_DATA", "").strip()
    token = environ.get("QIHANG_TOKEN", "").strip()
    token_file = environ.get("QIHANG_TOKEN_FILE", "").strip()
    if not url and not data:
        raise WrongUsage("不知道系统在哪里：请设置 QIHANG_DATA，或者 QIHANG_URL 和 QIHANG_TOKEN")
    if url and not url.startswith(("http://", "https://")):
        raise WrongUsage(f"QIHANG_URL 应以 http:// 或 https:// 开头：{url}")
    if not token and not token_file:
        if not data:
            raise WrongUsage("没有令牌：请设置 QIHANG_TOKEN 或 QIHANG_TOKEN_FILE")
        token_file = str(Path(data) / "operator.token")
    return ConnectionSettings(
        url=url or None,
        data=Path(data) if data else None,
        token_text=token or None,
        token_file=Path(token_file) if token_file else None,
    )
