"""What a restore of a district server settles before it touches anything, and how secrets come back."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.backup import container_restore
from cli.backup.container_restore import ContainerRestore
from cli.backup.loading import Secrets
from cli.failure import Failure
from tests.support.command import run_command

ABOUT = {"district": "d", "env": None, "stores": {"participation": {"heads": [{}, {}]}}}


@pytest.mark.parametrize(("there", "of_backup", "env", "kept"), [
    (None, "A=1\n", "A=1\n", None), ("A=2\n", "A=1\n", "A=2\n", "A=1\n"), ("A=1\n", "A=1\n", "A=1\n", None),
    ("A=2\n", None, "A=2\n", None), (None, None, None, None),
])  # fmt: skip
def test_env_is_put_where_there_is_none_and_never_over_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: str | None, of_backup: str | None, env: str | None,
    kept: str | None,
) -> None:  # fmt: skip
    files = tmp_path / ".env", tmp_path / ".env.backup"
    monkeypatch.setattr(container_restore, "ENV", files[0])
    monkeypatch.setattr(container_restore, "ENV_OF_BACKUP", files[1])
    monkeypatch.setattr(container_restore, "LOCK", tmp_path / "var" / "lock")
    monkeypatch.setattr(container_restore, "Project", lambda: SimpleNamespace(district="other"))
    if there is not None:
        files[0].write_text(there)
    with (
        pytest.raises(Failure, match="QIHANG_DISTRICT"),
        ContainerRestore(None, despite_heads=False).held(ABOUT | {"env": of_backup}),
    ):
        pytest.fail("it is another district's")
    assert [path.read_text() if path.exists() else None for path in files] == [env, kept]


@pytest.mark.parametrize(("more", "reason"), [({}, "QIHANG_PARTITIONS"), ({"partitions": 2, "district": "e"}, "区县")])
def test_a_backup_of_other_settings_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: dict[str, Any], reason: str
) -> None:
    monkeypatch.setattr(container_restore, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(
        container_restore, "Project", lambda: SimpleNamespace(**{"district": "d", "partitions": 1} | more)
    )
    with pytest.raises(Failure, match=reason), ContainerRestore(None, despite_heads=False).held(ABOUT):
        pytest.fail("it does not fit")


def test_secrets_come_back_as_they_were_and_replace_the_others(tmp_path: Path) -> None:
    secrets, folder = Secrets(), tmp_path / "secrets"
    for name, content in (("a.key", b"new"), ("trusted/former/a.pem", b"old"), ("smtp.url", b"")):
        sink = secrets(f"secrets/{name}")
        assert sink is not None
        sink.write(content)
    assert secrets("stores/a.dump.000001") is None
    (folder / "trusted").mkdir(parents=True)
    (folder / "trusted" / "stale.pem").write_text("x")
    (folder / "operator.token").write_text("x")
    secrets.put(folder, {"a.key": 0o400, "trusted/former/a.pem": 0o444, "smtp.url": 0o644})
    modes = {path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes == {"a.key": 0o400, "smtp.url": 0o644, "trusted": 0o755, "trusted/former": 0o755,
                     "trusted/former/a.pem": 0o444}  # fmt: skip
    assert (folder / "a.key").read_bytes() == b"new" and stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_heads_are_of_containers_only(tmp_path: Path) -> None:
    assert run_command(["restore", "x", "--heads", str(tmp_path)], {"QIHANG_DATA": str(tmp_path)}).code == 2
