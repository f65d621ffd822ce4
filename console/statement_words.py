"""What is said of statements of learning platforms and of subscriptions: verbs, activities, events.  Words only."""

from urllib.parse import urlsplit

from console.labels import label
from console.language import words

VERBS = {
    "completed": "完成", "passed": "通过", "failed": "未通过", "attended": "参加", "answered": "答题",
    "attempted": "开始答题", "viewed": "查看", "experienced": "学习", "initialized": "开始", "terminated": "结束",
    "launched": "打开",
    "registered": "注册", "logged-in": "登录", "logged-out": "退出", "scored": "得分", "submitted": "提交",
    "created": "新建", "updated": "修改", "replied": "回复", "shared": "分享", "progressed": "学到", "played": "播放",
    "paused": "暂停", "seeked": "拖动", "interacted": "操作", "voided": "撤销", "received": "收到", "started": "开始",
}  # fmt: skip
"""By the last part of a verb's address: the registries of xAPI name the same deeds under several hosts."""
ACTIVITIES = {
    "course": "课程", "lms": "平台", "module": "模块", "assessment": "测验", "cmi.interaction": "题目", "video": "视频",
    "lesson": "课时", "meeting": "会议", "webinar": "网络研讨", "discussion": "讨论", "forum-topic": "讨论",
    "resource": "资源", "page": "页面", "file": "文件", "link": "链接", "simulation": "模拟", "survey": "问卷",
    "school-assignment": "作业",
    "attempt": "答卷", "site": "网站", "source": "来源", "profile": "个人页面", "scorm": "课件", "performance": "实操",
}  # fmt: skip
STATES = {
    "recorded": "已成为填报记录",
    "waiting": "待关联",
    "refused": "未接收",
    "none": "不涉及填报记录",
    "erased": "已删除",
}
COLOURS = {"recorded": "done", "waiting": "open", "refused": "overdue", "none": "excused", "erased": "excused"}
REMEDIES = {
    "no_platform": "方案的 xapi 一节里没有这个系统的来源：请活动领导小组办公室补上，来源与这里登记的写成一样。",
    "no_statement": "方案没有要这样的动词和活动，多数不用理会；该算的，请活动领导小组办公室在方案里补上。",
    "no_person": "方案要的，但认不出是谁：账号名不是工号，或者方案里没有账号所在的网址。"
    "请用 qihang xapi actors 登记账号，或者在方案里补上网址。",
    "not_reached": "方案要的，但没有成功、没有完成，或者得分、时长不够，不用理会。",
    "voided": "已由学习平台撤销，不用理会。",
    "no_campaign": "活动方案还没有发布；发布后重新对应。",
}  # fmt: skip
PLACES = {"mbox": "邮箱", "mbox_sha1sum": "邮箱的散列值", "openid": "OpenID", "": "没有账号（小组）"}
PUBLIC = "qihang.public."
READ_THINGS = {"unit": "单位", "membership": "任职", "person": "个人信息", "record": "填报记录", "filing": "填报"}
READ_DEEDS = {
    "registered": "登记", "corrected": "更正", "related": "关系变更", "closed": "撤销", "started": "开始",
    "ended": "结束", "erased": "删除", "accepted": "接收", "withdrawn": "撤回", "confirmed": "确认",
}  # fmt: skip


def last_part(address: str) -> str:
    """`http://adlnet.gov/expapi/verbs/completed` ends in `completed`."""
    parts = urlsplit(address)
    return (parts.fragment or parts.path.rstrip("/").rpartition("/")[2] or parts.netloc).lower()


def verb(address: str) -> str:
    return words(label(VERBS, last_part(address))) if address else words("其他（种类太多，合在一起）")


def activity_type(address: str) -> str:
    return words(label(ACTIVITIES, last_part(address))) if address else ""


def place(account: str) -> str:
    """Where accounts are."""
    return words(PLACES[account]) if account in PLACES else account


def public_type(wire: str) -> str:
    """`qihang.public.record.accepted.v1`, also `qihang.public.record.*`, as people say it; another text as it is."""
    parts = wire.removeprefix(PUBLIC).split(".")
    if not wire.startswith(PUBLIC) or parts[0] not in READ_THINGS:
        return words("全部事项") if wire in ("*", f"{PUBLIC}*") else wire
    thing, deed = words(READ_THINGS[parts[0]]), parts[1] if len(parts) > 1 else "*"
    if deed == "*":
        return words("{}（全部事项）").format(thing)
    return thing + words(READ_DEEDS[deed]) if deed in READ_DEEDS else wire
