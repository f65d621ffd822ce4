"""The `qihang` command: finds the sub-commands and turns expected failures into one line and an exit code."""

import importlib
import os
import sys
from typing import Annotated, Any

import typer

from cli import usage
from cli.failure import Failure
from cli.language import localise, localise_command
from cli.terminal_text import escape_controls
from cli.version import VERSION

COMMANDS = {
    "up": "processes:up",
    "upgrade": "processes:upgrade",
    "health": "processes:health",
    "operator-token": "processes:operator_token",
    "import": "imports:import_files",
    "find": "find:find",
    "roster": "roster:roster",
    "imports": "imports:app",
    "template": "template:template",
    "bundle": "bundle:app",
    "history": "history:history",
    "erase": "erase:erase",
    "person": "person:app",
    "settle": "settle:settle",
    "freeze": "freezes:freeze",
    "admit": "freezes:admit",
    "report": "reports:report",
    "scoreboard": "reports:scoreboard",
    "status": "status:status",
    "rebuild": "maintenance:rebuild",
    "verify": "verification:verify",
    "heads": "heads:heads",
    "backup": "backup.command:backup",
    "restore": "backup.command:restore",
    "publish": "publishing.command:publish",
    "appoint-reader": "reviews:appoint_reader",
    "reading": "reviews:reading",
    "work": "works:app",
    "review": "reviews:app",
    "anthology": "anthologies:app",
    "publish-article": "articles:app",
    "video": "videos:app",
    "campaign": "campaign:app",
    "quarantine": "quarantine:app",
    "accounts": "accounts:app",
    "security-log": "security_log:security_log",
    "publisher": "publishers:app",
    "subscription": "subscriptions:app",
    "xapi": "learning:app",
    "notify": "notify:app",
}
"""Where each command is: a function, or a `typer.Typer` with commands of its own.  Only the one that is called is
loaded: the terminal should not wait for the others."""


class LazyGroup(usage.Group):
    """Loads a command when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as typer calls it
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as typer calls it
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"cli.{module}"), attribute)
        alone = typer.Typer(callback=_qihang, **SETTINGS)
        if isinstance(command, typer.Typer):
            alone.add_typer(usage.in_own_words(command), name=cmd_name, cls=usage.Group)
        else:
            alone.command(cmd_name, cls=usage.Command)(command)
        return localise_command(typer.main.get_group(alone).commands[cmd_name])


def _show_version(asked: bool) -> None:
    if asked:
        print(f"qihang {VERSION}")
        raise typer.Exit


def _qihang(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="显示版本")
    ] = False,
) -> None:
    """启航：主题活动的填报、计分与督查。"""


SETTINGS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
app = typer.Typer(name="qihang", cls=LazyGroup, callback=_qihang, no_args_is_help=True, **SETTINGS)


def main() -> None:
    """Runs the command line; exits 0, 1 (failed) or 2 (wrong usage)."""
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as refused:
        usage.show_wrong_usage(refused)
        sys.exit(refused.exit_code)
    except typer.Abort:
        _exit_with("已取消", 1)
    except Failure as failure:
        _exit_with(str(failure), failure.exit_code)
    except BrokenPipeError:
        # The reader of a pipe left early (`| head`); Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _exit_with(_sentence(error), 1)
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: OSError) -> str:
    import requests  # slow to load, and seldom needed here

    if isinstance(error, requests.RequestException):
        return "连接在接收答复时中断，请再试一次"
    return f"{error.strerror or error}：{error.filename or ''}".rstrip("：")


def _exit_with(message: str, code: int) -> None:
    print("qihang: " + escape_controls(" ".join(localise(message).split())), file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
