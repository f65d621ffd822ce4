"""Files that cost who opens them: refused in one sentence, within the memory that their reader and the service have."""

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest

from services.participation.imports import upload_reading
from services.publicity.rendering.renderer import READ_LIMITS
from tests.architecture.kept import ROOT
from tests.support import hostile_files

MIB = 1 << 20
PROGRAM_TEXT = 48 * MIB
"""What of Python and its libraries counts as used memory and not as data."""
SERVICE_GROWS_BY = 48 * MIB
KINDS = (
    ("work", hostile_files.documents), ("odd.work", hostile_files.odd_works), ("rows", hostile_files.workbooks)
)  # fmt: skip
PROGRAM = """
import eventlet; eventlet.monkey_patch()
import hashlib, json, pathlib, resource, shutil, sys, time
from chassis.process.problems import Problem
from services.participation.imports.upload_reading import read_upload
from services.publicity.rendering.renderer import read_manuscript
folder = pathlib.Path(sys.argv[1])
reading = folder / "spool"
reading.mkdir()
def peak(who): return resource.getrusage(who).ru_maxrss * 1024
for path in sorted(folder.glob("*.*")):
    content, before, began = path.read_bytes(), peak(resource.RUSAGE_SELF), time.monotonic()
    try:
        if path.suffix == ".work":
            read_manuscript(content)
        else:
            (reading / "0.raw").write_bytes(content)
            read_upload(reading, 0, "records.csv", "records")
            read = json.loads((reading / "0.read" / "summary.json").read_text())
            shutil.rmtree(reading / "0.read")
            if "unreadable" in read:
                raise Problem(422, "unreadable", read["unreadable"])
        answer = [200, "", ""]
    except Problem as problem:
        answer = [problem.status, problem.code, problem.detail]
    left = [str(item) for item in (folder / "spool").rglob("*.reading")]
    print(json.dumps({"file": path.name, "answer": answer, "grew": peak(resource.RUSAGE_SELF) - before, "left": left,
                      "child": peak(resource.RUSAGE_CHILDREN), "seconds": time.monotonic() - began}))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each file, by what is wrong with it."""
    folder = tmp_path_factory.mktemp("hostile")
    names = {}
    for ending, files in KINDS:
        for what, content in files():
            path = folder / f"{hashlib.sha256(what.encode()).hexdigest()[:8]}.{ending}"
            path.write_bytes(content)
            names[path.name] = f"{ending}: {what}"
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], cwd=ROOT, capture_output=True, text=True,
                          timeout=500, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {names[item["file"]]: item for item in lines}


def test_every_hostile_file_is_refused_in_a_sentence(outcomes: dict[str, dict[str, Any]]) -> None:
    hostile = {what: outcome for what, outcome in outcomes.items() if not what.startswith("odd")}
    assert len(hostile) == 24
    for what, outcome in hostile.items():
        status, _, sentence = outcome["answer"]
        assert status == 422, (what, outcome)
        assert "请" in sentence and "{" not in sentence and "（ " not in sentence and len(sentence) < 120, (
            what,
            sentence,
        )


def test_what_is_odd_but_good_is_taken(outcomes: dict[str, dict[str, Any]]) -> None:
    odd = {what: outcome["answer"] for what, outcome in outcomes.items() if what.startswith("odd")}
    assert odd == {what: [200, "", ""] for what in odd} and len(odd) == 4


def test_their_reader_stays_within_its_limit_and_the_service_hardly_grows(outcomes: dict[str, dict[str, Any]]) -> None:
    most = max(READ_LIMITS.memory, upload_reading.READ_LIMITS.memory) + PROGRAM_TEXT
    for what, outcome in outcomes.items():
        assert outcome["child"] < most, (what, outcome)
        assert outcome["grew"] < SERVICE_GROWS_BY, (what, outcome)
        assert outcome["seconds"] < 60, (what, outcome)


def test_a_refused_upload_leaves_no_file(outcomes: dict[str, dict[str, Any]]) -> None:
    assert {name: outcome["left"] for name, outcome in outcomes.items() if outcome["left"]} == {}
