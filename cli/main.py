"""The `qihang` command: gathers the sub-commands and turns expected failures into one line and an exit code."""

import os
import sys

import requests
import typer

from cli import (
    access,
    anthologies,
    articles,
    campaign,
    freezes,
    history,
    imports,
    maintenance,
    notify,
    processes,
    publishers,
    quarantine,
    reports,
    reviews,
    settle,
    status,
    works,
)
from cli.failure import Failure
from cli.publishing import command

app = typer.Typer(
    name="qihang",
    help="启航：主题活动的填报、计分与督查。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(processes.up)
app.command("upgrade")(processes.upgrade)
app.command("health")(processes.health)
app.command("operator-token")(processes.operator_token)
app.command("import")(imports.import_files)
app.command("history")(history.history)
app.command("settle")(settle.settle)
app.command("freeze")(freezes.freeze)
app.command("admit")(freezes.admit)
app.command("report")(reports.report)
app.command("scoreboard")(reports.scoreboard)
app.command("status")(status.status)
app.command("rebuild")(maintenance.rebuild)
app.command("verify")(maintenance.verify)
app.command("publish")(command.publish)
app.command("appoint-reader")(reviews.appoint_reader)
app.command("reading")(reviews.reading)
app.add_typer(works.app, name="work")
app.add_typer(reviews.app, name="review")
app.add_typer(anthologies.app, name="anthology")
app.add_typer(articles.app, name="publish-article")
app.add_typer(articles.videos, name="video")
app.add_typer(campaign.app, name="campaign")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(access.app, name="access")
app.add_typer(publishers.app, name="publisher")
app.add_typer(notify.app, name="notify")


def main() -> None:
    """Runs the command line; exits 0, 1 (failed) or 2 (wrong usage)."""
    try:
        app()
    except Failure as failure:
        _exit_with(str(failure), failure.exit_code)
    except BrokenPipeError:
        # The reader of a pipe left early (`| head`); Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except requests.RequestException:
        _exit_with("连接在接收答复时中断，请再试一次", 1)
    except OSError as error:
        _exit_with(f"{error.strerror or error}：{error.filename or ''}".rstrip("："), 1)


def _exit_with(message: str, code: int) -> None:
    print("qihang: " + " ".join(message.split()), file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
