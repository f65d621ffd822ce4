"""Restores a stopped system from a backup: all is extracted and checked before anything is replaced."""

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

import pyrage

from cli import output
from cli.backup.archive import Json, read_about
from cli.backup.write_backup import ERASED_SUFFIX, FORMAT
from cli.failure import Failure, WrongUsage
from cli.terminal_text import escape_controls

ZONE = timezone(timedelta(hours=8))
ROOT = Path(__file__).parents[2]
VERSIONS = ("services/*/migrations", "console/store/migrations/versions", "chassis/store/migrations/versions")
"""The folders of migrations, as chassis/store/upgrade.py and console/store/database.py name them."""


class Target(Protocol):
    """A system that can be restored."""

    kind: str

    def held(self, about: Json, /) -> AbstractContextManager[None]:
        """So that nobody else starts or restores it.  Failure: one runs, or its settings are another's."""

    def holds_data(self) -> bool: ...

    def known_erased(self) -> list[str]: ...

    def restore(self, file: Path, identity: pyrage.x25519.Identity, erased: list[str]) -> Json: ...

    def begin_again(self, about: Json, erased: list[str], /) -> None: ...

    def next_step(self) -> str: ...


def restore_system(
    system: Target, file: Path, identity: pyrage.x25519.Identity, *, replace: bool, yes: bool, erased: Iterable[str]
) -> None:
    """Puts the backup in place, begins new epochs, and erases again who was erased since.  Failure, WrongUsage."""
    about = read_about(file, identity)
    _check_fits(about, system.kind)
    with system.held(about):
        if system.holds_data():
            if not replace:
                raise Failure("已有数据：要用备份换掉它，请加 --replace")
            _confirm(about, yes)
        known = {*erased, *lists_beside(file), *system.known_erased()}
        again = sorted(known - set(about["erased"]))
        system.restore(file, identity, again)
    system.begin_again(about, again)
    output.print_line(f"已恢复到 {moment(about)} 的备份；所有人要重新登录")
    if again:
        output.print_line(
            f"备份之后删除过个人信息的 {len(again)} 人已再次删除：{'、'.join(map(escape_controls, again))}"
        )
    else:
        output.print_line("没有发现备份之后删除过个人信息的人；如有，请执行 qihang erase 人员编号")
    output.print_line(
        f"{moment(about)} 之后发出的提醒、发布的文章，恢复后的系统都不知道；已发布的文章用 qihang publish-article 登记"
    )
    output.print_line(
        "提醒已全部暂停，以免重复：看过 qihang notify deliveries 之后，"
        "用 qihang notify hold everybody --release --reason 理由 恢复发送"
    )
    output.print_line("订阅的推送也已暂停：看过 qihang subscription list 之后，用 qihang subscription resume 名称 恢复")
    output.print_line(f"接着：{system.next_step()}；外部系统和文件导入请把这一时刻之后的内容再报一次")


def moment(about: Json) -> str:
    """The minute that the backup is of, as people here say it."""
    taken = datetime.fromisoformat(about["taken_at"]).astimezone(ZONE)
    return f"{taken:%Y-%m-%d %H:%M}（北京时间）"


def lists_beside(file: Path) -> set[str]:
    """Who is erased by the lists that every backup leaves beside itself."""
    lists = sorted(file.absolute().parent.glob(f"*{ERASED_SUFFIX}"))
    return {line.strip() for path in lists for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}


def _check_fits(about: Json, kind: str) -> None:
    if about.get("format") != FORMAT:
        raise Failure(
            f"这份备份的格式是 {about.get('format')}，本程序只认 {FORMAT}：请用写它的版本 {about.get('version')}"
        )
    if about["kind"] != kind:
        raise Failure(
            f"这份备份来自另一种运行方式（{about['kind']}），不能恢复到 {kind}；容器里的系统用 --containers 恢复"
        )
    written = {revision for state in about["stores"].values() for revision in state["revisions"]}
    if unknown := sorted(written - known_revisions()):
        raise Failure(f"这份备份由更新的版本 {about.get('version')} 写成（{'、'.join(unknown)}）：请用那个版本恢复")


def known_revisions(root: Path = ROOT) -> set[str]:
    """The versions of tables that this program knows, older ones too: all that Alembic finds in its folders."""
    from alembic.script import ScriptDirectory  # nobody else who backs up waits for it

    folders = [folder for pattern in VERSIONS for folder in sorted(root.glob(pattern))]
    scripts = ScriptDirectory(str(root), version_locations=[str(folder) for folder in folders])
    return {script.revision for script in scripts.walk_revisions()}


def _confirm(about: Json, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsage("会换掉现有的全部数据：请加 --yes，或在终端里确认")
    question = f"会用 {moment(about)} 的备份换掉现有的全部数据，不能撤销。请输入区县代号 {about['district']} 确认"
    if output.typed(question) != about["district"]:
        raise Failure("没有恢复，什么都没有改")
