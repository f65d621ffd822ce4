"""Whoever is shown people's names or accounts leaves an entry that each of these people finds in their own record."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.guard import LONGEST_PATH
from tests.console.conftest import components_of, csrf, person_with
from tests.support.fake_gateway import FakeGateway

IDS = [f"teacher-of-the-first-school-{number:04}" for number in range(20)]
PEOPLE = [{"person_id": each, "name": "许悦", "unit_id": "X1", "unit_name": "一小"} for each in IDS]
OFFICE = ("look_up", "see_names", "see_units", "see_history", "keep_accounts")


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/units", {"units": []})
    services.on("POST", "/api/look-up", {"units": [], "people": PEOPLE, "records": [], "imports": [], "more": []})
    services.on("GET", "/api/people/search", {"people": PEOPLE, "more": False})
    return person_with(app, services, "P00001", OFFICE, [("campaign_office", "B1", "教育局")])


@pytest.mark.parametrize("page", ["/history", "/accounts"])
def test_twenty_people_with_long_ids_each_find_the_view_in_their_record(
    app: Flask, office: FlaskClient, page: str
) -> None:
    if page == "/history":
        office.post(page, data={"csrf": csrf(office, page), "text": "许"})
    else:
        office.get(f"{page}?search=许")
    log = components_of(app).security_log
    for person_id in (IDS[0], IDS[-1]):
        (entry,) = log.about(person_id)
        assert entry.actor == "P00001" and len(entry.detail["what"]) <= LONGEST_PATH
