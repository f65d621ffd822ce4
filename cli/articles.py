"""`qihang publish-article`: draft, publish by hand or by the platform's API, take down.  Videos are in videos.py."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import output
from cli.anthologies import save
from cli.api_client import connect
from cli.failure import Failure

app = typer.Typer(help="公众号推文：起草、手工发布、接口发布、撤稿。", no_args_is_help=True, rich_markup_mode=None)
Article = Annotated[str, typer.Argument(metavar="ARTICLE", help="推文编号")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="理由，留在记录里")]
Link = Annotated[str, typer.Option(metavar="URL", help="发布后的链接")]
Screenshot = Annotated[Path, typer.Option(metavar="PICTURE", exists=True, dir_okay=False, help="页面截图")]
PublishedAt = Annotated[str, typer.Option(metavar="INSTANT", help="发布的时间，缺省为现在")]
Done = Annotated[bool, typer.Option("--done", help="本人已在平台上手工删除")]
RemovedAt = Annotated[str, typer.Option(metavar="INSTANT", help="手工删除的时间，缺省为现在")]
HEADINGS = ("编号", "单位", "公众号", "标题", "三审", "状态", "说明", "撤稿人", "链接")
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
    rows = rows_of(articles_of(unit, "article"))
    output.print_table(HEADINGS, rows, title=f"推文 {len(rows)}", left=len(HEADINGS))


def articles_of(unit: str, kind: str) -> list[dict[str, Any]]:
    """`kind`: article or video."""
    result: list[dict[str, Any]] = connect().get("publicity", "/api/articles", unit_id=unit or None, kind=kind)[
        "articles"
    ]
    return result


def rows_of(articles: list[dict[str, Any]]) -> list[list[str]]:
    return [
        [item["article_id"], item["unit_id"], item["account"], item["title"], f"{len(item['readings'])}/3",
         STATES.get(item["status"], item["status"]), item["reason"], item["taken_down_by"], item["link"]]
        for item in articles
    ]  # fmt: skip


@app.command("by-hand")
def by_hand(
    article: Article, out: Annotated[Path, typer.Option(metavar="FILE.zip", help="存到哪里")] = Path("推文.zip")
) -> None:
    """取手工发布的材料：可粘贴的网页、图片、封面、说明。"""
    save(f"/api/articles/{quote(article)}/package", out)


@app.command("confirm")
def confirm(article: Article, link: Link, screenshot: Screenshot, at: PublishedAt = "") -> None:
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
def take_down(article: Article, reason: Reason, done: Done = False, at: RemovedAt = "") -> None:
    """撤稿：接口发布的由接口删除；手工发布的、接口删不掉的，在平台上删除后用 --done 登记。"""
    body = {"reason": reason, "done": done, "at": at}
    connect().post("publicity", f"/api/articles/{quote(article)}/take-down", body)
    output.print_line(f"{'已撤稿' if done else '撤稿已受理'} {article}")
