"""Forms that may be larger than others; said before anything, the check of the token too, reads them."""

from flask import request

LARGER = {"campaign_revise.check": 384 * 1024, "campaign_revise.launch": 384 * 1024}
"""Bytes by endpoint: a campaign file has at most 128 KB, and is sent as it is beside the form's own fields."""


def allow_larger_form() -> None:
    """Of the request: its own limit, where it has one."""
    if limit := LARGER.get(request.endpoint or ""):
        request.max_content_length = limit
