"""Writes the anthology as one self-contained HTML file, readable offline and printable."""

from html import escape

from services.publicity.rendering.book import Book, Piece
from services.publicity.rendering.manuscript import Block

STYLE = """
:root{color-scheme:light}
html{background:#f3f1ec}
body{margin:0 auto;max-width:46rem;padding:0 1.25rem 4rem;background:#fff;color:#1c1c1c;
 font:1.0625rem/1.9 "FangSong","STFangsong","Noto Serif CJK SC","Songti SC","SimSun",serif;text-align:justify;
 line-break:strict;overflow-wrap:anywhere;hanging-punctuation:allow-end}
header{text-align:center;padding:6rem 0 5rem;border-bottom:2px solid #9e1b1e}
header p,h1,h2,h3,nav{text-align:center;
 font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei","SimHei",sans-serif}
header p.campaign{color:#9e1b1e}
h1{font-size:2.2rem;line-height:1.4;margin:2.5rem 0 1.5rem}
h2{font-size:1.5rem;line-height:1.5;margin:4rem 0 .5rem;text-wrap:balance}
h3{font-size:1.0625rem;margin:1.4em 0 .4em;text-align:left;text-indent:2em}
p{margin:0;text-indent:2em}
header p,p.author{text-indent:0;text-align:center}
p.author{font-family:"KaiTi","STKaiti","Noto Serif CJK SC",serif;margin-bottom:1.6rem}
nav{margin:3rem 0;text-align:left}
nav h2{margin-top:1rem}
nav ol{list-style:none;padding:0}
nav li{display:flex;gap:1em;padding:.35em 0;border-bottom:1px dotted #bbb}
nav a{color:inherit;text-decoration:none;flex:1}
nav a:hover{color:#9e1b1e}
nav span{white-space:nowrap;color:#555}
figure{margin:1.4rem 0;text-align:center}
img{max-width:100%;height:auto}
@media print{html{background:none}body{max-width:none;padding:0;font-size:14pt}article,nav{break-before:page}
 @page{size:A4;margin:37mm 26mm 35mm 28mm}}
"""


def write_html(book: Book) -> bytes:
    """The file in UTF-8."""
    entries = "\n".join(
        f'<li><a href="#w{at}">{escape(piece.title)}</a><span>{escape(piece.author)}</span></li>'
        for at, piece in enumerate(book.pieces, 1)
    )
    works = "\n".join(_piece(piece, at) for at, piece in enumerate(book.pieces, 1))
    page = f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(book.title)} · {escape(book.unit)}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<p class="campaign">{escape(book.campaign)}</p>
<h1>{escape(book.title)}</h1>
<p>{escape(book.semester)}</p>
<p>{escape(book.unit)}</p>
</header>
<nav aria-label="目录">
<h2>目　录</h2>
<ol>
{entries}
</ol>
</nav>
{works}
</body>
</html>
"""
    return page.encode()


def _piece(piece: Piece, at: int) -> str:
    inside = "\n".join(map(_block, piece.blocks))
    author = f'<p class="author">{escape(piece.author)}</p>\n' if piece.author else ""
    return f'<article id="w{at}">\n<h2>{escape(piece.title)}</h2>\n{author}{inside}\n</article>'


def _block(block: Block) -> str:
    match block.style:
        case "picture":
            kind = "png" if block.picture.startswith("iVBOR") else "jpeg"
            return f'<figure><img alt="作品图片" src="data:image/{kind};base64,{block.picture}"></figure>'
        case "heading":
            return f"<h3>{escape(block.text)}</h3>"
    return f"<p>{escape(block.text)}</p>"
