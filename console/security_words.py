"""What is said of entries of the security log: the console's own and those of the services' logs."""

from console import record_labels
from console.language import words
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
    "since": "开始日期", "until": "结束日期", "issuer": "签发者", "dropped": "不再处理", "service": "服务",
}  # fmt: skip
VALUES = {
    "password": "密码", "oidc": "统一身份认证", "code": "验证码", "recovery": "备用码", "wrong": "密码不对",
    "disabled": "账号已停用", "expired": "初始密码已过期", "unknown_person": "没有这个人的账号",
    "clerk": "填报员", "head": "主要负责人", "campaign_office": "活动领导小组办公室", "leader": "局领导",
    "inspector": "检查人员",
}  # fmt: skip
"""Of details; any other stands as it is."""
LONGEST = 160
HIDDEN = ("session",)


def event(name: str) -> str:
    return words(str(EVENTS.get(name, name)))


def page_words(text: str) -> str:
    """`GET /registry unit=X1` by the name of its page, with what was asked of it; anything else as it is."""
    rest = text.removeprefix("GET ")
    path, _, asked = rest.partition(" ")
    pages = [page for page in PAGES if path == page.path or path.startswith(f"{page.path}/")]
    if not pages:
        return text
    page = max(pages, key=lambda each: len(each.path))
    return " ".join(filter(None, (words(page.title), path.removeprefix(page.path).strip("/"), asked)))


def detail(members: object) -> str:
    """What an entry has besides, on one line."""
    items = members.items() if isinstance(members, dict) else ()
    given = ((name, value) for name, value in items if name not in HIDDEN and value not in ("", None, [], False))
    named = ((str(DETAILS.get(name, name)), value) for name, value in given)
    shown = (f"{words(name)} {words(VALUES.get(value, page_words(value))) if isinstance(value, str) else value}"
             for name, value in named)  # fmt: skip
    text = "；".join(shown)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
