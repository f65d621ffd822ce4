"""Lists of works as their authors, units and reviewers may see them: titles, reasons and names decrypted for those who
may know them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from chassis.process.tokens import Actor
from duties.campaign import Campaign
from duties.days import day_of
from duties.publicity import Publicity
from services.publicity.context import PublicityContext
from services.publicity.reviews.domain import decimal
from services.publicity.tables import registry
from services.publicity.transaction import local_day
from services.publicity.works.details import choices_of, comments_of, consents_of, showings_of
from services.publicity.works.domain.progress import average_of, is_late
from services.publicity.works.listed_works import ListedWork, page_of, placed_works
from services.publicity.works.queries import title_rows, work_rows, works_named, works_with_same_text
from services.registry.name_match import Match, NameSearch
from services.registry.queries import campaign_in_force, unit_names
from services.registry.rights import REVIEW, SEE_WORK, Subject, may

CRITERIA: Final = ("unit_id", "semester", "author_id", "reviewer_id", "work_id")
SEMESTERS_SHOWN: Final = 8
Rows = list[dict[str, Any]]


def visible_works(publicity: PublicityContext, actor: Actor, criteria: Mapping[str, Any]) -> Rows:
    """A unit's works for its staff, one's own, or (criterion reviewer_id) those to review."""
    result: Rows = works_page(publicity, actor, criteria)["works"]
    return result


def works_page(publicity: PublicityContext, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the campaign's rules, in pages if `limit` is given."""
    criteria = {name: str(query[name]) for name in CRITERIA if query.get(name)}
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        rules = campaign.publicity if campaign else Publicity()
        today = local_day(campaign, publicity.now()) if campaign else publicity.now()[:10]
        about = {"rules": rules_shown(campaign, today)}
        if may(actor, REVIEW, Subject(person_id=criteria.get("reviewer_id", ""))):
            works = _to_review(publicity, connection, criteria, today)
            return {"works": works, "total": len(works), "next": ""} | about
        placed = [each for each in placed_works(connection, rules, today, **criteria)
                  if may(actor, SEE_WORK, Subject(each.unit_id, person_id=each.author_id))]  # fmt: skip
        if wanted := query.get("progress"):
            placed = [each for each in placed if each.progress == wanted]
        if text := str(query.get("text") or "").strip():
            placed = _matching_text(publicity, connection, placed, text)
        page, after = page_of(placed, str(query.get("after") or ""), int(query.get("limit") or 0))
        works = _rows(publicity, connection, actor, page)
    return {"works": works, "total": len(placed), "next": after} | about


def _matching_text(
    publicity: PublicityContext, connection: Connection, placed: list[ListedWork], text: str
) -> list[ListedWork]:
    """Those whose title or author's name matches the text; undecryptable ones never match."""
    authors = {each.work_id: each.author_id for each in placed}
    titles = publicity.decrypt_texts(
        {work_id: (authors[work_id], title) for work_id, title in title_rows(connection, publicity.store, authors)}
    )
    names, wanted = publicity.person_names(connection, set(authors.values())), NameSearch(text)

    def matches(each: ListedWork) -> bool:
        name = names.get(each.author_id, "")
        matches_of = wanted.match(each.work_id, titles.get(each.work_id, "")), wanted.match(each.author_id, name)
        return min(matches_of) is not Match.NONE

    return [each for each in placed if matches(each)]


def _rows(publicity: PublicityContext, connection: Connection, actor: Actor, page: list[ListedWork]) -> Rows:
    """The complete rows of a page of works."""
    progress = {each.work_id: each.progress for each in page}
    rows = works_named(connection, publicity.store, [each.work_id for each in page])
    for row in rows:
        row["progress"] = progress[row["work_id"]]
    _complete(publicity, connection, actor, rows)
    return rows


def candidates_page(publicity: PublicityContext, actor: Actor, query: Mapping[str, Any]) -> dict[str, Any]:
    """Works that were selected by their units and whose authors consent to a use of the district: to select from, or
    selected."""
    criteria = {name: str(query[name]) for name in ("unit_id", "semester", "work_id") if query[name]}
    with publicity.reading() as connection:
        campaign = campaign_in_force(connection, registry)
        rules = campaign.publicity if campaign else Publicity()
        today = local_day(campaign, publicity.now()) if campaign else publicity.now()[:10]
        placed = [each for each in placed_works(connection, rules, today, **criteria)
                  if each.stages.is_for_district]  # fmt: skip
        units = unit_names(connection, registry, unit_ids=sorted({each.unit_id for each in placed}))
        if query["state"]:
            chosen = query["state"] == "chosen"
            placed = [each for each in placed if each.stages.selected_by_district == chosen]
        if text := str(query.get("text") or "").strip():
            placed = _matching_text(publicity, connection, placed, text)
        page, after = page_of(placed, query["after"], query["limit"])
        works = _rows(publicity, connection, actor, page)
        for row in works:
            row["reviews"] = []
    return {"works": works, "total": len(placed), "next": after, "units": units, "rules": rules_shown(campaign, today)}


def rules_shown(campaign: Campaign | None, today: str) -> dict[str, Any]:
    """What the campaign's rules say about works, for pages."""
    rules = campaign.publicity if campaign else Publicity()
    day = day_of(today)
    begun = campaign.semesters.between(campaign.starts_on, day) if campaign else []
    present = campaign.semesters.containing(day) if campaign else None
    return {
        "today": today, "levels": list(rules.levels), "reviewers": rules.reviewers,
        "pass_mark": decimal(rules.pass_mark), "semester": present.id if present else "",
        "rubric": [{"id": item.id, "title": item.title, "max": decimal(item.max)} for item in rules.rubric],
        "semesters": [semester.id for semester in reversed(begun)][:SEMESTERS_SHOWN],
    }  # fmt: skip


def _complete(publicity: PublicityContext, connection: Connection, actor: Actor, page: Rows) -> None:
    """Add names, decrypted texts and details to each row."""
    ids, authors = [row["work_id"] for row in page], {row["author_id"] for row in page}
    names = publicity.person_names(connection, authors)
    units = unit_names(connection, registry, unit_ids=sorted({row["unit_id"] for row in page}))
    same = works_with_same_text(connection, page)
    texts = _texts(publicity, connection, page)
    consents, shown = consents_of(connection, publicity.store, ids), showings_of(connection, publicity.store, ids)
    choices = choices_of(connection, publicity.store, ids)
    for row in page:
        work_id = row["work_id"]
        row["title"], row["author"] = texts[f"title {work_id}"], names.get(row["author_id"], "")
        row["unit"] = units.get(row["unit_id"], "")
        row["left_out"] = texts.get(f"left_out {work_id}", "").splitlines()
        if row["returned"]:
            row["returned"]["reason"] = texts[f"returned {work_id}"]
        row["average"], row["consents"], row["shown"] = average_of(row), consents[work_id], shown[work_id]
        row["choices"] = [each | {"reason": texts.get(f"chosen {each['level']} {work_id}", "")}
                          for each in choices[work_id]]  # fmt: skip
        row["comments"] = [texts[name] for name in texts if name.startswith(f"comment {work_id} ")]
        row["same_text"] = [
            other["work_id"] for other in same[work_id]
            if may(actor, SEE_WORK, Subject(other["unit_id"], person_id=other["author_id"]))
        ]  # fmt: skip
        del row["fingerprint"], row["deselected"]
        for review in row["reviews"]:
            del review["review_id"], review["marks"]


def _texts(publicity: PublicityContext, connection: Connection, page: Rows) -> dict[str, str]:
    """All texts of these works, decrypted together."""
    sealed: dict[str, tuple[str, str]] = {}
    authors = {row["work_id"]: row["author_id"] for row in page}
    for row in page:
        work_id, author_id = row["work_id"], row["author_id"]
        sealed[f"title {work_id}"] = (author_id, row["title"])
        if row["left_out"]:
            sealed[f"left_out {work_id}"] = (author_id, row["left_out"])
        if row["returned"]:
            sealed[f"returned {work_id}"] = (author_id, row["returned"]["reason"])
    for each in comments_of(connection, publicity.store, list(authors)):
        sealed[f"comment {each['work_id']} {each['review_id']}"] = (authors[each["work_id"]], each["comment"])
    for work_id, choices in choices_of(connection, publicity.store, list(authors)).items():
        for each in choices:
            if each["reason"]:
                sealed[f"chosen {each['level']} {work_id}"] = (authors[work_id], each["reason"])
    return publicity.decrypt_texts(sealed)


def _to_review(publicity: PublicityContext, connection: Connection, criteria: Mapping[str, str], today: str) -> Rows:
    """Without criteria of author and unit, which would tell a reviewer whose the works are."""
    asked = {name: criteria[name] for name in ("reviewer_id", "semester") if name in criteria}
    rows = [row for row in work_rows(connection, publicity.store, **asked) if row["levels"]]
    repeated = works_with_same_text(connection, rows)
    comments = _own_comments(publicity, connection, rows, asked["reviewer_id"])
    works = [_for_reviewer(row, asked["reviewer_id"], bool(repeated[row["work_id"]]), comments, today) for row in rows]
    wanted = criteria.get("work_id", "")
    return [work for work in works if wanted in ("", work["work_id"])]


def _own_comments(publicity: PublicityContext, connection: Connection, rows: Rows, reviewer_id: str) -> dict[str, str]:
    """Review id -> the comment of this reviewer."""
    own = {review["review_id"] for row in rows for review in row["reviews"] if review["reviewer_id"] == reviewer_id}
    comments: Sequence[Mapping[str, str]] = comments_of(connection, publicity.store, [row["work_id"] for row in rows])
    return publicity.decrypt_texts(
        {each["review_id"]: (each["author_id"], each["comment"]) for each in comments if each["review_id"] in own}
    )


def _for_reviewer(
    work: Mapping[str, Any], reviewer_id: str, repeated: bool, comments: Mapping[str, str], today: str
) -> dict[str, Any]:
    """What a reviewer may know of a work: not its author, others' marks, or the id that its unit chose."""
    (own,) = (review for review in work["reviews"] if review["reviewer_id"] == reviewer_id)
    kept = {name: own[name] for name in ("reviewer_id", "assigned_on", "due_on", "total", "marked_on")}
    kept |= {"marks": json.loads(own["marks"] or "{}"), "comment": comments.get(own["review_id"], ""),
             "waits": work["returned"] is not None, "is_late": is_late(own, today)}  # fmt: skip
    about = {name: work[name] for name in ("kind", "semester", "size")}
    return {"work_id": own["review_id"] or work["work_id"], "repeated": repeated, "own_review": kept} | about
