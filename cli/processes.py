"""Commands about processes: start the system or one service, ask one for its health, sign an operator's token."""

import os
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.failure import Failure, WrongUsage
from cli.language import localise


class Process(StrEnum):
    """What can be started alone; the position in this list is the offset from the base port."""

    console = "console"
    participation = "participation"
    assessment = "assessment"
    publicity = "publicity"
    notifications = "notifications"


def up(
    service: Annotated[Process | None, typer.Argument(help="只启动一个服务（容器中这样用）")] = None,
    embedded: Annotated[bool, typer.Option("--embedded", help="在一个进程里启动整个系统")] = False,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="单机模式的全部状态所在文件夹")] = None,
    port_base: Annotated[int, typer.Option(min=1, max=65531, help="控制台端口，各服务依次加一")] = 8000,
) -> None:
    """在前台启动：--embedded 启动整个系统，或只启动一个服务。"""
    if embedded == (service is not None):
        raise WrongUsage("请用 qihang up --embedded --data DIR，或 qihang up 服务名")
    if embedded and data is None:
        raise WrongUsage("--embedded 需要 --data DIR")
    if service and data:
        raise WrongUsage("--data 只与 --embedded 一起使用")
    launcher = [sys.executable, "-m", "chassis.runtime.launcher"]
    arguments = [service.value] if service else ["embedded", "--data", str(data), "--port-base", str(port_base)]
    os.execv(launcher[0], [*launcher, *arguments])


def upgrade(
    service: Annotated[Process | None, typer.Argument(help="只升级一个服务的库（容器中这样用）")] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="单机模式的全部状态所在文件夹")] = None,
) -> None:
    """把库升级到本程序的版本；服务遇到旧版本的库不会启动，也不会自动升级。"""
    if (data is None) == (service is None):
        raise WrongUsage("请用 qihang upgrade --data DIR，或 qihang upgrade 服务名")
    of_services, of_console = (
        [sys.executable, "-m", f"{place}.upgrade"] for place in ("chassis.runtime", "console.store")
    )
    if service is not None:
        command = of_console if service is Process.console else [*of_services, service.value]
        os.execv(command[0], command)
    accounts = Path(str(data)) / "console.db"
    if not accounts.exists():
        os.execv(of_services[0], [*of_services, "--data", str(data)])
    if ended := subprocess.run([*of_services, "--data", str(data)], check=False).returncode:
        raise typer.Exit(ended)
    os.execv(of_console[0], [*of_console, str(accounts)])


def health(
    service: Annotated[Process, typer.Argument(help="服务名")],
    timeout: Annotated[float, typer.Option(min=0.1, help="最多等待的秒数")] = 5,
) -> None:
    """本机上的一个服务是否就绪（容器健康检查用）：就绪为 0，否则为 1。"""
    default = 8000 + list(Process).index(service)
    text = os.environ.get("QIHANG_HTTP_PORT") or str(default)
    if not text.isdecimal():
        raise WrongUsage(f"QIHANG_HTTP_PORT 不是端口号：{text}")
    import requests  # slow to load: `up` need not wait for it

    session = requests.Session()
    session.trust_env = False  # a proxy must not answer for the service
    try:
        answer = session.get(f"http://127.0.0.1:{text}/readyz", timeout=timeout, allow_redirects=False)
    except requests.RequestException:
        raise Failure(f"{service.value} 没有答复") from None
    if answer.status_code != 200:
        raise Failure(f"{service.value} 没有就绪（{answer.status_code}）")
    print(localise(f"{service.value} 就绪"))


def operator_token(
    key: Annotated[
        Path,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="operator 的 Ed25519 私钥（PEM）"),
    ],
    district: Annotated[str, typer.Option(metavar="D", help="区县代号，与服务的 QIHANG_DISTRICT 相同")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="令牌写到此文件")],
    hours: Annotated[int, typer.Option(min=1, max=24 * 31, help="有效小时数")] = 24,
) -> None:
    """签发运维令牌；文件在原处更换，正在使用它的程序不必重启。"""
    import jwt  # slow to load, as the next: `health` runs every few seconds

    from cli.result_files import write_atomically

    now = int(time.time())
    claims = {
        "iss": "operator",
        "sub": "operator",
        "aud": district,
        "roles": ["operator"],
        "units": [],
        "iat": now,
        "exp": now + hours * 3600,
    }
    try:
        token = jwt.encode(claims, key.read_bytes(), algorithm="EdDSA", headers={"kid": "operator"})
    except (jwt.InvalidKeyError, ValueError, TypeError):
        raise Failure(f"{key} 不是 Ed25519 私钥（PEM）") from None
    with write_atomically(out) as draft:
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(token + "\n", encoding="ascii")
    print(localise(f"已签发 {hours} 小时有效的运维令牌：{out}"))
