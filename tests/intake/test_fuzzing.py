"""Property tests: for any bytes every parser returns a value or raises its own error, soon, and what it returns can be
stored and sent.

QIHANG_FUZZ_EXAMPLES: for each parser, 300 (always the same) unless set; then other ones every time."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.events import envelope, strict_json
from chassis.intake import cloudevents
from duties.campaign import Campaign
from services.participation.batch.domain import decide_row
from services.participation.campaign import file as campaign_file
from services.participation.domain import ROW_KINDS, Ledger, row_of
from services.participation.domain.rows import KIND_OF_TABLE
from services.participation.imports.catalogue import TABLE_KINDS
from services.participation.intake.report_batch import KIND_OF_TYPE
from services.reading.read_file import FileReader
from services.reading.table import Unreadable
from tests.intake.bodies import BODIES
from tests.intake.events import EVENTS
from tests.intake.mutations import mutated, with_other_cells, with_other_values
from tests.intake.rows import ROWS
from tests.support.system import SAMPLES

REPORTS = [kind.body for kind in [*BODIES, *EVENTS, *ROWS] if len(kind.body) < 20_000]
RULES = Campaign.from_data(campaign_file.load((SAMPLES / "campaign.yaml").read_bytes()))
EVENTS_WITH_CELLS = [event for event in (json.loads(kind.body) for kind in ROWS) if event.get("data")]
RARE = [b"[" * 2000 + b"]" * 2000, b'{"data": {"\\ud800": "a"}}']
MESSAGE = {"specversion": "1.0", "id": "e-0-1", "source": "/qihang/district/participation", "type": "a.b.v1",
           "subject": "unit-1", "time": "2023-01-01T00:00:00.000000Z", "partition": 0, "position": "1",
           "streamversion": 1, "epoch": "e", "recordedat": "2023-01-01T00:00:00.000000Z", "actor": "", "hash": "h",
           "correlationid": "", "causationid": "", "previoushash": "", "data": {"a": [1, "名", True, {}]}}  # fmt: skip
CAMPAIGN = (SAMPLES / "campaign.yaml").read_bytes()

examples = os.environ.get("QIHANG_FUZZ_EXAMPLES")
fuzz = settings(
    max_examples=int(examples or 300),
    derandomize=examples is None,
    database=None,
    deadline=timedelta(seconds=5),  # for one input, on a machine that others use too
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def check_parse(given: bytes) -> None:
    try:
        value = strict_json.parse(given, 1024 * 1024)
    except strict_json.BadJson as error:
        str(error).encode()
        return
    json.dumps(value, allow_nan=False).encode()  # what was accepted can be stored and sent
    try:
        strict_json.check_texts(value)
    except strict_json.BadJson:
        return
    assert "\0" not in json.dumps(value, ensure_ascii=False).encode().decode()


def check_reports(given: bytes, kind: str) -> None:
    """The intake up to the decision on one row: what goes to a store or into a receipt can be written."""
    try:
        reports = cloudevents.read(given, kind)
    except cloudevents.BadBody as error:
        error.detail.encode()
        return
    for report in reports:
        json.dumps(report.raw, ensure_ascii=True).encode()
        if report.fault is not None:
            receipt = cloudevents.receipt_of_fault(report)
            "".join(cloudevents.texts([receipt], "district", "participation", "2023-01-01T00:00:00.000000Z")).encode()
        elif report.type in KIND_OF_TYPE:
            cloudevents.digest(b"secret", report)
            decide_row(
                row_of(KIND_OF_TYPE[report.type], report.data), Ledger(), RULES, lambda _: b"k" * 32, allow_pending=True
            )


def check_envelopes(given: bytes) -> None:
    try:
        for arrived in envelope.decode(given):
            assert isinstance(arrived.event.position, int) and isinstance(arrived.event.data, str)
    except envelope.BadEnvelope as error:
        str(error)


def check_campaign(given: bytes) -> None:
    try:
        Campaign.from_data(campaign_file.load(given))
    except campaign_file.CampaignFileProblems as error:
        "".join(str(problem) for problem in error.problems).encode()


def check_read(given: bytes, folder: Path) -> None:
    (folder / "in").write_bytes(given)
    reading = FileReader(folder / "in", "records.csv", folder, TABLE_KINDS)
    try:
        reading.run()
    except Unreadable as error:
        str(error).encode("utf-8", "backslashreplace")
        return
    for part in reading.parts:
        kind = KIND_OF_TABLE[part.kind]
        lines = (folder / part.rows_file).read_text(encoding="ascii").splitlines()
        assert len(lines) == part.rows
        for line in lines[:50]:
            number, cells, _ = json.loads(line)
            row = dict(zip(ROW_KINDS[kind].columns, cells, strict=True))
            assert number > 0
            decide_row(row_of(kind, row), Ledger(), RULES, lambda _: b"k" * 32)


def test_the_bodies_of_the_catalogue() -> None:
    for body in [*REPORTS, *RARE]:
        check_parse(body)
        for kind in (cloudevents.SINGLE, cloudevents.BATCH):
            check_reports(body, kind)


@fuzz
@given(body=mutated([*REPORTS, *RARE]))
def test_strict_json(body: bytes) -> None:
    check_parse(body)


@fuzz
@given(body=mutated(REPORTS) | with_other_cells(EVENTS_WITH_CELLS).map(as_json))
def test_single_reports(body: bytes) -> None:
    check_reports(body, cloudevents.SINGLE)


@fuzz
@given(body=mutated(REPORTS) | st.lists(with_other_cells(EVENTS_WITH_CELLS), max_size=3).map(as_json))
def test_batches_of_reports(body: bytes) -> None:
    check_reports(body, cloudevents.BATCH)


DEEP = as_json([MESSAGE]).replace(b'"a": [', b'"a": [' + b"[" * 900).replace(b"]}", b"]" * 900 + b"]}")


@fuzz
@given(body=mutated([as_json([MESSAGE, MESSAGE]), as_json(MESSAGE), DEEP, b"[]"]))
def test_messages_of_services(body: bytes) -> None:
    check_envelopes(body)


PIECES = [b"\n".join(CAMPAIGN.split(b"\n")[at : at + 12]) for at in range(0, 80, 20)]
ODD_YAML = [b"a: 1\na: 2\n", b"a: &x 1\nb: *x\n", b"a: !!python/name:os.system\n", b"? [1]\n: 2\n", b"<<: {a: 1}\n"]


@fuzz
@given(body=mutated([*PIECES, *ODD_YAML]))
def test_pieces_of_campaign_files(body: bytes) -> None:
    check_campaign(body)


@settings(fuzz, max_examples=fuzz.max_examples // 6)  # a whole file takes thirty times as long as a piece
@given(document=with_other_values(yaml.load(CAMPAIGN, yaml.CBaseLoader)))  # noqa: S506 - makes texts, no objects
def test_whole_campaign_files(document: object) -> None:
    check_campaign(yaml.dump(document, allow_unicode=True, Dumper=yaml.CSafeDumper).encode("utf-8", "replace"))


RECORDS = b"\n".join((SAMPLES / "district" / "records.csv").read_bytes().split(b"\n")[:20])


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    odd = [b"record_id,record\n\xff,\xfe\n", b"PK\x03\x04"]
    return [RECORDS, RECORDS.decode().encode("gb18030"), *odd, workbook(tmp_path_factory.mktemp("workbook"))]


@fuzz
@given(data=st.data())
def test_uploaded_files(data: st.DataObject, seeds: list[bytes], tmp_path: Path) -> None:
    check_read(data.draw(mutated(seeds)), tmp_path)


def test_a_workbook_whose_compression_is_damaged_is_unreadable(tmp_path: Path) -> None:
    whole = workbook(tmp_path)
    at = whole.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    (tmp_path / "in").write_bytes(whole[:at] + b"\xff" * 20 + whole[at + 20 :])
    with pytest.raises(Unreadable):
        FileReader(tmp_path / "in", "records.csv", tmp_path, TABLE_KINDS).run()


def workbook(folder: Path) -> bytes:
    from openpyxl import Workbook

    ledger = Workbook()
    ledger.active.append(["record_id", "record", "unit_id"])  # type: ignore[union-attr]
    ledger.active.append(["R1", 5, True])  # type: ignore[union-attr]
    ledger.save(folder / "book.xlsx")
    return (folder / "book.xlsx").read_bytes()
