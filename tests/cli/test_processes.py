"""Starting, health and tokens; and what holds for every command: help, wrong usage, no import of ours."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from typer.main import get_command
from typer.testing import CliRunner

from cli.main import app
from tests.cli.conftest import Qihang
from tests.support.command import ROOT
from tests.support.fake_gateway import FakeGateway

LAUNCHER = "import json, sys; print(json.dumps(sys.argv[1:]))"


@pytest.fixture
def launcher(tmp_path: Path) -> Qihang:
    """The command with a fake launcher that prints its arguments."""
    package = tmp_path / "chassis" / "runtime"
    package.mkdir(parents=True)
    (tmp_path / "chassis" / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "launcher.py").write_text(LAUNCHER)
    (tmp_path / "cli").symlink_to(ROOT / "cli")
    return Qihang(tmp_path, {})


@pytest.mark.parametrize(
    ("words", "started"),
    [
        (["participation"], ["participation"]),
        (["console"], ["console"]),
        (["--embedded", "--data", "d"], ["embedded", "--data", "d", "--port-base", "8000"]),
        (["--embedded", "--data", "d", "--port-base", "9100"], ["embedded", "--data", "d", "--port-base", "9100"]),
    ],
)
def test_up_becomes_the_launcher(launcher: Qihang, words: list[str], started: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "cli.main", "up", *words],
        cwd=launcher.folder,
        env=launcher.environ(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(result.stdout) == started


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--embedded"],
        ["--data", "d"],
        ["participation", "--embedded", "--data", "d"],
        ["participation", "--data", "d"],
        ["payroll"],
        ["--embedded", "--data", "d", "--port-base", "65535"],
    ],
)
def test_up_in_no_way_that_works_is_wrong_usage(launcher: Qihang, words: list[str]) -> None:
    assert launcher("up", *words).code == 2


def test_health_asks_the_service_on_this_machine(qihang: Qihang, gateway: FakeGateway) -> None:
    gateway.token = None
    port = gateway.url.rpartition(":")[2]
    assert qihang("health", "assessment", QIHANG_HTTP_PORT=port).code == 1
    gateway.on("GET", "/readyz", {"status": "pass"})
    assert qihang("health", "assessment", QIHANG_HTTP_PORT=port).code == 0
    assert qihang("health", "assessment", QIHANG_HTTP_PORT="9").code == 1


def pem(key: object) -> bytes:
    formats = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*formats)  # type: ignore[attr-defined, no-any-return]


def test_an_operators_token_is_what_the_services_expect(qihang: Qihang, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    (tmp_path / "key.pem").write_bytes(pem(key))
    out = tmp_path / "operator.token"
    out.write_text("an older one")
    words = ("--key", tmp_path / "key.pem", "--district", "demo", "--out", out, "--hours", "2")
    assert qihang("operator-token", *words).code == 0
    token = out.read_text().strip()
    claims = jwt.decode(token, key.public_key(), algorithms=["EdDSA"], audience="demo", issuer="operator")
    assert jwt.get_unverified_header(token)["kid"] == "operator"
    assert (claims["sub"], claims["roles"], claims["exp"] - claims["iat"]) == ("operator", ["operator"], 7200)
    assert out.stat().st_mode & 0o077 == 0


def test_a_key_of_another_kind_is_refused(qihang: Qihang, tmp_path: Path) -> None:
    for content in (pem(generate_private_key(65537, 2048)), b"nonsense"):
        (tmp_path / "key.pem").write_bytes(content)
        words = ("--key", tmp_path / "key.pem", "--district", "demo", "--out", tmp_path / "out")
        result = qihang("operator-token", *words)
        assert result.code == 1 and "不是 Ed25519 私钥" in result.err
        assert not (tmp_path / "out").exists()


def commands() -> dict[str, list[str]]:
    """Every command with its options, as the program itself knows them."""
    result: dict[str, list[str]] = {}

    def walk(name: str, command: object) -> None:
        inner = command.list_commands(None) if hasattr(command, "list_commands") else []
        for word in inner:
            walk(f"{name} {word}".strip(), command.get_command(None, word))  # type: ignore[attr-defined]
        if not inner or (name and getattr(command, "invoke_without_command", False)):
            params = command.params  # type: ignore[attr-defined]
            options = [option for param in params for option in param.opts]
            options += [option for param in params for option in param.secondary_opts if option[:5] != "--no-"]
            result[name] = [option for option in options if option.startswith("--")]

    walk("", get_command(app))
    return result


def test_every_command_answers_help() -> None:
    for name in ["", *commands()]:
        result = CliRunner().invoke(app, [*name.split(), "--help"])
        assert result.exit_code == 0 and "用法：" in result.output, name


def test_the_program_itself_answers_help(qihang: Qihang) -> None:
    result = qihang("--help")
    assert result.code == 0 and "启航" in result.out


@pytest.mark.parametrize("words", [["up"], ["health", "console", "--timeout", "nothing"]])
def test_what_runs_at_every_start_and_check_loads_nothing_that_is_slow(words: list[str]) -> None:
    program = f"""
import contextlib, sys
from cli.main import main
with contextlib.suppress(SystemExit):
    sys.argv[1:] = {words!r}
    main()
print(*sys.modules)
"""
    child = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "cli.processes" in child.stdout.split()
    assert not {"openpyxl", "requests", "rich", "cli.reports"} & set(child.stdout.split())


def test_the_manual_names_every_command_and_option_and_no_other() -> None:
    manual = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `qihang ([a-z -]+)`\n(.*?)(?=^##|\Z)", manual, re.M | re.S))
    known = commands()
    assert set(sections) == set(known)
    for name, options in known.items():
        opposites = {f"--no-{option.removeprefix('--')}" for option in options}
        assert set(re.findall(r"`(--[a-z-]+)", sections[name])) - opposites == set(options) - {"--help"}, name


@pytest.mark.parametrize("package", ["cli", "console"])
def test_no_other_package_of_this_repository_is_imported(package: str) -> None:
    ours = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - {package}
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.partition(".")[0] for name in names} & ours, path
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
