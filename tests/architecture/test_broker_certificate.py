"""deploy/make-broker-certificate: made once, kept while it fits, by an authority that stays; the district's own is only
looked at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chassis.process.settings import BadSetting
from services.participation.publishers.broker_address import BrokerAddress
from tests.architecture.kept import ROOT


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [ROOT / "deploy" / "make-broker-certificate", "--folder", folder, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def verified(folder: Path, *words: str) -> bool:
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", folder / "amqps-ca.pem", *words,
               folder / "amqps.pem"]  # fmt: skip
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    assert make(folder, "mq.example.cn:5671", "[2001:db8::7]:5671", "10.1.2.3").returncode == 0
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_it_names_what_was_asked_for_and_nothing_else(folder: Path) -> None:
    assert verified(folder, "-verify_hostname", "mq.example.cn") and verified(folder, "-verify_ip", "10.1.2.3")
    assert verified(folder, "-verify_ip", "2001:db8::7")
    assert not verified(folder, "-verify_hostname", "other.example.cn") and not verified(
        folder, "-verify_ip", "10.1.2.4"
    )
    assert (folder / "amqps-ca.key").stat().st_mode & 0o777 == 0o400
    dates = [["openssl", "x509", "-in", folder / "amqps.pem", "-noout", "-checkend", str(days * 86400)]
             for days in (824, 826)]  # fmt: skip
    assert [subprocess.run(each, capture_output=True, check=False).returncode for each in dates] == [0, 1]


def test_what_fits_is_kept_and_another_name_gets_another_of_the_same_authority(folder: Path) -> None:
    before = content(folder)
    assert make(folder, "mq.example.cn").returncode == 0 and content(folder) == before
    inode = (folder / "amqps.pem").stat().st_ino
    assert make(folder, "broker.example.cn").returncode == 0
    after = content(folder)
    assert {name for name in after if after[name] != before[name]} == {"amqps.pem", "amqps.key"}
    assert (folder / "amqps.pem").stat().st_ino == inode, "a container that has the file mounted sees the new one"
    assert verified(folder, "-verify_hostname", "broker.example.cn")
    assert make(folder, "--renew", "broker.example.cn").returncode == 0 and content(folder) != after


def test_the_district_s_own_is_looked_at_and_left_alone(folder: Path, tmp_path: Path) -> None:
    assert make(folder, "mq.example.cn").returncode == 0
    for name in ("amqps.pem", "amqps.key"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert make(tmp_path, "mq.example.cn").returncode == 0
    assert (tmp_path / "amqps-ca.pem").read_text() == "" and not (tmp_path / "amqps-ca.key").exists()
    refused = make(tmp_path, "other.example.cn")
    assert refused.returncode == 1 and "does not name other.example.cn" in refused.stderr
    make(folder, "--renew", "mq.example.cn")
    (tmp_path / "amqps.key").chmod(0o600)
    (tmp_path / "amqps.key").write_bytes((folder / "amqps.key").read_bytes())
    assert "the key of another certificate" in make(tmp_path, "mq.example.cn").stderr
    assert make(tmp_path / "none", "mq.example.cn").returncode == 2


def test_authors_read_the_authority_and_its_fingerprint(folder: Path, tmp_path: Path) -> None:
    reported = BrokerAddress.of("mq.example.cn:7000", str(folder / "amqps-ca.pem"))
    shown = subprocess.run(["openssl", "x509", "-in", folder / "amqps-ca.pem", "-noout", "-fingerprint", "-sha256"],
                           capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert shown.partition("=")[2].strip().replace(":", "").lower() == reported.amqps_fingerprint
    assert (reported.amqps_address, reported.amqps_ca) == ("mq.example.cn:7000", (folder / "amqps-ca.pem").read_text())
    (public := tmp_path / "public.pem").touch()
    assert BrokerAddress.of("[2001:db8::7]", str(public)) == BrokerAddress("[2001:db8::7]:5671")
    assert BrokerAddress.of("", str(tmp_path / "none")) == BrokerAddress()


@pytest.mark.parametrize("address", ["mq.example.cn:5671/qihang", "mq.example.cn:x", ":5671", "hr:pw@mq.example.cn"])
def test_an_address_that_is_none_ends_the_start(address: str) -> None:
    with pytest.raises(BadSetting, match="QIHANG_AMQPS_ADDRESS"):
        BrokerAddress.of(address, "")


def test_a_file_without_a_certificate_ends_the_start(folder: Path) -> None:
    for file in (folder / "amqps.key", folder / "none.pem"):
        with pytest.raises(BadSetting, match="QIHANG_AMQPS_CA_FILE"):
            BrokerAddress.of("mq.example.cn", str(file))
