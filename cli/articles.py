"""`qihang publish-article` and `qihang video`: draft, publish by hand or by the platform's API, take down, record."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.anthologies import save
from cli.api_client import connect
from cli.failure import Failure

app = typer.Typer(help="公众号推文：起草、手工发布、接口发布、撤稿。", no_args_is_help=True, rich_markup_mode=None)
videos = typer.Typer(help="视频展播。", no_args_is_help=True, rich_markup_mode=None)
Article = Annotated[str, typer.Argument(metavar="ARTICLE", help="推文编号")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="理由，留在记录里")]
STATES = {
    "drafted": "待发布", "returned": "审读退回", "stopped": "停发", "submitting": "提交中", "submitted": "平台审核中",
    "refused": "平台退回", "failed": "接口未成", "published": "已发布", "taking_down": "待撤稿", "taken_down": "已撤稿",
}  # fmt: skip


@app.command("draft")
def draft(
    article: Article,
    unit: Annotated[str, typer.Option(metavar="UNIT", help="哪个单位的推文")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="标题，最多 32 字")],
    work: Annotated[list[str], typer.Option(metavar="WORK", help="刊登的作品，可多次")],
    account: Annotated[str, typer.Option(metavar="unit|district", help="单位公众号还是区级公众号")] = "unit",
) -> None:
    """用入选且有授权的作品起草推文。"""
    body = {"article_id": article, "unit_id": unit, "account": account, "title": title, "works": work}
    answer = connect().post("publicity", "/api/articles", body)
    output.print_line(f"{'已起草' if answer.get('changed') else '无变化'} {article} {answer['content']}")


@app.command("list")
def list_articles(unit: Annotated[str, typer.Option(metavar="UNIT", help="只列这个单位的")] = "") -> None:
    """列出推文和它们现在的状态。"""
    result = connect().get("publicity", "/api/articles", unit_id=unit or None)["articles"]
    rows = [
        [item["article_id"], item["unit_id"], item["account"], item["title"], f"{len(item['readings'])}/3",
         STATES.get(item["status"], item["status"]), item["reason"], item["taken_down_by"], item["link"]]
        for item in result
    ]  # fmt: skip
    headings = ("编号", "单位", "公众号", "标题", "三审", "状态", "说明", "撤稿人", "链接")
    output.print_table(headings, rows, title=f"推文 {len(rows)}", left=len(headings))


@app.command("by-hand")
def by_hand(
    article: Article, out: Annotated[Path, typer.Option(metavar="FILE.zip", help="存到哪里")] = Path("推文.zip")
) -> None:
    """取手工发布的材料：可粘贴的网页、图片、封面、说明。"""
    save(f"/api/articles/{quote(article)}/package", out)


@app.command("confirm")
def confirm(
    article: Article,
    link: Annotated[str, typer.Option(metavar="URL", help="发布后的链接")],
    screenshot: Annotated[Path, typer.Option(metavar="PICTURE", exists=True, dir_okay=False, help="页面截图")],
    at: Annotated[str, typer.Option(metavar="INSTANT", help="发布的时间，缺省为现在")] = "",
) -> None:
    """登记手工发布：链接和截图就是确认。"""
    if screenshot.stat().st_size > 8 << 20:
        raise Failure(f"{screenshot} 超过 8 MiB")
    answer = connect().call(
        "PUT", "publicity", f"/api/articles/{quote(article)}/confirmation", params={"link": link, "at": at or None},
        body=screenshot.read_bytes, content_type="application/octet-stream",
    )  # fmt: skip
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {article}")


@app.command("submit")
def submit(article: Article) -> None:
    """由平台接口发布；已提交不等于已发布。"""
    connect().post("publicity", f"/api/articles/{quote(article)}/submit")
    output.print_line(f"已提交 {article}，结果见 qihang publish-article list")


@app.command("take-down")
def take_down(
    article: Article,
    reason: Reason,
    done: Annotated[bool, typer.Option("--done", help="本人已在平台上手工删除")] = False,
    at: Annotated[str, typer.Option(metavar="INSTANT", help="手工删除的时间，缺省为现在")] = "",
) -> None:
    """撤稿：接口发布的由接口删除；手工发布的、接口删不掉的，在平台上删除后用 --done 登记。"""
    body = {"reason": reason, "done": done, "at": at}
    connect().post("publicity", f"/api/articles/{quote(article)}/take-down", body)
    output.print_line(f"{'已撤稿' if done else '撤稿已受理'} {article}")


@videos.command("record")
def record_video(
    video: Annotated[str, typer.Argument(metavar="VIDEO", help="编号")],
    unit: Annotated[str, typer.Option(metavar="UNIT", help="单位编号")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="标题")],
    link: Annotated[str, typer.Option(metavar="URL", help="视频链接")],
    at: Annotated[str, typer.Option(metavar="INSTANT", help="轮播的日期或时间，缺省为现在")] = "",
) -> None:
    """登记一次视频展播。"""
    body = {"video_id": video, "unit_id": unit, "title": title, "link": link, "at": at}
    answer = connect().post("publicity", "/api/videos", body)
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {video}")


@videos.command("withdraw")
def withdraw_video(video: Annotated[str, typer.Argument(metavar="VIDEO", help="编号")], reason: Reason) -> None:
    """撤回一条视频展播，它的填报记录随之作废。"""
    connect().post("publicity", f"/api/videos/{quote(video)}/withdraw", {"reason": reason})
    output.print_line(f"已撤回 {video}")
