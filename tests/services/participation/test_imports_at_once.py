"""Imports beside each other: none disturbs another, dry runs included; each ends by itself, whoever left it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from chassis.store import schema
from chassis.store.prepared_query import QueryRunner
from services.participation.domain.naming import Target
from services.participation.imports import deciding, job, spool
from services.participation.imports import dry_run as dry_runs
from services.participation.imports.handlers import ImportRequest
from services.participation.publishers.origins import reported_source
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, attended, district
from tests.services.participation.importing import begun, imported, manifest_of, uploaded, worked

HEADER = "record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence\n"


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def records(*names: str, person: str = "P1") -> bytes:
    return (HEADER + "".join(f"{name},attendance,,{person},2022-12-01T09:00:00,,,,\n" for name in names)).encode()


def shown(replica: Replica, import_id: str) -> dict[str, object]:
    result: dict[str, object] = replica.service.imports.show_import(import_id)
    return result


def counts(replica: Replica, import_id: str) -> list[tuple[object, ...]]:
    imports = replica.service.imports
    return [(file["file"], file["accepted"], file["refused"]) for file in imports.show_import(import_id)["files"]]


def test_two_dry_runs_at_once_keep_their_refusals_apart(replica: Replica) -> None:
    first = uploaded(replica, {"records.csv": records("R1", person="P8")}, dry_run=True)
    second = uploaded(replica, {"records.csv": records("R1", "R2", person="P9")}, dry_run=True)
    worked(replica)
    assert counts(replica, first) == [("records.csv", 0, 1)]
    assert counts(replica, second) == [("records.csv", 0, 2)]
    messages = [[row["message"] for row in replica.service.imports.refused_rows(each, 0, 9)]
                for each in (first, second)]  # fmt: skip
    assert [len(item) for item in messages] == [1, 2]
    assert "P8" in messages[0][0] and all("P9" in text for text in messages[1])


def test_a_dry_run_beside_an_import_and_two_imports_of_one_name(replica: Replica) -> None:
    dry = uploaded(replica, {"records.csv": records("R1")}, dry_run=True)
    first = uploaded(replica, {"records.csv": records("R1", "R2")})
    second = uploaded(replica, {"records.csv": records("R3")})
    assert len({dry, first, second}) == 3
    worked(replica)
    assert counts(replica, first) == [("records.csv", 2, 0)] and counts(replica, second) == [("records.csv", 1, 0)]
    assert shown(replica, dry)["finished"] is True


def test_more_dry_runs_than_may_be_must_wait_and_end_none(replica: Replica) -> None:
    running = [begun(replica, {"records.csv": records(f"R{n}")}, dry_run=True)[0] for n in range(dry_runs.MOST)]
    assert len(set(running)) == dry_runs.MOST
    with pytest.raises(Problem) as caught:
        begun(replica, {"records.csv": records("R99")}, dry_run=True)
    assert (caught.value.status, caught.value.code) == (503, "busy")
    replica.service.imports.upload_file(running[0], "records.csv", [records("R0")])
    worked(replica)
    assert shown(replica, running[0])["finished"] is True
    begun(replica, {"records.csv": records("R99")}, dry_run=True)  # in the place of the one that ended


def test_a_dry_run_whose_files_do_not_come_goes(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id, _ = begun(replica, {"records.csv": records("R1", person="P9")}, dry_run=True)
    worked(replica)
    assert shown(replica, import_id)["state"] == "uploading"
    monkeypatch.setattr(dry_runs, "IDLE_SECONDS", -1.0)
    monkeypatch.setattr(job, "SWEEP_SECONDS", -1.0)
    worked(replica)
    with pytest.raises(Problem) as caught:
        shown(replica, import_id)
    assert caught.value.status == 404
    left = [path for path in (tmp_path / "participation" / "imports").rglob("*") if path.is_file()]
    assert [path for path in left if path.name != "lock"] == []


def test_an_import_that_its_client_left_is_in_the_list_with_its_end(replica: Replica) -> None:
    imported(replica, {"records.csv": records("R1")})
    second = uploaded(replica, {"一月.csv": records("R2")})
    worked(replica)
    listed = replica.service.imports.list_imports(OPERATOR, "", 10)
    assert listed[0]["import_id"] == second
    assert [row["state"] for row in listed] == ["finished", "finished"]
    assert (listed[1]["files"], listed[1]["kinds"]) == (["records.csv"], ["records"])
    assert (listed[1]["rows"], listed[1]["accepted"], listed[1]["actor"]) == (1, 1, "operator:operator")
    assert [row["import_id"] for row in replica.service.imports.list_imports(OPERATOR, second, 10)] == [
        listed[1]["import_id"]
    ]


def test_an_import_whose_files_never_came_is_ended_after_a_day_and_says_so(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id, _ = begun(replica, {"records.csv": records("R1"), "people.csv": b"x"})
    replica.service.imports.upload_file(import_id, "records.csv", [records("R1")])
    monkeypatch.setattr(job, "SWEEP_SECONDS", -1.0)
    worked(replica)
    assert shown(replica, import_id)["state"] == "uploading"
    monkeypatch.setattr(job, "ABANDONED_AFTER", timedelta(seconds=-1))
    worked(replica)
    assert shown(replica, import_id)["state"] == "abandoned"
    assert replica.service.imports.list_imports(OPERATOR, "", 1)[0]["state"] == "abandoned"
    assert not list((tmp_path / "participation" / "imports").rglob("*.raw"))


def test_the_uploads_of_an_import_are_kept_for_a_week(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = str(imported(replica, {"records.csv": records("R1")})["import_id"])
    folder = tmp_path / "participation" / "imports" / import_id
    monkeypatch.setattr(job, "SWEEP_SECONDS", -1.0)
    worked(replica)
    assert (folder / "0.raw").read_bytes() == records("R1")
    old = time.time() - spool.KEPT_SECONDS - 1
    os.utime(folder / "ended", (old, old))
    worked(replica)
    assert not folder.exists()


def test_what_cannot_be_read_ends_the_import_before_a_row_is_written(replica: Replica) -> None:
    import_id = uploaded(replica, {"records.csv": records("R1"), "people.csv": b"nothing\nknown\n"})
    worked(replica)
    answer = shown(replica, import_id)
    assert (answer["state"], answer["finished"], answer["files"]) == ("unreadable", True, [])
    assert "people.csv：" in str(answer["fault"])
    assert attended(replica, "R1") == "accepted"
    assert begun(replica, {"records.csv": records("R1"), "people.csv": b"nothing\nknown\n"})[1] is False


def test_a_killed_process_is_followed_by_the_next_from_the_last_batch(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "BATCH_ALONE", 2)
    monkeypatch.setattr(job, "TURN_SECONDS", 0.0)
    names = [f"R{n}" for n in range(5)]
    import_id = uploaded(replica, {"records.csv": records(*names)})
    replica.service.imports.job.read_all()
    first = replica.service.imports.job
    steps = iter([True, True, False])  # the parts are known, one batch, then it is killed
    monkeypatch.setattr(first, "_each_open", stopped_after(first, steps))
    first.decide_all()
    assert counts(replica, import_id) == [("records.csv", 2, 0)]
    other = cluster.make_replica(tmp_path, "")
    worked(other)
    assert counts(other, import_id) == [("records.csv", 5, 0)]
    assert [row["import_id"] for row in other.service.imports.list_imports(OPERATOR, "", 5)] == [import_id]
    other.runtime.store.close()


def stopped_after(of: job.ImportJob, steps: Iterator[bool]) -> object:
    plain = of._each_open
    return lambda loop, work: plain(loop, work) if work != of._decide_next or next(steps) else False


def test_an_import_whose_end_nobody_saw_is_shown_to_who_sends_the_same_files_again(replica: Replica) -> None:
    files = {"records.csv": records("R1")}
    import_id = uploaded(replica, files)
    worked(replica)
    assert begun(replica, files) == (import_id, True)
    assert replica.service.imports.files_needed(import_id) == [{"name": "records.csv", "needed": False}]
    assert counts(replica, import_id) == [("records.csv", 1, 0)]
    again = imported(replica, files)
    assert again["import_id"] != import_id and again["files"][0]["unchanged"] == 1


def test_only_one_process_works_on_an_import(replica: Replica, tmp_path: Path) -> None:
    import_id = uploaded(replica, {"records.csv": records("R1")})
    other = cluster.make_replica(tmp_path, "")
    folder = spool.Spool(tmp_path / "participation" / "imports")
    with folder.locked(import_id) as acquired:
        assert acquired
        worked(other)
        assert shown(other, import_id)["state"] == "reading"
    worked(other)
    assert shown(other, import_id)["state"] == "finished"
    other.runtime.store.close()


def test_many_files_of_one_kind_are_parts_in_order_with_names_of_their_own(replica: Replica) -> None:
    files = {"b.csv": records("R3"), "records.csv": records("R1"), "a.csv": records("R2")}
    manifest = [[*entry[:3], "records"] for entry in manifest_of(files)]
    import_id, _ = replica.service.imports.begin_import(ImportRequest(manifest), OPERATOR, "")
    for name, body in files.items():
        replica.service.imports.upload_file(import_id, name, [body])
    worked(replica)
    assert [name for name, *_ in counts(replica, import_id)] == ["a.csv", "b.csv", "records.csv"]


def test_an_import_for_an_outside_system_gives_it_the_rows(replica: Replica) -> None:
    with replica.runtime.store.writing() as connection:
        connection.execute(schema.publishers.insert().values(**cluster.publisher("hr", ["/hr/*", "/hr/rows"])))
    with pytest.raises(Problem) as caught:
        begun(replica, {"records.csv": records("R1")}, source="nobody")
    assert (caught.value.status, caught.value.code) == (404, "unknown_source")
    result = imported(replica, {"records.csv": records("R1")}, source="hr")
    assert result["source"] == "/hr/rows"
    imported(replica, {"records.csv": records("R2")})
    with replica.runtime.store.reading() as connection:
        sources = [reported_source(QueryRunner(connection), Target("record", (name,))) for name in ("R1", "R2")]
    assert sources == ["/hr/rows", ""]


def test_every_event_of_an_import_names_it(replica: Replica) -> None:
    import_id = str(imported(replica, {"records.csv": records("R1")})["import_id"])
    events = [each.event() for each in replica.log() if each.correlation == deciding.correlation_of(import_id)]
    assert [type(event).__name__ for event in events] == [
        "ImportRead", "RecordSubmitted", "ImportAdvanced", "ImportFinished"
    ]  # fmt: skip


def test_the_ids_of_imports_that_begin_at_one_instant_differ(replica: Replica) -> None:
    files = {"records.csv": records("R1")}
    now = replica.runtime.units_of_work.clock()
    replica.service.imports._units_of_work = replace(replica.runtime.units_of_work, clock=lambda: now)
    assert begun(replica, files, dry_run=True)[0] != begun(replica, files, dry_run=True)[0]
