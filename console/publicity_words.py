"""What publicity's states, steps and reasons are called on the pages."""

from collections.abc import Mapping
from typing import Any

from console.language import words
from console.local_times import local_minute as local_minute

LEVELS = {"inside": "内部展示", "unit": "单位公众号", "district": "区级公众号", "print": "刊印"}
ACCOUNTS = {"unit": "单位公众号", "district": "区级公众号"}
SUBJECTS = {"article": "推文", "anthology": "优秀成果汇编", "video": "视频"}
STAGES = {"first": "初审", "second": "复审", "final": "终审"}
STATES = {
    "drafted": "待发布", "returned": "审读退回", "stopped": "停发", "submitting": "提交中", "submitted": "平台审核中",
    "refused": "平台退回", "failed": "接口未成", "published": "已发布", "taking_down": "待撤稿", "taken_down": "已撤稿",
}  # fmt: skip
COLOURS = {
    "drafted": "open", "returned": "overdue", "stopped": "excused", "submitting": "open", "submitted": "open",
    "refused": "overdue", "failed": "overdue", "published": "done", "taking_down": "late", "taken_down": "excused",
}  # fmt: skip
REASONS = {
    "remove: 48001": "接口没有删除权限，请在公众平台上删除后登记", "still_public": "已登记撤稿，但平台上仍可看到",
    "consent_withdrawn": "作者撤回授权", "gone": "平台上已看不到",
    "status 2": "平台判为原创文章重复", "status 3": "平台发布失败", "status 4": "平台审核没有通过",
    "status 5": "已在平台上被删除", "status 6": "已被平台屏蔽",
}  # fmt: skip
CODES = {
    "40164": "服务器地址不在平台的白名单里，请告诉运维人员", "45009": "当天调用次数已满，次日自动再试",
    "48001": "这个公众号没有发布接口的权限，请手工发布", "53503": "平台认为内容不合规范，请修改后重新起草",
    "45166": "平台认为内容不合规范，请修改后重新起草", "unknown_outcome": "不知道平台有没有收到，请先到公众平台上核对",
    "poll_quota": "当天查询次数已满，次日再查",
}  # fmt: skip
PLATFORM_STEPS = {
    "cover": "上传封面", "draft": "存草稿", "submit": "提交发布", "poll": "查询发布结果", "remove": "删除",
    "token": "取得接口凭证", "picture": "上传图片",
}  # fmt: skip
STEPS = {
    "publish": "可以发布了", "again": "按审读意见修改后重新起草", "settle": "请决定：重新提交，或手工发布",
    "wait": "等平台答复，会自动更新", "remove": "请在公众平台上删除，然后登记", "recompile": "重新汇编",
    "ready": "可以印发了", "": "",
}  # fmt: skip
APPOINT, READ = "请指定{}的审读人", "等待{}"


def step_words(row: Mapping[str, Any]) -> str:
    """What is next with an article or anthology, in words."""
    if row["step"] in ("appoint", "read"):
        return words(APPOINT if row["step"] == "appoint" else READ).format(words(STAGES.get(row["stage"], "")))
    return words(STEPS.get(row["step"], ""))


def reason_words(reason: str) -> str:
    """Why an article stands where it stands: of the platform's faults what people can do, else as it was written."""
    if reason in REASONS:
        return words(REASONS[reason])
    step, colon, code = reason.partition(": ")
    if not colon or not step.isascii():
        return reason
    what = words(PLATFORM_STEPS.get(step, step))
    return f"{what}：{words(CODES[code])}" if code in CODES else words("{}没有成功（{}）").format(what, code)
