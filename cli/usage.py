"""Help and wrong usage in Chinese: what typer itself says of a command, put into the words of this program.

In English (`QIHANG_LANG=en`, cli/language.py) typer's own words stand."""

import re
import sys
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from cli.language import is_english, localise
from cli.terminal_text import escape_controls

_HELP: Final = (
    ("Usage: ", "用法："), ("\nOptions:\n", "\n选项：\n"), ("\nArguments:\n", "\n参数：\n"),
    ("\nCommands:\n", "\n命令：\n"), ("Show this message and exit.", "显示这段说明"), ("[OPTIONS]", "[选项]"),
    (" COMMAND [ARGS]...", " 命令 [参数]..."), ("[required]", "[必填]"), ("  [default: ", "  [缺省："),
)  # fmt: skip
_KINDS: Final = {
    "int": "整数", "integer": "整数", "float": "数", "bool": "是否", "boolean": "是否", "uuid": "UUID", "date": "日期",
    "File": "文件", "Directory": "文件夹", "Path": "路径", "str": "文字",
}  # fmt: skip
_WRONG: Final = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"Missing argument '(?:\[?)(.+?)(?:\]?)'\..*", "缺少参数 {0}"),
        (r"Missing option (.+?)\..*", "缺少选项 {0}"),
        (r"Missing command\.", "缺少命令"),
        (r"No such option: (\S+) \(Possible options: (.+)\)", "没有选项 {0}，是不是 {1}"),
        (r"No such option: (\S+)", "没有选项 {0}"),
        (r"No such command '(.+?)'\. Did you mean (.+)\?", "没有命令 {0}，是不是 {1}"),
        (r"No such command '(.+?)'\.?", "没有命令 {0}"),
        (r"Got unexpected extra argument(?:\(s\)|s)? \((.+)\)", "多了参数：{0}"),
        (r"Option '(.+?)' requires an argument\.?", "选项 {0} 后面要写值"),
        (r"Option '(.+?)' requires (\d+) arguments\.?", "选项 {0} 后面要写 {1} 个值"),
        (r"Option '(.+?)' does not take a value\.", "选项 {0} 后面不写值"),
        (r"Argument '(.+?)' takes (\d+) values\.", "参数 {0} 要写 {1} 个值"),
        (r"Invalid value for '?\[?(.+?)\]?'?: (.+)", "{0} 的值不对：{1}"),
        (r"Value error, (.+)", "{0}"),
        (r"Invalid value: (.+)", "值不对：{0}"),
        (r"Value (.+) is not a valid (\w+)\.", "{0} 不是{1}"),
        (r"(.+) is not one of (.+)\.", "{0} 不在其中：{1}"),
        (r"(.+) is not in the range (.+)\.", "{0} 不在范围 {1} 内"),
        (r"(.+) does not match the formats (.+)\.", "{0} 不是这样写的：{1}"),
        (r"(\w+) (.+) does not exist\.", "{0} {1} 不存在"),
        (r"(\w+) (.+) is a file\.", "{1} 是文件"),
        (r"(\w+) (.+) is a directory\.", "{1} 是文件夹"),
        (r"(\w+) (.+) is not readable\.", "{0} {1} 读不了"),
        (r"(\w+) (.+) is not writable\.", "{0} {1} 写不了"),
    )
)


class Command(TyperCommand):
    """A command whose help is in the language of the user."""

    def get_help(self, ctx: Any) -> str:
        return help_words(super().get_help(ctx))


class Group(TyperGroup):
    """A command with commands of its own."""

    def get_help(self, ctx: Any) -> str:
        return help_words(super().get_help(ctx))


def in_own_words(app: typer.Typer) -> typer.Typer:
    """The same, with help in the language of the user."""
    app.info.cls = Group
    for command in app.registered_commands:
        if not (command.cls and issubclass(command.cls, Command)):  # one that reads its words otherwise stays
            command.cls = Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            in_own_words(group.typer_instance)
    return app


def help_words(text: str) -> str:
    """What typer says of a command."""
    if is_english():
        return text
    for theirs, ours in _HELP:
        text = text.replace(theirs, ours)
    return text


def wrong_words(message: str) -> str:
    """What was wrong with a call: also a part of the message that is one of its own."""
    if is_english():
        return localise(message)
    for pattern, words in _WRONG:
        if matched := pattern.fullmatch(message.strip()):
            return words.format(*(_KINDS.get(part, wrong_words(part)) for part in matched.groups()))
    return message


def show_wrong_usage(refused: typer.TyperException) -> None:
    """On stderr: how it is called, where its help is, what is wrong."""
    context = getattr(refused, "ctx", None)  # of whatever a command refused, and of nothing else
    message = refused.format_message()
    if context is not None and message == context.get_help():  # it was called without anything
        sys.stderr.write(f"{message}\n")
        return
    if context is not None:
        hint = "Try '{} --help' for help." if is_english() else "说明：{} --help"
        sys.stderr.write(f"{help_words(context.get_usage())}\n{hint.format(context.command_path)}\n\n")
    sys.stderr.write(f"qihang: {escape_controls(wrong_words(message))}\n")
