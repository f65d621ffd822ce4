"""`python -m docs.generate [--to FOLDER]` writes the pages; `python -m docs.generate freeze` freezes new contracts;
`python -m docs.generate english` writes console/translations/en and cli/english.json anew and lists what has no
English yet."""

import sys
from pathlib import Path

from docs.generate import (
    asyncapi,
    console_pages,
    english,
    english_of_commands,
    events,
    freezing,
    http,
    import_columns,
    manuals,
    security,
    settings,
)
from docs.generate.contracts import FROZEN, ROOT, contracts


def pages() -> dict[str, str]:
    """File name -> content."""
    known = contracts()
    return {
        "events.md": events.page(known),
        "asyncapi.yaml": asyncapi.page(known),
        "settings.md": settings.page(),
        "http.md": http.page(),
        "security.md": security.page(),
        "import-columns.md": import_columns.page(),
        "pages.md": console_pages.page(),
        **manuals.pages(),
    }


def main(arguments: list[str]) -> int:
    match arguments:
        case ["freeze"]:
            sys.stdout.write(("\n".join(freezing.freeze(FROZEN, contracts())) or "nothing is new") + "\n")
            return 0
        case ["english"]:
            sys.stdout.write("".join(f"{text}\n" for text in english.write()))
            sys.stdout.write(
                f"{len(english_of_commands.write())} texts of commands have no English in cli/english.json\n"
            )
            return 0
        case [] | ["--to", _]:
            folder = Path(arguments[1]) if arguments else ROOT / "docs"
            for name, text in pages().items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
            return 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
