"""Renders anthologies and articles: collects consented works, runs the renderers in subprocesses, and stores the
results encrypted in the content store.

All this happens before the transaction that decides on the result."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

from sqlalchemy import Connection

from chassis.process import file_readers
from chassis.process.subprocesses import LimitReached, Limits
from duties.days import day_of
from services.publicity.compiling import units_it_may_show
from services.publicity.context import PublicityContext, refusals_as_problems
from services.publicity.domain.refusals import Refused
from services.publicity.domain.shown_works import ShownWork, check_shown
from services.publicity.refusal_messages import problem
from services.publicity.rendering.file_shapes import described
from services.publicity.rendering.manuscript import load_blocks
from services.publicity.tables import registry
from services.publicity.transaction import local_day
from services.publicity.works.queries import work_rows
from services.registry.queries import campaign_in_force, unit_name

READ_SECONDS, RENDER_SECONDS = 90, 240
READ_LIMITS = Limits(memory=224 << 20, cpu_seconds=60)
RENDER_LIMITS = Limits(memory=320 << 20, cpu_seconds=240)
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
}
"""The files of an anthology."""


@dataclass(frozen=True)
class Manuscript:
    """A parsed file: `content` as stored, `left_out`: messages, `same_text`: a plain hash of its words."""

    kind: str
    content: bytes
    left_out: tuple[str, ...]
    same_text: str


@dataclass(frozen=True)
class RenderedFile:
    """The result for these works: `content` is its address in the content store, `size` in bytes."""

    work_ids: tuple[str, ...]
    content: str
    size: int
    pictures: int = 0


def read_manuscript(file: bytes, title: str = "", fonts: str = "") -> Manuscript:
    """Parse an untrusted file in a process of its own.  Problem."""
    module, head = "services.publicity.rendering.read_manuscript", json.dumps({"title": title, "fonts": fonts})
    try:
        given = head.encode() + b"\n" + file
        out = file_readers.read_file(module, given=given, limits=READ_LIMITS, seconds=READ_SECONDS)
    except LimitReached:
        raise problem("file_costs_too_much", "file", described(file)) from None
    first_line, _, content = out.partition(b"\n")
    answer = json.loads(first_line)
    if "code" in answer:
        raise problem(answer["code"], "file", answer.get("detail") or described(file))
    return Manuscript(answer["kind"], content, tuple(answer["left_out"]), answer["same_text"])


def store_manuscript(
    publicity: PublicityContext, author_id: str, file: bytes, title: str
) -> tuple[Manuscript, str, str]:
    """Parse a work's file and store it; returns the manuscript, its address, its fingerprint.  Problem."""
    read = read_manuscript(file, title, publicity.fonts)
    with refusals_as_problems():
        digest = hashlib.sha256(file).hexdigest()
        address = publicity.content_store.store_content([author_id], read.content, digest)
    return read, address, publicity.content_store.fingerprint(read.same_text)


def render_proof(publicity: PublicityContext, work: dict[str, Any], title: str, form: str) -> bytes:
    """One work as it would be printed (`form`: pdf or html), with “〓” for missing glyphs.  Problem."""
    with publicity.reading() as connection:
        blocks = load_blocks(publicity.content_store.read_content([work["author_id"]], work["content"]))
        author = publicity.person_names(connection, [work["author_id"]]).get(work["author_id"], "")
        unit = unit_name(connection, registry, work["unit_id"])
    piece = {"title": title, "author": author, "blocks": [[b.style, b.text, b.picture] for b in blocks]}
    book = {"title": "作品清样", "campaign": "", "semester": semester_name(work["semester"]), "unit": unit, "stamp": 0,
            "fonts": publicity.fonts, "pieces": [piece], "form": form}  # fmt: skip
    return base64.b64decode(_render("render_proof", book)["file"])


def render_anthology(
    publicity: PublicityContext, unit_id: str, semester: str, level: str, title: str, work_ids: Sequence[str]
) -> RenderedFile:
    """A zip of the three files; without `work_ids` of all works that are selected and consented to.  Problem."""
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        if campaign is None:
            raise Refused("no_campaign")
        named = campaign.semesters.named(semester)
        if named is None:
            raise Refused("no_semester", "semester", semester)
        candidates = work_ids or _candidates(publicity, connection, unit_id, semester, level)
        works = _chosen_works(publicity, connection, unit_id, candidates)
        book = {
            "title": title, "campaign": f"“{campaign.title}”主题活动", "semester": semester_name(semester),
            "unit": unit_name(connection, registry, unit_id), "stamp": _midnight(named.due),
            "fonts": publicity.fonts, "pieces": _pieces(publicity, connection, unit_id, level, works),
        }  # fmt: skip
    answer = _render("render_anthology", book)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for ending in sorted(MEDIA_TYPES):
            content = base64.b64decode(answer["files"][ending])
            archive.writestr(zipfile.ZipInfo(ending, (1980, 1, 1, 0, 0, 0)), content)
    return _store_rendering(publicity, works, out.getvalue())


def render_article(publicity: PublicityContext, unit_id: str, account: str, work_ids: Sequence[str]) -> RenderedFile:
    """A package (JSON) of HTML, pictures and cover.  Problem."""
    with publicity.reading() as connection:
        works = _chosen_works(publicity, connection, unit_id, work_ids)
        pieces = _pieces(publicity, connection, unit_id, account, works)
    package = _render("render_article", pieces)
    content = json.dumps(package, ensure_ascii=False, sort_keys=True).encode()
    return _store_rendering(publicity, works, content, len(package["pictures"]))


def render_video(
    publicity: PublicityContext, title: str, author_id: str, film: dict[str, Any], script: bytes
) -> RenderedFile:
    """The script as a package together with the film's hash, so that another script or film is other content.
    Problem."""
    blocks = load_blocks(read_manuscript(script).content)
    piece = {"title": title, "author": "", "blocks": [[b.style, b.text, b.picture] for b in blocks]}
    package = _render("render_article", [piece])
    package["film"] = {name: film[name] for name in ("content", "name", "media_type", "size")}
    content = json.dumps(package, ensure_ascii=False, sort_keys=True).encode()
    with refusals_as_problems():
        address = publicity.content_store.store_content([author_id], content)
    return RenderedFile((), address, len(content), len(package["pictures"]))


def anthology_file(publicity: PublicityContext, row: dict[str, Any], ending: str) -> bytes:
    """One file of an anthology.  Problem."""
    with refusals_as_problems():
        content = publicity.content_store.read_content(row["authors"].split(";"), row["content"])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(ending)


def article_package(publicity: PublicityContext, authors: Sequence[str], content: str) -> dict[str, Any]:
    """The package at an address.  Raises ContentGone, PeerUnavailable."""
    package: dict[str, Any] = json.loads(publicity.content_store.read_content(authors, content))
    return package


def _candidates(
    publicity: PublicityContext, connection: Connection, unit_id: str, semester: str, level: str
) -> list[str]:
    """The unit's selected works of the semester whose authors consent, ordered by id."""
    rows = work_rows(connection, publicity.store, unit_id=unit_id, semester=semester)
    return [row["work_id"] for row in rows if "unit" in row["selected"] and level in row["levels"]]


def _chosen_works(
    publicity: PublicityContext, connection: Connection, unit_id: str, work_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """The chosen works; another unit's work that this one may not show is answered like a missing one.  Raises
    Refused."""
    works = []
    campaign = campaign_in_force(connection, registry)
    today = day_of(local_day(campaign, publicity.now())) if campaign else 0
    for work_id in dict.fromkeys(work_ids):
        rows = work_rows(connection, publicity.store, work_id=work_id)
        units = {row["unit_id"] for row in rows}
        shown = units_it_may_show(connection, campaign, unit_id, units, today) if campaign else frozenset()
        if not rows or not units <= {unit_id, *shown}:
            raise Refused("work_of_another_unit", "works", work_id)
        works.append(rows[0])
    if not works:
        raise Refused("no_works", "works")
    return works


def _pieces(
    publicity: PublicityContext, connection: Connection, unit_id: str, level: str, works: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The works in the form of the renderers, with their authors' names.  Works without consent are not even opened."""
    names = publicity.person_names(connection, {work["author_id"] for work in works})
    titles = publicity.decrypt_texts({work["work_id"]: (work["author_id"], work["title"]) for work in works})
    pieces = []
    for work in works:
        selected, levels = "unit" in work["selected"], frozenset(work["levels"])
        shown = ShownWork(work["work_id"], work["author_id"], work["unit_id"], work["semester"], selected, levels)
        # whether it may show that unit's works was checked when choosing
        check_shown(shown, unit_id, level, {work["unit_id"]})
        blocks = load_blocks(publicity.content_store.read_content([work["author_id"]], work["content"]))
        pieces.append({"title": titles[work["work_id"]], "author": names.get(work["author_id"], ""),
                       "blocks": [[b.style, b.text, b.picture] for b in blocks]})  # fmt: skip
    return pieces


def _render(module: str, given: Any) -> dict[str, Any]:
    module, work = f"services.publicity.rendering.{module}", json.dumps(given).encode()
    try:
        out = file_readers.read_file(module, given=work, limits=RENDER_LIMITS, seconds=RENDER_SECONDS)
    except LimitReached:
        raise problem("works_cost_too_much", "works") from None
    answer: dict[str, Any] = json.loads(out)
    if "code" in answer:
        raise problem(answer["code"], "works", answer.get("detail", ""))
    return answer


def _store_rendering(
    publicity: PublicityContext, works: list[dict[str, Any]], content: bytes, pictures: int = 0
) -> RenderedFile:
    authors = sorted({work["author_id"] for work in works})
    with refusals_as_problems():
        address = publicity.content_store.store_content(authors, content)
    return RenderedFile(tuple(work["work_id"] for work in works), address, len(content), pictures)


def semester_name(semester: str) -> str:
    """`2022-autumn` in words; other ids unchanged."""
    year, _, season = semester.partition("-")
    words = {"autumn": "秋季学期", "spring": "春季学期"}
    return f"{year}年{words[season]}" if season in words and year.isdecimal() else semester


def _midnight(day: int) -> int:
    """Midnight (UTC) of a day in seconds since 1970, for files."""
    return int(datetime.combine(date.fromordinal(day), time(), UTC).timestamp())
