"""HTTP client for a URL that an operator configured, protected against SSRF: the host name is resolved once and the
connection goes to the address that was checked, no redirect is followed, each response is limited in time and size, and
its body is discarded."""

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import urllib3

from chassis.process.greenlets import time_limit

CONNECT_SECONDS, SILENT_SECONDS, SECONDS_IN_ALL = 5.0, 10.0, 15.0
LARGEST_ANSWER = 64 * 1024
LONGEST_URL = 2000


class Unreachable(ConnectionError):
    """There was no response.  `code`: no_connection, timeout, tls, unknown_host or local_address; neither `code` nor
    `detail` contains a secret."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class BadUrl(ValueError):
    """The URL is not one that is called; the message says why."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]


def checked_url(url: str, http_allowed: bool) -> SplitResult:
    """Parse and check a URL.  Raises BadUrl when it is not https (or http where that is allowed), has no host, or
    contains a user name, a password or a fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadUrl("no address") from None
    if parts.scheme not in (("https", "http") if http_allowed else ("https",)):
        raise BadUrl("no https")
    if not parts.hostname or port == 0 or len(url) > LONGEST_URL or not (url.isascii() and url.isprintable()):
        raise BadUrl("no host")
    if parts.username is not None or parts.password is not None or "#" in url or " " in url or "\\" in url:
        raise BadUrl("user, password or fragment")
    return parts


def is_of_this_machine(address: str) -> bool:
    """Whether an IP address is loopback or link-local (where cloud metadata and services of this machine answer), or
    not the address of a single host (unspecified, multicast, reserved)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip.is_reserved


class OutgoingHttp:
    """A client of one URL that keeps its connection open.

    `http_allowed`: plain http too.  `local_allowed`: addresses of this machine too.  `ca_file`: certificates (PEM) to
    trust beside the system's; empty: those alone."""

    def __init__(self, url: str, http_allowed: bool, local_allowed: bool, ca_file: str = "") -> None:
        self._parts, self._local_allowed, self._ca_file = checked_url(url, http_allowed), local_allowed, ca_file
        self._pool: Any = None
        host = self._parts.netloc
        self._host = host.encode("idna").decode() if not host.isascii() else host

    def call(self, method: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send a request; returns status and headers (names in lower case).  Raises Unreachable when there is no
        response within SECONDS_IN_ALL."""
        try:
            with time_limit(SECONDS_IN_ALL):
                return self._exchange(method, headers, body)
        except Unreachable:
            self.close()
            raise
        except urllib3.exceptions.NewConnectionError:  # which is a TimeoutError of urllib3 too
            self.close()
            raise Unreachable("no_connection") from None
        except (TimeoutError, urllib3.exceptions.TimeoutError):
            self.close()
            raise Unreachable("timeout") from None
        except (ssl.SSLError, urllib3.exceptions.SSLError) as error:
            self.close()
            raise Unreachable("tls", _tls_reason(error)) from None
        except (OSError, urllib3.exceptions.HTTPError) as error:
            self.close()
            raise Unreachable("no_connection", type(error).__name__) from None

    def _exchange(self, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        pool = self._connection_pool()
        response = pool.urlopen(method, path, body=body, headers={"Host": self._host, **headers}, redirect=False,
                                retries=False, preload_content=False, decode_content=False)  # fmt: skip
        self._drain(response)
        return Answer(int(response.status), {name.lower(): value for name, value in response.headers.items()})

    def _drain(self, response: Any) -> None:
        """Read the body to its end, so that the connection can be reused; close it when the body is too long."""
        length = 0
        while part := response.read(8192):
            length += len(part)
            if length > LARGEST_ANSWER:
                response.close()
                self.close()
                return
        response.release_conn()

    def _connection_pool(self) -> Any:
        if self._pool is None:
            address, port = self._look_up(), self._parts.port or (443 if self._parts.scheme == "https" else 80)
            timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENT_SECONDS)
            if self._parts.scheme == "http":
                self._pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout, maxsize=1)
                return self._pool
            context = ssl.create_default_context()
            if self._ca_file:
                context.load_verify_locations(self._ca_file)
            name = str(self._parts.hostname)
            self._pool = urllib3.HTTPSConnectionPool(
                address, port, timeout=timeout, maxsize=1, ssl_context=context, server_hostname=name,
                assert_hostname=name,
            )  # fmt: skip
        return self._pool

    def _look_up(self) -> str:
        try:
            known = socket.getaddrinfo(str(self._parts.hostname), None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreachable("unknown_host") from None
        addresses = [str(each[4][0]) for each in known]
        if not self._local_allowed and any(is_of_this_machine(address) for address in addresses):
            raise Unreachable("local_address")
        return addresses[0]

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None


def _tls_reason(error: BaseException) -> str:
    """OpenSSL's reason for rejecting the certificate; it contains nothing that the peer sent."""
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    return str(getattr(reason, "verify_message", "") or reason)[:200]
