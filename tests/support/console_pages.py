"""Every page and form of the console, how it is asked, and to whom the rules open it: for the sweeps over pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chassis.process.tokens import Actor
from services.registry import rights
from services.registry.rights import DISTRICT, Right, has_somewhere, may

NOBODY = "nobody"
FIRST = "first"
"""Somebody who has signed in with a one-time password and has not changed it yet."""
OPEN, BEFORE_CHANGE, ANYBODY, OWN, SYSTEM = "open", "before change", "anybody", "own", "system"
"""Of pages without a right: for everybody; for whoever is signed in, also with a one-time password; for whoever is
signed in; for persons; for the operator."""
OPENED, REFUSED, TO_SIGN_IN, TO_CHANGE = "opened", "refused", "to sign-in", "to the change of the password"


@dataclass(frozen=True)
class Page:
    """What a page asks for, and the address and form that it is asked with."""

    asks: Right | str
    path: str = ""
    form: dict[str, str] = field(default_factory=dict)


PAGES: dict[tuple[str, str], Page] = {
    ("GET", "/"): Page(ANYBODY),
    ("GET", "/todo"): Page(OWN),
    ("GET", "/records"): Page(rights.SEE_RECORDS),
    ("GET", "/records/filing"): Page(rights.SEE_RECORDS, "/records/filing?filing=none-none"),
    ("GET", "/records/picture"): Page(rights.SEE_RECORDS, "/records/picture?filing=none-none&content=x"),
    ("POST", "/records/attach"): Page(rights.SEE_RECORDS, form={"filing": "none-none"}),
    ("POST", "/records/detach"): Page(rights.SEE_RECORDS, form={"filing": "none-none", "content": "x", "reason": "x"}),
    ("POST", "/records/withdraw"): Page(rights.SEE_RECORDS, form={"filing": "x-x", "revision": "1", "reason": ""}),
    ("GET", "/file"): Page(rights.FILE_RECORD),
    ("GET", "/file/form"): Page(rights.FILE_RECORD, "/file/form?kind=none"),
    ("POST", "/file/form"): Page(rights.FILE_RECORD, form={"kind": "none"}),
    ("GET", "/confirm"): Page(rights.CONFIRM_FILING),
    ("POST", "/confirm"): Page(rights.CONFIRM_FILING, form={"filing": "none"}),
    ("POST", "/confirm/return"): Page(rights.CONFIRM_FILING, form={"filing": "none", "revision": "1", "reason": "x"}),
    ("GET", "/liaison"): Page(rights.SUPERVISE),
    ("GET", "/liaison/liaison.xlsx"): Page(rights.SUPERVISE),
    ("GET", "/findings"): Page(rights.SEE_FINDINGS),
    ("GET", "/findings/findings.xlsx"): Page(rights.SEE_FINDINGS),
    ("GET", "/findings/finding"): Page(rights.SEE_FINDINGS, "/findings/finding?finding=none-none"),
    ("GET", "/findings/picture"): Page(rights.SEE_FINDINGS, "/findings/picture?finding=none-none&content=x"),
    ("GET", "/findings/new"): Page(rights.SEE_FINDINGS),
    ("POST", "/findings/new"): Page(rights.SEE_FINDINGS, form={"unit_id": "none"}),
    ("POST", "/findings/answer"): Page(rights.SEE_FINDINGS, form={"finding": "none-none", "revision": "1"}),
    **{
        ("POST", f"/findings/{deed}"): Page(rights.SEE_FINDINGS, form={"finding": "none-none", "revision": "1"})
        for deed in ("return", "close", "withdraw", "correct")
    },
    ("GET", "/duties"): Page(rights.SEE_DUTIES),
    ("GET", "/duties/records"): Page(rights.SEE_DUTIES, "/duties/records?duty=none&period=none"),
    ("GET", "/score"): Page(rights.SEE_DUTIES),
    ("GET", "/score/chart.csv"): Page(rights.SEE_DUTIES),
    ("GET", "/not-handed-in"): Page(rights.SEE_DUTIES_BY_PERSON),
    ("GET", "/registry"): Page(rights.SEE_DIRECTORY),
    ("GET", "/registry/units"): Page(rights.SEE_DIRECTORY),
    ("GET", "/registry/person"): Page(rights.SEE_DIRECTORY, "/registry/person?person=none"),
    ("GET", "/registry/unit"): Page(rights.SEE_DIRECTORY, "/registry/unit?unit=none"),
    ("GET", "/registry/change"): Page(rights.KEEP_PEOPLE, "/registry/change?what=join&unit_id=none"),
    ("POST", "/registry/change"): Page(rights.KEEP_PEOPLE, form={"what": "join", "unit_id": "none"}),
    ("GET", "/imports"): Page(rights.IMPORT_FILES),
    ("POST", "/imports"): Page(rights.IMPORT_FILES),
    ("GET", "/imports/template"): Page(rights.FILL_IN, "/imports/template?kind=none&month=none"),
    ("GET", "/imports/import"): Page(rights.IMPORT_FILES, "/imports/import?import_id=none!"),
    ("GET", "/imports/workbook"): Page(rights.IMPORT_FILES, "/imports/workbook?import_id=none&file=none"),
    **{
        ("POST", f"/imports/{deed}"): Page(rights.IMPORT_FILES, form={"import_id": "none!", "reason": "x"})
        for deed in ("confirm", "discard", "undo")
    },
    ("GET", "/rosters"): Page(rights.KEEP_ROSTER),
    ("POST", "/rosters"): Page(rights.KEEP_ROSTER),
    **{
        ("GET", f"/rosters/{what}"): Page(rights.KEEP_ROSTER, f"/rosters/{what}?roster=none!")
        for what in ("preview", "outcomes")
    },
    **{
        ("POST", f"/rosters/{deed}"): Page(rights.KEEP_ROSTER, form={"roster": "none!", "reason": "x"})
        for deed in ("confirm", "compare", "undo")
    },
    ("POST", "/rosters/words"): Page(rights.ENTER_FACTS, form={"roster": "none!"}),
    ("GET", "/inspection"): Page(rights.INSPECT),
    ("POST", "/inspection"): Page(rights.INSPECT, form={"unit": "none", "semester": "none"}),
    ("GET", "/bundles"): Page(rights.MAKE_BUNDLE),
    ("POST", "/bundles"): Page(rights.MAKE_BUNDLE, form={"unit": "none", "semester": "none"}),
    ("GET", "/scoreboard"): Page(rights.SEE_FIGURES),
    ("GET", "/scoreboard/chart.csv"): Page(rights.SEE_FIGURES),
    ("GET", "/scoreboard/scoreboard.xlsx"): Page(rights.SEE_FIGURES),
    ("GET", "/commendation"): Page(rights.SEE_CANDIDATES),
    ("GET", "/commendation/commendation.xlsx"): Page(rights.SEE_CANDIDATES),
    ("GET", "/commendation/decide"): Page(rights.PROPOSE_DECISION),
    ("POST", "/commendation/decide"): Page(rights.PROPOSE_DECISION, form={"kind": "none"}),
    ("POST", "/commendation/confirm"): Page(rights.CONFIRM_DECISION, form={"proposal": "none-none"}),
    ("POST", "/commendation/return"): Page(rights.CONFIRM_DECISION, form={"proposal": "none-none", "reason": "x"}),
    ("POST", "/commendation/admit"): Page(rights.FREEZE_FIGURES, form={"year": "2022"}),
    ("GET", "/overview"): Page(rights.SEE_FIGURES),
    ("GET", "/overview/<part>.xlsx"): Page(rights.SEE_FIGURES, "/overview/months.xlsx"),
    ("GET", "/unit-detail"): Page(rights.SEE_DUTIES, "/unit-detail?unit=none"),
    ("GET", "/scoreboard/differences"): Page(rights.SEE_FIGURES),
    ("GET", "/monthly-reports"): Page(rights.SEE_FIGURES),
    ("GET", "/monthly-reports/monthly-reports.xlsx"): Page(rights.SEE_FIGURES),
    ("POST", "/monthly-reports/return"): Page(rights.RETURN_REPORT, form={"filing": "none-none", "reason": "x"}),
    ("GET", "/sheets"): Page(rights.ASSESS_UNIT),
    ("POST", "/sheets"): Page(rights.ASSESS_UNIT, form={"act": "confirm"}),
    ("GET", "/sheets/unit"): Page(rights.ASSESS_UNIT, "/sheets/unit?unit=O3&period=2022-Q4"),
    ("POST", "/sheets/unit"): Page(rights.ASSESS_UNIT, form={"unit": "O3", "period": "2022-Q4"}),
    ("GET", "/sheets/item"): Page(rights.ASSESS_UNIT, "/sheets/item?item=depth&period=2022-Q4"),
    ("POST", "/sheets/item"): Page(rights.ASSESS_UNIT, form={"item": "depth", "period": "2022-Q4"}),
    **{
        ("POST", f"/sheets/{deed}"): Page(rights.ASSESS_UNIT, form={"unit": "O3", "period": "2022-Q4", "reason": ""})
        for deed in ("return", "correct")
    },
    ("GET", "/sheets/sheets.xlsx"): Page(rights.ASSESS_UNIT, "/sheets/sheets.xlsx?period=2022-Q4"),
    ("GET", "/sheets/own"): Page(rights.SEE_SHEET, "/sheets/own?unit=O3"),
    ("GET", "/reports"): Page(rights.SEE_FIGURES),
    ("POST", "/reports"): Page(rights.SEE_FIGURES),
    ("GET", "/reports/counts"): Page(rights.SEE_FIGURES),
    ("GET", "/reports/counts.xlsx"): Page(rights.SEE_FIGURES),
    ("GET", "/reports/<report_id>"): Page(rights.SEE_FIGURES, "/reports/none"),
    ("GET", "/reports/<report_id>/report.xlsx"): Page(rights.SEE_FIGURES, "/reports/none/report.xlsx"),
    ("GET", "/reports/<report_id>/<file>"): Page(rights.SEE_FIGURES, "/reports/none/individuals.csv"),
    ("GET", "/campaign"): Page(rights.SEE_CAMPAIGN),
    ("GET", "/campaign/versions"): Page(rights.SEE_CAMPAIGN),
    ("GET", "/campaign/file"): Page(rights.SEE_CAMPAIGN),
    ("GET", "/campaign/pauses"): Page(rights.SEE_CAMPAIGN),
    ("POST", "/campaign/pauses"): Page(rights.KEEP_CAMPAIGN, form={"duties": "none"}),
    ("POST", "/campaign/pauses/end"): Page(rights.KEEP_CAMPAIGN, form={"place": "none"}),
    ("GET", "/campaign/exemptions"): Page(rights.ENTER_FACTS),
    ("GET", "/campaign/exemptions/new"): Page(rights.ENTER_FACTS),
    ("POST", "/campaign/exemptions"): Page(rights.ENTER_FACTS, form={"person": "nobody"}),
    ("POST", "/campaign/exemptions/whom"): Page(rights.ENTER_FACTS, form={"person": "nobody"}),
    ("POST", "/campaign/exemptions/new"): Page(rights.ENTER_FACTS, form={"reason": ""}),
    ("POST", "/campaign/exemptions/end"): Page(rights.ENTER_FACTS, form={"reason": ""}),
    ("GET", "/campaign/calendar"): Page(rights.SEE_CAMPAIGN),
    ("POST", "/campaign/calendar/day"): Page(rights.KEEP_CALENDAR, form={"day": ""}),
    ("POST", "/campaign/calendar/year"): Page(rights.KEEP_CALENDAR, form={"text": ""}),
    ("GET", "/campaign/freezes"): Page(rights.SEE_FIGURES),
    ("POST", "/campaign/freezes"): Page(rights.FREEZE_FIGURES, form={"window": "none"}),
    ("POST", "/campaign/freezes/admit"): Page(rights.FREEZE_FIGURES, form={"window": "none"}),
    ("GET", "/campaign/effect"): Page(rights.KEEP_CAMPAIGN, "/campaign/effect?effect=0-0"),
    ("GET", "/campaign/revise"): Page(rights.KEEP_CAMPAIGN),
    ("POST", "/campaign/revise"): Page(rights.KEEP_CAMPAIGN, form={"text": "campaign: x"}),
    ("POST", "/campaign/launch"): Page(rights.KEEP_CAMPAIGN, form={"text": "campaign: x", "base": "x/1"}),
    ("GET", "/history"): Page(rights.SEE_ROW),
    ("POST", "/history"): Page(rights.LOOK_UP, form={"text": "none"}),
    ("GET", "/reminders"): Page(rights.RUN_REMINDERS, "/reminders?recipient=clerk-S1"),
    ("GET", "/works"): Page(rights.SEE_WORK),
    ("GET", "/works/work"): Page(rights.SEE_WORK, "/works/work?work=none"),
    ("GET", "/works/hand-in"): Page(rights.SUBMIT_WORK),
    ("POST", "/works/hand-in"): Page(rights.SUBMIT_WORK, form={"work": "none"}),
    **{
        ("POST", f"/works/{deed}"): Page(rights.SEE_WORK, form={"work": "none", "reason": "x", "level": "inside"})
        for deed in ("put-forward", "return", "consent")
    },
    ("GET", "/permissions"): Page(rights.CONSENT),
    ("POST", "/permissions"): Page(rights.CONSENT, form={"work": "none", "act": "give", "level": "inside"}),
    ("GET", "/deliveries"): Page(rights.RUN_REMINDERS),
    ("GET", "/deliveries/recipient"): Page(rights.RUN_REMINDERS, "/deliveries/recipient?recipient=clerk-S1"),
    ("POST", "/deliveries/decide"): Page(rights.RUN_REMINDERS, form={"recipient": "head-S1", "act": "hold"}),
    ("GET", "/contacts"): Page(rights.KEEP_CONTACTS),
    ("GET", "/contacts/contact"): Page(rights.KEEP_CONTACTS, "/contacts/contact?recipient=clerk-S1"),
    **{
        ("POST", f"/contacts{deed}"): Page(rights.KEEP_CONTACTS, form={"recipient": "clerk-none"})
        for deed in ("", "/contact", "/remove", "/test", "/import")
    },
    ("GET", "/reviews"): Page(rights.REVIEW),
    ("GET", "/reviews/work"): Page(rights.REVIEW, "/reviews/work?work=none"),
    **{
        ("POST", f"/reviews/{deed}"): Page(rights.REVIEW, form={"work": "none", "reason": "x", "cause": "unable"})
        for deed in ("mark", "return", "decline")
    },
    ("GET", "/assignments"): Page(rights.ARRANGE_REVIEWS),
    ("POST", "/assignments"): Page(rights.ARRANGE_REVIEWS, form={"work": "none", "reviewer": "none"}),
    ("POST", "/assignments/take-back"): Page(rights.ARRANGE_REVIEWS, form={"work": "none", "reviewer": "none"}),
    ("GET", "/selections"): Page(rights.SELECT_WORK),
    ("GET", "/selections/work"): Page(rights.SELECT_WORK, "/selections/work?work=none"),
    **{
        ("POST", f"/selections/{deed}"): Page(rights.SELECT_WORK, form={"work": "none", "reason": "x", "of": "none"})
        for deed in ("choose", "undo")
    },
    ("GET", "/anthologies"): Page(rights.SEE_PUBLICITY),
    ("GET", "/anthologies/anthology"): Page(rights.SEE_PUBLICITY, "/anthologies/anthology?anthology=none"),
    ("GET", "/anthologies/compile"): Page(rights.PUBLISH_FOR_UNIT),
    ("POST", "/anthologies/compile"): Page(rights.PUBLISH_FOR_UNIT, form={"unit_id": "none", "semester": "none"}),
    ("POST", "/anthologies/readers"): Page(rights.APPOINT_READERS, form={"anthology": "none", "first": "x"}),
    ("POST", "/anthologies/take-down"): Page(rights.PUBLISH_FOR_UNIT, form={"anthology": "none", "reason": "x"}),
    ("GET", "/articles"): Page(rights.SEE_PUBLICITY),
    ("GET", "/articles/article"): Page(rights.SEE_PUBLICITY, "/articles/article?article=none"),
    ("GET", "/articles/draft"): Page(rights.PUBLISH_FOR_UNIT),
    ("POST", "/articles/draft"): Page(rights.PUBLISH_FOR_UNIT, form={"article_id": "none", "unit_id": "none"}),
    ("POST", "/articles/readers"): Page(rights.APPOINT_READERS, form={"article": "none", "first": "x"}),
    ("POST", "/articles/confirm"): Page(rights.CONFIRM_PUBLICATION, form={"article": "none", "link": "x"}),
    ("POST", "/articles/submit"): Page(rights.CONFIRM_PUBLICATION, form={"article": "none"}),
    ("GET", "/readings"): Page(OWN),
    ("GET", "/readings/read"): Page(rights.SEE_PROOF, "/readings/read?subject=article&id=none"),
    **{
        ("POST", f"/readings/{deed}"): Page(OWN, form={"subject": "article", "id": "none", "reason": "x"})
        for deed in ("pass", "return")
    },
    ("GET", "/videos"): Page(rights.SEE_PUBLICITY),
    ("GET", "/videos/draft"): Page(rights.PUBLISH_FOR_UNIT),
    ("POST", "/videos/draft"): Page(rights.PUBLISH_FOR_UNIT, form={"article_id": "none", "unit_id": "none"}),
    ("GET", "/videos/new"): Page(rights.PUBLISH_FOR_UNIT),
    ("POST", "/videos/new"): Page(rights.PUBLISH_FOR_UNIT, form={"video_id": "none", "unit_id": "none"}),
    ("POST", "/videos/withdraw"): Page(rights.PUBLISH_FOR_UNIT, form={"video": "none", "reason": "x"}),
    ("POST", "/articles/take-down"): Page(rights.PUBLISH_FOR_UNIT, form={"article": "none", "reason": "x"}),
    ("GET", "/accounts"): Page(rights.KEEP_ACCOUNTS),
    ("GET", "/accounts/person"): Page(rights.KEEP_ACCOUNTS, "/accounts/person?person=P-other"),
    **{
        ("POST", f"/accounts/{deed}"): Page(rights.KEEP_ACCOUNTS, form={"person": "none"})
        for deed in ("create", "reset", "disable", "enable", "end-sessions")
    },
    ("GET", "/accounts/person/erase"): Page(rights.ERASE_PERSON, "/accounts/person/erase?person=P-other"),
    ("POST", "/accounts/person/erase"): Page(rights.ERASE_PERSON, form={"person": "P-other", "typed": "P-none"}),
    ("GET", "/posts"): Page(rights.KEEP_POSTS),
    ("GET", "/posts/hand-over"): Page(rights.KEEP_POSTS),
    ("POST", "/posts/hand-over"): Page(rights.KEEP_POSTS, form={"unit_id": "none"}),
    ("POST", "/posts/account"): Page(rights.KEEP_POSTS, form={"unit_id": "none", "person": "none"}),
    ("GET", "/inbox"): Page(OWN),
    ("GET", "/inbox/settings"): Page(OWN),
    ("POST", "/inbox/settings"): Page(OWN, form={"of": "none"}),
    ("POST", "/inbox/address"): Page(OWN, form={"of": "none", "act": "remove"}),
    ("GET", "/status"): Page(SYSTEM),
    ("GET", "/quarantine"): Page(SYSTEM),
    ("GET", "/quarantine/entry"): Page(SYSTEM, "/quarantine/entry?service=participation&entry=1"),
    ("GET", "/quarantine/body"): Page(SYSTEM, "/quarantine/body?service=participation&entry=1"),
    ("POST", "/quarantine/retry"): Page(SYSTEM, form={"service": "participation", "code": "none"}),
    ("POST", "/quarantine/edit"): Page(SYSTEM, form={"service": "participation", "entry": "1", "body": "{}"}),
    ("POST", "/quarantine/discard"): Page(SYSTEM, form={"service": "participation", "entry": "1", "reason": "x"}),
    ("GET", "/waiting"): Page(SYSTEM),
    ("GET", "/maintenance"): Page(SYSTEM),
    ("POST", "/maintenance"): Page(SYSTEM, form={"what": "none"}),
    ("POST", "/maintenance/heads"): Page(SYSTEM),
    ("POST", "/maintenance/heads/check"): Page(SYSTEM),
    **{
        ("GET", path): Page(SYSTEM)
        for path in ("/audit", "/audit/audit.xlsx", "/security-log", "/security-log/security-log.xlsx")
    },
    ("POST", "/audit"): Page(SYSTEM, form={"by": "people"}),
    ("POST", "/security-log"): Page(SYSTEM, form={"event": "signin"}),
    ("GET", "/publishers"): Page(SYSTEM),
    ("GET", "/publishers/publisher"): Page(SYSTEM, "/publishers/publisher?name=none"),
    ("GET", "/publishers/new"): Page(SYSTEM),
    ("GET", "/publishers/statements"): Page(SYSTEM, "/publishers/statements?name=none"),
    ("POST", "/publishers/statements/replay"): Page(SYSTEM, form={"name": "none", "after": ""}),
    ("GET", "/publishers/subscription"): Page(SYSTEM, "/publishers/subscription?name=none"),
    **{
        ("POST", f"/publishers/subscription/{deed}"): Page(SYSTEM, form={"name": "none", "entry": "1"})
        for deed in ("pause", "resume", "retry", "skip")
    },
    **{
        ("POST", f"/publishers/{deed}"): Page(SYSTEM, form={"name": "none", "typed": "other", "token": ""})
        for deed in ("new", "change", "rotate", "remove")
    },
    ("GET", "/own-record"): Page(OWN),
    ("GET", "/manual"): Page(ANYBODY),
    ("GET", "/manual/<name>"): Page(ANYBODY, "/manual/clerk"),
    ("GET", "/help/<page>"): Page(ANYBODY, "/help/todo.todo"),
    ("GET", "/account"): Page(ANYBODY),
    ("GET", "/account/password"): Page(BEFORE_CHANGE),
    ("POST", "/account/password"): Page(BEFORE_CHANGE, form={"old": "", "new": "", "again": "x"}),
    ("POST", "/account/sessions/end"): Page(ANYBODY, form={"session": "none"}),
    ("POST", "/account/sessions/end-all"): Page(ANYBODY),
    ("GET", "/account/record.json"): Page(OWN),
    ("GET", "/account/record.html"): Page(OWN),
    ("GET", "/account/second-step"): Page(ANYBODY),
    **{
        ("POST", f"/account/second-step/{deed}"): Page(ANYBODY, form={"password": "", "code": ""})
        for deed in ("begin", "confirm", "codes", "remove")
    },
    ("GET", "/signin/oidc"): Page(OPEN),
    ("GET", "/signin/oidc/callback"): Page(OPEN),
    ("GET", "/signin/code"): Page(OPEN),
    ("POST", "/signin/code"): Page(OPEN, form={"code": ""}),
    ("GET", "/signin"): Page(OPEN),
    ("POST", "/signin"): Page(OPEN, form={"user": "", "password": ""}),
    ("POST", "/signout"): Page(OPEN),
    ("POST", "/language"): Page(OPEN, form={"language": "zh"}),
    ("GET", "/livez"): Page(OPEN),
    ("GET", "/readyz"): Page(OPEN),
    ("GET", "/favicon.ico"): Page(OPEN),
    ("GET", "/static/<path:filename>"): Page(OPEN, "/static/mark.svg"),
}
"""By method and rule.  `/s/...` are routes, not pages: their sweeps are tests/services/test_route_rights.py, and the
last ones of tests/console/test_page_rights.py."""


def expected(page: Page, who: str, party: Callable[[str], Actor]) -> str:
    """What happens to somebody who opens the page or sends its form."""
    if page.asks == OPEN:
        return OPENED
    if who == NOBODY:
        return TO_SIGN_IN
    if page.asks == BEFORE_CHANGE:
        return OPENED
    if who == FIRST:
        return TO_CHANGE
    return OPENED if _opens(page.asks, party(who)) else REFUSED


def _opens(asks: Right | str, party: Actor) -> bool:
    if isinstance(asks, Right):
        return may(party, asks, DISTRICT) if asks.district else has_somewhere(party, asks)
    return asks == ANYBODY or (asks == OWN) == ("person" in party.roles)


def happened(status: int, location: str) -> str:
    """The same, of an answer."""
    if status == 403:
        return REFUSED
    if status in (302, 303) and location.partition("?")[0] in ("/signin", "/account/password"):
        return TO_SIGN_IN if location.startswith("/signin") else TO_CHANGE
    return OPENED if status < 500 and status not in (400, 401) else f"status {status}"
