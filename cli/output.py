"""Output of the commands: results on stdout, progress bars on stderr (only on a terminal)."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence

import typer
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskProgressColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from cli.language import localise
from cli.terminal_text import UNSEEN, escape_controls

WIDTH_WITHOUT_TERMINAL = 160  # rich would fold at 80 and break lines that scripts read


def print_json(value: object) -> None:
    """JSON as scripts read it; what a terminal would act upon is escaped as JSON escapes it."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    sys.stdout.write(UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def stdout() -> Console:
    """rich's console for results; markup is off because ids may contain brackets."""
    out = Console(markup=False, highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(markup=False, highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def print_line(text: str) -> None:
    """Prints one line, never wrapped or shortened."""
    stdout().print(escape_controls(localise(text)), soft_wrap=True)


def print_notice(text: str) -> None:
    """One line on stderr, which no script reads."""
    print(escape_controls(localise(text)), file=sys.stderr, flush=True)


def confirmed(question: str, *, abort: bool = False) -> bool:
    """What somebody at a terminal answers."""
    return typer.confirm(escape_controls(localise(question)), abort=abort)


def typed(question: str) -> str:
    """What somebody at a terminal types."""
    return str(typer.prompt(escape_controls(localise(question)), default="")).strip()


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", left: int = 1) -> None:
    """Prints a table whose first `left` columns are aligned left (text), the others right (numbers)."""
    grid = Table(title=localise(title) or None, box=box.SIMPLE_HEAD, title_justify="left")
    for number, heading in enumerate(headings):
        grid.add_column(localise(heading), justify="left" if number < left else "right", overflow="fold")
    for row in rows:
        grid.add_row(*("" if cell is None else escape_controls(localise(str(cell))) for cell in row))
    stdout().print(grid)


def progress() -> Progress:
    """A progress display; it draws nothing where stderr is no terminal."""
    console = Console(stderr=True, markup=False, highlight=False)
    return Progress(
        SpinnerColumn(),
        _Words(lambda task: task.description),
        BarColumn(),
        TaskProgressColumn(),
        _Words(lambda task: task.fields["note"]),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


class _Words(ProgressColumn):
    """A text of a task, in the language of the user."""

    def __init__(self, text: Callable[[Task], str]) -> None:
        super().__init__()
        self._text = text

    def render(self, task: Task) -> Text:
        return Text(localise(str(self._text(task))))
