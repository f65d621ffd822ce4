"""A key of the district server is replaced: both count meanwhile, afterwards the new one alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chassis.process import tokens
from chassis.process.tokens import BadToken, Signer, Verifier
from tests.architecture.kept import ROOT
from tests.architecture.test_containers import make_secrets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_secrets(tmp_path / "secrets")
    return tmp_path / "secrets"


def rotate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "deploy" / "rotate-key"
    return subprocess.run([script, *words, folder], capture_output=True, text=True, timeout=60, check=False)


def token(folder: Path) -> str:
    return Signer("console", "district", tokens.private_key(folder / "console.key")).issue("C1", ["clerk"], 60)


def honoured(folder: Path, text: str) -> bool:
    try:
        return Verifier("district", folder / "trusted").actor(text).name == "C1"
    except BadToken:
        return False


def test_both_keys_count_until_the_rotation_is_finished(folder: Path) -> None:
    old = token(folder)
    assert rotate(folder, "console").returncode == 0
    new = token(folder)
    assert [honoured(folder, text) for text in (old, new)] == [True, True]
    assert rotate(folder, "--finish", "console").returncode == 0
    assert [honoured(folder, text) for text in (old, new)] == [False, True]
    assert {path.stat().st_mode & 0o777 for path in (folder / "console.key", folder / "trusted" / "console.pem")} == {
        0o444
    }
    assert not list(folder.rglob("*.fresh"))


def test_what_a_service_s_old_keys_signed_of_its_log_is_theirs_still(folder: Path) -> None:
    keys = []
    for _ in range(3):
        keys.append(tokens.private_key(folder / "participation.key"))
        assert rotate(folder, "participation").returncode == 0
        assert rotate(folder, "--finish", "participation").returncode == 0
    keys.append(tokens.private_key(folder / "participation.key"))
    verifier = Verifier("district", folder / "trusted")
    assert [verifier.has_signed("participation", b"head", key.sign(b"head")) for key in keys] == [True] * 4
    assert not verifier.has_signed("participation", b"head", keys[0].sign(b"other"))
    assert not verifier.has_signed("assessment", b"head", keys[0].sign(b"head"))


def test_what_cannot_be_done_is_reported_and_changes_nothing(folder: Path) -> None:
    refused = [rotate(folder, "--finish", "console"), rotate(folder, "stranger")]
    rotate(folder, "console")
    before = (folder / "trusted" / "console.pem").read_bytes()
    refused.append(rotate(folder, "console"))
    assert [(item.returncode, bool(item.stderr.strip())) for item in refused] == [(1, True)] * 3
    assert (folder / "trusted" / "console.pem").read_bytes() == before
