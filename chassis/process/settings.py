"""The settings of a process: from the environment, or from files (`QIHANG_X_FILE`); secrets only from files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

PORTS = {"console": 8000, "participation": 8001, "assessment": 8002, "publicity": 8003, "notifications": 8004}
SERVICES = tuple(name for name in PORTS if name != "console")


class BadSetting(ValueError):
    """A setting is missing or malformed; the message names it and the remedy."""


@dataclass(frozen=True)
class Settings:
    """One process's settings; each field is the environment variable QIHANG_<FIELD> (docs/settings.md)."""

    district: str = "district"
    """Short id of the district: in every event's source and every token's audience."""
    amqp_url: str = "memory://"
    """Broker, `amqp://user:password@host/vhost`; `memory://` is the embedded one."""
    database_url: str = ""
    """The service's own store, SQLAlchemy form; empty: SQLite under `data`."""
    data: str = "var"
    """Folder for spooled uploads, reports and, embedded, everything."""
    http_host: str = "127.0.0.1"
    """Address that the HTTP server listens on."""
    http_port: int = 0
    """Port of the HTTP server; 0: the service's own (participation 8001, assessment 8002, publicity 8003,
    notifications 8004)."""
    peers: str = ""
    """Where the services are, `participation=http://host:8001,...`; empty: this host, their own ports."""
    signing_key_file: str = ""
    """File of this service's Ed25519 private key (PEM); empty: made under `data`/keys."""
    trusted_keys: str = ""
    """Folder of public keys `<issuer>.pem` whose tokens are accepted; empty: `data`/keys."""
    heads: str = ""
    """Folder that the signed heads of the log are written to, once a day; empty: `data`/heads.  Best mounted from
    another machine."""
    broker_api_url: str = ""
    """RabbitMQ's management API with credentials, for `qihang publisher`; empty: no broker users are made."""
    amqps_address: str = ""
    """`host:port` at which outside systems reach the broker by TLS, told to their authors; empty: they do not."""
    amqps_ca_file: str = ""
    """Certificate (PEM) of the authority that vouches for the broker there; none, or an empty file: a public one."""
    evidence_quota: int = 10240
    """Megabytes of evidence that one unit may keep."""
    evidence_days: int = 30
    """Days after which an uploaded file that no record has is removed."""
    clamd: str = ""
    """Virus scanner (clamd) that every uploaded file goes through: `host:port`, or the path of its socket; empty:
    none."""
    clamd_away: str = "refuse"
    """What becomes of uploads while the scanner does not answer: `refuse` or `take`."""
    partitions: int = 1
    """Partitions of every log, fixed at install."""
    intake_patience: int = 7 * 24 * 3600
    """Seconds that a waiting row may wait before it is refused."""
    webhook_origins: str = ""
    """Origins (`WebHook-Request-Origin`) that may have reports delivered here without showing a token in the handshake,
    comma separated, or `*`; empty: none.  Reports themselves need a token always."""
    webhook_ca_file: str = ""
    """Certificates (PEM) to trust for the webhooks that events are sent to, beside the system's; empty: those alone."""
    watchdog: int = 600
    """Seconds without progress (and without a known outage) after which the process ends itself; 0: never."""
    rehearsal_clock: str = ""
    """File with an ISO instant that is used as the current time: for rehearsals and tests, never in production."""
    scrape_token: str = ""
    """Bearer token for `/metrics` and `/openapi.json`, where others reach the service's port; empty: none."""
    check_responses: int = 0
    """1: a response that is not as its route documents becomes a 500; for tests, since it costs time."""
    smtp_url: str = ""
    """Mail server of the reminders, `smtp+starttls://user:password@host:587` or `smtps://host:465`; empty: none."""
    smtp_ca_file: str = ""
    """Certificates (PEM) to trust for the mail server, where it is the bureau's own; none, or an empty file: the
    system's."""
    smtp_seconds: int = 600
    """Seconds that a mail server may take to answer a mail's final dot (RFC 5321: 600); each other step has less,
    and all of them together three times as long, 900 at most."""
    mail_from: str = ""
    """Address that reminders come from."""
    wecom_url: str = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    """Where WeCom group robots are called; empty: no robots."""
    dingtalk_url: str = "https://oapi.dingtalk.com/robot/send"
    """Where DingTalk group robots are called; empty: no robots."""
    wechat_accounts: str = ""
    """File (YAML) of the official accounts that have an API, see docs/publicity.md; empty: all publish by hand."""
    look_at_links: int = 1
    """1: publicity looks now and then at the public pages of articles that were published by hand; 0: never, where the
    server has no way to them."""
    fonts: str = ""
    """Folder of the fonts that documents are set in; empty: where Debian's fonts-noto-cjk lies."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    def store_url(self, service: str) -> str:
        """A service's own store, SQLAlchemy form."""
        return self.database_url or f"sqlite:///{Path(self.data) / service / 'store.db'}"

    def peer(self, service: str) -> str:
        """The base URL of a service."""
        known = dict(pair.split("=", 1) for pair in self.peers.split(",") if pair)
        return known.get(service, f"http://127.0.0.1:{PORTS[service]}").rstrip("/")


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.  BadSetting names what is wrong."""
    environment = os.environ if environment is None else environment
    given: dict[str, object] = {}
    for f in fields(Settings):
        text = _text(environment, f"QIHANG_{f.name.upper()}")
        if text is not None:
            given[f.name] = _number(f.name, text) if f.type is int else text
    settings = Settings(**given)  # type: ignore[arg-type]
    if nameless := [pair for pair in settings.peers.split(",") if pair and "=" not in pair]:
        raise BadSetting(f"QIHANG_PEERS: {nameless[0]!r} is not name=address")
    return settings


def _text(environment: Mapping[str, str], name: str) -> str | None:
    if name in environment:
        return environment[name]
    if (path := environment.get(f"{name}_FILE")) is None:
        return None
    try:
        return Path(path).read_text().strip()
    except UnicodeDecodeError:
        raise BadSetting(f"{name}_FILE: {path} is not text in UTF-8") from None
    except OSError as error:
        detail = f"{name}_FILE: {path} cannot be read ({error.strerror}); check the path and its rights"
        raise BadSetting(detail) from error


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadSetting(f"QIHANG_{name.upper()}: {text!r} is not a whole number") from None
