"""What people rely on is told: settings, the tree, the words of make, and links that lead somewhere."""

import re
from pathlib import Path

import pytest

from chassis.process.settings import Settings
from console.page_registry import PAGES
from services.participation.domain import CODES, CODES_OF_FILES
from tests.architecture.kept import ROOT, kept

MANUALS = ("docs/settings.md", "docs/console.md", "docs/cli.md", "docs/operations.md", "deploy/README.md")
NOT_THE_SYSTEM_S = {"QIHANG_E2E", "QIHANG_POSTGRES_BIN", "QIHANG_RABBITMQ_SBIN", "QIHANG_X_FILE"}
"""Read by tests and CI only, or no variable at all."""
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def page(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def variables() -> set[str]:
    """Every QIHANG_... that code of ours names."""
    result: set[str] = {f"QIHANG_{name.upper()}" for name in Settings.__dataclass_fields__}
    for path in kept():
        if path.suffix == ".webp":
            continue
        if path.parts[0] in ("chassis", "services", "cli", "console", "deploy") or path.name == "docker-compose.yml":
            result |= set(re.findall(r"\bQIHANG_[A-Z][A-Z_]*[A-Z]\b", page(*path.parts)))
    return result - NOT_THE_SYSTEM_S


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"QIHANG_[A-Z_]+", "".join(page(name) for name in MANUALS)))
    files = {f"{name}_FILE" for name in documented}  # settings.md says that each may come from a file
    assert variables() - documented - files == set()


def test_the_readme_names_every_folder_and_the_two_commands() -> None:
    readme = page("README.md")
    folders = {path.parts[0] for path in kept() if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    assert {folder for folder in folders if f"{folder}/" not in readme} == set()
    assert "`make demo`" in readme and "`make test`" in readme


def test_one_deed_is_followed_through_at_most_twelve_files_that_have_what_is_named_beside_them() -> None:
    followed = page("README.md").partition("## Follow one deed")[2].partition("\n## ")[0]
    steps = [(link, what) for link, what in re.findall(r"\]\(([\w/]+\.py)\)([^\[]*)", followed)]
    assert 0 < len({link for link, _ in steps}) <= 12
    functions = [
        (link, name) for link, what in steps for name in re.findall(r"`([a-z_]+)`", what.partition("event comes by")[0])
    ]
    assert len(functions) >= 4
    for link, name in functions:
        assert f"def {name}(" in page(link), f"{link} has no {name}"


def test_every_word_of_make_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", page("Makefile"), re.M))
    for path in kept(".md"):
        assert set(re.findall(r"`make ([a-z0-9-]+)[ `]", page(*path.parts))) <= targets, path


def test_every_page_is_reached_from_the_readme() -> None:
    readme, pages = page("README.md"), {path.name for path in kept(".md") if path.parts[0] == "docs"}
    linked = {Path(link).name for link in LINK.findall(readme)}
    records = {path.name for path in kept(".md") if "decisions" in path.parts}
    assert pages - records - linked == set() and "docs/decisions" in readme


@pytest.mark.parametrize("path", kept(".md"), ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(page(*path.parts)):
        if not link.startswith(("http://", "https://", "mailto:")):
            assert (ROOT / path.parent / link).exists(), f"{path}: {link}"


SECRETS = "deploy/secrets/"
"""Made when the system is used, never kept."""
FILE = re.compile(r"`((?:chassis|services|contracts|duties|console|cli|tests|docs|deploy|campaigns)/[\w./-]*[\w/])`")


@pytest.mark.parametrize("path", kept(".md"), ids=str)
def test_every_file_that_a_document_names_exists(path: Path) -> None:
    for name in FILE.findall(page(*path.parts)):
        assert f"{name}/".startswith(SECRETS) or "NAME" in name or (ROOT / name).exists(), f"{path}: {name}"


def test_every_decision_record_has_a_number_of_its_own_in_name_and_title() -> None:
    records = [path for path in kept(".md") if "decisions" in path.parts]
    numbers = [path.name[:4] for path in records]
    assert len(set(numbers)) == len(numbers)
    for path, number in zip(records, numbers, strict=True):
        assert page(*path.parts).startswith(f"# {number}. "), path


def test_every_code_of_a_refused_row_is_reported_to_authors_of_outside_systems() -> None:
    documented, of_files = page("docs", "intake.md"), page("docs", "import-columns.md")
    assert {code for code in CODES - CODES_OF_FILES if f"| `{code}` |" not in documented} == set()
    assert {code for code in CODES_OF_FILES if f"| `{code}` |" not in of_files} == set()


def test_every_setting_does_something() -> None:
    code = "".join(page(*path.parts) for path in kept(".py") if path.parts[0] in ("chassis", "services"))
    assert {name for name in Settings.__dataclass_fields__ if not re.search(rf"\.{name}\b", code)} == set()


def test_the_words_that_head_pages_menus_and_rights_are_in_the_glossary() -> None:
    templates = ROOT / "console" / "templates"
    words = {page.title for page in PAGES}
    for page in templates.rglob("*.html"):
        words |= set(re.findall(r'class="eyebrow">([^<{]+)<', page.read_text(encoding="utf-8")))
    words |= {"两步验证", "备用码", "账号", "岗位职务", "本人信息"}
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert len(words) > 12 and sorted(word for word in words if word not in glossary) == []
