"""What publicity's log says that somebody is told: what was returned, who reviews and reads, what was selected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tests.semester.calendar import instant
from tests.semester.evidence import Evidence

STAGES = ("first", "second", "final")


class Return(NamedTuple):
    """What went back for revision: a person's work, or a unit's article or anthology; until it came again (0: not)."""

    place: str
    unit: str
    person: str
    day: date
    since: int
    until: int
    stage: str = "returned"


class Review(NamedTuple):
    """A work that a reviewer is asked to mark, until the day `due` if there is one; `until` when it was marked, taken
    back or asked for by another day (0: not)."""

    work: str
    reviewer: str
    day: date
    due: date | None
    since: int
    until: int

    def is_open(self, known: int) -> bool:
        return self.since <= known and (not self.until or self.until > known)


class Reading(NamedTuple):
    """A text that a reader is to read: since they were appointed, or it was their turn, on that day; `until` that was
    over (0: not)."""

    place: str
    reader: str
    day: date
    since: int
    until: int


class Choice(NamedTuple):
    """A work that the unit or the district selected, or no more, at the instant `since`; `until` the contrary."""

    stage: str
    place: str
    unit: str
    author: str
    since: int
    until: int


class OfPublicity(NamedTuple):
    """What publicity's log says that somebody is to be told."""

    returns: Sequence[Return] = ()
    reviews: Sequence[Review] = ()
    readings: Sequence[Reading] = ()
    choices: Sequence[Choice] = ()


def of_publicity(evidence: Evidence) -> OfPublicity:
    return OfPublicity(*(list(each(evidence)) for each in (returned, reviews, readings, choices)))


def returned(evidence: Evidence) -> Iterator[Return]:
    """What went back for revision, and until when, from publicity's log."""
    units = {f"article {data['article_id']}": data["unit_id"]
             for _, data in evidence.events("publicity.article_drafted")}  # fmt: skip
    units |= {f"anthology {data['anthology_id']}": data["unit_id"]
              for _, data in evidence.events("publicity.anthology_compiled")}  # fmt: skip
    again = [(at, f"work {data['work_id']}") for at, data in evidence.events("publicity.work_revised")]
    again += [(at, f"article {data['article_id']}") for at, data in evidence.events("publicity.article_drafted")]
    again += [(at, f"anthology {data['anthology_id']}") for at, data in evidence.events("publicity.anthology_compiled")]
    back = [(at, f"work {data['work_id']}", data["unit_id"], data["author_id"], data["returned_on"])
            for at, data in evidence.events("publicity.work_returned")]  # fmt: skip
    for at, data in evidence.events("publicity.reading_returned"):
        place = f"{data['subject']} {data['subject_id']}"
        back.append((at, place, units[place], "", data["read_on"]))
    for at, place, unit, person, day in back:
        until = min((moment for moment, name in again if name == place and moment > at), default=0)
        yield Return(place, unit, person, date.fromisoformat(day), at, until)
    yield from to_be_taken_down(evidence)


def reviews(evidence: Evidence) -> Iterator[Review]:
    """Who is asked to mark which work, and until when, from publicity's log, in its order: the clock may stand.  Nobody
    is while it is sent back; when it comes again, all who were not released are, without a last day."""
    asked: dict[tuple[str, str], Review] = {}
    reviewers: dict[str, dict[str, None]] = {}
    for item in evidence.logs.get("publicity", ()):
        name, at, data = item["type"].split(".")[-2], instant(item["recordedat"]), item["data"]
        if name not in ("reviewer_assigned", "work_marked", "reviewer_released", "work_returned", "work_revised"):
            continue
        of_work = reviewers.setdefault(data["work_id"], {})
        of_all = name in ("work_returned", "work_revised")
        for reviewer in of_work if of_all else [data["reviewer_id"]]:
            if ended := asked.pop((data["work_id"], reviewer), None):
                yield ended._replace(until=at)
        if name == "reviewer_assigned":
            of_work[data["reviewer_id"]] = None
            due = date.fromisoformat(data["due_on"]) if data["due_on"] else None
            place = data["work_id"], data["reviewer_id"]
            asked[place] = Review(*place, date.fromisoformat(data["assigned_on"]), due, at, 0)
        elif name == "reviewer_released":
            of_work.pop(data["reviewer_id"], None)
        elif name == "work_revised":
            day = date.fromisoformat(data["revised_on"])
            places = [(data["work_id"], reviewer) for reviewer in of_work]
            asked |= {place: Review(*place, day, None, at, 0) for place in places}
    yield from asked.values()


def to_be_taken_down(evidence: Evidence) -> Iterator[Return]:
    """What is public, should not be, and is not deleted by the interface: since its first failure, until it is gone."""
    gone = [(at, data["article_id"]) for at, data in evidence.events("publicity.article_taken_down")]
    ordered = [(at, data) for at, data in evidence.events("publicity.take_down_ordered") if data["how"] == "hand"]
    shown: dict[tuple[str, str], tuple[int, str]] = {}
    for at, data in [*ordered, *evidence.events("publicity.take_down_failed")]:
        shown.setdefault((data["article_id"], data["ordered_at"]), (at, data["unit_id"]))
    for (article, ordered_at), (at, unit) in shown.items():
        until = min((moment for moment, name in gone if name == article and moment > at), default=0)
        day = date.fromisoformat(ordered_at[:10])
        yield Return(f"public_article {article}", unit, "", day, at, until, "take_down")


def readings(evidence: Evidence) -> Iterator[Reading]:
    """Who is asked to read what: from their appointment, and again when it is their turn, that is when the reading
    before theirs passed, or an article was drafted anew.  A return or another edition ends all appointments."""
    asked: dict[tuple[str, str], Reading] = {}
    appointed: dict[tuple[str, str], str] = {}
    for item in evidence.logs.get("publicity", ()):
        name, at, data = item["type"].split(".")[-2], instant(item["recordedat"]), item["data"]
        if name not in _OF_READINGS:
            continue
        text = _text_of(data)
        over = STAGES if name not in ("reader_appointed", "reading_passed") else (data["stage"],)
        turn, day = "", ""
        if name == "reader_appointed":
            appointed[text, data["stage"]] = data["reader_id"]
            turn, day = data["stage"], data["appointed_on"]
        elif name == "reading_passed":
            turn, day = {"first": "second", "second": "final"}.get(data["stage"], ""), data["read_on"]
        elif name == "article_drafted":
            turn, day = "first", data["drafted_on"]
        elif name in ("reading_returned", "anthology_compiled"):
            appointed = {key: reader for key, reader in appointed.items() if key[0] != text}
        for stage in dict.fromkeys((*over, turn)):
            if ended := asked.pop((text, stage), None):
                yield ended._replace(until=at)
        if reader := appointed.get((text, turn)):
            asked[text, turn] = Reading(f"{text} {turn}", reader, date.fromisoformat(day), at, 0)
    yield from asked.values()


_OF_READINGS = frozenset({
    "reader_appointed", "reading_passed", "reading_returned", "article_drafted", "article_stopped",
    "article_taken_down", "anthology_compiled", "anthology_outdated", "anthology_taken_down",
})  # fmt: skip


def _text_of(data: dict[str, str]) -> str:
    if "subject" in data:
        return f"{data['subject']} {data['subject_id']}"
    return f"article {data['article_id']}" if "article_id" in data else f"anthology {data['anthology_id']}"


def choices(evidence: Evidence) -> Iterator[Choice]:
    """Each selection, until it is taken back, and each taking back, until the next selection."""
    selected: dict[str, Choice] = {}
    for item in evidence.logs.get("publicity", ()):
        name, data = item["type"].split(".")[-2], item["data"]
        if name not in ("work_selected", "work_deselected"):
            continue
        place = f"{data['work_id']}:{data['level']}"
        at = instant(item["recordedat"])
        if ended := selected.pop(place, None):
            yield ended._replace(until=at)
        selected[place] = Choice(name.removeprefix("work_"), place, data["unit_id"], data["author_id"], at, 0)
    yield from selected.values()
