"""Made-up deeds: the same numbered events for every subject, in the shapes that each takes.  Seeded, never real."""

from collections.abc import Iterator
from random import Random
from typing import Any

UNITS, PEOPLE = 200, 10_000
Cells = dict[str, str]


def unit_id(number: int) -> str:
    return f"X{number:05}"


def person_id(number: int) -> str:
    return f"P{number:07}"


def records(first: int, count: int, people: int = PEOPLE, units: int = UNITS) -> Iterator[Cells]:
    """Cells of records.csv: attendance of a person, half of them with evidence; the same number, the same row."""
    for number in range(first, first + count):
        chance = Random(number)
        person = chance.randrange(people)
        day = f"2023-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        yield {
            "record_id": f"B{number:08}", "record": "attendance", "unit_id": unit_id(person % units),
            "person_id": person_id(person), "occurred_at": f"{day}T{chance.randint(8, 18):02}:{number % 60:02}:00",
            "title": f"集中学习 {number}", "evidence": f"evidence/{number}.pdf" if number % 2 else "",
        }  # fmt: skip


def submitted(first: int, count: int) -> Iterator[dict[str, Any]]:
    """The fields of RecordSubmitted for the same rows, `title` as the clerk wrote it."""
    for row in records(first, count):
        number = int(row["record_id"][1:])
        yield {
            "record_id": row["record_id"], "kind": "attendance", "unit_id": row["unit_id"],
            "person_id": row["person_id"], "day": row["occurred_at"][:10],
            "done_at": f"{row['occurred_at']}.000000Z", "period": "", "content": "", "evidence": row["evidence"],
            "campaign": "xue-lun-shu", "campaign_version": 1, "digest": f"{number:064x}",
            "title": row["title"],
        }  # fmt: skip


def impersonal(first: int, count: int) -> Iterator[dict[str, Any]]:
    """The same with nothing to be enciphered, and as long as if it had been: for stores that keep no keys."""
    for item in submitted(first, count):
        yield item | {"title": "", "content": f"{item['record_id']:>64}"}


def reports(first: int, count: int, source: str = "bench", people: int = PEOPLE, units: int = UNITS
            ) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The same rows as CloudEvents of an outside system."""
    for row in records(first, count, people, units):
        data = {column: cell for column, cell in row.items() if cell}
        yield {"specversion": "1.0", "type": "qihang.record.reported.v1", "source": source, "id": row["record_id"],
               "data": data}  # fmt: skip


def district(units: int = UNITS, people: int = PEOPLE) -> dict[str, list[Cells]]:
    """units.csv and people.csv of a district in which all of `records` are accepted."""
    return {
        "units.csv": [{"unit_id": unit_id(n), "name": f"第{n}中学", "kind": "school", "opened_on": "2010-09-01"}
                      for n in range(units)],
        "people.csv": [{"person_id": person_id(n), "name": f"教师{n}", "role": "teacher", "unit_id": unit_id(n % units),
                        "from": "2015-09-01"} for n in range(people)],
    }  # fmt: skip
