"""The manuals: each page and each command stands in one, and a page's help leads to its place."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask

import console
from chassis.process.tokens import Actor
from cli.main import COMMANDS
from console.manual_texts import MANUALS, Manual, manual_of
from console.page_registry import PAGES, is_offered
from console.users import Post, Profile, User
from services.registry import rights
from tests.console.conftest import person_with
from tests.support.fake_gateway import FakeGateway

CLERK = ("clerk", "X1", "一小")
QUOTED = re.compile(r"“([^”]+)”")
PICTURE = re.compile(r"!\[([^\]]+)\]\(\.\./static/(manual/[\w-]+\.webp)\)")


def test_every_page_of_the_menu_is_a_section_of_a_manual() -> None:
    sections = {heading for manual in MANUALS for heading in manual.headings[1:]}
    assert [page.title for page in PAGES if page.title not in sections] == []


BUREAU, SCHOOL, OFFICE = ("B1", ("bureau", "")), ("S1", ("school", "")), ("O1", ("office", ""))
HOLDERS = {
    "clerk": ("clerk", SCHOOL), "head": ("head", SCHOOL), "campaign-office": ("campaign_office", BUREAU),
    "leader": ("leader", BUREAU), "inspector": ("inspector", SCHOOL), "liaison-office": ("clerk", OFFICE),
    "supervision-office": ("head", ("O2", ("office", "supervision_office"))),
    "research-office": ("clerk", ("O4", ("office", "research_office"))),
}  # fmt: skip
"""By manual: a post whose holder reads it."""
OF_EVERYBODY = "teacher"


def holder(post: str, unit_id: str, unit: tuple[str, str]) -> User:
    """As the registry describes them."""
    actor = Actor("console", "P1", frozenset({"person"}))
    party = rights.party_of(actor, [(unit_id, post)], {unit_id: unit}, 1)
    held = frozenset(right.name for right in rights.RIGHTS if rights.has_somewhere(party, right, {"O1"}))
    return User("P1", "P1", profile=Profile("王", (Post(post, unit_id, unit_id, unit[0]),), held))


@pytest.mark.parametrize("name", HOLDERS)
def test_every_page_that_a_post_is_offered_stands_in_its_manual(name: str) -> None:
    """Of a post with a manual of its own in that one or in everybody's; of an office's in those that its staff read."""
    post, (unit_id, unit) = HOLDERS[name]
    user = holder(post, unit_id, unit)
    own = next(manual for manual in MANUALS if manual.name == name)
    assert own.is_for(user)
    read = [each for each in MANUALS
            if each in (own, manual_of(OF_EVERYBODY)) or (not own.post and each.is_for(user))]  # fmt: skip
    offered = [page.title for page in PAGES if is_offered(page, user)]
    assert len(offered) > 8
    assert [title for title in offered if not any(title in manual.headings for manual in read)] == []


def test_every_command_stands_in_a_manual() -> None:
    texts = "".join(manual.text for manual in MANUALS)
    assert [command for command in COMMANDS if f"`qihang {command}`" not in texts] == []


def test_what_a_manual_quotes_stands_on_a_page() -> None:
    """Buttons, menus, states; `…` stands for what differs each time."""
    folder = Path(console.__file__).parent
    pages = "".join(path.read_text(encoding="utf-8") for path in (*folder.rglob("*.html"), *folder.glob("*.py")))
    quoted = sorted({(manual.name, words) for manual in MANUALS for words in QUOTED.findall(manual.text)})
    assert len(quoted) > 200
    assert [each for each in quoted if any(part.strip() not in pages for part in each[1].split("…"))] == []


@pytest.mark.parametrize("manual", MANUALS, ids=lambda manual: manual.name)
def test_a_manual_has_one_title_sections_once_and_its_pictures(manual: Manual) -> None:
    assert manual.text.startswith(f"# {manual.title}\n") and len(set(manual.headings)) == len(manual.headings)
    static = Path(console.__file__).parent / "static"
    assert [name for _, name in PICTURE.findall(manual.text) if not (static / name).is_file()] == []
    assert manual.text.count("![") == len(PICTURE.findall(manual.text))


def test_pictures_that_no_manual_shows_are_not_kept() -> None:
    shown = {name for manual in MANUALS for _, name in PICTURE.findall(manual.text)}
    folder = Path(console.__file__).parent / "static"
    assert {f"manual/{path.name}" for path in (folder / "manual").iterdir()} == shown


def test_the_help_of_a_page_leads_to_its_section_in_the_manual_of_the_post(app: Flask, services: FakeGateway) -> None:
    clerk = person_with(app, services, "P00001", ("see_duties", "file_record"), posts=[CLERK])
    assert '<a class="help-link" href="/help/manual.manuals">' in clerk.get("/manual").text
    place = clerk.get("/help/duties.unit_duties")
    assert (place.status_code, unquote(place.location)) == (302, "/manual/clerk#任务台账")
    page = clerk.get("/manual/clerk").text
    assert '<h2 id="任务台账">任务台账</h2>' in page and '<a href="#任务台账">任务台账</a>' in page
    pictures = re.findall(r'<img src="(/static/manual/duties\.[0-9a-f]+\.webp)" alt="任务台账"', page)
    assert len(pictures) == 1 and clerk.get(pictures[0]).mimetype == "image/webp"


def test_who_has_no_post_is_led_to_the_manual_of_persons_and_whoever_has_none_for_it_to_another(
    app: Flask, services: FakeGateway
) -> None:
    teacher = person_with(app, services, "P00002", ("see_duties", "file_record"), posts=[])
    assert unquote(teacher.get("/help/todo.todo").location) == "/manual/teacher#我的待办"
    assert unquote(teacher.get("/help/reminders.reminders").location) == "/manual/campaign-office#催办提醒"
    assert teacher.get("/help/no.page").location == "/manual"
    assert teacher.get("/manual/none").status_code == 404


def test_own_manuals_are_listed_first(app: Flask, services: FakeGateway) -> None:
    page = person_with(app, services, "P00001", ("see_duties",), posts=[CLERK]).get("/manual").text
    own, _, others = page.partition("其他岗位")
    assert "填报员手册" in own and "教师（个人）手册" in own and "运维手册" in others
