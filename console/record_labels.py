"""A person's record in words, Chinese: the fields of events, what stands in the security log, states of duties."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from console import labels

HIDDEN = frozenset({"content", "content_sha256", "campaign_version", "attempt", "message_id", "tags_given", "columns",
                    "first_edition", "entry_id", "correction_id", "fingerprint", "size", "unit_given", "done_at",
                    "digests", "media_type", "uploaded", "further", "roster_id", "film"})  # fmt: skip
"""Fields that only programs use; the JSON file has them."""
FIELDS = {
    "awaits": "待谁确认", "fields": "填报内容", "filing_id": "填报", "on_behalf": "代填", "people": "人员",
    "whole": "不再同意任何用途",
    "about": "所问事项", "values": "所问内容", "private": "个人文字", "refers_to": "所指填报",
    "account": "公众号", "again_at": "再次发送", "anthology_id": "汇编", "appointed_by": "指定人",
    "appointed_on": "指定日期", "article_id": "推文或视频",
    "assigned_on": "指定日期", "author_id": "作者", "authors": "作者",
    "by": "办理方",
    "campaign": "主题活动", "category": "问题类别", "cause": "缘由", "changed": "有无变化", "channel": "通道",
    "channels": "通道的先后",
    "code": "结果代码", "column": "更正的栏目", "compiled_at": "编成时间", "correction_reason": "更正原因",
    "act": "签署或撤销", "proposal_id": "待复核决定", "proposed_by": "提出人",
    "completed_by": "提交复核人",
    "day": "日期", "decided_on": "决定日期", "decision_id": "决定编号", "deselected_at": "取消时间", "detail": "说明",
    "document": "会议纪要文号", "drafted_on": "起草日期", "duty": "任务", "edition": "版次", "email": "电子邮箱",
    "evidence": "印证资料", "exemption_id": "免计编号", "fault": "原因所在", "fetched_on": "取阅日期",
    "given_on": "授权日期", "comment": "评审意见", "commented_on": "评审日期", "due_on": "截止日",
    "released_on": "退出日期",
    "put_forward_on": "推荐日期", "how": "方式", "items": "提醒内容",
    "raised_by": "提出人", "answered_by": "答复人", "answered_on": "答复日期",
    "assessed_on": "考核日期", "counted": "是否计入",
    "closed_by": "复查人", "closed_on": "日期", "finding_id": "督查问题", "assessor_id": "考核单位",
    "text": "内容", "note": "复查意见",
    "items_left": "尚未完成的内容", "kind": "类别", "left_out": "文稿中未收录的内容", "late_entry": "补录原因",
    "level": "级别", "levels": "授权范围",
    "muted": "不发送的提醒", "not_before": "几点以后发送",
    "marked_on": "评审日期", "marks": "评分", "name": "姓名", "nominated_on": "推荐日期", "occurred_at": "完成时间",
    "period": "周期", "person_id": "人员编号", "pictures": "图片数", "post": "岗位职务", "read_on": "审读日期",
    "reader_id": "审读人", "reason": "原因", "recipient": "收件人", "record_id": "记录编号", "repeats": "可能重复送达",
    "review_id": "评审编号", "returned_on": "退回日期",
    "reviewer_id": "评审人", "revised_on": "修改日期", "robot": "企业微信群机器人",
    "dingtalk": "钉钉群机器人", "dingtalk_secret": "钉钉群机器人加签密钥", "role": "身份", "row": "数据编号",
    "selected_at": "入选时间", "semester": "学期", "since": "开始日期", "stage": "审次", "subject": "对象",
    "subject_id": "对象编号", "table": "数据表", "title": "题目", "total": "总分", "turn": "第几次入选",
    "unit_id": "单位", "units": "成果所属单位",
    "until": "结束日期", "voided": "是否作废", "withdrawn_at": "撤回时间", "withdrawn_on": "撤回日期",
    "work_id": "作品", "works": "作品",
    "year": "年度",
}  # fmt: skip
VALUES = {
    "role": {"cadre": "干部", "teacher": "教师", "other": "其他"},
    "post": labels.ROLES,
    "stage": {"first": "初审", "second": "复审", "final": "终审"},
    "subject": {"article": "推文或视频", "video": "视频", "anthology": "优秀成果汇编"},
    "by": {"author": "本人", "unit": "单位", "reviewer": "评审人"},
    "how": {"self": "本人", "paper": "书面授权", "api": "接口", "hand": "人工"},
    "level": {"inside": "单位内部", "unit": "单位", "district": "全区", "print": "印刷"},
    "channel": {"email": "电子邮件", "wecom": "企业微信", "dingtalk": "钉钉"},
    "table": labels.TABLES,
    "fault": {"channel": "通道", "recipient": "收件人", "letter": "邮件内容"},
}
VALUES["levels"] = VALUES["level"]
KINDS = {"text": "文稿", "docx": "文稿", "picture": "图片", "veto": "一票否决", "decline": "放弃", "choose": "并列评定"}
STATES = {"open": "进行中", "overdue": "逾期未完成", "done": "已完成", "late": "逾期补报", "excused": "免计"}
LOG = {
    "signin": "登录", "signin_failed": "登录失败", "signout": "退出登录", "session_ended": "退出一台设备",
    "sessions_ended": "退出所有设备", "password_changed": "修改密码", "password_change_failed": "修改密码失败",
    "password_reset": "重置密码", "password_installed": "安装密码", "account_created": "开通账号",
    "account_disabled": "停用账号", "account_enabled": "启用账号", "account_renamed": "改登录账号",
    "account_removed": "注销账号", "erasure_ordered": "办理个人信息删除",
    "second_step_added": "启用两步验证", "second_step_removed": "停用两步验证",
    "second_step_reset": "重置两步验证", "second_step_failed": "验证码错误",
    "second_step_change_failed": "变更两步验证失败", "recovery_code_used": "使用备用码",
    "recovery_codes_renewed": "重新生成备用码", "export": "查看或导出个人信息", "record_exported": "导出本人信息",
    "refused": "拒绝访问", "keys_changed": "签名密钥变更",
}  # fmt: skip
ACTORS = {**labels.ROLES, "another": "其他人员", "installation": "安装", "console": "系统", "broker": "接入系统"}


def actor(text: str) -> str:
    """`role`, `role:name` or `post:person@unit`: of programs with their name, of persons by what they acted as."""
    role, _, name = text.partition(":")
    label = ACTORS.get(role, role)
    return f"{label} {name}" if role == "publisher" and name else label


def lines(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(label, value) of each field that people read and that is given."""
    for name, value in data.items():
        if name not in HIDDEN and value not in ("", None, [], {}, False):
            yield FIELDS.get(name, name), _value(name, value)


def _value(name: str, value: Any) -> str:
    if name in ("items", "items_left"):
        return "；".join(" ".join(filter(None, map(str, (item[1], item[2], item[6])))) for item in value)
    if isinstance(value, list):
        return "、".join(_value(name, item) for item in value)
    if isinstance(value, dict):
        return "；".join(f"{key} {_value('', item)}" for key, item in value.items())
    if value is True:
        return "是"
    if name == "kind":
        return KINDS.get(str(value), str(value))
    return VALUES.get(name, {}).get(str(value), value if isinstance(value, str) else json.dumps(value))


def picture_type(base64: str) -> str:
    """The media type of a picture of a work, by how its base64 begins."""
    return "image/png" if base64.startswith("iVBOR") else "image/jpeg"
