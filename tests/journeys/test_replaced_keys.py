"""An issuer's key is replaced while the system runs: both are honoured, then only the new one, in every service."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.process import tokens
from tests.journeys.conftest import AnySystem
from tests.support.processes import wait_until
from tests.support.system import SERVICES, EmbeddedSystem


def statuses(system: AnySystem, token: str) -> set[int]:
    return {system.ask("GET", service, "/api/status", token=token)[0] for service in SERVICES}


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
@pytest.mark.parametrize("issuer", ["console", "operator"])
def test_every_service_honours_both_keys_and_then_only_the_new_one(
    small_system: AnySystem, issuer: str, tmp_path: Path
) -> None:
    assert isinstance(small_system, EmbeddedSystem)
    keys = small_system.data / "keys"
    public, old_public = keys / f"{issuer}.pem", (keys / f"{issuer}.pem").read_bytes()
    old = tokens.Signer(issuer, "district", tokens.private_key(keys / f"{issuer}.key"))
    old_token = old.issue("operator", ["operator"], 200)
    tokens.make_keys(tmp_path / "fresh.key", tmp_path / "fresh.pem")
    new_public = (tmp_path / "fresh.pem").read_bytes()
    new_token = tokens.Signer(issuer, "district", tokens.private_key(tmp_path / "fresh.key")).issue(
        "operator", ["operator"], 200
    )
    assert (statuses(small_system, old_token), statuses(small_system, new_token)) == ({200}, {401})
    replace(public, old_public + new_public)
    wait_until(lambda: statuses(small_system, new_token) == {200}, 10, "the new key counts everywhere")
    assert statuses(small_system, old_token) == {200}
    replace(public, new_public)
    wait_until(lambda: statuses(small_system, old_token) == {401}, 10, "the old key ended everywhere")
    assert statuses(small_system, new_token) == {200}
    replace(public, old_public)
    wait_until(lambda: statuses(small_system, old_token) == {200}, 10, "the key is as it was")


@pytest.mark.parametrize("way", ["embedded"], indirect=True)
def test_a_sign_in_at_the_console_gives_no_credentials_that_outlive_it(small_system: AnySystem) -> None:
    assert isinstance(small_system, EmbeddedSystem)
    console = tokens.Signer("console", "district", tokens.private_key(small_system.data / "keys" / "console.key"))
    signed_in = console.issue("operator", ["operator"], 200)
    rights = {"types": ["qihang.record.*"]}
    path = "/api/publishers"
    theirs = "/api/subscriptions/kept"
    attempts = [
        (path, {"name": "thief"} | rights), (f"{path}/kept/change", rights), (f"{path}/kept/rotate", {}),
        (f"{theirs}/change", {"personal": True}), (f"{theirs}/rotate", {}),
    ]  # fmt: skip
    small_system.qihang("publisher", "add", "kept", "--types", "record.reported")
    for route, body in attempts:
        status, problem = small_system.ask("POST", "participation", route, body, token=signed_in)
        assert (status, problem["code"]) == (403, "operator_key_needed"), route
    listed = small_system.get("participation", path)["publishers"]
    assert [(item["name"], item["types"]) for item in listed if item["name"] in ("kept", "thief")] == [
        ("kept", ["qihang.record.reported.v1"])
    ]


def replace(public: Path, content: bytes) -> None:
    fresh = public.with_suffix(".fresh")
    fresh.write_bytes(content)
    fresh.replace(public)
