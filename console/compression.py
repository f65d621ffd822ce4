"""Pages are sent compressed.  Each time with another length, so that no length tells what stands beside what somebody
else put into the page (BREACH; the same way as Django's GZipMiddleware)."""

import gzip
import io
import secrets

from flask import Response, request

SHORTEST = 1024  # bytes; less is not worth it
LEVEL = 6
MOST_PADDING = 100


def compress_page(response: Response) -> Response:
    """A page of HTML for a browser that takes gzip; whatever else goes as it is."""
    if response.mimetype != "text/html" or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= SHORTEST and request.accept_encodings.quality("gzip") > 0 and request.method != "HEAD":
        response.set_data(_gzip_of_any_length(body))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _gzip_of_any_length(body: bytes) -> bytes:
    """The padding is a file's name in the head of gzip, which browsers skip."""
    result = io.BytesIO()
    padding = "a" * secrets.randbelow(MOST_PADDING)
    with gzip.GzipFile(padding, "wb", LEVEL, result, mtime=0) as file:
        file.write(body)
    return result.getvalue()
