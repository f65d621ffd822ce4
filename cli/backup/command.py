"""`qihang backup` and `qihang restore`: a running system into one encrypted file, and back."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.backup.archive import Json
from cli.backup.container_restore import ContainerRestore
from cli.backup.containers import Containers
from cli.backup.embedded import EmbeddedSystem
from cli.backup.keys import make_key, read_key
from cli.backup.project import Project
from cli.backup.restoring import Target, restore_system
from cli.backup.write_backup import Source, check_backup, make_backup, remove_older
from cli.failure import WrongUsage

Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="备份密钥文件，缺省为 QIHANG_BACKUP_KEY")]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="单机模式的文件夹，缺省为 QIHANG_DATA")]


def backup(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="备份写到此文件")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="只核对这份备份能否解开、是否完整")
    ] = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", metavar="FILE", help="生成备份密钥，与备份分开保管")
    ] = None,
    key: Key = None,
    data: Data = None,
    containers: Annotated[bool, typer.Option("--containers", help="备份本机容器里的区县服务器")] = False,
    keep: Annotated[int | None, typer.Option(min=1, help="同一文件夹里只留最近几份备份（*.qihang）")] = None,
) -> None:
    """把正在运行的整个系统备份成一个加密文件，写完读回核对。"""
    if sum(item is not None for item in (out, check, new_key)) != 1:
        raise WrongUsage("请用 --out FILE 备份，--check FILE 核对，或 --new-key FILE 生成密钥")
    if new_key:
        make_key(new_key)
        output.print_line(f"备份密钥写到 {new_key}；请在别处另存一份，没有它就解不开备份")
        return
    identity, began = read_key(_key_file(key)), time.monotonic()
    system: Source = Containers(Project()) if containers else _system(data)
    if check:
        output.print_line(_summary(check, check_backup(check, identity, system), began))
        return
    assert out is not None
    with _for_owner_alone():
        about = make_backup(out, identity, system)
    output.print_line(_summary(out, about, began))
    for old in remove_older(out, keep) if keep else ():
        output.print_line(f"已删除旧备份 {old.name}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="备份文件")],
    key: Key = None,
    data: Data = None,
    replace: Annotated[bool, typer.Option("--replace", help="已有数据时换掉它")] = False,
    erased: Annotated[
        Path | None, typer.Option("--erased", metavar="FILE", help="备份之后删除过个人信息的人员编号，每行一个")
    ] = None,
    containers: Annotated[
        bool, typer.Option("--containers", help="恢复本机容器里的区县服务器，停止和启动都在内")
    ] = False,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FOLDER", help="容器：并与另存的日志头核对，不符就不恢复")
    ] = None,
    despite_heads: Annotated[bool, typer.Option("--despite-heads", help="容器：日志头不符也恢复")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问")] = False,
) -> None:
    """用备份恢复系统：单机模式先停止；容器一条命令做完。备份之后删除过的个人信息再次删除。"""
    listed = erased.read_text(encoding="utf-8").split() if erased else []
    if not containers and (heads or despite_heads):
        raise WrongUsage("--heads 和 --despite-heads 只与 --containers 一起使用")
    system: Target = ContainerRestore(heads, despite_heads=despite_heads) if containers else _system(data)
    with _for_owner_alone():
        restore_system(system, file, read_key(_key_file(key)), replace=replace, yes=yes, erased=listed)


@contextmanager
def _for_owner_alone() -> Iterator[None]:
    """Whatever is written inside, nobody else may read."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _system(data: Path | None) -> EmbeddedSystem:
    folder = data or Path(os.environ.get("QIHANG_DATA", "").strip())
    if folder == Path():
        raise WrongUsage("不知道系统在哪里：请用 --data DIR 或设置 QIHANG_DATA")
    return EmbeddedSystem(folder)


def _key_file(given: Path | None) -> Path:
    named = os.environ.get("QIHANG_BACKUP_KEY", "").strip()
    if given is None and not named:
        raise WrongUsage("没有备份密钥：请用 --key FILE 或设置 QIHANG_BACKUP_KEY（qihang backup --new-key FILE 生成）")
    return given or Path(named)


def _summary(path: Path, about: Json, began: float) -> str:
    events = sum(head["position"] for state in about["stores"].values() for head in state.get("heads", ()))
    seconds = time.monotonic() - began
    megabytes = path.stat().st_size / 1_000_000
    return f"{path} 完好：{about['taken_at']}，{events} 件事件，{megabytes:.1f} MB，已读回核对，{seconds:.1f} 秒"
