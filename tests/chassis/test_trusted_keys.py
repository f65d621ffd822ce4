"""Keys of issuers: a replaced one ends without a restart, two overlap meanwhile, no token lives too long."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.process import tokens
from chassis.process.tokens import BadToken, Signer, Verifier


class Issuer:
    """An issuer in a folder of keys; `replace` gives it a new key, and says whether the old one still counts."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.number = folder, name, 0
        self.public = folder / f"{name}.pem"
        self.signer = self.replace()

    def replace(self, overlap: bool = False) -> Signer:
        before = self.public.read_bytes() if overlap else b""
        self.number += 1
        private, fresh = self.folder / f"{self.name}.{self.number}.key", self.folder / f"{self.name}.fresh"
        tokens.make_keys(private, fresh)
        fresh.write_bytes(before + fresh.read_bytes())
        fresh.replace(self.public)
        self.signer = Signer(self.name, "district", tokens.private_key(private))
        return self.signer


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path, "participation")


@pytest.fixture
def verifier(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Verifier:
    monkeypatch.setattr(tokens, "KEYS_SECONDS", 0.0)
    return Verifier("district", issuer.folder)


def token(signer: Signer, seconds: int = 60, role: str = "service") -> str:
    return signer.issue("somebody", [role], seconds)


def code(verifier: Verifier, text: str) -> str:
    with pytest.raises(BadToken) as raised:
        verifier.actor(text)
    return raised.value.code


def test_a_token_of_a_replaced_key_ends_without_a_restart_also_when_it_was_taken_before(
    issuer: Issuer, verifier: Verifier
) -> None:
    old = token(issuer.signer)
    assert verifier.actor(old).name == "somebody"
    new = token(issuer.replace())
    assert code(verifier, old) == "bad_token"
    assert verifier.actor(new).name == "somebody"


def test_a_token_ends_when_its_issuer_s_key_is_taken_away(issuer: Issuer, verifier: Verifier) -> None:
    text = token(issuer.signer)
    verifier.actor(text)
    issuer.public.unlink()
    assert code(verifier, text) == "unknown_issuer"


def test_while_a_key_is_replaced_both_count_until_the_old_one_is_taken_out(issuer: Issuer, verifier: Verifier) -> None:
    old = token(issuer.signer)
    new = token(issuer.replace(overlap=True))
    assert {verifier.actor(text).name for text in (old, new)} == {"somebody"}
    issuer.replace()
    assert {code(verifier, text) for text in (old, new)} == {"bad_token"}


def test_files_are_looked_at_once_a_second_at_most(issuer: Issuer) -> None:
    now = [100.0]
    keys = tokens.TrustedKeys(issuer.folder, lambda: now[0])
    before = keys.of("participation")
    assert not keys.changed()
    issuer.replace()
    assert not keys.changed()
    assert keys.of("participation") == before
    now[0] += tokens.KEYS_SECONDS
    assert keys.changed()
    assert keys.of("participation") != before


@pytest.mark.parametrize(("name", "role", "longest"), [
    ("participation", "service", tokens.PERSON_SECONDS), ("participation", "publisher", tokens.PUBLISHER_SECONDS),
    ("participation", "subscriber", tokens.SUBSCRIBER_SECONDS),
    ("console", "operator", tokens.PERSON_SECONDS), ("console", "clerk", tokens.PERSON_SECONDS),
    ("operator", "operator", tokens.LONGEST_OPERATOR_SECONDS),
])  # fmt: skip
def test_no_token_lives_longer_than_its_role_may(tmp_path: Path, name: str, role: str, longest: int) -> None:
    signer, verifier = Issuer(tmp_path, name).signer, Verifier("district", tmp_path)
    assert verifier.actor(token(signer, longest, role)).roles == {role}
    assert code(verifier, token(signer, longest + 60, role)) == "token_lives_too_long"
    assert code(verifier, token(signer, 10 * 365 * 24 * 3600, role)) == "token_lives_too_long"
