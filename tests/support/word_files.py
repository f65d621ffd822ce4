"""Makes .docx files of a body's XML, without a library that would tidy them."""

import io
import zipfile
from collections.abc import Mapping

_OFFICE = "http://schemas.openxmlformats.org"
_NAMESPACES = (
    f'xmlns:w="{_OFFICE}/wordprocessingml/2006/main" xmlns:r="{_OFFICE}/officeDocument/2006/relationships" '
    f'xmlns:m="{_OFFICE}/officeDocument/2006/math" xmlns:a="{_OFFICE}/drawingml/2006/main" '
    f'xmlns:wp="{_OFFICE}/drawingml/2006/wordprocessingDrawing" xmlns:pic="{_OFFICE}/drawingml/2006/picture" '
    f'xmlns:mc="{_OFFICE}/markup-compatibility/2006" xmlns:c="{_OFFICE}/drawingml/2006/chart" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_TYPE = _TYPE


def word_file(
    body: str, parts: Mapping[str, tuple[str, str | bytes]] | None = None, main: str = "word/document.xml",
    main_type: str = _TYPE,
) -> bytes:  # fmt: skip
    """`parts`: file name -> (kind of its relationship, content); `{rN}` in the body is the N-th of them."""
    related = list((parts or {}).items())
    for at, _ in enumerate(related):
        body = body.replace(f"{{r{at}}}", f"rId{at}")
    folder, _, file = main.rpartition("/")
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/officeDocument/2006/relationships/{kind}" Target="{name}"/>'
        for at, (name, (kind, _)) in enumerate(related)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
            f'<Override PartName="/{main}" ContentType="{main_type}"/></Types>',
        )
        package.writestr(
            "_rels/.rels",
            _relationships(
                f'<Relationship Id="r" Type="{_OFFICE}/2006/relationships/officeDocument" Target="{main}"/>'
            ),
        )
        package.writestr(f"{folder}/_rels/{file}.rels", _relationships(links))
        package.writestr(main, f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>")
        for name, (_, content) in related:
            part = content.replace("{ns}", _NAMESPACES) if isinstance(content, str) else content
            package.writestr(f"{folder}/{name}", part)
    return out.getvalue()


def paragraph(inside: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inside}</w:p>"


def run(text: str, properties: str = "") -> str:
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _relationships(inside: str) -> str:
    return f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">{inside}</Relationships>'
