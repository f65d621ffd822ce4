"""Holds what was public against consents and deeds: nothing without consent, every confirmation a deed that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.domain.duties.oracle_of_credit import CreditOracle
from tests.semester.calendar import instant, local
from tests.semester.evidence import Evidence, Problem, Publication

AT_MOST = 24 * 3600 * 1_000_000
"""Microseconds that a take-down may take by the platform's faults, after the consent was withdrawn."""


class Consents:
    """Which uses of which work were agreed to, at any instant."""

    def __init__(self, evidence: Evidence) -> None:
        wires = {"publicity.consent_given": True, "publicity.consent_withdrawn": False}
        self.given = sorted(
            (at, data["work_id"], tuple(data["levels"]), agreed)
            for wire, agreed in wires.items() for at, data in evidence.events(wire)
        )  # fmt: skip

    def until(self, work: str, level: str, at: int) -> int:
        """When the consent in force at that instant ended; -1: there was none, 0: it lasts."""
        force = False
        for moment, work_id, levels, agreed in self.given:
            if work_id != work or level not in levels:
                continue
            if moment > at and force and not agreed:
                return moment
            force = agreed if moment <= at else force
        return 0 if force else -1


def articles(evidence: Evidence) -> Iterator[Problem]:
    yield from _shown(evidence)
    yield from _confirmed(evidence)
    yield from _deeds(evidence)
    yield from _other_deeds(evidence)


def _shown(evidence: Evidence) -> Iterator[Problem]:
    consents = Consents(evidence)
    accounts = {data["title"]: data["account"] for _, data in evidence.events("publicity.article_drafted")}
    for title, times in Counter(publication.title for publication in evidence.publications).items():
        if times > 1:
            yield Problem("published_twice", title)
    for publication in evidence.publications:
        works = [work for work, words in evidence.works.items() if words in publication.content]
        if not works:
            yield Problem("unknown_work", publication.title)
        for work in works:
            yield from _agreed(
                publication, work, consents.until(work, accounts.get(publication.title, "district"), publication.since)
            )


def _agreed(publication: Publication, work: str, ended: int) -> Iterator[Problem]:
    if ended < 0:
        yield Problem("no_consent", f"{publication.title} shows {work}")
    elif ended and not publication.since < publication.until <= ended + AT_MOST:
        yield Problem("no_consent", f"{publication.title} shows {work} after its consent was withdrawn")


def _confirmed(evidence: Evidence) -> Iterator[Problem]:
    """What the platform shows is what we know to be public, one by one."""
    ours = {data["title"]: at for at, data in evidence.events("publicity.article_published") if data["how"] == "api"}
    theirs = {publication.title: publication for publication in evidence.publications}
    yield from (Problem("unconfirmed", title) for title in theirs.keys() - ours.keys())
    for title, at in ours.items():
        if title not in theirs or at < theirs[title].since:
            yield Problem("not_public", f"{title} was confirmed before it was public")
    yield from _known_as_public(evidence, theirs)


def _known_as_public(evidence: Evidence, theirs: dict[str, Publication]) -> Iterator[Problem]:
    """What is public is put back by nothing, and what is recorded as gone is gone, or known to be public again."""
    names = {data["article_id"]: data["title"] for _, data in evidence.events("publicity.article_drafted")}
    public: dict[str, int] = {}
    for at, data in evidence.events("publicity.article_published"):
        public.setdefault(data["article_id"], at)
    for wire in ("submission_failed", "article_refused", "article_stopped", "publish_intended"):
        for at, data in evidence.events(f"publicity.{wire}"):
            if at >= public.get(data["article_id"], at + 1):
                yield Problem("put_back", f"{names[data['article_id']]}: {wire} after it was public")
    disproved = {data["article_id"] for _, data in evidence.events("publicity.take_down_disproved")}
    for _, data in evidence.events("publicity.article_taken_down"):
        title = names[data["article_id"]]
        if title in theirs and not theirs[title].until and data["article_id"] not in disproved:
            yield Problem("still_public", title)


def _deeds(evidence: Evidence) -> Iterator[Problem]:
    """Each confirmed publication is a record of its unit, of its day, that counts; each take-down has undone it."""
    kinds = _kinds(evidence.facts.campaign)
    down = {data["article_id"] for _, data in evidence.events("publicity.article_taken_down")}
    gone = {publication.title for publication in evidence.publications if publication.until}
    records = {item["record_id"]: item for item in evidence.facts.records}
    for _, data in evidence.events("publicity.article_published"):
        name, kind = f"publicity-article-{data['article_id']}", kinds[data["account"]]
        assert not data.get("units"), "no article of the semester shows works of several units"
        record = records.pop(name, None)
        day = local(instant(data["published_at"])).date()
        if record is None or (record["record"], record["unit_id"], record["day"]) != (kind, data["unit_id"], day):
            yield Problem("no_deed", f"{data['title']}: {record}")
        elif data["article_id"] in down or data["title"] in gone:
            if record["withdrawn"] is None:
                yield Problem("not_undone", name)
        elif record["withdrawn"] is not None:
            yield Problem("no_deed", f"{data['title']}: withdrawn")
        else:
            yield from _meets(evidence, record)
    yield from (Problem("deed_of_nothing", name) for name in records if name.startswith("publicity-article-"))


def _other_deeds(evidence: Evidence) -> Iterator[Problem]:
    """Selections, anthologies and videos are records too."""
    records = [record["record_id"] for record in evidence.facts.records if record["withdrawn"] is None]
    result = [f"work-{data['work_id']}-{data['level']}" for _, data in evidence.events("publicity.work_selected")]
    result += [f"anthology-{data['anthology_id']}-" for _, data in evidence.events("publicity.anthology_compiled")]
    result += [f"video-{data['video_id']}" for _, data in evidence.events("publicity.video_published")]
    for name in result:
        if not any(record.startswith(f"publicity-{name}") for record in records):
            yield Problem("no_deed", name)


def _meets(evidence: Evidence, record: dict[str, Any]) -> Iterator[Problem]:
    """With this record the duty is not among what is outstanding."""
    oracle = CreditOracle(evidence.facts)
    duty = next(item for item in evidence.facts.campaign["duties"] if item["record"] == record["record"])
    period = oracle.belongs(duty, record)
    line = f",{duty['id']},{period},{record['unit_id']},,"
    if period is None or record["day"] > oracle.span(duty, period)[3]:
        return
    if line in evidence.results.get("outstanding.csv", ""):
        yield Problem("not_met", f"{record['record_id']} does not meet {duty['id']}")


def _kinds(campaign: dict[str, Any]) -> dict[str, str]:
    """Account -> the kind of record that an article on it becomes."""
    deeds = (campaign.get("publicity") or {}).get("deeds") or {}
    return {"unit": deeds.get("article_unit", "wechat_school"),
            "district": deeds.get("article_district", "wechat_district")}  # fmt: skip
