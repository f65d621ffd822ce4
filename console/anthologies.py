"""The page of anthologies (优秀成果汇编) and articles: lists with status, downloads."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import signed_in
from console.together import question, together
from console.users import User

blueprint = Blueprint("anthologies", __name__)
LEVELS = {"inside": "内部展示", "unit": "单位公众号", "district": "区级公众号", "print": "刊印"}
ACCOUNTS = {"unit": "单位公众号", "district": "区级公众号"}
STATES = {
    "drafted": "待发布", "returned": "审读退回", "stopped": "停发", "submitting": "提交中", "submitted": "平台审核中",
    "refused": "平台退回", "failed": "接口未成", "published": "已发布", "taking_down": "待撤稿", "taken_down": "已撤稿",
}  # fmt: skip


REASONS = {
    "remove: 48001": "接口没有删除权限，请在公众平台上删除后登记", "still_public": "已登记撤稿，但平台上仍可看到",
    "consent_withdrawn": "作者撤回授权", "gone": "平台上已看不到",
    "status 5": "已在平台上被删除", "status 6": "已被平台屏蔽",
}  # fmt: skip


@blueprint.get("/anthologies")
@signed_in("see_publicity")
def anthologies(user: User) -> ResponseReturnValue:
    semester = request.args.get("semester", "").strip()[:64]
    get_json = components().services.get_json
    response, articles = together(
        question(get_json, user, "publicity", "/api/anthologies", semester=semester),
        question(get_json, user, "publicity", "/api/articles"),
    )
    result = response.body.get("anthologies") or []
    return render_template(
        "anthologies.html",
        response=response,
        anthologies=result,
        articles=articles.body.get("articles") or [],
        semester=semester,
        semesters=sorted({str(item["semester"]) for item in result} | ({semester} if semester else set())),
        levels=LEVELS,
        accounts=ACCOUNTS,
        states=STATES,
        reasons=REASONS,
        labels=labels,
    )
