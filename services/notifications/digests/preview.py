"""What people may look at: the preview of a day before anything goes, boxes, and how deliveries went."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from duties.campaign import Campaign
from duties.days import Day, day_of, iso
from duties.reminders import LEVELS
from services.notifications import contacts, projections_of_own_events, queries
from services.notifications.domain.items import DigestItem, parse_items
from services.notifications.domain.line import recipient_level
from services.notifications.domain.register import Contact
from services.notifications.letters import HEADINGS, lines, why
from services.notifications.delivery_worker import reached
from services.notifications.sending import ReminderSchedule, decided

MOST = 500


class Preview:
    """Questions that read rows and write nothing."""

    def __init__(self, runtime: ServiceRuntime, sending: ReminderSchedule) -> None:
        self.runtime, self.sending = runtime, sending

    def day(self, text: str | None) -> Day:
        """The day asked for, or today.  Problems 409, 422."""
        now = self.sending.now()
        if now is None:
            raise Problem(409, "no_campaign", "还没有启动活动方案。")
        try:
            return day_of(text) if text else now.day
        except ValueError:
            detail = f"“{str(text)[:20]}”不是有效日期，请写成 2022-11-30 这样"
            raise Problem(422, "bad_date", detail, column="day") from None

    def preview(self, day: Day, recipient: str, limit: int) -> dict[str, Any]:
        """Who would be told what on the day, and why, as the rows are now."""
        now = self.sending.now()
        assert now is not None
        folder = Path(self.runtime.settings.data) / self.runtime.service
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            answer = decided(self.runtime, day, Path(place) / "preview")
            result = list(_lines(Path(place) / "preview", recipient, limit))
            levels = Counter(recipient_level(item) for item in _recipients(Path(place) / "preview"))
        with self.runtime.store.reading() as connection:
            words = self.sending.delivery_worker.names.words(connection, now.campaign)
            known = contacts.found(connection, self.runtime.store, [item["recipient"] for item in result])
            table = queries.working_days(connection)
            done = connection.execute(
                sa.select(projections_of_own_events.decided_days.c.day).where(projections_of_own_events.decided_days.c.day == day)
            ).first()
        shown = [self._previewed(now.campaign, item, known, words) for item in result]
        return {"day": iso(day), "working_day": table.is_working_day(day), "decided": done is not None,
                "send_at": _clock(now.campaign.reminders.send_at), "unknown_years": answer["unknown_years"],
                "total": answer["digests"], "levels": {name: levels[name] for name in LEVELS if levels[name]},
                "digests": shown}  # fmt: skip

    def _previewed(self, campaign: Campaign, item: Any, known: dict[str, Contact], words: Any) -> dict[str, Any]:
        recipient = item["recipient"]
        contact = reached(known.get(recipient, Contact(recipient)), campaign)
        said = lines(recipient, parse_items(item["items"]), words, named=False)
        return {"recipient": recipient, "unit_id": item["unit_id"], "unit": words.units.get(item["unit_id"], ""),
                "channels": ["box", *self.sending.delivery_worker.ways(contact)],
                "lines": [{"stage": line.stage, "heading": HEADINGS[line.stage], "words": line.words,
                           "why": why(line, recipient, campaign.reminders)} for line in said]}  # fmt: skip

    def box(self, recipient: str, inside: bool, limit: int) -> dict[str, Any]:
        """The newest messages of a box; persons are named to readers `inside` the unit only."""
        now = self.sending.now()
        d = projections_of_own_events.digests
        query = sa.select(d).where(d.c.recipient == recipient).order_by(d.c.day.desc()).limit(limit)
        with self.runtime.store.reading() as connection:
            result = list(connection.execute(query))
            items = [parse_items(json.loads(row.items)) for row in result]
            people = {item.person_id for each in items for item in each if item.person_id} if inside else set()
            words = self.sending.delivery_worker.names.words(connection, now.campaign, people) if now else None
        return {"recipient": recipient, "messages": [
            {**_delivery(row), "lines": _shown(recipient, each, words, inside) if words else []}
            for row, each in zip(result, items, strict=True)]}  # fmt: skip

    def boxes(self, limit: int) -> list[dict[str, Any]]:
        """Which boxes have messages: newest first."""
        d = projections_of_own_events.digests.c
        query = sa.select(d.recipient, sa.func.count().label("messages"), sa.func.max(d.day).label("day"))
        query = query.group_by(d.recipient).order_by(sa.desc("day"), d.recipient).limit(limit)
        with self.runtime.store.reading() as connection:
            return [{"recipient": row.recipient, "messages": row.messages, "day": iso(row.day)}
                    for row in connection.execute(query)]  # fmt: skip

    def run(self, day: Day) -> dict[str, Any]:
        """How far a day is: decided or not, and its digests by phase and outcome."""
        now, d = self.sending.now(), projections_of_own_events.digests.c
        query = sa.select(d.phase, d.code, sa.func.count()).where(d.day == day).group_by(d.phase, d.code)
        with self.runtime.store.reading() as connection:
            row = connection.execute(
                sa.select(projections_of_own_events.decided_days).where(projections_of_own_events.decided_days.c.day == day)
            ).one_or_none()
            counted = [(phase, code, count) for phase, code, count in connection.execute(query)]
        return {"day": iso(day), "decided": row is not None, "digests": sum(count for *_, count in counted),
                "unknown_years": json.loads(row.unknown_years) if row else [],
                "waiting": sum(count for phase, _, count in counted if phase != "ended"),
                "ended": {code: count for phase, code, count in counted if phase == "ended"},
                "barred": now.block_reason if now and now.day == day else "not_today"}  # fmt: skip

    def deliveries(self, day: Day, code: str, limit: int) -> list[dict[str, Any]]:
        """How the day's digests went; `code` picks an outcome, such as given_up."""
        d = projections_of_own_events.digests
        query = sa.select(d).where(d.c.day == day).order_by(d.c.recipient).limit(limit)
        with self.runtime.store.reading() as connection:
            return [{"recipient": row.recipient, **_delivery(row)}
                    for row in connection.execute(query.where(d.c.code == code) if code else query)]  # fmt: skip


def _shown(recipient: str, items: list[DigestItem], words: Any, inside: bool) -> list[dict[str, str]]:
    said = lines(recipient, items, words, named=inside)
    return [{"stage": item.stage, "heading": HEADINGS[item.stage], "words": item.words} for item in said]


def _delivery(row: Any) -> dict[str, Any]:
    return {"day": iso(row.day), "decided_at": row.decided_at, "phase": row.phase, "channel": row.channel,
            "attempt": row.attempt, "code": row.code, "detail": row.detail, "again_at": row.again_at,
            "ended_at": row.ended_at}  # fmt: skip


def _lines(file: Path, recipient: str, limit: int) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as rows:
        for row in rows:
            item = json.loads(row)
            if limit and (not recipient or item["recipient"] == recipient):
                limit -= 1
                yield item


def _recipients(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as rows:
        for row in rows:
            yield json.loads(row)["recipient"]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
