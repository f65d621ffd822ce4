"""What is said of entries of the security log: the console's own and those of the services' logs."""

from collections.abc import Mapping
from typing import Any

from console import record_labels
from console.actors import STREAMS
from console.language import words
from console.names import Names
from console.page_registry import PAGES

SERVICE_EVENTS = {
    "subscription_added": "订阅登记", "subscription_changed": "订阅变更", "subscription_rotated": "订阅更换密钥",
    "subscription_revoked": "订阅撤销",
    "subscription_delivery_set": "订阅推送设定", "subscription_delivery_changed": "订阅推送变更",
    "publisher_registered": "接入系统登记", "publisher_changed": "接入系统变更",
    "publisher_rotated": "接入系统更换密钥", "publisher_removed": "接入系统注销",
    "delivery_cancelled": "提醒取消发送", "delivery_reopened": "提醒重发", "recipient_held": "收件人暂缓发送",
    "recipient_released": "收件人恢复发送", "import_started": "导入开始", "import_finished": "导入完成",
    "import_stopped": "导入中止", "post_assigned": "岗位职务", "post_corrected": "岗位职务更正",
    "person_erased": "个人信息删除", "quarantine_retried": "异常件重新处理",
    "quarantine_edited": "异常件修改后处理", "quarantine_discarded": "异常件放弃",
    "restored_from_backup": "从备份恢复", "replayed_from_source": "重新接收",
}  # fmt: skip
"""Of the services' own logs, as `qihang security-log` says them; a test holds both together."""
EVENTS = record_labels.LOG | SERVICE_EVENTS
DETAILS = {
    "by": "方式", "what": "内容",
    "ways": "方式", "way": "方式", "reason": "原因", "scrubbed": "原有副本已清除", "name": "名称",
    "types": "类型", "units": "单位", "sources": "来源", "recipient": "收件人", "day": "日期", "entry": "异常件",
    "code": "原因代码", "import_id": "导入", "unit_id": "单位", "post": "岗位职务", "person_id": "人员编号",
    "personal": "含个人信息",
    "unnamed": "不带用户名", "keys": "密钥", "account": "登录账号", "before": "从", "after": "到", "epoch": "数据版本",
    "event_type": "事项", "log_event": "事项", "stream_kind": "数据", "stream_id": "数据编号", "looked_at": "页面",
    "status": "状态", "category": "问题类别", "assessor_id": "检查人员",
    "since": "开始日期", "until": "结束日期", "issuer": "签发者", "dropped": "不再处理", "service": "服务",
}  # fmt: skip
VALUES = {
    "password": "密码", "oidc": "统一身份认证", "code": "验证码", "recovery": "备用码", "wrong": "密码不对",
    "disabled": "账号已停用", "expired": "初始密码已过期", "unknown_person": "没有这个人的账号",
    "clerk": "填报员", "head": "主要负责人", "campaign_office": "活动领导小组办公室", "leader": "局领导",
    "inspector": "检查人员", "True": "是", "False": "否", "all": "全部", "participation": "填报服务",
    "assessment": "考核服务", "publicity": "宣传服务", "notifications": "提醒服务", "console": "控制台",
    "operator": "运维", "people": "人员办理", "programs": "系统和接入系统",
}  # fmt: skip
"""Of details; any other stands as it is."""
LABELS_OF = {"stream_kind": STREAMS, "log_event": EVENTS}
"""Of details whose values are codes of their own."""
ADDRESSES = (
    ("participation/api/names", "查看姓名"), ("participation/api/candidate-names", "查看拟表彰人选姓名"),
    ("participation/api/look-up", "查找人员"), ("participation/api/people", "人员"),
    ("participation/api/units", "单位人员"), ("participation/api/directory", "单位与人员"),
    ("participation/api/imports", "导入"), ("participation/api/rosters", "花名册"),
    ("participation/api/filings", "填报记录"), ("participation/api/findings", "督查问题"),
    ("participation/api/bundles", "一校一档"), ("participation/api/evidence", "印证资料"),
    ("notifications/api/contacts", "联系人"), ("notifications/api/inboxes", "消息箱"),
    ("publicity/api/proofs", "清样"), ("publicity/api/works", "作品"), ("/api/findings", "督查问题"),
    ("/api/filings", "填报记录"), ("/api/works", "作品"),
)  # fmt: skip
"""What a service was asked for, by how its address begins."""
_OF_PEOPLE = ("participation/api/names", "participation/api/look-up")
NAMED = 5
"""So many people of an entry are named, the others stand as ids: an entry is shortened anyway."""
LONGEST = 160
HIDDEN = ("session",)


def event(name: str) -> str:
    return words(str(EVENTS.get(name, name)))


def people_of(detail: Mapping[str, Any]) -> list[str]:
    """The first few of the people whose names were shown, as their ids stand in an entry's text."""
    address, _, ids = str(detail.get("what", "")).partition(" ")[2].partition(" ")
    return ids.split(",")[:NAMED] if address in _OF_PEOPLE else []


def page_words(text: str, names: Mapping[str, str] | None = None) -> str:
    """`GET /registry unit=X1` by the name of its page, and what a service was asked for by what that is, with what was
    asked of it (people with their names, if these are known); anything else as it is."""
    rest = text.removeprefix("GET ").removeprefix("POST ")
    for address, what in ADDRESSES:
        if rest.startswith(address):
            ids = rest.removeprefix(address).strip("/?& ").split(",")
            people = (f"{names[each]}（{each}）" if names and names.get(each) else each for each in ids)
            return f"{words(what)} {'、'.join(people)}".strip()
    path, _, asked = rest.partition(" ")
    pages = [page for page in PAGES if path == page.path or path.startswith(f"{page.path}/")]
    if not pages:
        return text
    page = max(pages, key=lambda each: len(each.path))
    return " ".join(filter(None, (words(page.title), path.removeprefix(page.path).strip("/"), asked)))


def detail(members: object, names: Names | None = None) -> str:
    """What an entry has besides, on one line; units and persons with their names."""
    items = members.items() if isinstance(members, dict) else ()
    given = ((name, value) for name, value in items if name not in HIDDEN and value not in ("", None, [], False))
    shown = (f"{words(str(DETAILS.get(name, name)))} {_value(name, value, names or Names())}" for name, value in given)
    text = "；".join(shown)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _value(name: str, value: object, names: Names) -> str:
    if not isinstance(value, str):
        return str(value)
    if name in LABELS_OF:
        return words(LABELS_OF[name].get(value, value))
    known = (names.units if name == "unit_id" else names.people if name == "person_id" else {}).get(value)
    return f"{known}（{value}）" if known else words(VALUES.get(value, page_words(value, names.people)))
