"""The broker as outside systems reach it: deploy/rabbitmq/amqps.conf on a real RabbitMQ with a certificate of
deploy/make-broker-certificate."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import quote

import kombu
import pytest

from cli.failure import Failure
from cli.publishing.receipt_consumer import ReceiptConsumer
from cli.publishing.tally import Tally

if TYPE_CHECKING:
    from tests.support.rabbitmq import RabbitMQ

GREETING = b"AMQP\x00\x00\x09\x01"


def spoken(rabbitmq: RabbitMQ, context: ssl.SSLContext) -> str:
    """The version of TLS, once the broker has opened the AMQP conversation in it."""
    host, port = rabbitmq.tls_address.split(":")
    with (
        socket.create_connection((host, int(port)), 10) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(GREETING)
        assert connection.recv(1) == b"\x01", "a method frame: Connection.Start"
        return connection.version() or ""


def context_of(rabbitmq: RabbitMQ, lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(rabbitmq.ca_file))
    context.set_ciphers("ALL:@SECLEVEL=0")  # what OpenSSL itself would refuse is to reach the broker
    context.minimum_version, context.maximum_version = lowest, highest
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(rabbitmq: RabbitMQ, version: ssl.TLSVersion) -> None:
    assert spoken(rabbitmq, context_of(rabbitmq, version, version)) == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_what_is_older_is_refused_by_the_broker(rabbitmq: RabbitMQ, version: ssl.TLSVersion) -> None:
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        spoken(rabbitmq, context_of(rabbitmq, version, version))


def test_plain_amqp_is_refused(rabbitmq: RabbitMQ) -> None:
    host, port = rabbitmq.tls_address.split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(GREETING)
        answer = connection.recv(100)  # an alert of TLS, or nothing more
        assert not answer or answer[0] == 0x15
    plain = f"amqp://{rabbitmq.user}:{rabbitmq.password}@{rabbitmq.tls_address}//"
    with kombu.Connection(plain, connect_timeout=5) as client, pytest.raises(OSError, match=r".*"):
        client.connect()


def amqps(rabbitmq: RabbitMQ, vhost: str) -> str:
    return f"amqps://{rabbitmq.user}:{quote(rabbitmq.password)}@{rabbitmq.tls_address}/{vhost}"


def test_the_command_sends_nothing_to_a_broker_that_it_cannot_trust(
    rabbitmq: RabbitMQ, vhost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ready(address: str) -> None:
        with ReceiptConsumer(address, Tally()) as consumer:
            consumer.wait_until_ready(20)

    address = amqps(rabbitmq, vhost)
    with pytest.raises(Failure, match=r"证书不可信.*SSL_CERT_FILE"):
        ready(address)
    monkeypatch.setenv("SSL_CERT_FILE", str(rabbitmq.ca_file))
    with pytest.raises(Failure, match="没有交换机"):  # trusted: it looked
        ready(address)
    with pytest.raises(Failure, match="证书不可信"):  # of that authority, for another name of the same machine
        ready(address.replace("127.0.0.1", "127.1"))
