"""The tables that every store has beside its read models: log, inbox, cursors, quarantine, intake, keys, deliveries."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

_Ordered = Text().with_variant(Text(collation="C"), "postgresql")
_Serial = BigInteger().with_variant(Integer, "sqlite")


def _event_columns() -> list[Column]:  # type: ignore[type-arg]
    return [
        Column("id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("stream", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("occurred_at", Text, nullable=False),
        Column("recorded_at", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("correlation", Text, nullable=False),
        Column("causation", Text, nullable=False),
        Column("data", Text, nullable=False),
        Column("hash", Text, nullable=False),
    ]


meta = Table("log_meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

heads = Table(
    "log_heads", metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
)  # fmt: skip

events = Table(
    "log_events", metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    *_event_columns(),
    UniqueConstraint("stream", "version", name="log_events_stream"),
)  # fmt: skip

relays = Table(
    "log_relays", metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)  # fmt: skip

cursors = Table(
    "inbox_cursors", metadata,
    Column("source", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("stopped", Text, nullable=False),
)  # fmt: skip

inbox = Table(
    "inbox_events", metadata,
    Column("source", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    *_event_columns(),
)  # fmt: skip

quarantine = Table(
    "quarantine", metadata,
    Column("entry", _Serial, primary_key=True, autoincrement=True),
    Column("origin", Text, nullable=False),  # intake | inbox | dead
    Column("state", Text, nullable=False),  # open | parked | retried | discarded
    Column("source", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("publisher", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    Index("quarantine_streams", "state", "source", "stream"),
    Index("quarantine_digest", "digest"),
)  # fmt: skip

receipts = Table(
    "intake_receipts", metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("publisher", Text, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip

receipt_log = Table(
    "intake_receipt_log", metadata,  # what was answered, kept for a while so that it can be read again
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("publisher", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("code", Text, nullable=False),
    Index("intake_receipt_log_publisher", "publisher", "seq"),
    Index("intake_receipt_log_at", "at"),
)  # fmt: skip

subject_keys = Table(
    "subject_keys", metadata,
    Column("subject", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)  # fmt: skip

intake_seen = Table(
    "intake_seen", metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),  # '': of a person who was erased; nothing can be compared any more
    Column("person_id", Text, nullable=False),  # the person that the report is about; '': none
)  # fmt: skip

intake_holdings = Table(
    "intake_holdings", metadata,  # the rows that were accepted from a source, and what its author knows them by
    Column("kind", Text, primary_key=True),
    Column("row_id", _Ordered, primary_key=True),
    Column("source", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of the row as it was accepted; '': of a person who was erased
    Column("person_id", Text, nullable=False),  # the person that the row is about; '': none
    Index("intake_holdings_person", "person_id"),
)  # fmt: skip

publishers = Table(
    "intake_publishers", metadata,
    Column("name", Text, primary_key=True),
    Column("amqp", Integer, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("expires_at", Text, nullable=False),  # the end of its token
    Column("rows_a_minute", BigInteger, nullable=False),  # what it may send at most; 0: no limit
    Column("bytes_a_minute", BigInteger, nullable=False),
    Column("types", Text, nullable=False),  # JSON lists: what it may report, of which units, from which sources
    Column("units", Text, nullable=False),
    Column("sources", Text, nullable=False),
    Column("unnamed", Integer, nullable=False),  # 1: its messages may come without a user-id
    Column("answers", Text, nullable=False),  # how its reports by HTTP are answered: receipts | status
)  # fmt: skip

intake_outcomes = Table(
    "intake_outcomes", metadata,  # of each publisher: what became of its reports since it was registered
    Column("publisher", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),  # of a report, or `unauthorized`: its token was not honoured
    Column("code", Text, primary_key=True),  # why refused; '' of the other outcomes
    Column("count", BigInteger, nullable=False),
    Column("last_at", Text, nullable=False),
)  # fmt: skip

pending_reports = Table(
    "intake_pending_reports", metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("id_lock", Text, nullable=False),
    Column("reply_to", Text, nullable=False),
    Column("publisher", Text, nullable=False),  # by whose rights it is judged; '': an operator's
    Column("since", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("ready", Integer, nullable=False),
    UniqueConstraint("source", "id", name="intake_pending_reports_event"),
    Index("intake_pending_reports_id_lock", "id_lock"),
    Index("intake_pending_reports_ready", "ready", "seq"),
)  # fmt: skip

expired_reports = Table(
    "intake_expired_reports", metadata,  # pended for too long; read when the report is repeated
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("person_id", Text, nullable=False),  # the person that the report names; '': none
    Index("intake_expired_reports_person", "person_id"),
)  # fmt: skip

pending_awaits = Table(
    "intake_pending_awaits", metadata,
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Index("intake_pending_awaits_seq", "seq"),
)  # fmt: skip

statements = Table(
    "intake_statements", metadata,  # of learning platforms (xAPI), as they were sent
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("publisher", Text, nullable=False),
    Column("statement_id", Text, nullable=False),
    Column("stored", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("activity_type", Text, nullable=False),
    Column("activity", Text, nullable=False),  # '': its object is no activity
    Column("actor", Text, nullable=False),  # keyed; '': a group without an identifier
    Column("account", Text, nullable=False),  # the home page of its account, or the kind of its identifier
    Column("registration", Text, nullable=False),
    Column("target", Text, nullable=False),  # the statement that is its object; '': another object
    Column("voids", Integer, nullable=False),  # 1: it voids that
    Column("voided", Integer, nullable=False),
    Column("state", Text, nullable=False),  # recorded | waiting | refused | unmapped | none | erased
    Column("code", Text, nullable=False),  # why it is refused or unmapped
    Column("source", Text, nullable=False),  # under which it was reported; '': it was not
    Column("person_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("publisher", "statement_id", name="intake_statements_id"),
    Index("intake_statements_groups", "publisher", "state", "verb", "activity_type", "seq"),
    Index("intake_statements_target", "publisher", "target"),
    Index("intake_statements_order", "publisher", "seq"),
)  # fmt: skip

statement_tallies = Table(
    "intake_statement_tallies", metadata,  # how many statements became no record, and why
    Column("publisher", Text, primary_key=True),
    Column("verb", Text, primary_key=True),
    Column("activity_type", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("first_at", Text, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("example", Text, nullable=False),  # the id of the newest
)  # fmt: skip

statement_actors = Table(
    "intake_statement_actors", metadata,  # whose an account or an address of mail is, where the operator said so
    Column("actor", Text, primary_key=True),  # keyed
    Column("person_id", Text, nullable=False),
    Index("intake_statement_actors_person", "person_id"),
)  # fmt: skip

deliveries = Table(
    "outgoing_deliveries", metadata,  # to outside systems that are sent our public events, and how far each is
    Column("name", Text, primary_key=True),
    Column("way", Text, nullable=False),  # webhook | amqp
    Column("address", Text, nullable=False),  # a URL, which may bear a key in its query; a queue
    Column("options", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),  # running | paused | stopped (by a fault) | ended (by the receiver)
    Column("generation", BigInteger, nullable=False),  # counts what operators changed: what was begun before is void
    Column("position", Text, nullable=False),  # cursor past what was delivered
    Column("read_position", Text, nullable=False),  # of a queue: cursor past what was read by its consumer for sure
    Column("attempts", Integer, nullable=False),  # in a row that failed
    Column("refusals", Integer, nullable=False),  # of these, answers that say that the event is at fault
    Column("next_at", Text, nullable=False),  # '': at once
    Column("failing_since", Text, nullable=False),
    Column("code", Text, nullable=False),  # of the last failure
    Column("detail", Text, nullable=False),
    Column("last_at", Text, nullable=False),  # when something was delivered
    Column("delivered", BigInteger, nullable=False),
    Column("allowed_rate", Integer, nullable=False),  # requests a minute that the receiver allows; 0: it was not asked
    Column("secret", Text, nullable=False),  # that bodies are signed with; former_secret signs beside it for a while
    Column("former_secret", Text, nullable=False),
    Column("former_until", Text, nullable=False),
    Column("hash", Text, nullable=False),  # of the broker user's password
)  # fmt: skip

readings = Table(
    "outgoing_readings", metadata,  # by outside systems that ask for our public events, and how far each is
    Column("name", Text, primary_key=True),
    Column("asked", Text, nullable=False),  # cursor that it asked past last
    Column("position", Text, nullable=False),  # cursor past what it was given then
    Column("given", BigInteger, nullable=False),  # events; those that were read again are counted again
    Column("last_at", Text, nullable=False),  # when it asked
    Column("failing_since", Text, nullable=False),
    Column("code", Text, nullable=False),  # why it does not get on
)  # fmt: skip

undelivered = Table(
    "outgoing_undelivered", metadata,  # what was given up; the event itself is read from the log again
    Column("entry", _Serial, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("position", Text, nullable=False),  # cursor before it
    Column("attempts", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("state", Text, nullable=False),  # open | wanted (an operator asked for another attempt)
    Index("outgoing_undelivered_name", "name", "entry"),
)  # fmt: skip
