"""What is sent to an address that an operator named goes there and nowhere else, and waits for nobody for ever."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.process import outgoing_http
from chassis.process.outgoing_http import BadUrl, OutgoingHttp, Unreachable, checked_url, is_of_this_machine
from tests.support.mail_server import make_certificate
from tests.support.webhook_receiver import WebhookReceiver, receiving

JSON = {"Content-Type": "application/cloudevents+json"}


def code(url: str, local: bool = True, **given: Any) -> str:
    try:
        return str(OutgoingHttp(url, True, local, **given).call("POST", JSON, b"{}").status)
    except Unreachable as error:
        return error.code


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    make_certificate(public, private, "127.0.0.1")
    return public, private


def test_only_https_without_a_user_or_fragment_is_an_address() -> None:
    assert checked_url("https://a.example:8443/x?key=1", False).port == 8443
    for bad in ("http://a.example/", "https://u@a.example/", "https://a.example/#f", "https:///x", "a.example",
                "https://a.example:0/", "https://a.example:99999/", "https://a b/", "https://a\\b/",
                "file:///etc"):  # fmt: skip
        with pytest.raises(BadUrl):
            checked_url(bad, False)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "169.254.169.254", "224.0.0.1", "::1",
                                     "fe80::1%eth0", "::ffff:127.0.0.1", "::"])  # fmt: skip
def test_what_is_of_this_machine_is_known_by_its_address(address: str) -> None:
    assert is_of_this_machine(address)


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.9", "172.16.0.1", "203.0.113.9", "fd00::1", "2001:db8::1"])
def test_the_district_s_own_network_is_not(address: str) -> None:
    assert not is_of_this_machine(address)


def test_a_name_that_leads_to_this_machine_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in ("10.0.0.1", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
        assert code(f"http://inner.example:{receiver.port}/", local=False) == "local_address"
        assert receiver.requests == []


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]])
    with receiving() as receiver:
        with monkeypatch.context() as patched:
            patched.setattr(outgoing_http.socket, "getaddrinfo", _first_then_real(answers))
            assert code(f"http://rebound.example:{receiver.port}/hook") == "204"
        assert receiver.requests[0][1]["host"] == f"rebound.example:{receiver.port}"


def _first_then_real(answers: Iterator[Any]) -> Any:
    real = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        assert host in ("rebound.example", "127.0.0.1")
        return next(answers) if host == "rebound.example" else real(host, *arguments, **options)

    return look_up


def test_a_certificate_is_checked_with_its_name(certificate: tuple[Path, Path], receiver_tls: WebhookReceiver) -> None:
    url = f"https://127.0.0.1:{receiver_tls.port}/"
    assert code(url) == "tls"
    assert code(url, ca_file=str(certificate[0])) == "204"
    assert code(url.replace("127.0.0.1", "localhost"), ca_file=str(certificate[0])) == "tls"


@pytest.fixture
def receiver_tls(certificate: tuple[Path, Path]) -> Iterator[WebhookReceiver]:
    with receiving(certificate=certificate) as receiver:
        yield receiver


def test_kinds_of_absence_are_distinguished() -> None:
    assert code("http://127.0.0.1:9/") == "no_connection"
    assert code("http://no-such-host.invalid/") == "unknown_host"


def test_a_redirection_is_an_answer() -> None:
    with receiving() as receiver:
        receiver.answer = lambda _: (307, {"Location": receiver.url})
        assert code(receiver.url) == "307" and len(receiver.requests) == 1
