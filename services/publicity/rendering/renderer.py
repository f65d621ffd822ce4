"""Makes what is shown: gathers consented works, has the press print them, keeps the result sealed in the vault."""

import base64
import json
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

from chassis.process import subprocesses
from services.publicity import queries
from services.publicity.domain import Refused
from services.publicity.domain.anthologies import ShownWork, check_shown
from services.publicity.house import House, telling
from services.publicity.press.manuscript import loaded
from services.publicity.words import problem

PRESS_SECONDS = 240
FILES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}


class Showing:
    """The press's client: everything here happens before a transaction, which then decides on the result."""

    def __init__(self, house: House) -> None:
        self.house = house

    def pieces(self, connection: Any, unit_id: str, level: str, works: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The works as the press takes them, with their authors' names.  Nothing without consent is even opened."""
        names = self.house.names(connection, {work["author_id"] for work in works})
        titles = self.house.opened({work["work_id"]: (work["author_id"], work["title"]) for work in works})
        result = []
        for work in works:
            check_shown(
                ShownWork(
                    work["work_id"],
                    work["author_id"],
                    work["unit_id"],
                    work["semester"],
                    "unit" in work["selected"],
                    frozenset(work["levels"]),
                ),
                unit_id,
                level,
            )
            blocks = loaded(self.house.vault.fetch([work["author_id"]], work["content"]))
            result.append({"title": titles[work["work_id"]], "author": names.get(work["author_id"], ""),
                         "blocks": [[b.style, b.text, b.picture] for b in blocks]})  # fmt: skip
        return result

    def candidates(self, connection: Any, unit_id: str, semester: str, level: str) -> list[str]:
        """The unit's selected works of the semester whose authors agree, in the order of their ids."""
        result = queries.work_rows(connection, self.house.runtime.store, unit_id=unit_id, semester=semester)
        return [item["work_id"] for item in result if "unit" in item["selected"] and level in item["levels"]]

    def chosen(self, connection: Any, work_ids: list[str]) -> list[dict[str, Any]]:
        result = []
        for work_id in dict.fromkeys(work_ids):
            rows = queries.work_rows(connection, self.house.runtime.store, work_id=work_id)
            if not rows:
                raise Refused("unknown_work", "works", work_id)
            result.append(rows[0])
        if not result:
            raise Refused("no_works", "works")
        return result

    def anthology(self, unit_id: str, semester: str, level: str, title: str, work_ids: list[str]) -> dict[str, Any]:
        """Compile: the works, and the address and size of the sealed zip of the three files.  Problem."""
        with self.house.look() as connection:
            rules = queries.campaign(connection)
            if rules is None:
                raise Refused("no_campaign")
            named = next((item for item in rules.semesters if item.id == semester), None)
            if named is None:
                raise Refused("no_semester", "semester", semester)
            works = self.chosen(connection, work_ids or self.candidates(connection, unit_id, semester, level))
            book = {
                "title": title, "campaign": f"“{rules.title}”主题活动", "semester": semester_name(semester),
                "unit": queries.unit_name(connection, unit_id), "stamp": _seconds(named.due),
                "fonts": self.house.runtime.settings.fonts,
                "pieces": self.pieces(connection, unit_id, level, works),
            }  # fmt: skip
        answer = self._press("compiling", book)
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for ending in sorted(FILES):
                content = base64.b64decode(answer["files"][ending])
                archive.writestr(zipfile.ZipInfo(ending, (1980, 1, 1, 0, 0, 0)), content)
        return self._kept(works, out.getvalue())

    def article(self, unit_id: str, account: str, work_ids: list[str]) -> dict[str, Any]:
        """The works, and the address, size and pictures of the sealed package.  Problem."""
        with self.house.look() as connection:
            works = self.chosen(connection, work_ids)
            pieces = self.pieces(connection, unit_id, account, works)
        package = self._press("wechat_page", pieces)
        content = json.dumps(package, ensure_ascii=False, sort_keys=True).encode()
        return self._kept(works, content) | {"pictures": len(package["pictures"])}

    def _press(self, module: str, given: Any) -> dict[str, Any]:
        answer: dict[str, Any] = subprocesses.run_module(
            f"services.publicity.press.{module}", given=given, seconds=PRESS_SECONDS
        )
        if "code" in answer:
            raise problem(answer["code"], "works", answer.get("detail", ""))
        return answer

    def _kept(self, works: list[dict[str, Any]], content: bytes) -> dict[str, Any]:
        authors = sorted({work["author_id"] for work in works})
        with telling():
            address = self.house.vault.keep(authors, content)
        return {"works": [work["work_id"] for work in works], "content": address, "size": len(content)}

    def file(self, row: dict[str, Any], ending: str) -> bytes:
        """One file of an anthology.  Problem."""
        with telling():
            content = self.house.vault.fetch(row["authors"].split(";"), row["content"])
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return archive.read(ending)

    def package(self, authors: list[str], content: str) -> dict[str, Any]:
        """An article's package.  Gone, Away."""
        result: dict[str, Any] = json.loads(self.house.vault.fetch(authors, content))
        return result


def semester_name(semester: str) -> str:
    """`2022-autumn` in words; an id of another shape as it is."""
    year, _, season = semester.partition("-")
    words = {"autumn": "秋季学期", "spring": "春季学期"}
    return f"{year}年{words[season]}" if season in words and year.isdecimal() else semester


def _seconds(day: int) -> int:
    """Midnight (UTC) of a day, as files bear it."""
    return int(datetime.combine(date.fromordinal(day), time(), UTC).timestamp())
