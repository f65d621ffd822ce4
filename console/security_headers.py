"""Security headers of every response: Content-Security-Policy, HSTS and the like."""

from urllib.parse import urlsplit, urlunsplit

from flask import Response, request

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def add_security_headers(response: Response) -> Response:
    """Adds the headers; a response of the gateway gets the stricter policy, since it is never a page."""
    headers = response.headers
    headers["Content-Security-Policy"] = DATA_POLICY if request.path.startswith("/s/") else PAGE_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def redirect_here(response: Response) -> Response:
    """A redirection within this site names no host: that one would be what the caller sent."""
    address = urlsplit(response.headers.get("Location", ""))
    if address.netloc and address.netloc == request.host:
        path = "/" + address.path.lstrip("/\\")
        response.headers["Location"] = urlunsplit(("", "", path, address.query, address.fragment))
    return response
