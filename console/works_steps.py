"""What publicity waits for from the user with works and reviews, for 我的待办: each with its page."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import url_for

from console.language import words
from console.service_client import ServiceResponse


def works_steps(answer: ServiceResponse, units: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Title, what is to be done, the button's word and its page; `units`: names of those of the user's posts."""
    return (
        [] if not answer.ok else [*_own_steps(answer.body), *_of_units(answer.body, units), *_of_district(answer.body)]
    )


def _step(title: str, count: int, act: str, link: str, more: str = "") -> Mapping[str, str]:
    what = words("{count} 件").format(count=count)
    return {"title": title, "what": f"{what}，{more}" if more else what, "act": act, "link": link}


def _own_steps(tasks: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    if count := tasks.get("returned"):
        yield _step("退回修改的作品", count, "去修改", url_for("works.works", unit="mine", progress="returned"))
    if count := tasks.get("to_review"):
        late, due = tasks["reviews_late"], tasks["review_due"]
        more = words("{count} 件已逾期").format(count=late) if late else ""
        until = words("评审截止日 {day}").format(day=due) if due else ""
        yield _step("等我评审的作品", count, "去评审", url_for("reviews.reviews"), more or until)


def _of_units(tasks: Mapping[str, Any], units: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    for unit_id, count in (tasks.get("to_put_forward") or {}).items():
        link = url_for("works.works", unit=unit_id, progress="handed_in")
        yield _step("待单位推荐的作品", count, "去推荐", link, units.get(unit_id, unit_id))
    for unit_id, count in (tasks.get("to_select") or {}).items():
        link = url_for("selections.selections", of=unit_id)
        yield _step("评审通过、待选用的作品", count, "去选用", link, units.get(unit_id, unit_id))


def _of_district(tasks: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    if count := tasks.get("to_assign"):
        yield _step("待分派评审的作品", count, "去分派", url_for("assignments.assignments", progress="to_assign"))
    if count := tasks.get("late"):
        yield _step("逾期未评的作品", count, "去看", url_for("assignments.assignments", progress="late"))
    if count := tasks.get("to_select_for_district"):
        yield _step("待区级选用的作品", count, "去选用", url_for("selections.selections", of="district"))
