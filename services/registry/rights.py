"""The rights: who may do what, and whether a party has a right over a subject.  Pure: posts and relations are passed
in.

A right follows from facts (architecture.md): posts held on the day, relations of a unit, being the person concerned.
No post gives another person's consent, marks or reading."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chassis.process.problems import Problem
from chassis.process.tokens import Actor

UNIT_POSTS: Final = ("head", "clerk")
OF_UNIT: Final = ("head", "clerk", "inspector")
BUREAU_POSTS: Final = ("leader", "campaign_office")
POSTS: Final = (*UNIT_POSTS, *BUREAU_POSTS, "inspector")
LABELS: Final = {
    "operator": "运维人员", "service": "系统", "publisher": "接入系统", "person": "本人", "head": "本单位主要负责人",
    "clerk": "本单位填报员", "leader": "局领导", "campaign_office": "活动领导小组办公室", "inspector": "检查人员",
    "supervision_office": "督查室", "research_office": "教研室",
}  # fmt: skip


@dataclass(frozen=True)
class HeldPost:
    """A post in force, with kind and tags of its unit; `unit_id` is empty for accounts without a unit."""

    post: str
    unit_id: str = ""
    unit_kind: str = ""
    unit_tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Party(Actor):
    """The caller with all posts in force on `day`, the day that rights are evaluated for; `acts_as`: the post that
    allowed the act."""

    posts: tuple[HeldPost, ...] = ()
    day: int = 0
    acts_as: HeldPost | None = None

    def __str__(self) -> str:
        """`role:name`, or `post:person@unit` for a person who acts by a post."""
        if "person" not in self.roles:
            return super().__str__()
        post = self.acts_as
        return f"{post.post}:{self.name}@{post.unit_id}" if post else f"person:{self.name}"


def party_of(actor: Actor, held: Iterable[tuple[str, str]], units: Mapping[str, tuple[str, str]], day: int) -> Party:
    """The caller with the posts (unit_id, post) of their token and those `held` in the registry; `units`: kind and tags
    (separated by semicolons) of each unit of the registry."""
    named = dict.fromkeys((*held, *posts_of_token(actor)))
    posts = tuple(HeldPost(post, unit_id, *_kind_and_tags(units.get(unit_id))) for unit_id, post in named)
    if "leader" in actor.roles:
        posts = (*posts, HeldPost("leader", unit_kind="bureau"))
    roles = actor.roles | {post.post for post in posts}
    return Party(actor.issuer, actor.name, roles, actor.units, actor.generation, posts, day)


def posts_of_token(actor: Actor) -> list[tuple[str, str]]:
    """The posts (unit_id, post) of a unit's shared account, whose token has no person."""
    return [(unit_id, role) for role in sorted(actor.roles) if role in OF_UNIT for unit_id in actor.units]


def _kind_and_tags(unit: tuple[str, str] | None) -> tuple[str, frozenset[str]]:
    kind, tags = unit or ("", "")
    return kind, frozenset(filter(None, tags.split(";")))


@dataclass(frozen=True)
class Subject:
    """What an act is about: a unit (with kind and liaison office on the day), a person, both, or the whole district."""

    unit_id: str = ""
    unit_kind: str = ""
    liaison_id: str = ""
    person_id: str = ""


DISTRICT: Final = Subject()


@dataclass(frozen=True)
class Ruling:
    """Whether the party has the right; the post that gives it, or the reason why not."""

    allowed: bool
    post: HeldPost | None = None
    reason: str = ""


@dataclass(frozen=True)
class Right:
    """One right, and who has it.  `system`: tokens that belong to no person; `bureau`: posts of the bureau, over any
    unit; `unit`: posts of the unit itself; `offices`: head and clerk of offices with these tags, over any unit;
    `supervisor`: head and clerk of the unit's liaison office, and of the supervision office over offices and secondary
    units; `oneself`: the person concerned.  `district`: its subject is the whole district; `not_own`: no post has it
    over its own unit."""

    name: str
    label: str
    system: tuple[str, ...] = ("operator",)
    bureau: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()
    supervisor: bool = False
    oneself: bool = False
    district: bool = False
    not_own: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles and posts that have the right over at least some subject."""
        of_offices = UNIT_POSTS if self.supervisor or self.offices else ()
        own = ("person",) if self.oneself else ()
        return tuple(dict.fromkeys((*self.system, *self.bureau, *self.unit, *of_offices, *own)))

    def admit(self, actor: Actor) -> Actor:
        """The caller, if they have the right over any subject; the handler checks which.  Problem 403."""
        if self.district:
            return require(actor, self, DISTRICT)
        if not actor.roles & set(self.roles):
            raise Problem(403, "not_allowed", _refusal(self))
        return actor

    def absent(self, actor: Actor, problem: Problem) -> Problem:
        """The 404 for a caller with the right over any subject; for others the 403 of an existing thing."""
        if may(actor, self, DISTRICT):
            return problem
        return Problem(403, "not_allowed", _refusal(self))


def ruling(party: Actor, right: Right, subject: Subject) -> Ruling:
    """Whether the party has the right over the subject, and why."""
    if right.oneself and subject.person_id and "person" in party.roles and party.name == subject.person_id:
        return Ruling(True)
    if party.roles & set(right.system):
        return Ruling(True)
    for post in posts_of(party):
        if _covers(post, right, subject):
            return Ruling(True, post)
    return Ruling(False, reason=_refusal(right))


def posts_of(party: Actor) -> tuple[HeldPost, ...]:
    """All posts in force; those of the token if the registry's are not known."""
    return (party if isinstance(party, Party) else party_of(party, (), {}, 0)).posts


def may(party: Actor, right: Right, subject: Subject) -> bool:
    return ruling(party, right, subject).allowed


def has_somewhere(party: Actor, right: Right, liaisons: Collection[str] = ()) -> bool:
    """Whether the party has the right over some subject, judged by posts alone: decides which pages to offer.
    `liaisons`: units that supervise others; an office always may."""
    if right.district:
        return may(party, right, DISTRICT)
    if party.roles & set(right.system) or (right.oneself and "person" in party.roles):
        return True
    return any(
        (post.post in right.bureau and post.unit_kind == "bureau")
        or (post.post in right.unit and bool(post.unit_id))
        or (post.post in UNIT_POSTS and bool(post.unit_tags & set(right.offices)))
        or (right.supervisor and post.post in UNIT_POSTS and (post.unit_kind == "office" or post.unit_id in liaisons))
        for post in posts_of(party)
    )


def require(party: Actor, right: Right, subject: Subject) -> Actor:
    """The party, acting by the post that gives the right over the subject.  Problem 403 with the reason."""
    ruled = ruling(party, right, subject)
    if not ruled.allowed:
        raise Problem(403, "not_allowed", ruled.reason)
    return replace(party, acts_as=ruled.post) if isinstance(party, Party) else party


def _covers(post: HeldPost, right: Right, subject: Subject) -> bool:
    if right.not_own and subject.unit_id and post.unit_id == subject.unit_id:
        return False
    if post.post in right.bureau and post.unit_kind == "bureau":
        return True
    if post.post in right.unit and subject.unit_id and post.unit_id == subject.unit_id:
        return True
    if post.post not in UNIT_POSTS:
        return False
    return bool(post.unit_tags & set(right.offices)) or (right.supervisor and _supervises(post, subject))


def _supervises(post: HeldPost, subject: Subject) -> bool:
    """督查室 supervises offices and secondary units only; a school or kindergarten has its liaison office."""
    if not subject.unit_id or post.unit_id == subject.unit_id:
        return False
    over_kind = "supervision_office" in post.unit_tags and subject.unit_kind in ("office", "secondary")
    return over_kind or bool(post.unit_id and post.unit_id == subject.liaison_id)


def _refusal(right: Right) -> str:
    if right.roles == ("person",):
        return f"{right.label}只能由本人办理，任何人不得代办。"
    who: Iterable[str] = (*right.system, *right.bureau, *right.unit, *right.offices)
    names = [LABELS[name] for name in who] + ["包联股室、督查室"] * right.supervisor + ["本人"] * right.oneself
    return f"您无权办理这一事项：{right.label}由{'、'.join(names)}办理。"


_OFFICE: Final = ("campaign_office",)
_OVERVIEW: Final = ("leader", "campaign_office")

KEEP_CAMPAIGN: Final = Right("keep_campaign", "活动方案", bureau=_OFFICE, district=True)
SEE_CAMPAIGN: Final = Right("see_campaign", "查看活动方案", ("service", "operator"), _OVERVIEW, district=True)
ENTER_FACTS: Final = Right("enter_facts", "全区数据的录入、导入、补录和更正", bureau=_OFFICE, district=True)
IMPORT_FILES: Final = Right("import_files", "本单位文件的导入", bureau=_OFFICE, unit=UNIT_POSTS)
"""Over a unit's own files or the district's; late entry (补录) and other sources: the district's only."""
KEEP_ROSTER: Final = Right("keep_roster", "花名册", bureau=_OFFICE, unit=UNIT_POSTS)
"""Over a unit's own roster, or the whole district's."""
SEE_DIRECTORY: Final = Right("see_directory", "查看单位与人员", bureau=_OFFICE, unit=UNIT_POSTS)
"""Over a unit's own people, or the whole district's, with names."""
KEEP_PEOPLE: Final = Right("keep_people", "人员的登记、调动和更正", bureau=_OFFICE, unit=UNIT_POSTS)
KEEP_POSTS: Final = Right("keep_posts", "岗位职务和移交", bureau=_OFFICE, unit=("head",))
"""Over a unit's own head and clerk; inspectors and posts of the bureau: campaign office only."""
ERASE_PERSON: Final = Right("erase_person", "删除个人信息", bureau=_OFFICE, district=True)
SEE_NAMES: Final = Right("see_names", "查看人员姓名", bureau=_OFFICE, district=True)
KEEP_ACCOUNTS: Final = Right("keep_accounts", "登录账号", bureau=_OFFICE, district=True)
"""Accounts of people at the console, which checks this right by `GET /api/me` for the signed-in person."""
LOOK_UP: Final = Right("look_up", "查找单位、人员、填报记录和导入", bureau=_OFFICE, unit=UNIT_POSTS)
FILL_IN: Final = Right("fill_in", "填报模板", bureau=_OFFICE, unit=UNIT_POSTS)
FILE_RECORD: Final = Right("file_record", "填报", bureau=_OFFICE, unit=UNIT_POSTS, oneself=True)
SEE_RECORDS: Final = Right("see_records", "查看填报记录", bureau=_OVERVIEW, unit=OF_UNIT, supervisor=True,
                           oneself=True)  # fmt: skip
CONFIRM_RECORD: Final = Right("confirm_record", "确认填报记录", unit=("head",))
CONFIRM_ENTRY: Final = Right("confirm_entry", "确认代填的单位记录", unit=UNIT_POSTS)
CONFIRM_OWN_ENTRY: Final = Right("confirm_own_entry", "确认代填的本人记录", unit=("head",), oneself=True)
CONFIRM_FILING: Final = Right("confirm_filing", "确认填报", unit=UNIT_POSTS, oneself=True)
"""Which of the three rights before it applies, the filing determines."""
RETURN_REPORT: Final = Right(
    "return_report", "退回月汇报", bureau=_OFFICE, offices=("supervision_office",), not_own=True
)
"""Over filings of kinds that only offices and secondary units hand in, even after they count."""
SEE_UNITS: Final = Right("see_units", "查看单位名录", ("service", "operator"), _OVERVIEW,
                         offices=("supervision_office",), district=True)  # fmt: skip
SEE_ROW: Final = Right("see_row", "查看数据来龙去脉", bureau=_OVERVIEW, unit=OF_UNIT, supervisor=True,
                       oneself=True)  # fmt: skip
READ_PRIVATE_TEXT: Final = Right("read_private_text", "查看个人文字", oneself=True)
ADD_EVIDENCE: Final = Right("add_evidence", "印证资料的上传和归档", bureau=_OFFICE, unit=UNIT_POSTS,
                            oneself=True)  # fmt: skip
SEE_EVIDENCE: Final = Right("see_evidence", "查看印证资料", bureau=_OFFICE, unit=OF_UNIT, supervisor=True,
                            oneself=True)  # fmt: skip
OPEN_EVIDENCE: Final = Right("open_evidence", "打开印证资料", bureau=_OVERVIEW, unit=OF_UNIT,
                             offices=("supervision_office",), supervisor=True, oneself=True)  # fmt: skip
"""As `see_evidence`, or as `see_findings` for evidence that a finding refers to."""
READ_OWN_EVIDENCE: Final = Right("read_own_evidence", "查看本人的非公开印证资料", (), oneself=True)
SEE_FINDINGS: Final = Right("see_findings", "查看督查问题", bureau=_OVERVIEW, unit=OF_UNIT,
                            offices=("supervision_office",), supervisor=True)  # fmt: skip
RAISE_FINDING: Final = Right("raise_finding", "提出督查问题", (), offices=("supervision_office",), supervisor=True)
ANSWER_FINDING: Final = Right("answer_finding", "整改答复", (), unit=UNIT_POSTS)
REVIEW_FINDING: Final = Right("review_finding", "督查问题的复查、更正和撤销", (), unit=UNIT_POSTS)
MAKE_BUNDLE: Final = Right("make_bundle", "印证资料包", bureau=_OFFICE, unit=OF_UNIT, supervisor=True)
INSPECT: Final = Right("inspect", "督查验收", (), unit=("inspector",))
SEE_OWN_RECORD: Final = Right("see_own_record", "本人信息的查阅", oneself=True)
SEE_FIGURES: Final = Right("see_figures", "查看得分和排名", bureau=_OVERVIEW, offices=("supervision_office",),
                           district=True)  # fmt: skip
SEE_CANDIDATES: Final = Right("see_candidates", "查看评选人选", bureau=_OVERVIEW, district=True)
PROPOSE_DECISION: Final = Right("propose_decision", "提出评选决定", (), bureau=_OFFICE, district=True)
CONFIRM_DECISION: Final = Right("confirm_decision", "复核评选决定", (), bureau=_OVERVIEW, district=True)
FREEZE_FIGURES: Final = Right("freeze_figures", "数据锁定和准予计入", bureau=_OFFICE, district=True)

ASSESS_UNIT: Final = Right("assess_unit", "季考核", (), bureau=_OVERVIEW, offices=("supervision_office",), not_own=True)
"""督查室 and, for its own sheet, the bureau's leading group: nobody assesses their own unit."""
SEE_SHEET: Final = Right("see_sheet", "查看季考核表", bureau=_OVERVIEW, unit=OF_UNIT, offices=("supervision_office",))
"""Over a unit's own sheet, once it is complete."""

SEE_DUTIES: Final = Right("see_duties", "查看任务完成情况和得分", bureau=_OVERVIEW, unit=OF_UNIT, supervisor=True,
                          oneself=True)  # fmt: skip
SUPERVISE: Final = Right("supervise", "查看包联单位", supervisor=True)
SEE_DUTIES_BY_PERSON: Final = Right("see_duties_by_person", "查看本单位人员的任务完成情况", unit=UNIT_POSTS)

PUBLISH_FOR_UNIT: Final = Right("publish_for_unit", "本单位的宣传", unit=UNIT_POSTS)
PUBLISH_FOR_DISTRICT: Final = Right("publish_for_district", "区级公众号的发布", bureau=_OFFICE)
CONFIRM_PUBLICATION: Final = Right("confirm_publication", "推文和视频的发布", bureau=_OFFICE, unit=UNIT_POSTS)
"""Which of the two rights before it applies, the article's account determines."""
SEE_PUBLICITY: Final = Right("see_publicity", "查看宣传", bureau=_OVERVIEW, unit=OF_UNIT,
                             offices=("research_office",), supervisor=True)  # fmt: skip
SUBMIT_WORK: Final = Right("submit_work", "推荐作品", unit=UNIT_POSTS, oneself=True)
PUT_FORWARD: Final = Right("put_forward", "推荐作品送评", unit=UNIT_POSTS)
SEE_WORK: Final = Right("see_work", "查看作品", unit=UNIT_POSTS, oneself=True)
RETURN_WORK: Final = Right("return_work", "退回作品", unit=UNIT_POSTS)
SEND_BACK_WORK: Final = Right("send_back_work", "退回作品", unit=UNIT_POSTS, oneself=True)
"""By its reader or its unit."""
SELECT_FOR_UNIT: Final = Right("select_for_unit", "本单位选用作品", unit=UNIT_POSTS)
SELECT_FOR_DISTRICT: Final = Right("select_for_district", "区级选用作品", bureau=_OFFICE, offices=("research_office",),
                                   district=True)  # fmt: skip
SELECT_WORK: Final = Right("select_work", "选用作品", bureau=_OFFICE, unit=UNIT_POSTS, offices=("research_office",))
"""Which of the two rights before it applies, the level determines."""
ARRANGE_REVIEWS: Final = Right("arrange_reviews", "指定评审人", bureau=_OFFICE, offices=("research_office",),
                               district=True)  # fmt: skip
APPOINT_READERS: Final = Right("appoint_readers", "指定审读人", bureau=_OFFICE, unit=("head",),
                               offices=("research_office",))  # fmt: skip
CONSENT_ON_PAPER: Final = Right("consent_on_paper", "登记作者的书面授权", unit=UNIT_POSTS)
CONSENT: Final = Right("consent", "作者授权", (), oneself=True)
GIVE_CONSENT: Final = Right("give_consent", "授权", unit=UNIT_POSTS, oneself=True)
"""The author, or their unit with a signed paper."""
STOP_SHOWING: Final = Right("stop_showing", "撤回授权", unit=UNIT_POSTS, oneself=True)
REVIEW: Final = Right("review", "评审", (), oneself=True)
READ: Final = Right("read", "审读", (), oneself=True)
SEE_PROOF: Final = Right("see_proof", "查看清样", unit=UNIT_POSTS, oneself=True)
"""Also its appointed readers, whom the handler checks."""

KEEP_CALENDAR: Final = Right("keep_calendar", "工作日历", bureau=_OFFICE, district=True)
KEEP_CONTACTS: Final = Right("keep_contacts", "联系方式", bureau=_OFFICE, district=True)
RUN_REMINDERS: Final = Right("run_reminders", "催办提醒", bureau=_OFFICE, district=True)
SEE_ANY_INBOX: Final = Right("see_any_inbox", "查看消息", bureau=_OFFICE, district=True)
SEE_INBOX: Final = Right("see_inbox", "查看本人或本单位的消息", (), unit=UNIT_POSTS, oneself=True)
SET_REMINDERS: Final = Right("set_reminders", "设置本人或本单位岗位的提醒方式", (), unit=UNIT_POSTS, oneself=True)
INBOX: Final = Right("inbox", "查看消息", bureau=_OFFICE, unit=UNIT_POSTS, oneself=True)

RIGHTS: Final = tuple(value for value in dict(vars()).values() if isinstance(value, Right))
"""All rights, in the order above."""
