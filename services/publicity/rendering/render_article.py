"""Renders an article for an official account: inline styles only, numbered pictures, a cover of 900 by 383 pixels.

`python -m services.publicity.rendering.render_article`: reads pieces as JSON from stdin, writes a package as JSON."""

import base64
import json
import sys
from html import escape
from typing import Any

from services.publicity.rendering.manuscript import Block
from services.reading import pictures

MOST_CHARACTERS = 20_000
MOST_BYTES = 1 << 20
MOST_PICTURES = 20
_P = 'style="margin:0 0 1em;line-height:1.8;text-align:justify"'
_H2 = 'style="margin:1.6em 0 .4em;font-size:18px;font-weight:bold;text-align:center;color:#9e1b1e"'
_H3 = 'style="margin:1.2em 0 .5em;font-weight:bold"'
_BY = 'style="margin:0 0 1.2em;text-align:center;color:#888;font-size:14px"'


class TooLong(ValueError):
    """Longer than the platform accepts; it must be split into several articles."""


def render_package(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    """`html` with `{{1}}` for the URL of the first of `pictures` (base64, each under a million bytes), and `cover`."""
    parts, shown = [], []
    for piece in pieces:
        parts.append(f"<h2 {_H2}>{escape(piece['title'])}</h2><p {_BY}>{escape(piece['author'])}</p>")
        for item in piece["blocks"]:
            block = Block(*item)
            if block.picture:
                shown.append(pictures.for_wechat(base64.b64decode(block.picture)))
                parts.append(f'<p {_BY}><img src="{{{{{len(shown)}}}}}" style="max-width:100%"></p>')
            else:
                tag, style = ("h3", _H3) if block.style == "heading" else ("p", _P)
                parts.append(f"<{tag} {style}>{escape(block.text)}</{tag}>")
    html = f'<section style="font-size:16px;color:#333;letter-spacing:.5px">{"".join(parts)}</section>'
    # the URLs of the platform's pictures are about 150 characters each
    if (
        len(html) + 150 * len(shown) >= MOST_CHARACTERS
        or len(html.encode()) >= MOST_BYTES
        or len(shown) > MOST_PICTURES
    ):
        raise TooLong
    cover = pictures.cover(shown[0] if shown else None)
    return {"html": html, "pictures": [base64.b64encode(item).decode() for item in shown],
            "cover": base64.b64encode(cover).decode()}  # fmt: skip


def main() -> int:
    try:
        answer = render_package(json.load(sys.stdin))
    except TooLong:
        answer = {"code": "article_too_long"}
    except Exception as error:  # noqa: BLE001 - a trace could quote a text
        answer = {"code": "typesetting_failed", "detail": type(error).__name__}
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
