"""Where personal data can be: of every field of an event, every column of text and every file, what it holds of whom
and how an erasure deals with it.  docs/security.md is made of it; a test holds it to events, tables and folders."""

from enum import Enum
from typing import Final


class Fate(Enum):
    """What it holds, and what becomes of it when a person is erased."""

    NOBODY = "of no person: ids of units and things, days, codes, figures, rules"
    PERSON_ID = "id of a person: kept, since figures and the hash chain rest on it; nothing left here says whose it is"
    SEALED = "under the person's key (contacts: the recipient's): unreadable in every copy once the key is destroyed"
    EMPTIED = "emptied"
    DELETED = "the row is deleted"
    KEYED = "keyed hash: says nothing without the key"
    EVENTS = "fields of events, see above"
    AGED = "kept until it is too old: of sign-ins and refusals 400 days, as the law asks"
    OF_THINGS = "free text on units, articles or operations: kept, it is no person's; whoever enters it names nobody"
    OF_POST = "by which post or as whom somebody acted: kept, figures must stay answerable; an id, never a name"
    SECRET = "a hash or key that opens things, of no person's life"  # noqa: S105 - what it says


_IDS_OF_THINGS: Final = (
    "anthology_id", "article_id", "correction_id", "decision_id", "exemption_id", "finding_id", "import_id",
    "publish_id", "record_id", "sheet_id", "unit_id", "video_id", "work_id", "window_id", "zone_id", "community_id",
    "filing_id", "entry_id", "refers_to",
    "liaison_id", "assessor_id", "media_id", "platform_id", "message_id", "subject_id", "review_id", "roster_id",
)  # fmt: skip
_INSTANTS: Final = (
    "admitted_at", "again_at", "answered_on", "as_of", "appointed_on", "assessed_on", "assigned_on", "at",
    "closed_on", "compiled_at",
    "day", "deadline", "decided_at", "decided_on", "deselected_at", "done_at", "drafted_on", "ended_at", "finished_at",
    "found_on", "given_on", "intended_at", "known_at", "launched_at", "marked_on", "nominated_on", "occurred_at",
    "opened_on", "ordered_at", "polled_at", "proposed_at", "published_at", "put_forward_on", "read_on",
    "recorded_at", "rectified_on", "refused_at",
    "returned_on", "revised_on", "selected_at", "settled_at", "since", "started_at", "submitted_at", "taken_down_at",
    "undone_at", "until",
    "withdrawn_at", "withdrawn_on", "changed_at", "look_at", "looked_at", "seen_at", "stop_at", "probe_at", "begun_at",
    "fetched_on", "commented_on", "due_on", "released_on",
)  # fmt: skip
_CODES: Final = (
    "account", "by", "campaign", "category", "cause", "causation", "channel", "claim", "code", "column", "columns",
    "changed", "days", "document", "duty", "edition", "epoch", "event", "field", "file", "files", "how", "id",
    "id_lock", "item", "kind", "level", "levels", "link", "manifest", "marks", "origin", "period", "phase", "points",
    "part", "parts", "position", "positions", "post", "publisher", "reaction", "refused_rows", "reply_to", "returned",
    "returned_by", "role", "semester", "source", "sources", "stage", "state", "status", "step", "stop_wanted",
    "stopped", "subject",
    "table", "tags", "tags_given", "total", "type", "types", "unit_given", "units", "unknown_years", "value", "window",
    "works", "year", "correlation", "decision", "names", "rows", "dropped", "unnamed", "after", "before",
    "fault", "finding", "canonical_link", "awaits", "on_behalf", "own", "counts", "revision", "people_count",
    "counted", "recalled",
    "file_count", "act", "proposal_id", "channels", "not_before", "muted",
)  # fmt: skip

COMMON: Final[dict[str, Fate]] = {
    **dict.fromkeys((*_IDS_OF_THINGS, *_INSTANTS, *_CODES), Fate.NOBODY),
    **dict.fromkeys(("person_id", "author_id", "reviewer_id", "reader_id", "appointed_by", "authors", "recipient",
                     "proposed_by", "completed_by", "raised_by", "answered_by", "closed_by"),
                    Fate.PERSON_ID),
    **dict.fromkeys(("people", "items", "items_left", "row", "row_name", "stream", "account_id"), Fate.PERSON_ID),
    **dict.fromkeys(("actor", "settled_by", "admitted_by", "taken_down_by"), Fate.OF_POST),
    **dict.fromkeys(("digest", "content", "fingerprint"), Fate.KEYED),
    **dict.fromkeys(("hash", "password_hash", "installed_hash", "token_hash"), Fate.SECRET),
}  # fmt: skip
"""By name, wherever it stands; what is free text is not among them."""

FIELDS: Final[dict[str, Fate]] = {
    **dict.fromkeys((f"participation.{name}" for name in (
        "unit_registered.name", "unit_corrected.name", "unit_corrected.correction_reason",
        "quarter_sheet_returned.reason", "quarter_sheet_reopened.reason",
        "finding_reported.description", "finding_corrected.description", "finding_answered.text",
        "finding_returned.reason", "finding_closed.note", "finding_corrected.correction_reason",
        "sheet_corrected.correction_reason", "record_submitted.late_entry", "record_corrected.late_entry",
        "import_started.late_entry", "import_stopped.reason",
        "import_undone.reason", "roster_undone.reason", "publisher_registered.name", "publisher_changed.name",
        "publisher_rotated.name",
        "publisher_removed.name")), Fate.OF_THINGS),
    **dict.fromkeys((f"publicity.{name}" for name in (
        "work_deselected.reason", "anthology_compiled.title", "anthology_taken_down.reason", "video_published.title",
        "video_withdrawn.reason", "article_drafted.title", "reading_returned.reason", "article_stopped.reason",
        "submission_failed.detail", "article_published.title", "article_refused.detail", "take_down_ordered.reason",
        "take_down_failed.detail",
        "article_taken_down.reason")), Fate.OF_THINGS),
    "participation.evidence_received.media_type": Fate.NOBODY,
    "participation.subscription_added.name": Fate.OF_THINGS, "participation.subscription_added.salt": Fate.SECRET,
    "participation.subscription_changed.name": Fate.OF_THINGS,
    "participation.subscription_rotated.name": Fate.OF_THINGS,
    "participation.subscription_revoked.name": Fate.OF_THINGS,
    **dict.fromkeys((f"participation.subscription_delivery_{name}" for name in ("set.name", "changed.name")),
                    Fate.OF_THINGS),
    **dict.fromkeys((f"participation.subscription_delivery_{name}" for name in (
        "set.way", "set.address", "changed.detail")), Fate.NOBODY),
    **dict.fromkeys((f"participation.subscription_{name}.expires_at" for name in ("added", "rotated")), Fate.NOBODY),
    "participation.bundle_made.bundle_id": Fate.NOBODY, "participation.bundle_made.manifest_sha256": Fate.NOBODY,
    **dict.fromkeys((f"participation.filing_{name}.evidence" for name in ("drafted", "corrected")), Fate.NOBODY),
    **dict.fromkeys((f"participation.finding_{name}.evidence" for name in ("raised", "answered")), Fate.NOBODY),
    "participation.roster_applied.lines": Fate.NOBODY, "participation.roster_applied.sha256": Fate.NOBODY,
    "participation.roster_word_explained.word": Fate.OF_THINGS,
    "participation.roster_answer_kept.about": Fate.NOBODY, "participation.roster_answer_kept.values": Fate.NOBODY,
    "publicity.article_published.evidence": Fate.KEYED,
    "publicity.article_published.film": Fate.NOBODY, "publicity.article_drafted.film": Fate.NOBODY,
    "notifications.calendar_day_set.name": Fate.NOBODY,
    "notifications.delivery_failed.detail": Fate.OF_THINGS,
    "notifications.channel_opened.detail": Fate.OF_THINGS,
    **dict.fromkeys((f"notifications.{name}.reason" for name in (
        "delivery_cancelled", "delivery_reopened", "recipient_held", "recipient_released")), Fate.OF_THINGS),
    "operations.quarantine_discarded.reason": Fate.OF_THINGS,
    "operations.reaction_refused.detail": Fate.OF_THINGS,
}  # fmt: skip
"""Of one event's field.  Fields declared `personal(...)` are SEALED without standing here."""

COLUMNS: Final[dict[str, Fate]] = {
    "log_events.data": Fate.EVENTS, "inbox_events.data": Fate.EVENTS,
    "intake_pending_reports.data": Fate.DELETED, "intake_pending_awaits.key": Fate.PERSON_ID,
    "intake_receipts.body": Fate.PERSON_ID, "intake_publishers.name": Fate.OF_THINGS,
    "intake_outcomes.publisher": Fate.OF_THINGS, "intake_outcomes.outcome": Fate.NOBODY,
    "intake_outcomes.last_at": Fate.NOBODY, "intake_receipt_log.outcome": Fate.NOBODY,
    "intake_holdings.row_id": Fate.PERSON_ID, "intake_holdings.digest": Fate.EMPTIED,
    "intake_publishers.expires_at": Fate.NOBODY, "intake_publishers.answers": Fate.NOBODY,
    "subscriptions.name": Fate.OF_THINGS, "subscriptions.salt": Fate.SECRET, "subscriptions.expires_at": Fate.NOBODY,
    **dict.fromkeys((f"intake_statements.{name}" for name in ("body", "actor", "activity", "registration", "digest")),
                    Fate.EMPTIED),
    **dict.fromkeys((f"intake_statements.{name}" for name in (
        "statement_id", "stored", "verb", "activity_type", "target", "account")), Fate.NOBODY),
    **dict.fromkeys((f"intake_statement_tallies.{name}" for name in (
        "verb", "activity_type", "account", "first_at", "last_at", "example")), Fate.NOBODY),
    "intake_statement_actors.actor": Fate.DELETED, "intake_statement_actors.person_id": Fate.DELETED,
    **dict.fromkeys((f"outgoing_deliveries.{name}" for name in ("name", "address", "options", "detail")),
                    Fate.OF_THINGS),
    **dict.fromkeys((f"outgoing_deliveries.{name}" for name in (
        "way", "read_position", "next_at", "failing_since", "last_at", "former_until")), Fate.NOBODY),
    **dict.fromkeys((f"outgoing_deliveries.{name}" for name in ("secret", "former_secret")), Fate.SECRET),
    "outgoing_readings.name": Fate.OF_THINGS,
    **dict.fromkeys((f"outgoing_readings.{name}" for name in ("asked", "last_at", "failing_since")), Fate.NOBODY),
    "outgoing_undelivered.name": Fate.OF_THINGS, "outgoing_undelivered.detail": Fate.OF_THINGS,
    "outgoing_undelivered.event_id": Fate.NOBODY,
    "intake_expired_reports.digest": Fate.DELETED,
    "intake_seen.digest": Fate.EMPTIED, "quarantine.digest": Fate.EMPTIED,
    "quarantine.body": Fate.EMPTIED, "quarantine.detail": Fate.EMPTIED, "quarantine.trace": Fate.EMPTIED,
    "subject_keys.subject": Fate.DELETED, "subject_keys.key": Fate.DELETED, "log_meta.key": Fate.NOBODY,
    "memberships.name": Fate.EMPTIED, "records.title": Fate.EMPTIED, "records.evidence": Fate.EMPTIED,
    "filings.title": Fate.EMPTIED,
    "works.title": Fate.EMPTIED, "works.left_out": Fate.EMPTIED, "returned_works.reason": Fate.EMPTIED,
    "review_comments.comment": Fate.EMPTIED, "selections.reason": Fate.EMPTIED,
    "contacts.name": Fate.EMPTIED, "contacts.email": Fate.EMPTIED, "contacts.robot": Fate.EMPTIED,
    "contacts.dingtalk": Fate.EMPTIED, "contacts.dingtalk_secret": Fate.EMPTIED,
    "evidence_files.name": Fate.EMPTIED, "evidence_files.uploaded": Fate.EMPTIED,
    "evidence_files.media_type": Fate.NOBODY, "evidence_files.received_at": Fate.NOBODY,
    "evidence_files.discarded_at": Fate.NOBODY, "evidence_records.attached_at": Fate.NOBODY,
    "evidence_records.detached_at": Fate.NOBODY,
    "roster_words.word": Fate.OF_THINGS, "roster_lines.choice": Fate.NOBODY, "roster_answers.about": Fate.NOBODY,
    "roster_answers.answer": Fate.NOBODY,
    "findings.description": Fate.OF_THINGS,
    "units.name": Fate.OF_THINGS, "imports.late_entry": Fate.OF_THINGS, "import_parts.name": Fate.OF_THINGS,
    "import_parts.sheet": Fate.OF_THINGS,
    "articles.title": Fate.OF_THINGS, "articles.film": Fate.NOBODY, "films.name": Fate.OF_THINGS,
    "films.media_type": Fate.NOBODY,
    "articles.reason": Fate.OF_THINGS, "articles.evidence": Fate.KEYED, "anthologies.title": Fate.OF_THINGS,
    "anthology_editions.title": Fate.OF_THINGS,
    "videos.title": Fate.OF_THINGS, "digests.detail": Fate.OF_THINGS,
    "channel_states.detail": Fate.OF_THINGS, "holds.reason": Fate.OF_THINGS, "calendar_days.name": Fate.NOBODY,
    "admissions.name": Fate.PERSON_ID,
    "accounts.account_id": Fate.DELETED, "accounts.sign_in_name": Fate.DELETED, "accounts.password_hash": Fate.DELETED,
    "sessions.account_id": Fate.DELETED, "sessions.session_id": Fate.DELETED, "sessions.address": Fate.DELETED,
    "sessions.device": Fate.DELETED, "sessions.signed_in_by": Fate.DELETED,
    "second_steps.account_id": Fate.DELETED, "second_steps.secret": Fate.DELETED,
    "inboxes_read.account_id": Fate.DELETED, "inboxes_read.recipient": Fate.DELETED,
    "recovery_codes.account_id": Fate.DELETED, "recovery_codes.code_hash": Fate.DELETED,
    "attempts.key": Fate.KEYED, "security_log.address": Fate.AGED,
    "security_log.device": Fate.AGED, "security_log.detail": Fate.AGED,
}  # fmt: skip
"""Of one table's column."""

FILES: Final[dict[str, str]] = {
    "publicity/content": "files of works, under their authors' keys, and scripts of videos, under the key of the "
    "person who handed them in: unreadable without the key; what a unit's account handed in under a key of the store",
    "participation/rosters": "previews of rosters, with names: all deleted by an erasure, and after 7 days; the "
    "uploaded file goes when it is read",
    "participation/evidence": "evidence: of a person under their key, deleted by an erasure, uploads under way too; of "
    "a unit (photographs of meetings, signed lists) kept: whoever is on it is asked for by hand",
    "participation/bundles": "bundles, with names of files: deleted after 7 days and when somebody is erased",
    "participation/imports": "rows of imports that run: emptied in place; uploads (kept for a week), notes and "
    "values of refused cells (a month) are deleted, an upload that is still to be read once it is; a broken one after "
    "an hour",
    "assessment/reports": "reports: ids and figures, no names; the oldest go when new ones are made",
    "*/store.db.shadow*": "rows of a rebuild or comparison: the same as the rows; deleted when the next one begins",
    "*/store.db-wal": "SQLite's journal: begun anew after an erasure (`Store.scrub`); freed pages are overwritten "
    "(`secure_delete`)",
    "PostgreSQL, files": "tables of keys and of plain text (`subject_keys`, `intake_pending_reports`, `quarantine`, "
    "`intake_receipts`, `intake_statements`; the console's accounts and sessions) are written anew by an erasure "
    "(VACUUM FULL); `qihang erase` says when a reader held it back. Of all others nothing is left without the key; "
    "hashes of repeats go with autovacuum",
    "PostgreSQL, WAL": "has the key until its segments are recycled (after a checkpoint, as `max_wal_size` and "
    "`wal_keep_size` say); archived WAL is a backup: keep it no longer than backups",
    "broker": "reports until they are taken in, receipts (ids, refused cells) until their publisher takes them",
    "logs": "of services: ids, codes, positions, never texts of rows; of the console: account, address, device",
    "mails": "sent ones are with the recipient and the mail server; none is kept here",
    "exports": "reports with names, records of persons, slips: with whoever made them; the security log says who",
    "backups": "hold the key until they are too old: keep them no longer than the erasure of a person may take",
}
"""What is no column."""


def fate_of_field(event: str, name: str, personal: bool) -> Fate | None:
    """Of an event without its version; None: it is not sorted."""
    return Fate.SEALED if personal else FIELDS.get(f"{event}.{name}") or COMMON.get(name)


def fate_of_column(table: str, name: str) -> Fate | None:
    """None: it is not sorted."""
    return COLUMNS.get(f"{table}.{name}") or COMMON.get(name)
