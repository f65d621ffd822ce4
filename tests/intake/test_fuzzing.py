"""Whatever bytes come, every parser answers with a value or with its own refusal, soon, and nothing that breaks later.

QIHANG_FUZZ_SECONDS: for each parser, 3 unless told otherwise."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import pytest

from chassis import intake, strict, wire
from duties.campaign import Campaign
from services.participation import campaign_file, spooling
from services.participation.domain import Book, decide, row_of
from services.participation.judging import BY_WIRE
from tests.intake.bodies import BODIES
from tests.intake.events import EVENTS
from tests.intake.fuzzing import Fuzzer
from tests.intake.rows import ROWS
from tests.support.house import SAMPLES

SECONDS = float(os.environ.get("QIHANG_FUZZ_SECONDS", "3"))
REPORTS = [kind.body for kind in [*BODIES, *EVENTS, *ROWS] if len(kind.body) < 20_000]
RULES = Campaign.from_data(campaign_file.load((SAMPLES / "campaign.yaml").read_bytes()))


def fuzz(target: object, watched: list[str], seeds: list[bytes]) -> Fuzzer:
    fuzzer = Fuzzer(target, watched)  # type: ignore[arg-type]
    fuzzer.run(seeds, SECONDS)
    return fuzzer


def parse(given: bytes) -> None:
    try:
        value = strict.parse(given, 1024 * 1024)
    except strict.BadJson as error:
        str(error).encode()
        return
    json.dumps(value, allow_nan=False).encode()  # what was taken can be kept and told again
    try:
        strict.check_texts(value)
    except strict.BadJson:
        return
    assert "\0" not in json.dumps(value, ensure_ascii=False).encode().decode()


def take(given: bytes, kind: str) -> None:
    """The intake as far as one row's decision: what a store or a receipt would be given can be written."""
    try:
        reports = intake.read(given, kind)
    except intake.BadBody as error:
        error.detail.encode()
        return
    for one in reports:
        json.dumps(one.raw, ensure_ascii=True).encode()
        if one.fault is not None:
            receipt = intake.Receipt(one.source, one.id, "refused", *one.fault)
            "".join(intake.texts([receipt], "district", "participation", "2023-01-01T00:00:00.000000Z")).encode()
        elif one.type in BY_WIRE:
            intake.digest(b"secret", one)
            decide(row_of(BY_WIRE[one.type], one.data), Book(), RULES, lambda _: b"k" * 32, patient=True)


def decode(given: bytes) -> None:
    try:
        for arrived in wire.decode(given):
            assert isinstance(arrived.event.position, int) and isinstance(arrived.event.data, str)
    except wire.BadWire as error:
        str(error)


def campaign(given: bytes) -> None:
    try:
        Campaign.from_data(campaign_file.load(given))
    except campaign_file.CampaignFileProblems as found:
        "".join(str(one) for one in found.problems).encode()


def spool(given: bytes, folder: Path) -> None:
    source, target = folder / "in", folder / "out"
    source.write_bytes(given)
    try:
        rows = spooling.spool("record", source, target)
    except spooling.Unreadable as error:
        str(error).encode("utf-8", "backslashreplace")
        return
    lines = target.read_text(encoding="ascii").splitlines()
    assert len(lines) == rows
    for line in lines[:50]:
        number, cells = json.loads(line)
        row = dict(zip(("record_id", "record", "unit_id"), cells, strict=False))
        assert number > 0
        decide(row_of("record", row), Book(), RULES, lambda _: b"k" * 32)


def test_strict_json() -> None:
    found = fuzz(parse, ["chassis/strict.py"], REPORTS)
    assert len(found.corpus) > 10  # the guide does guide


@pytest.mark.parametrize("kind", [intake.SINGLE, intake.BATCH])
def test_reports(kind: str) -> None:
    watched = ["chassis/intake.py", "chassis/strict.py", "deciding.py", "decisions.py", "cells.py"]
    fuzz(partial(take, kind=kind), watched, REPORTS)


def test_messages_of_services() -> None:
    good = {"specversion": "1.0", "id": "e-0-1", "source": "/qihang/district/participation", "type": "a.b.v1",
            "subject": "unit-1", "time": "2023-01-01T00:00:00.000000Z", "partition": 0, "position": "1",
            "streamversion": 1, "epoch": "e", "recordedat": "2023-01-01T00:00:00.000000Z", "actor": "", "hash": "h",
            "correlationid": "", "causationid": "", "previoushash": "", "data": {"a": [1, "名", True, {}]}}  # fmt: skip
    deep = json.dumps([good]).replace('"a": [', '"a": [' + "[" * 900).replace("]}", "]" * 900 + "]}")
    seeds = [json.dumps([good, good]), json.dumps(good), deep, "[]"]
    fuzz(decode, ["chassis/wire.py"], [seed.encode() for seed in seeds])


def test_campaign_files() -> None:
    sample = (SAMPLES / "campaign.yaml").read_bytes()
    pieces = [b"\n".join(sample.split(b"\n")[at : at + 12]) for at in range(0, 80, 20)]
    fuzz(campaign, ["campaign_file.py"], pieces)


def test_uploaded_files(tmp_path: Path) -> None:
    lines = (SAMPLES / "district" / "records.csv").read_bytes().split(b"\n")[:20]
    whole = b"\n".join(lines)
    seeds = [whole, whole.decode().encode("gb18030"), b"record_id,record\n\xff,\xfe\n", b"PK\x03\x04"]
    fuzz(partial(spool, folder=tmp_path), ["spooling.py", "decisions.py", "cells.py"], [*seeds, workbook(tmp_path)])


def test_a_workbook_whose_compression_is_damaged_is_unreadable(tmp_path: Path) -> None:
    whole = workbook(tmp_path)
    at = whole.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    (tmp_path / "in").write_bytes(whole[:at] + b"\xff" * 20 + whole[at + 20 :])
    with pytest.raises(spooling.Unreadable, match="工作簿"):
        spooling.spool("record", tmp_path / "in", tmp_path / "out")


def workbook(folder: Path) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["record_id", "record", "unit_id"])  # type: ignore[union-attr]
    book.active.append(["R1", 5, True])  # type: ignore[union-attr]
    book.save(folder / "book.xlsx")
    return (folder / "book.xlsx").read_bytes()
