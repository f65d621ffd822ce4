"""The key of backups: an identity of age in a file, made once and kept apart from the backups."""

import os
from pathlib import Path

import pyrage

from cli.failure import Failure

PREFIX = "AGE-SECRET-KEY-"


def make_key(path: Path) -> None:
    """A new key; never over one that is there, since older backups need that one.  Failure."""
    identity = pyrage.x25519.Identity.generate()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Failure(f"{path} 已经存在：换一个文件名，旧密钥要留着，才能解开旧备份") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")


def read_key(path: Path) -> pyrage.x25519.Identity:
    """The key of a file as `make_key` or age-keygen writes it.  Failure."""
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except FileNotFoundError:
        raise Failure(f"没有备份密钥文件 {path}：用 qihang backup --new-key {path} 生成一个") from None
    except UnicodeDecodeError:
        lines = []
    written = [line.strip() for line in lines if line.startswith(PREFIX)]
    try:
        return pyrage.x25519.Identity.from_str(written[0])
    except (IndexError, pyrage.IdentityError):
        raise Failure(f"{path} 里没有备份密钥（以 {PREFIX} 开头的一行）") from None
