"""The routes by which publicity's pages read, as each post asks them: of the article of S1."""

from __future__ import annotations

from typing import Any

from services.registry import rights

ARTICLE = {"article_id": "A1"}
PUBLICITY_CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/api/articles/<article_id>"): {"right": rights.SEE_PUBLICITY, "path": ARTICLE},
    ("PUT", "/api/articles/<article_id>/video"): {
        "right": rights.PUBLISH_FOR_UNIT, "path": {"article_id": "A8"}, "body": b"script",
        "query": f"unit_id=S1&film={'0' * 64}"},
    ("GET", "/api/articles/<article_id>/package"): {"right": rights.SEE_PROOF, "path": ARTICLE},
    ("GET", "/api/articles/<article_id>/screenshot"): {"right": rights.SEE_PROOF, "path": ARTICLE},
    ("GET", "/api/proofs/<any(article,anthology):subject>/<subject_id>"): {
        "right": rights.SEE_PROOF, "path": {"subject": "article", "subject_id": "A1"}},
    ("GET", "/api/anthologies/<anthology_id>"): {"right": rights.SEE_PUBLICITY, "path": {"anthology_id": "N1"}},
    ("GET", "/api/works-for-use"): {"right": rights.PUBLISH_FOR_UNIT, "query": "unit_id=S1&level=unit"},
    ("GET", "/api/readers/candidates"): {
        "right": rights.APPOINT_READERS, "query": "subject=article&subject_id=A1"},
}  # fmt: skip
