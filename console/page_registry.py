"""Every page that the menu offers: its address, its name (glossary.md), its group, and the right that opens it.

Menu, guard and docs/pages.md come from here.  Forms and single things under a page are routes of its module."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.users import OWN, SYSTEM, User

ANYBODY = ""
"""A page for whoever is signed in."""
OWN_GROUP, UNIT_GROUP, PUBLICITY_GROUP, DISTRICT_GROUP, SYSTEM_GROUP = "我的", "本单位", "宣传", "全区", "系统"
GROUPS = (OWN_GROUP, UNIT_GROUP, PUBLICITY_GROUP, DISTRICT_GROUP, SYSTEM_GROUP)
NEXT_TO_OWN = ((SYSTEM, SYSTEM_GROUP), ("see_figures", DISTRICT_GROUP), ("arrange_reviews", PUBLICITY_GROUP))
"""By right: the group that is a post's main work stands next to one's own; the first that is held counts."""


@dataclass(frozen=True)
class Page:
    """One page.  `right`: of services/registry/rights.py, or ANYBODY, OWN (persons), SYSTEM (the operator);
    `icon`: a symbol of console/static/icons.svg; `of_unit`: it shows one unit, which a post there names; `posts`: the
    menu has it for these posts alone; `kinds`: where they are of units of these kinds."""

    endpoint: str
    path: str
    title: str
    group: str
    right: str
    icon: str
    of_unit: bool = False
    posts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


TO_DO = Page("todo.todo", "/todo", "我的待办", OWN_GROUP, OWN, "check2-square")
OWN_RECORD = Page("own_record.own_record", "/own-record", "我的记录", OWN_GROUP, OWN, "clipboard")
INBOX = Page("inbox.own_inbox", "/inbox", "消息箱", OWN_GROUP, OWN, "bell")
ACCOUNT = Page("account.own_account", "/account", "账号", OWN_GROUP, ANYBODY, "person")
MANUAL = Page("manual.manuals", "/manual", "使用手册", OWN_GROUP, ANYBODY, "book")
DUTIES = Page("duties.unit_duties", "/duties", "任务台账", UNIT_GROUP, "see_duties", "grid-3x3", of_unit=True)
SCORE = Page("score.unit_score", "/score", "得分", UNIT_GROUP, "see_duties", "award", of_unit=True)
OWN_SHEETS = Page("sheets.own_sheets", "/sheets/own", "本单位季考核", UNIT_GROUP, "see_sheet", "clipboard-data",
                  posts=("head", "clerk"), kinds=("office", "secondary"))  # fmt: skip
NOT_HANDED_IN = Page("not_handed_in.not_handed_in", "/not-handed-in", "未交名单", UNIT_GROUP, "see_duties_by_person",
                     "person-exclamation", of_unit=True)  # fmt: skip
FILING = Page("filing_form.start", "/file", "填报", UNIT_GROUP, "file_record", "pencil-square")
RECORDS = Page("filed_records.filed_records", "/records", "填报记录", UNIT_GROUP, "see_records", "file-earmark-text")
CONFIRM = Page("confirm.to_confirm", "/confirm", "确认", UNIT_GROUP, "confirm_filing", "check2-circle",
               posts=("head", "clerk"))  # fmt: skip
LIAISON = Page("liaison.units", "/liaison", "包联学校", UNIT_GROUP, "supervise", "bar-chart")
FINDINGS = Page("findings.findings", "/findings", "督查问题", UNIT_GROUP, "see_findings", "exclamation-triangle")
REGISTRY = Page("registry.people", "/registry", "单位与人员", UNIT_GROUP, "see_directory", "people")
POSTS = Page("posts.posts", "/posts", "移交", UNIT_GROUP, "keep_posts", "person-badge")
IMPORTS = Page("imports.imports", "/imports", "导入", UNIT_GROUP, "import_files", "upload")
ROSTERS = Page("rosters.rosters", "/rosters", "花名册", UNIT_GROUP, "keep_roster", "people")
INSPECTION = Page("inspection.inspection", "/inspection", "督查验收", UNIT_GROUP, "inspect", "clipboard",
                  posts=("inspector",))  # fmt: skip
BUNDLES = Page("bundles.bundles", "/bundles", "一校一档", UNIT_GROUP, "make_bundle", "archive")
WORKS = Page("works.works", "/works", "作品", PUBLICITY_GROUP, "see_work", "file-earmark-text")
PERMISSIONS = Page("permissions.permissions", "/permissions", "授权", PUBLICITY_GROUP, "consent", "check2-circle")
REVIEWS = Page("reviews.reviews", "/reviews", "我的评审", PUBLICITY_GROUP, "review", "clipboard")
ASSIGNMENTS = Page("assignments.assignments", "/assignments", "评审分派", PUBLICITY_GROUP, "arrange_reviews", "people")
SELECTIONS = Page("selections.selections", "/selections", "选用", PUBLICITY_GROUP, "select_work", "award")
ANTHOLOGIES = Page("anthologies.anthologies", "/anthologies", "成果汇编", PUBLICITY_GROUP, "see_publicity", "book")
ARTICLES = Page("articles.articles", "/articles", "推文", PUBLICITY_GROUP, "see_publicity", "newspaper")
VIDEOS = Page("videos.videos", "/videos", "视频展播", PUBLICITY_GROUP, "see_publicity", "film")
READINGS = Page("readings.readings", "/readings", "三审三校", PUBLICITY_GROUP, OWN, "glasses")
HISTORY = Page("history.history", "/history", "数据沿革", UNIT_GROUP, "see_row", "clock-history")
OVERVIEW = Page("overview.overview", "/overview", "全区总览", DISTRICT_GROUP, "see_figures", "speedometer2")
SCOREBOARD = Page("pages.scoreboard", "/scoreboard", "得分榜", DISTRICT_GROUP, "see_figures", "bar-chart")
MONTHLY = Page("monthly_reports.monthly_reports", "/monthly-reports", "月汇报", DISTRICT_GROUP, "see_figures",
               "calendar2-check")  # fmt: skip
SHEETS = Page("sheets.sheets", "/sheets", "季考核表", DISTRICT_GROUP, "assess_unit", "clipboard-data")
COMMENDATION = Page("commendation.commendation", "/commendation", "评选", DISTRICT_GROUP, "see_candidates", "trophy")
REPORTS = Page("reports.reports", "/reports", "报表", DISTRICT_GROUP, "see_figures", "file-spreadsheet")
CAMPAIGN = Page("campaign.campaign", "/campaign", "活动方案", DISTRICT_GROUP, "see_campaign", "journal-text")
CALENDAR = Page("campaign_calendar.calendar", "/campaign/calendar", "工作日历", DISTRICT_GROUP, "keep_calendar",
                "calendar2-check")  # fmt: skip
REMINDERS = Page("reminders.reminders", "/reminders", "催办提醒", DISTRICT_GROUP, "run_reminders", "send")
DELIVERIES = Page("deliveries.deliveries", "/deliveries", "送达", DISTRICT_GROUP, "run_reminders", "envelope-check")
CONTACTS = Page("contacts.contacts", "/contacts", "联系人", DISTRICT_GROUP, "keep_contacts", "person-lines-fill")
OFFICE_ACCOUNTS = Page("office_accounts.people", "/accounts", "登录账号", DISTRICT_GROUP, "keep_accounts", "key")
STATUS = Page("pages.status", "/status", "系统状态", SYSTEM_GROUP, SYSTEM, "activity")
QUARANTINE = Page("quarantine.quarantine", "/quarantine", "异常件", SYSTEM_GROUP, SYSTEM, "exclamation-triangle")
PUBLISHERS = Page("publishers.publishers", "/publishers", "接入系统", SYSTEM_GROUP, SYSTEM, "plug")
MAINTENANCE = Page("maintenance.maintenance", "/maintenance", "重建与校验", SYSTEM_GROUP, SYSTEM, "arrow-repeat")
AUDIT = Page("audit.audit", "/audit", "操作记录", SYSTEM_GROUP, SYSTEM, "journal-check")
SECURITY_LOG = Page("security_log_page.security_log", "/security-log", "安全日志", SYSTEM_GROUP, SYSTEM, "shield-lock")
WAITING = Page("waiting.waiting", "/waiting", "待关联", SYSTEM_GROUP, SYSTEM, "hourglass-split")

PAGES = (
    TO_DO,
    OWN_RECORD,
    READINGS,
    INBOX,
    ACCOUNT,
    MANUAL,
    DUTIES,
    FILING,
    RECORDS,
    CONFIRM,
    FINDINGS,
    LIAISON,
    SCORE,
    OWN_SHEETS,
    NOT_HANDED_IN,
    REGISTRY,
    POSTS,
    IMPORTS,
    ROSTERS,
    INSPECTION,
    BUNDLES,
    HISTORY,
    WORKS,
    PERMISSIONS,
    REVIEWS,
    ASSIGNMENTS,
    SELECTIONS,
    ANTHOLOGIES,
    ARTICLES,
    VIDEOS,
    OVERVIEW,
    SCOREBOARD,
    COMMENDATION,
    MONTHLY,
    SHEETS,
    REPORTS,
    CAMPAIGN,
    CALENDAR,
    REMINDERS,
    DELIVERIES,
    CONTACTS,
    OFFICE_ACCOUNTS,
    STATUS,
    QUARANTINE,
    WAITING,
    PUBLISHERS,
    MAINTENANCE,
    AUDIT,
    SECURITY_LOG,
)
"""In the order of the menu."""
USUAL = (
    (("leader",), (OVERVIEW, SCOREBOARD, COMMENDATION, SHEETS, FINDINGS)),
    (("campaign_office",), (OVERVIEW, MONTHLY, REMINDERS, REPORTS, COMMENDATION, OFFICE_ACCOUNTS)),
    (("inspector",), (INSPECTION, FINDINGS)),
    (("head", "clerk"), (MONTHLY, SHEETS, LIAISON, ASSIGNMENTS)),
    (("head",), (CONFIRM, DUTIES, SCORE, NOT_HANDED_IN, FINDINGS)),
    (("clerk",), (FILING, DUTIES, FINDINGS, NOT_HANDED_IN, RECORDS, IMPORTS)),
    ((), (FILING, WORKS, OWN_RECORD)),
)
"""What a post does month by month, of what it is offered; the last are of people without a post."""
GOES_WITH = {ASSIGNMENTS: (SELECTIONS, ANTHOLOGIES), LIAISON: (FINDINGS,)}
MOST_USUAL = 6


def menu_of(user: User | None) -> list[tuple[str, Sequence[Page]]]:
    """Groups with the pages that the user is offered; empty: nobody is signed in, or a one-time password is to be
    changed first."""
    if user is None or user.must_change:
        return []
    offered = [page for page in PAGES if is_offered(page, user)]
    groups = [(group, [page for page in offered if page.group == group]) for group in _groups_of(user)]
    return [(group, pages) for group, pages in groups if pages]


def _groups_of(user: User) -> Sequence[str]:
    first = next((group for right, group in NEXT_TO_OWN if user.may(right)), UNIT_GROUP)
    return (OWN_GROUP, first, *(group for group in GROUPS if group not in (OWN_GROUP, first)))


def usual_pages(user: User) -> list[Page]:
    """The few of the menu that the user's posts are about, those of the rarer post first."""
    held = {post.post for post in user.profile.posts}
    lists = [pages for posts, pages in USUAL if held.intersection(posts) or (not posts and not held)]
    named = [page for pages in lists for page in pages if is_offered(page, user)]
    with_more = [each for page in named for each in (page, *GOES_WITH.get(page, ())) if is_offered(each, user)]
    return list(dict.fromkeys(with_more))[:MOST_USUAL]


def is_offered(page: Page, user: User) -> bool:
    """Whether the menu has the page: the operator has no unit whose page it could be."""
    if (page.of_unit or page.posts) and user.is_operator:
        return False
    held = [post for post in user.profile.posts if not page.kinds or post.unit_kind in page.kinds]
    if page.posts and not any(post.post in page.posts for post in held):
        return False
    return page.right == ANYBODY or user.may(page.right)


def page_of(endpoint: str | None) -> Page | None:
    """The page to which an endpoint belongs: its own, or that of its module."""
    exact = next((page for page in PAGES if page.endpoint == endpoint), None)
    module = (endpoint or "").partition(".")[0]
    of_module = [page for page in PAGES if module == (own := page.endpoint.partition(".")[0]) or _is_under(module, own)]
    of_module = [page for page in of_module if not page.kinds]
    return exact or (of_module[0] if len(of_module) == 1 else None)


WITH_MUCH_UNDER = ("campaign", "articles", "anthologies", "reports", "works", "maintenance", "videos")


def _is_under(module: str, own: str) -> bool:
    """Modules of one page with much under it: campaign_revise is of campaign."""
    return module.startswith(f"{own}_") and own in WITH_MUCH_UNDER
