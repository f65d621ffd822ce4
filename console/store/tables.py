"""The tables of the console's store.  Instants are seconds since 1970 (UTC); secrets stand as hashes only."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text

METADATA = MetaData()

accounts = Table(
    "accounts", METADATA,
    Column("account_id", Text, primary_key=True),       # `operator`, or the person's id
    Column("sign_in_name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("one_time", Integer, nullable=False),        # 1: to be changed at the next sign-in
    Column("expires_at", Double, nullable=False),       # of a one-time password; 0: never
    Column("disabled_at", Double, nullable=False),      # 0: active
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),       # the password
    Column("installed_hash", Text, nullable=False),     # of the operator's password file as it was read last
)  # fmt: skip

sessions = Table(
    "sessions", METADATA,
    Column("token_hash", Text, primary_key=True),
    Column("session_id", Text, nullable=False, unique=True),   # names it on pages; opens nothing
    Column("account_id", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("signed_in_by", Text, nullable=False),       # `password`, `oidc`; `+code` or `+recovery`
    Index("sessions_account", "account_id"),
)  # fmt: skip

second_steps = Table(
    "second_steps", METADATA,
    Column("account_id", Text, primary_key=True),
    Column("secret", Text, nullable=False),             # encrypted under the key file (console/secret_box.py)
    Column("confirmed_at", Double, nullable=False),     # 0: it waits for its first code, and is not in force
    Column("last_step", BigInteger, nullable=False),    # of the code that was used last
    Column("created_at", Double, nullable=False),
)  # fmt: skip

recovery_codes = Table(
    "recovery_codes", METADATA,
    Column("account_id", Text, primary_key=True),
    Column("code_hash", Text, primary_key=True),        # keyed by the key file; the row goes when it is used
)  # fmt: skip

inboxes_read = Table(
    "inboxes_read", METADATA,
    Column("account_id", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),        # whose inbox: the person's, or a post's
    Column("day", Text, nullable=False),                # of the newest message that was shown; never when it was read
)  # fmt: skip

attempts = Table(
    "attempts", METADATA,
    Column("key", Text, primary_key=True),              # a digest: people type passwords where names belong
    Column("failures", Double, nullable=False),
    Column("blocked_until", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Index("attempts_last", "last_at"),
)  # fmt: skip

security_log = Table(
    "security_log", METADATA,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("security_log_at", "at"),
    Index("security_log_account", "account_id", "at"),
)  # fmt: skip
