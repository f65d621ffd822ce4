"""Whatever bytes come, every parser answers with a value or with its own refusal, soon, and nothing that breaks later.

QIHANG_FUZZ_SECONDS: for each parser, 3 unless told otherwise."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import pytest

from chassis.events import envelope, strict_json
from chassis.intake import cloudevents
from duties.campaign import Campaign
from services.participation import campaign_file, spooling
from services.participation.batch.domain import decide_row
from services.participation.domain import Ledger, row_of
from services.participation.judging import BY_WIRE
from tests.intake.bodies import BODIES
from tests.intake.events import EVENTS
from tests.intake.fuzzing import Fuzzer
from tests.intake.rows import ROWS
from tests.support.system import SAMPLES

SECONDS = float(os.environ.get("QIHANG_FUZZ_SECONDS", "3"))
REPORTS = [kind.body for kind in [*BODIES, *EVENTS, *ROWS] if len(kind.body) < 20_000]
RULES = Campaign.from_data(campaign_file.load((SAMPLES / "campaign.yaml").read_bytes()))


def fuzz(target: object, watched: list[str], seeds: list[bytes]) -> Fuzzer:
    fuzzer = Fuzzer(target, watched)  # type: ignore[arg-type]
    fuzzer.run(seeds, SECONDS)
    return fuzzer


def parse(given: bytes) -> None:
    try:
        value = strict_json.parse(given, 1024 * 1024)
    except strict_json.BadJson as error:
        str(error).encode()
        return
    json.dumps(value, allow_nan=False).encode()  # what was taken can be kept and told again
    try:
        strict_json.check_texts(value)
    except strict_json.BadJson:
        return
    assert "\0" not in json.dumps(value, ensure_ascii=False).encode().decode()


def take(given: bytes, kind: str) -> None:
    """The intake as far as one row's decision: what a store or a receipt would be given can be written."""
    try:
        reports = cloudevents.read(given, kind)
    except cloudevents.BadBody as error:
        error.detail.encode()
        return
    for report in reports:
        json.dumps(report.raw, ensure_ascii=True).encode()
        if report.fault is not None:
            receipt = cloudevents.Receipt(report.source, report.id, "refused", *report.fault)
            "".join(cloudevents.texts([receipt], "district", "participation", "2023-01-01T00:00:00.000000Z")).encode()
        elif report.type in BY_WIRE:
            cloudevents.digest(b"secret", report)
            decide_row(
                row_of(BY_WIRE[report.type], report.data), Ledger(), RULES, lambda _: b"k" * 32, allow_pending=True
            )


def decode(given: bytes) -> None:
    try:
        for arrived in envelope.decode(given):
            assert isinstance(arrived.event.position, int) and isinstance(arrived.event.data, str)
    except envelope.BadEnvelope as error:
        str(error)


def campaign(given: bytes) -> None:
    try:
        Campaign.from_data(campaign_file.load(given))
    except campaign_file.CampaignFileProblems as error:
        "".join(str(problem) for problem in error.problems).encode()


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
        decide_row(row_of("record", row), Ledger(), RULES, lambda _: b"k" * 32)


def test_strict_json() -> None:
    result = fuzz(parse, ["chassis/events/strict_json.py"], REPORTS)
    assert len(result.corpus) > 10  # the guide does guide


@pytest.mark.parametrize("kind", [cloudevents.SINGLE, cloudevents.BATCH])
def test_reports(kind: str) -> None:
    watched = [
        "chassis/intake/cloudevents.py",
        "chassis/events/strict_json.py",
        "deciding.py",
        "decisions.py",
        "cells.py",
    ]
    fuzz(partial(take, kind=kind), watched, REPORTS)


def test_messages_of_services() -> None:
    good = {"specversion": "1.0", "id": "e-0-1", "source": "/qihang/district/participation", "type": "a.b.v1",
            "subject": "unit-1", "time": "2023-01-01T00:00:00.000000Z", "partition": 0, "position": "1",
            "streamversion": 1, "epoch": "e", "recordedat": "2023-01-01T00:00:00.000000Z", "actor": "", "hash": "h",
            "correlationid": "", "causationid": "", "previoushash": "", "data": {"a": [1, "名", True, {}]}}  # fmt: skip
    deep = json.dumps([good]).replace('"a": [', '"a": [' + "[" * 900).replace("]}", "]" * 900 + "]}")
    seeds = [json.dumps([good, good]), json.dumps(good), deep, "[]"]
    fuzz(decode, ["chassis/events/envelope.py"], [seed.encode() for seed in seeds])


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

    ledger = Workbook()
    ledger.active.append(["record_id", "record", "unit_id"])  # type: ignore[union-attr]
    ledger.active.append(["R1", 5, True])  # type: ignore[union-attr]
    ledger.save(folder / "book.xlsx")
    return (folder / "book.xlsx").read_bytes()
