"""The file of settings of the command `qihang-client`."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from qihang_client.errors import QihangError


@dataclass(frozen=True)
class Settings:
    """What stands under `[qihang]`; paths are from the file's own folder."""

    source: str
    outbox: Path
    address: str = ""
    token: str = ""
    ca: str = ""
    amqp: str = ""
    amqp_password: str = ""
    amqp_ca: str = ""


class BadSettings(QihangError):
    """The file lacks something."""


def read_settings(path: Path) -> Settings:
    """BadSettings: what it lacks."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
        given = dict(parser["qihang"])
        folder = path.parent
        secrets = {name: (folder / given[f"{name}_file"]).read_text("utf-8").strip()
                   for name in ("token", "amqp_password") if given.get(f"{name}_file")}  # fmt: skip
    except (OSError, KeyError, configparser.Error, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}：{error}") from None
    if lacking := [name for name in ("source", "outbox") if not given.get(name)]:
        raise BadSettings(f"{path} 缺少 {'、'.join(lacking)}")
    files = {name: str(folder / given[name]) for name in ("ca", "amqp_ca") if given.get(name)}
    texts = {name: given[name] for name in ("address", "amqp") if given.get(name)}
    return Settings(given["source"], folder / given["outbox"], **texts, **files, **secrets)
