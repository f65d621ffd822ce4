"""The preview that is kept between looks equals a whole decision after whatever came, and a look after one changed row
decides nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.process.worker_process import WorkerProcess
from contracts.participation import (
    UnitRelated,
)
from duties.days import day_of
from services.notifications.digests import changes, preview
from services.notifications.digests.digest_cache import KeptDay, Renewal
from services.notifications.digests.domain.kept_digests import PreviewFilter
from services.notifications.subscriptions import PROJECTIONS
from services.registry import queries as registry_queries
from tests.services.notifications.previews import decided_whole, shown
from tests.services.notifications.random_changes import DAY, District
from tests.services.notifications.subject import Subject, record, unit
from tests.support.mail_server import MailServer

CHANGES = 3
"""Before each look."""
ANEW = {
    "participation.campaign_launched", "participation.campaign_amended", "participation.campaign_closed",
    "participation.unit_registered", "participation.unit_closed", "participation.unit_related",
    "participation.unit_corrected", "participation.person_erased", "notifications.calendar_imported",
    "notifications.calendar_day_set",
}  # fmt: skip
"""After these everything is decided anew."""


@pytest.fixture
def kept(subject: Subject) -> KeptDay:
    subject.receives(unit("O4", "教研室", "office"))
    return KeptDay(subject.runtime.store, day_of(DAY))


def look(subject: Subject, kept: KeptDay) -> tuple[Renewal, list[Any]]:
    with subject.runtime.store.reading() as connection:
        renewal = kept.renew(connection)
    return renewal, shown(kept)


def test_what_is_kept_equals_a_whole_decision_after_whatever_came(
    subject: Subject, kept: KeptDay, mail: MailServer, tmp_path: Path
) -> None:
    mail.answer = lambda _to, before: "451 later" if before % 3 == 0 else "250 OK"
    district = District(subject, 1)
    assert look(subject, kept)[1] == decided_whole(subject, tmp_path) != []
    looks_at_few = 0
    for _ in range(25):
        for _ in range(CHANGES):
            district.change()
        renewal, digests = look(subject, kept)
        looks_at_few += renewal.people + renewal.units < 12
        assert digests == decided_whole(subject, tmp_path)
    assert looks_at_few > 10, "most changes concern one or two subjects"


def test_a_look_after_one_changed_row_decides_its_person_or_its_unit_alone(subject: Subject, kept: KeptDay) -> None:
    District(subject, 1)
    whole = look(subject, kept)[0]
    assert (whole.people, whole.units) == (6, 6)
    assert look(subject, kept)[0] == Renewal(0, 0, 0)
    subject.receives(record("R1", "note", "2022-11-28", "X1", "P1"))
    renewal = look(subject, kept)[0]
    assert (renewal.people, renewal.units) == (1, 1) and renewal.digests <= 5
    subject.receives(UnitRelated("X1", "", "", "O4", "2022-12-01"))
    assert look(subject, kept)[0].people == 6, "who supervises a unit changes everybody's line"


def test_what_was_notified_goes_out_of_the_next_look_without_a_decision(subject: Subject, kept: KeptDay) -> None:
    District(subject, 1)
    before = look(subject.tick(), kept)[1]  # too early to decide, but the calendar is known from now on
    subject.at("2022-12-05T09:00").tick()
    renewal, after = look(subject, kept)
    assert (renewal.people, renewal.units) == (0, 0) and renewal.digests > 5
    assert len(after) < len(before)


def test_a_large_district_s_day_is_kept_ready_by_a_process_that_ends_when_nobody_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = Subject(tmp_path / "data").launches()
    District(subject, 1)
    shown, day = subject.service.digest_preview, day_of(DAY)
    shown._spawn = lambda function, *given: function(*given)
    monkeypatch.setattr(preview, "WorkerProcess", WorkerProcess)
    shown.keep_ready(day)
    assert shown._workers == {}, "a small one is decided when somebody looks"
    monkeypatch.setattr(registry_queries, "LARGE", 6)
    shown._rest_until = 0.0
    shown.keep_ready(day)
    worker = shown._workers[day]
    subject.receives(record("R1", "note", "2022-11-28", "X1", "P1"))
    answer = shown._ask_process(day, PreviewFilter(), 10)
    assert (answer["people_decided"], answer["units_decided"]) == (1, 1) and worker.is_running
    subject.rebuild()
    assert shown._ask_process(day, PreviewFilter(), 10)["people_decided"] == 6, "of rows made anew nothing was kept"
    monkeypatch.setattr(preview, "IDLE_SECONDS", -1.0)
    monkeypatch.setattr(registry_queries, "LARGE", 100)
    shown.keep_ready(day)
    assert shown._workers == {} and not worker.is_running


def test_every_event_that_is_projected_is_known_to_concern_somebody_everybody_or_nobody() -> None:
    known = {
        *changes._NAMES_ITS_SUBJECT, *changes._CORRECTS_ITS_SUBJECT, *changes._NAMES_ITS_ROW, *changes._OF_RETURNS,
        *changes._OF_A_RECIPIENT, *changes._WITHOUT_EFFECT, *ANEW,
    }  # fmt: skip
    assert {cls.wire.rpartition(".v")[0] for cls in PROJECTIONS.subscribed} - known == set()
