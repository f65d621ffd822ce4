"""A unit's bundle: what is in it, in which order, and that whatever is changed in it is named without any system."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.process.problems import Problem
from cli.bundle_check import check_bundle
from cli.failure import Failure
from services.registry.rights import HeldPost, Party
from tests.services.participation.cluster import OPERATOR
from tests.services.participation.evidence_world import PDF, World, photo

SEMESTER = "2022-autumn"
INSPECTOR = Party("console", "P-i", frozenset({"person"}), posts=(HeldPost("inspector", "S1", "school"),))
CAST = {"clerk": (HeldPost("clerk", "S1", "school"),), "liaison": (HeldPost("clerk", "O1", "office"),),
        "office": (HeldPost("campaign_office", "B1", "bureau"),), "teacher": ()}  # fmt: skip
Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """S1 with two photographs at its session, a scan at P1's attendance, and a private file that is left out."""
    url = request.getfixturevalue("postgres").promise_database() if request.param == "postgresql" else ""
    world = World(tmp_path_factory.mktemp("bundle"), url)
    world.record("R1")
    world.record("R2", "attendance", person_id="P1")
    world.record("R3", unit_id="S2")
    kept = {"R1": [world.upload("P-clerk", photo(640 + at, 480), f"{at}.jpg") for at in range(2)],
            "R2": [world.upload("P1", PDF, "签到.pdf", person_id="P1"),
                   world.upload("P1", PDF + b"SECRET", "心得.pdf", person_id="P1", private="1")]}  # fmt: skip
    for record_id, files in kept.items():
        for file in files:
            who = "P1" if record_id == "R2" else "P-clerk"
            answer = world.ask(who, "POST", f"/api/evidence/{file['content']}/attach", {"record_id": record_id})
            assert answer.status_code == 200, answer.get_data()
    yield world
    world.close()


@pytest.fixture(scope="module")
def bundle(world: World) -> Path:
    """Of S1's semester; ordered twice, made once."""
    bundles = world.replica.service.bundles
    bundle_id = bundles.begin("S1", SEMESTER, OPERATOR, "")
    assert bundles.begin("S1", SEMESTER, INSPECTOR, "") == bundle_id
    assert bundles.state(bundle_id, OPERATOR) == "queued"
    bundles.make_all()
    assert bundles.state(bundle_id, OPERATOR) == "ready"
    path, name = bundles.file(bundle_id, INSPECTOR)
    assert name == "一校一档 S1 2022-autumn.zip"
    return path


def test_what_it_would_have_is_counted_without_it(world: World, bundle: Path) -> None:
    shown = world.replica.service.bundles.overview("S1", "", INSPECTOR, date(2022, 12, 5))
    assert (
        shown["semester"] == SEMESTER and shown["semesters"][0]["from"] <= "2022-12-05" <= shown["semesters"][0]["to"]
    )
    counts = {part["kind"]: (part["records"], part["with_files"], part["files"]) for part in shown["contents"]}
    assert counts == {"study_session": (1, 1, 2), "attendance": (1, 1, 1)}
    with zipfile.ZipFile(bundle) as archive:
        inside = sum(each.file_size for each in archive.infolist() if each.filename.startswith("files/"))
        printed = [each["duty"] for each in shown["contents"]]
        index = openpyxl.load_workbook(io.BytesIO(archive.read("index.xlsx"))).active
    assert sum(part["bytes"] for part in shown["contents"]) == inside
    assert index is not None and list(dict.fromkeys(cell.value for cell in index["A"][1:])) == printed
    (kept,) = shown["bundles"]
    assert (kept["bundle_id"], kept["state"], kept["bytes"]) == (bundle.parent.name, "ready", bundle.stat().st_size)


def test_each_is_offered_the_units_that_they_may_have_bundles_of(world: World) -> None:
    offered = {}
    for who, posts in CAST.items():
        party = Party("console", who, frozenset({"person"}), posts=posts)
        shown = world.replica.service.bundles.overview("", "", party, date(2022, 12, 5))
        assert shown["contents"] == shown["bundles"] == []
        offered[who] = {unit["unit_id"] for unit in shown["units"]}
    assert offered == {"clerk": {"S1"}, "liaison": {"S1", "O1"}, "office": {"B1", "O1", "S1", "S2"}, "teacher": set()}
    with pytest.raises(Problem) as refused:
        world.replica.service.bundles.overview("S2", "", INSPECTOR, date(2022, 12, 5))
    assert refused.value.status == 403


def test_it_has_the_files_an_index_and_a_pdf_and_nothing_private(bundle: Path) -> None:
    problems, facts = check_bundle(bundle, None)
    assert problems == [] and "3 个文件" in facts[0]
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
        sheet = openpyxl.load_workbook(io.BytesIO(archive.read("index.xlsx"))).active
        printed = archive.read("一校一档.pdf")
        contents = b"".join(archive.read(name) for name in names)
    assert len([name for name in names if name.startswith("files/")]) == 3 and PDF in contents
    assert b"SECRET" not in contents
    assert sheet is not None and sheet.max_row == 4 and {cell.value for cell in sheet["B"][1:]} == {"R1", "R2"}
    assert printed.startswith(b"%PDF-") and printed.count(b"/Subtype/Image") + printed.count(b"/Subtype /Image") >= 2


def changed(bundle: Path, to: Path, change: Change) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(to, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return to


def first_file(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("files/"))


def alter_file(members: dict[str, bytes]) -> None:
    members[first_file(members)] += b"x"


def remove_file(members: dict[str, bytes]) -> None:
    del members[first_file(members)]


def alter_index(members: dict[str, bytes]) -> None:
    members["index.xlsx"] = members["index.xlsx"][::-1]


def add_file(members: dict[str, bytes]) -> None:
    members["files/more.jpg"] = b"x"


def forge_file_and_manifest(members: dict[str, bytes]) -> None:
    manifest = json.loads(members["manifest.json"])
    del members[manifest["files"].pop()["path"]]
    members["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def forge_event(members: dict[str, bytes]) -> None:
    proof = json.loads(members["proof.json"])
    proof["event"]["actor"] = "operator:somebody"
    members["proof.json"] = json.dumps(proof).encode()


def forge_head(members: dict[str, bytes]) -> None:
    proof = json.loads(members["proof.json"])
    proof["head"]["day"] = "2020-01-01"
    members["proof.json"] = json.dumps(proof).encode()


@pytest.mark.parametrize(("change", "words"), [
    (alter_file, "被改动 files/"), (remove_file, "缺少 files/"), (alter_index, "被改动 index.xlsx"),
    (add_file, "多出 files/more.jpg"), (forge_file_and_manifest, "清单 manifest.json 被改动"),
    (forge_event, "proof.json 被改动"), (forge_head, "签名不是"),
])  # fmt: skip
def test_whatever_is_changed_is_named(bundle: Path, tmp_path: Path, change: Change, words: str) -> None:
    problems, _ = check_bundle(changed(bundle, tmp_path / "b.zip", change), None)
    assert [line for line in problems if words in line]


def test_another_key_than_the_trusted_one_is_named(bundle: Path) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert check_bundle(bundle, other)[0] == ["日志头的签名不是该公钥所签"]
    with zipfile.ZipFile(bundle) as archive:
        own = json.loads(archive.read("proof.json"))["public_key"].encode()
    assert check_bundle(bundle, own)[0] == []


def test_another_file_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")
    with pytest.raises(Failure, match="不是完整的印证资料包"):
        check_bundle(tmp_path / "x.zip", None)


def test_an_inspector_has_their_units_until_the_day_on_which_the_post_ends(world: World, bundle: Path) -> None:
    assert bundle.exists()
    shown = world.replica.service.bundles.inspection("", "", INSPECTOR, date(2022, 12, 5))
    (unit,) = shown["units"]
    assert (unit["unit_id"], unit["records"], unit["files"]) == ("S1", 2, 3)
    assert [each["state"] for each in unit["bundles"]] == ["ready"] and shown["semester"] == SEMESTER
    world.submit("post", unit_id="S2", post="inspector", person_id="P2", from_="2022-09-01", to="2022-12-06")
    party = Party("console", "P2", frozenset({"person"}), posts=(HeldPost("inspector", "S2", "school"),))
    (unit,) = world.replica.service.bundles.inspection("", "", party, date(2022, 12, 5))["units"]
    assert (unit["unit_id"], unit["until"], unit["bundles"]) == ("S2", "2022-12-06", [])
