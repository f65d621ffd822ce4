"""The wheel of qihang-client, as pip builds it: what an outside team installs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def test_a_wheel_has_the_package_its_types_and_the_command_and_needs_nothing(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "client", tmp_path / "client", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([sys.executable, "-c", BUILD, tmp_path], cwd=tmp_path / "client", capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("qihang_client-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        text = {name.rpartition("/")[2]: content.read(name).decode() for name in names if ".dist-info/" in name}
    modules = {f"qihang_client/{path.name}" for path in (ROOT / "client" / "src" / "qihang_client").glob("*.py")}
    assert modules | {"qihang_client/py.typed"} <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"qihang_client"}
    assert "qihang-client = qihang_client.command:main" in text["entry_points.txt"]
    required = [line for line in text["METADATA"].splitlines() if line.startswith("Requires-Dist")]
    assert [line for line in required if "extra ==" not in line] == [] and len(required) == 1
