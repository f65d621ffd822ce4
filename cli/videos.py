"""`qihang video`: draft with film and script, publish by hand, take down; register what ran elsewhere; list."""

import base64
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import articles, output
from cli.api_client import ApiClient, connect
from cli.failure import Failure

app = typer.Typer(help="视频展播：起草、手工发布、撤稿、登记。", no_args_is_help=True, rich_markup_mode=None)
Video = Annotated[str, typer.Argument(metavar="VIDEO", help="视频编号")]
UPLOADS = "/api/evidence/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PART_BYTES = 4 << 20
LARGEST_FILM, LARGEST_SCRIPT = 200 << 20, 12 << 20


@app.command("draft")
def draft(
    video: Video,
    film: Annotated[Path, typer.Argument(metavar="FILM", exists=True, dir_okay=False, help="影片，如 .mp4")],
    script: Annotated[
        Path, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="文案：.txt、.docx、.jpg 或 .png")
    ],
    unit: Annotated[str, typer.Option(metavar="UNIT", help="哪个单位的视频")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="标题，最多 32 字")],
    account: Annotated[str, typer.Option(metavar="unit|district", help="单位公众号还是区级公众号")] = "unit",
) -> None:
    """用影片和文案起草视频，再由三审三校；审读退回的，改好后用同一编号再次起草。"""
    if film.stat().st_size > LARGEST_FILM:
        raise Failure(f"{film} 超过 200 MiB")
    if script.stat().st_size > LARGEST_SCRIPT:
        raise Failure(f"{script} 超过 12 MiB")
    client = connect()
    kept = _upload(client, film, unit)
    after = ",".join(map(str, kept.get("positions") or ()))
    answer = client.call(
        "PUT", "publicity", f"/api/articles/{quote(video)}/video", body=script.read_bytes, patience=30,
        params={"unit_id": unit, "account": account, "film": kept["content"]},
        content_type="application/octet-stream",
        headers={"X-Qihang-Title": quote(title), **({"X-Qihang-After": after} if after else {})},
    )  # fmt: skip
    output.print_line(f"{'已起草' if answer.get('changed') else '无变化'} {video} {answer['content']}")


def _upload(client: ApiClient, film: Path, unit: str) -> dict[str, Any]:
    """What the film became: its address, and the positions by which it is known."""
    about = ",".join(f"{name} {_base64(text)}" for name, text in (("filename", film.name), ("unit_id", unit)))
    begin = {**TUS, "Upload-Length": str(film.stat().st_size), "Upload-Metadata": about}
    with client.open("POST", "participation", UPLOADS, headers=begin) as begun:
        path = f"{UPLOADS}/{begun.headers['Location'].rpartition('/')[2]}"
    with film.open("rb") as file:
        while part := file.read(PART_BYTES):
            headers = {**TUS, "Upload-Offset": str(file.tell() - len(part))}
            client.call("PATCH", "participation", path, headers=headers, body=lambda part=part: part,
                        content_type="application/offset+octet-stream")  # fmt: skip
    return client.call("POST", "participation", f"{path}/finish", patience=15)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@app.command("list")
def list_videos(unit: Annotated[str, typer.Option(metavar="UNIT", help="只列这个单位的")] = "") -> None:
    """列出起草的和登记的视频，以及它们现在的状态。"""
    drafted = articles.articles_of(unit, "video")
    recorded = connect().get("publicity", "/api/videos", unit_id=unit or None)["videos"]
    rows = [*articles.rows_of(drafted), *(
        [item["video_id"], item["unit_id"], "", item["title"], "",
         "已撤回" if item["withdrawn_at"] else "已展播", "", "", item["link"]] for item in recorded
    )]  # fmt: skip
    output.print_table(articles.HEADINGS, rows, title=f"视频 {len(rows)}", left=len(articles.HEADINGS))


@app.command("by-hand")
def by_hand(
    video: Video, out: Annotated[Path, typer.Option(metavar="FILE.zip", help="存到哪里")] = Path("视频.zip")
) -> None:
    """取手工发布的材料：文案、封面、说明；影片在视频的页面上下载。"""
    articles.by_hand(video, out)


@app.command("confirm")
def confirm(video: Video, link: articles.Link, screenshot: articles.Screenshot, at: articles.PublishedAt = "") -> None:
    """登记手工发布：链接和截图就是确认。"""
    articles.confirm(video, link, screenshot, at)


@app.command("take-down")
def take_down(video: Video, reason: articles.Reason, done: articles.Done = False, at: articles.RemovedAt = "") -> None:
    """撤稿：在平台上删除后用 --done 登记；没有公开的停发。"""
    articles.take_down(video, reason, done, at)


@app.command("record")
def record(
    video: Video,
    unit: Annotated[str, typer.Option(metavar="UNIT", help="单位编号")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="标题")],
    link: Annotated[str, typer.Option(metavar="URL", help="视频链接")],
    at: Annotated[str, typer.Option(metavar="INSTANT", help="展播的日期或时间，缺省为现在")] = "",
) -> None:
    """登记别处审过、播出的视频；本单位的视频用 draft，先走三审三校。"""
    body = {"video_id": video, "unit_id": unit, "title": title, "link": link, "at": at}
    answer = connect().post("publicity", "/api/videos", body)
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {video}")


@app.command("withdraw")
def withdraw(video: Video, reason: articles.Reason) -> None:
    """撤回一条登记的视频，它的填报记录随之作废。"""
    connect().post("publicity", f"/api/videos/{quote(video)}/withdraw", {"reason": reason})
    output.print_line(f"已撤回 {video}")
